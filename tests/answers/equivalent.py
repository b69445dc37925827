"""Mutants of model answers that mean the same as the answer: (exercise, description) -> why."""

_LAST_AXIS = "2 次元配列では axis=-1 と axis=1 は同じ軸"

EQUIVALENT = {
    ("2-2", "line 6: constant negated"): _LAST_AXIS,
    ("4-3", "line 4: constant negated"): _LAST_AXIS,
    ("4-4", "line 4: constant negated"): _LAST_AXIS,
    ("4-4", "line 5: constant negated"): _LAST_AXIS,
    ("7-4", "line 11: arguments swapped"): "カーネルは対称なので k(x, y) の平均と k(y, x) の平均は同じ",
    ("8-4", "line 5: constant negated"): _LAST_AXIS,
}

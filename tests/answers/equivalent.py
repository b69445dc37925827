"""Mutants of model answers that mean the same as the answer: (exercise, description) -> why."""

EQUIVALENT = {
    ("2-2", "line 6: constant negated"): "2 次元配列では axis=-1 と axis=1 は同じ軸",
}

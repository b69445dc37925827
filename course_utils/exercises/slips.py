"""Slips that happen in any exercise. ``core`` looks for them where none of the exercise's own mistakes fits.

Each is named only where it is certain, which takes every ordinary result and the one that failed: a result that
is right but for the slip itself is no coincidence.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Tried:
    """One call: what came back, what is right, and how to look closer.

    Args:
        same: ``same(a, b)`` tells whether two results of this call are the same, as far as the exercise looks.
        again: calls the function once more with the same input.
    """

    got: object
    want: object
    failed: bool
    same: Callable[[object, object], bool]
    again: Callable[[], object]


def _each(change: Callable, value):
    """``change`` for every number of a result, be it a dict, a tuple of arrays or an array."""
    if isinstance(value, dict):
        return {key: _each(change, v) for key, v in value.items()}
    if isinstance(value, tuple):
        return tuple(_each(change, v) for v in value)
    return change(np.asarray(value, dtype=float))


def _numbers(value, keys=()) -> np.ndarray:
    """All numbers of a result in one row, those of a dict in the order of ``keys``."""
    if isinstance(value, dict):
        value = [value[key] for key in keys or value]
    parts = value if isinstance(value, (tuple, list)) else [value]
    return np.concatenate([np.ravel(np.asarray(part, dtype=float)) for part in parts])


def _broken(numbers: np.ndarray) -> np.ndarray:
    """Which numbers are not whole: 0 and 1 come about in too many ways to tell anything."""
    return np.isfinite(numbers) & (numbers % 1 != 0)


def _rounded(tried: list[Tried]) -> bool:
    def fits(got, want, digits):
        near = np.abs(got - want) <= 0.5 * 10.0**-digits + 1e-9
        return ((got == want) | near & np.isclose(got, np.round(got, digits), rtol=1e-9, atol=1e-12)).all()

    pairs = [(_numbers(one.got, one.want), _numbers(one.want)) for one in tried]
    if not all(len(got) == len(want) and any(fits(got, want, d) for d in (2, 3, 4)) for got, want in pairs):
        return False
    return any((_broken(got) & (np.abs(got - want) > 1e-6)).any() for got, want in pairs)


def _in_percent(tried: list[Tried]) -> bool:
    return all(one.same(one.got, _each(lambda numbers: 100 * numbers, one.want)) for one in tried)


def _one_axis_too_many(tried: list[Tried]) -> bool:
    def first(one):
        return len(one.got) == 1 and one.same(one.got[0], one.want)

    def last(one):
        return np.shape(one.got)[-1:] == (1,) and one.same(np.asarray(one.got)[..., 0], one.want)

    return all(map(first, tried)) or all(map(last, tried))


def _ignores_the_input(tried: list[Tried]) -> bool:
    results = [_numbers(one.got) for one in tried]
    return len(results) > 1 and _broken(results[0]).any() and all(np.array_equal(results[0], r) for r in results)


def _remembers(tried: list[Tried]) -> bool:
    before, after = (_numbers(r) for r in (tried[-1].got, tried[-1].again()))
    return before.shape != after.shape or not np.allclose(before, after, rtol=1e-6, atol=1e-9, equal_nan=True)


# What to say, and how to recognise it in the ordinary calls and, at the end, the one that failed.
SLIPS: tuple[tuple[str, Callable[[list[Tried]], bool]], ...] = (
    ("途中か最後で、小数を丸めています。round などを使わず、計算した値をそのまま返してください。", _rounded),
    ("正しい値の 100 倍（百分率）になっています。100 を掛けずに返してください。", _in_percent),
    ("中身は合っていますが、軸が 1 つ余分です。外側の [ ] や keepdims=True を外してください。", _one_axis_too_many),
    (
        "どの入力でも同じ結果です。引数のかわりに、関数の外の変数や決まった数を使っていませんか？",
        _ignores_the_input,
    ),
    (
        "同じ入力でもう一度呼ぶと、ちがう結果になります。"
        "関数の外の変数に前の値が残っているか、乱数を引いています。毎回、引数だけから計算してください。",
        _remembers,
    ),
)

"""What an exercise expects of a result, and what to say when it is something else.

Each expectation looks at one result in the order type → shape → values and returns the first complaint in
Japanese, or ``None``. A list stands for an array, a NumPy scalar for a number, a ``Counter`` for a dict:
how an answer is written must not cost points.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

# A random function is judged by a bound that a right answer violates with at most this probability a case.
# The cases of one check add up to less than 1e-6.
FALSE_ALARM = 5e-8


class Expectation(Protocol):
    """``complaint(result, expected, args)`` says what is wrong with ``result``, or ``None``."""

    def complaint(self, result, expected, args: tuple) -> str | None: ...


# How every complaint about a missing result begins.
NOTHING = "値が返ってきません（None）。"


def type_name(value) -> str:
    """How a type is called on a card."""
    names = {
        "NoneType": "None",
        "ndarray": "配列",
        "list": "リスト",
        "tuple": "タプル",
        "dict": "辞書",
        "Counter": "辞書",
        "defaultdict": "辞書",
        "str": "文字列",
        "set": "集合",
        "bool": "真偽値",
        "generator": "ジェネレータ",
        "function": "関数",
        "builtin_function_or_method": "関数",
    }
    return names.get(type(value).__name__, type(value).__name__)


def _as_float(value) -> np.ndarray | str:
    """``value`` as a float array, or a complaint."""
    if value is None:
        return f"{NOTHING}最後に return を書きましたか？"
    if callable(value) or isinstance(value, (str, bytes, set, frozenset, dict)):
        return f"数ではなく{type_name(value)}が返ってきました。"
    if hasattr(value, "__next__"):
        return "ジェネレータが返ってきました。リストか配列にしてから返してください。"
    try:
        array = np.asarray(value)
        if np.iscomplexobj(array):
            return "複素数が返ってきました。実数を返してください。"
        # NumPy would read "1" as a number.
        if array.dtype.kind in "US" or (
            array.dtype.kind == "O" and any(isinstance(v, (str, bytes)) for v in array.flat)
        ):
            return "数ではなく文字列が返ってきました。"
        return array.astype(float)
    except (TypeError, ValueError):
        return f"数の配列として読めない{type_name(value)}が返ってきました（長さが不ぞろいではありませんか？）。"


def _first_difference(got: np.ndarray, want: np.ndarray, rtol: float, atol: float) -> str | None:
    same = np.isclose(got, want, rtol=rtol, atol=atol, equal_nan=True)
    if same.all():
        return None
    index = tuple(int(i) for i in np.argwhere(~same)[0])
    where = f"位置 {list(index)} の" if index else ""
    if np.isnan(got[index]):
        return f"{where}値が NaN（計算できない数）です。正しくは {want[index]:.6g} です。"
    return f"{where}値が {got[index]:.6g} です。正しくは {want[index]:.6g} です。"


@dataclass(frozen=True)
class Number:
    """One number."""

    rtol: float = 1e-6
    atol: float = 1e-9

    def complaint(self, result, expected, args):
        got = _as_float(result)
        if isinstance(got, str):
            return got
        if got.ndim > 0:
            return f"数を 1 つ返してください（形 {got.shape} の{type_name(result)}が返ってきました）。"
        return _first_difference(got, np.asarray(expected, dtype=float), self.rtol, self.atol)


@dataclass(frozen=True)
class Array:
    """An array of numbers of the right shape; a (nested) list will do."""

    rtol: float = 1e-6
    atol: float = 1e-9

    def complaint(self, result, expected, args):
        got = _as_float(result)
        if isinstance(got, str):
            return got
        want = np.asarray(expected, dtype=float)
        if got.shape != want.shape:
            return f"形が {got.shape} です。正しい形は {want.shape} です。"
        return _first_difference(got, want, self.rtol, self.atol)


@dataclass(frozen=True)
class Table:
    """A dict from keys to numbers."""

    rtol: float = 1e-6
    atol: float = 1e-9

    def complaint(self, result, expected, args):
        if result is None:
            return f"{NOTHING}最後に return を書きましたか？"
        if not isinstance(result, dict):
            return f"辞書（dict）を返してください（{type_name(result)}が返ってきました）。"
        missing = [key for key in expected if key not in result]
        extra = [key for key in result if key not in expected]
        if extra and not isinstance(extra[0], type(next(iter(expected), ()))):
            wanted = type_name(next(iter(expected), ()))
            return f"辞書のキーは{wanted}にしてください（{type_name(extra[0])} {extra[0]!r} がありました）。"
        if missing:
            return f"辞書にキー {missing[0]!r} がありません。"
        if extra:
            return f"辞書に余分なキー {extra[0]!r} があります。"
        for key, want in expected.items():
            got = _as_float(result[key])
            if isinstance(got, str) or got.size != 1:
                return f"キー {key!r} の値が数ではありません（{type_name(result[key])}）。"
            got = got.item()
            if not np.isclose(got, want, rtol=self.rtol, atol=self.atol):
                return f"キー {key!r} の値が {got:.6g} です。正しくは {want:.6g} です。"
        return None


def unlikely(successes: np.ndarray, n: int, p: np.ndarray, *, tests: int) -> np.ndarray:
    """Which counts are too far from n·p to be chance, at ``FALSE_ALARM`` for all ``tests`` together.

    Chernoff's bound P(K/n ≥ q) ≤ exp(−n KL(q‖p)) (and its mirror image) holds for every n, so that the
    false-alarm rate is a guarantee and not an approximation (Hoeffding 1963, theorem 1).

    Args:
        successes: counts of any shape. p: their probabilities, same shape; 0 and 1 are allowed.
    """
    return n * _kl(np.asarray(successes) / n, p) > np.log(2 * tests / FALSE_ALARM)


def _kl(q, p) -> np.ndarray:
    """KL(q‖p) of two coins, in nats; 0 log 0 is 0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(q > 0, q * np.log(q / p), 0.0) + np.where(q < 1, (1 - q) * np.log((1 - q) / (1 - p)), 0.0)


def _as_integers(result, what: str) -> np.ndarray | str:
    got = _as_float(result)
    if isinstance(got, str):
        return got
    if not np.isfinite(got).all() or (got != np.round(got)).any():
        return f"{what}は整数にしてください（整数でない値がありました）。"
    return got


@dataclass(frozen=True)
class CategoricalDraws:
    """Arguments (p, n, rng): ``n`` independent indices, index k with probability p[k]."""

    def complaint(self, result, expected, args):
        p, n = np.asarray(args[0], dtype=float), args[1]
        got = _as_integers(result, "番号")
        if isinstance(got, str):
            return got
        if got.shape != (n,):
            return f"形が {got.shape} です。正しい形は ({n},) です。"
        if n and (got.min() < 0 or got.max() >= len(p)):
            outside = got[(got < 0) | (got >= len(p))][0]
            return f"番号は 0 から {len(p) - 1} までです（{outside:.0f} がありました）。"
        counts = np.bincount(got.astype(int), minlength=len(p))
        far = unlikely(counts, max(n, 1), p, tests=len(p)) if n else np.zeros(len(p), dtype=bool)
        if far.any():
            k = int(np.argmax(far))
            return (
                f"{n:,} 回のうち番号 {k} が {counts[k]:,} 回出ました。"
                f"確率 {p[k]:.4g} なら {n * p[k]:,.0f} 回くらいのはずです（偶然では説明できないずれです）。"
            )
        return None


@dataclass(frozen=True)
class BernoulliDraws:
    """Arguments (p, n, rng): ``n`` rows of independent 0/1 pixels, column j being 1 with probability p[j]."""

    def complaint(self, result, expected, args):
        p, n = np.asarray(args[0], dtype=float), args[1]
        d = len(p)
        got = _as_integers(result, "画素")
        if isinstance(got, str):
            return got
        if got.shape != (n, d):
            return f"形が {got.shape} です。正しい形は ({n}, {d}) です。"
        if ((got != 0) & (got != 1)).any():
            return f"画素は 0 か 1 です（{got[(got != 0) & (got != 1)][0]:.0f} がありました）。"
        if n == 0:
            return None
        # x_i and x_j both 1 is again a coin: p_j for i = j, p_i p_j for independent pixels. So is one row's
        # pixel beside the next row's: rows must not repeat each other.
        together, target = got.T @ got, np.where(np.eye(d, dtype=bool), p, np.outer(p, p))
        half = n // 2
        follow = got[0 : 2 * half : 2].T @ got[1 : 2 * half : 2]
        tests = 2 * d * d
        far = unlikely(together, n, target, tests=tests)
        if np.diag(far).any():
            j = int(np.argmax(np.diag(far)))
            return (
                f"画素 {j} が 1 になった割合が {together[j, j] / n:.4f} です。"
                f"p[{j}] = {p[j]:.4g} からのずれが、偶然では説明できない大きさです。"
            )
        if far.any():
            i, j = np.argwhere(far)[0]
            return (
                f"画素 {i} と {j} が独立ではありません。両方 1 になった割合が {together[i, j] / n:.4f} です"
                f"（独立なら {target[i, j]:.4f} くらい）。"
            )
        if half and unlikely(follow, half, np.outer(p, p), tests=tests).any():
            return "となり合う画像どうしが似すぎています。画像ごとに新しい乱数を使ってください。"
        return None


class Raises:
    """Stands for an expected result that is an error: ``Raises(ValueError)``."""

    def __init__(self, error: type[Exception]):
        self.error = error

    def __repr__(self):
        return f"{self.error.__name__} を送出"


@dataclass(frozen=True)
class Arrays:
    """Several arrays at once, as a tuple in this order; a list of them will do."""

    names: tuple[str, ...]
    rtol: float = 1e-6
    atol: float = 1e-9

    def complaint(self, result, expected, args):
        wanted = f"{len(self.names)} つの配列 ({', '.join(self.names)})"
        if result is None:
            return f"{NOTHING}最後に return を書きましたか？"
        if not isinstance(result, (tuple, list)):
            return f"{wanted} の組を返してください（{type_name(result)}が返ってきました）。"
        if len(result) != len(self.names):
            return f"{wanted} の組を返してください（{len(result)} 個返ってきました）。"
        judge = Array(self.rtol, self.atol)
        for name, got, want in zip(self.names, result, expected, strict=True):
            complaint = judge.complaint(got, want, args)
            if complaint:
                return f"{name} の{complaint}"
        return None


@dataclass(frozen=True)
class Choice:
    """One of a few strings, exactly."""

    options: tuple[str, ...]

    def complaint(self, result, expected, args):
        if result is None:
            return f"{NOTHING}すべての場合に return がありますか？"
        if not isinstance(result, str):
            return f"文字列を返してください（{type_name(result)}が返ってきました）。"
        if result not in self.options:
            return f"{result!r} は答えの候補にありません。候補は {'、'.join(self.options)} です。"
        return None if result == expected else f"{result!r} が返ってきました。正しくは {expected!r} です。"


@dataclass(frozen=True)
class Mask:
    """An array of True and False; 0 and 1 will do."""

    def complaint(self, result, expected, args):
        got = _as_float(result)
        if isinstance(got, str):
            return got
        want = np.asarray(expected, dtype=bool)
        if got.shape != want.shape:
            return f"形が {got.shape} です。正しい形は {want.shape} です（1 行に 1 つの True か False）。"
        if ((got != 0) & (got != 1)).any():
            return f"True か False にしてください（{got[(got != 0) & (got != 1)][0]:g} がありました）。"
        wrong = np.flatnonzero(got != want)
        if len(wrong):
            k = wrong[0]
            return f"位置 [{k}] が {bool(got[k])} です。正しくは {bool(want[k])} です。"
        return None


def bootstrap_bounds(values, n_boot: int, tail: float) -> tuple[float, float]:
    """Where the ``tail`` quantile of ``n_boot`` bootstrap means must lie, but for a chance of ``FALSE_ALARM``.

    For whole numbers the bootstrap distribution is exact: the sum of n draws has the n-fold convolution of their
    frequencies. The quantile, however interpolated, lies between order statistics j − 1 and j + 2 with
    j = ⌊(n_boot − 1) tail⌋ + 1, and how many draws lie below x is binomial: Chernoff's bound, as in :func:`unlikely`.

    Args:
        values: (n,) whole numbers.
    """
    values = np.asarray(values, dtype=int)
    n, low = len(values), values.min()
    once = np.bincount(values - low) / n
    pmf = np.ones(1)
    for _ in range(n):
        pmf = np.convolve(pmf, once)
    mean, upto = low + np.arange(len(pmf)) / n, np.minimum(np.cumsum(pmf), 1.0)
    before = np.concatenate([[0.0], upto[:-1]])
    j = int((n_boot - 1) * tail) + 1
    # Above x only if at most j + 1 draws are <= x; below x only if at least j − 1 draws are < x.
    too_high = mean[_surely(j + 1, n_boot, upto) & (upto > (j + 1) / n_boot)]
    too_low = mean[_surely(j - 1, n_boot, before) & (before < (j - 1) / n_boot)]
    return (too_low[-1] if len(too_low) else mean[0]), (too_high[0] if len(too_high) else mean[-1])


def _surely(count: int, n: int, p: np.ndarray) -> np.ndarray:
    """Whether a binomial count is on the other side of ``count`` / n from ``p``, but for half of ``FALSE_ALARM``."""
    return n * _kl(count / n, p) > np.log(2 / FALSE_ALARM)


@dataclass(frozen=True)
class BootstrapInterval:
    """Arguments (values, level, n_boot, rng): the percentile bootstrap interval of the mean of whole numbers."""

    def complaint(self, result, expected, args):
        values, level, n_boot = args[0], args[1], args[2]
        got = _as_float(result)
        if isinstance(got, str):
            return got
        if got.shape != (2,):
            return f"下端と上端の 2 つの数を返してください（形 {got.shape} が返ってきました）。"
        if not np.isfinite(got).all():
            return "NaN か無限大が返ってきました。"
        for name, end, tail in (("下端", got[0], (1 - level) / 2), ("上端", got[1], (1 + level) / 2)):
            lowest, highest = bootstrap_bounds(values, n_boot, tail)
            if not lowest - 1e-9 <= end <= highest + 1e-9:
                low, high = f"{lowest:.4g}", f"{highest:.4g}"
                where = f"{low} " if low == high else f"{low} から {high} の間"
                return f"{name}が {end:.4g} です。{where}になるはずです（偶然では説明できないずれです）。"
        return None

"""Chapter 1: what ``check`` knows about its exercises."""

from collections import Counter

import numpy as np

from .core import Exercise, Mistake, Seed, case
from .expect import Array, CategoricalDraws, Number, Raises, Table, unlikely

_PICTURES = np.array([[1, 0], [1, 1], [1, 0], [0, 1]])


def _counts(data):
    return dict(Counter(map(tuple, data.tolist())))


def _over_kinds(data):
    counts = _counts(data)
    return {key: c / len(counts) for key, c in counts.items()}


def _per_pixel(data):
    counts = _counts(data)
    return {key: c / data.size for key, c in counts.items()}


EMPIRICAL = Exercise(
    number="1-1",
    title="経験分布",
    function="empirical_pmf",
    points=2,
    expects=Table(),
    cases=(
        case(_PICTURES, gives={(1, 0): 0.5, (1, 1): 0.25, (0, 1): 0.25}),
        case(np.array([[0, 1, 1], [0, 1, 1]]), gives={(0, 1, 1): 1.0}),
        case(np.zeros((0, 4), dtype=int), gives=Raises(ValueError), edge="データが 1 枚もない"),
    ),
    mistakes=(
        Mistake(
            "数えた枚数のまま返しています。全体の枚数 N で割ると確率（相対頻度）になります。", hint=2, wrong=_counts
        ),
        Mistake("パターンの種類の数で割っています。割るのはデータの枚数 N です。", hint=2, wrong=_over_kinds),
        Mistake("画素の総数で割っています。割るのはデータの枚数 N です。", hint=2, wrong=_per_pixel),
        Mistake(
            "データが空のときに空の辞書を返しています。確率の和が 1 にならないので、ValueError を送出してください。",
            hint=3,
            wrong=lambda data: {k: c / len(data) for k, c in _counts(data).items()},
        ),
    ),
)


def _smoothed(counts, alpha):
    return (counts + alpha) / (counts.sum() + alpha * len(counts))


SMOOTHED = Exercise(
    number="1-2",
    title="加算平滑化",
    function="smoothed_pmf",
    points=2,
    expects=Array(),
    cases=(
        case(np.array([3, 1, 0, 0]), 1.0, gives=np.array([0.5, 0.25, 0.125, 0.125])),
        case(np.array([2, 0, 5]), 0.5, gives=np.array([2.5, 0.5, 5.5]) / 8.5),
        case(np.array([0, 0, 0, 0]), 2.0, gives=np.full(4, 0.25), edge="1 枚も数えていない"),
        case(np.array([1, 3]), 0.0, gives=np.array([0.25, 0.75]), edge="α = 0"),
        case(np.array([0, 0]), 0.0, gives=Raises(ValueError), edge="α = 0 で 1 枚も数えていない"),
    ),
    mistakes=(
        Mistake(
            "分母が N のままです。K 個のパターンすべてに α を足したので、分母は N + αK になります。",
            hint=2,
            wrong=lambda counts, alpha: (counts + alpha) / counts.sum(),
        ),
        Mistake(
            "分母に α を 1 回しか足していません。パターンは K 個あるので αK を足します。",
            hint=2,
            wrong=lambda counts, alpha: (counts + alpha) / (counts.sum() + alpha),
        ),
        Mistake(
            "数えたことのあるパターンにしか α を足していません。平滑化したいのは、むしろ 0 回のパターンです。",
            hint=1,
            wrong=lambda counts, alpha: (
                np.where(counts > 0, counts + alpha, 0) / np.where(counts > 0, counts + alpha, 0).sum()
            ),
        ),
        Mistake(
            "α が使われていません。どのパターンの枚数にも α を足してから割ります。",
            hint=1,
            wrong=lambda counts, alpha: counts / counts.sum(),
        ),
        Mistake(
            "和が 1 になっていません。足したあとの枚数 n + α を、分母 N + αK で割ってください。",
            hint=2,
            wrong=lambda counts, alpha: counts + alpha,
        ),
        Mistake(
            "0 / 0 になっています。α = 0 で枚数の和も 0 のときは、割る前に ValueError を送出してください。",
            hint=3,
            wrong=_smoothed,
        ),
    ),
)


def _looks_like(p, result) -> bool:
    """Whether ``result`` could be draws from ``p``."""
    counts = np.bincount(np.asarray(result, dtype=int), minlength=len(p))
    return len(counts) == len(p) and not unlikely(counts, len(result), np.asarray(p), tests=len(p)).any()


CATEGORICAL = Exercise(
    number="1-3",
    title="逆関数法によるサンプリング",
    function="sample_categorical",
    points=2,
    expects=CategoricalDraws(),
    random=True,
    cases=(
        case(np.array([0.5, 0.2, 0.3]), 4_000, Seed(1)),
        case(np.array([0.1, 0.6, 0.05, 0.25]), 4_000, Seed(2)),
        case(np.array([0.0, 0.5, 0.0, 0.5, 0.0]), 2_000, Seed(3), edge="確率 0 の番号がある"),
        case(np.array([1.0]), 7, Seed(4), edge="番号が 1 つだけ"),
        case(np.array([0.4, 0.6]), 0, Seed(5), edge="n = 0"),
    ),
    mistakes=(
        Mistake(
            "番号が 1 つ大きくなっています。番号は 0 から始まります。",
            hint=3,
            sign=lambda args, r: np.max(r) == len(args[0]) and _looks_like(args[0], np.asarray(r) - 1),
        ),
        Mistake(
            "どの番号も同じ割合で出ています。p の大きさに応じた幅の区間を作り、一様乱数がどこに落ちたかを見ます。",
            hint=1,
            sign=lambda args, r: _looks_like(np.full(len(args[0]), 1 / len(args[0])), r),
        ),
        Mistake(
            "毎回同じ番号が出ています。n 個の一様乱数を引いて、1 つずつ番号に直してください。",
            hint=2,
            sign=lambda args, r: len(r) > 1 and np.ptp(r) == 0,
        ),
        Mistake(
            "p を累積しないまま一様乱数と比べています。区間の右端は np.cumsum(p) です。",
            hint=2,
            sign=lambda args, r: _looks_like(_not_cumulated(args[0]), r),
        ),
    ),
)


def _not_cumulated(p) -> np.ndarray:
    """Where uniform draws land if p itself is taken for the edges (first p_k above u, the last if there is none)."""
    highest = np.maximum.accumulate(p)
    landed = np.diff(np.r_[0, highest])
    landed[-1] += 1 - highest[-1]
    return landed


def _abs_sum(p, q):
    return sum(abs(p.get(k, 0) - q.get(k, 0)) for k in {*p, *q})


TOTAL_VARIATION = Exercise(
    number="1-4",
    title="全変動距離",
    function="total_variation",
    points=2,
    expects=Number(),
    cases=(
        case({"a": 0.4, "b": 0.3, "c": 0.2, "d": 0.1}, {"a": 0.1, "b": 0.2, "c": 0.3, "d": 0.4}, gives=0.4),
        case({"a": 0.5, "b": 0.5}, {"b": 0.3, "c": 0.3, "d": 0.4}, gives=0.7),
        case({(0, 1): 1.0}, {(1, 0): 1.0}, gives=1.0, edge="共通のキーがない"),
        case({"a": 1.0}, {"a": 1.0}, gives=0.0, edge="同じ分布"),
    ),
    mistakes=(
        Mistake("½ を掛けていません。足りない分と余る分を二重に数えているので、半分にします。", hint=2, wrong=_abs_sum),
        Mistake(
            "片方の分布にだけあるキーを見落としています。両方のキーの和集合について足してください。",
            hint=2,
            wrong=lambda p, q: sum(abs(p[k] - q.get(k, 0)) for k in p) / 2,
        ),
        Mistake(
            "片方の分布にだけあるキーを見落としています。両方のキーの和集合について足してください。",
            hint=2,
            wrong=lambda p, q: sum(abs(p.get(k, 0) - q[k]) for k in q) / 2,
        ),
        Mistake(
            "共通のキーだけを見ています。片方にしかないキーは、もう一方の確率を 0 として数えます。",
            hint=2,
            wrong=lambda p, q: sum(abs(p[k] - q[k]) for k in p if k in q) / 2,
        ),
        Mistake(
            "差の最大値を返しています。すべてのキーの差を足して ½ を掛けます。",
            hint=1,
            wrong=lambda p, q: max(abs(p.get(k, 0) - q.get(k, 0)) for k in {*p, *q}),
        ),
        Mistake(
            "差を絶対値にせずに足しています。正と負が打ち消し合って、いつも 0 になります。",
            hint=1,
            wrong=lambda p, q: 0.0,
        ),
        Mistake(
            "差を 2 乗しています。全変動距離は絶対値の和の半分です。",
            hint=1,
            wrong=lambda p, q: sum((p.get(k, 0) - q.get(k, 0)) ** 2 for k in {*p, *q}) / 2,
        ),
    ),
)

EXERCISES = (EMPIRICAL, SMOOTHED, CATEGORICAL, TOTAL_VARIATION)

"""Chapter 1: what ``check`` knows about its exercises."""

from collections import Counter
from collections.abc import Callable

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
        case(np.array([[0, 1, 1], [0, 1, 1], [0, 1, 1]]), gives={(0, 1, 1): 1.0}),
        case(np.zeros((0, 4), dtype=int), gives=Raises(ValueError), edge="データが 1 枚もない"),
    ),
    mistakes=(
        Mistake(
            "数えた枚数のまま返しています。全体の枚数 N で割ると確率（相対頻度）になります。", hint=2, wrong=_counts
        ),
        Mistake("パターンの種類の数で割っています。割るのはデータの枚数 N です。", hint=2, wrong=_over_kinds),
        Mistake("画素の総数で割っています。割るのはデータの枚数 N です。", hint=2, wrong=_per_pixel),
        Mistake(
            "N − 1 で割っています。相対頻度は、枚数を N で割ったものです。",
            hint=2,
            wrong=lambda data: {k: c / (len(data) - 1) for k, c in _counts(data).items()},
        ),
        Mistake(
            "整数の割り算（//）で小数が切り捨てられています。/ で割ってください。",
            hint=3,
            wrong=lambda data: {k: c // len(data) for k, c in _counts(data).items()},
        ),
        Mistake(
            "百分率（100 倍）になっています。0 から 1 の確率のまま返してください。",
            hint=2,
            wrong=lambda data: {k: 100 * c / len(data) for k, c in _counts(data).items()},
        ),
        Mistake(
            "同じ絵が何枚あっても 1 枚分の 1/N になっています。絵ごとの枚数を数えてから N で割ります。",
            hint=1,
            wrong=lambda data: {k: 1 / len(data) for k in _counts(data)},
        ),
        Mistake(
            "データに現れなかった絵まで、確率 0 として入っています。現れた絵だけを入れてください。",
            hint=1,
            sign=lambda args, r: set(_counts(args[0])) < set(r) and 0 in r.values(),
        ),
        Mistake(
            "行を文字列やバイト列に変えて、キーにしています。map(tuple, data.tolist()) ならタプルになります。",
            hint=1,
            sign=lambda args, r: isinstance(r, dict) and isinstance(next(iter(r)), (str, bytes)),
        ),
        Mistake(
            "行（リストや配列）を、そのままキーにしています。map(tuple, data.tolist()) ならタプルになります。",
            hint=1,
            error="unhashable",
        ),
        Mistake(
            "データが空なのに値が返ってきます（空の辞書や None も値です）。"
            "確率の和が 1 にならないので、割る前に raise ValueError(...) としてください。",
            hint=3,
            sign=lambda args, r: len(args[0]) == 0,
        ),
    ),
)


def _refused():
    raise ValueError


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
            "α がいつも 1 になっています。渡された alpha を使ってください。",
            hint=2,
            wrong=lambda counts, alpha: _smoothed(counts, 1),
        ),
        Mistake(
            "割り算のあとで α を足しています。α は確率ではなく、割る前の枚数に足します。",
            hint=2,
            wrong=lambda counts, alpha: counts / counts.sum() + alpha,
        ),
        Mistake(
            "割り算のあとで α を足しています。α は確率ではなく、割る前の枚数に足します。",
            hint=2,
            wrong=lambda counts, alpha: _smoothed(counts / counts.sum(), alpha),
        ),
        Mistake(
            "分子にかっこがありません。割り算が先に計算されるので、(counts + alpha) / (…) と書きます。",
            hint=2,
            wrong=lambda counts, alpha: counts + alpha / (counts.sum() + alpha * len(counts)),
        ),
        Mistake(
            "分母にかっこがありません。割り算が先に計算されるので、… / (N + alpha * K) と書きます。",
            hint=2,
            wrong=lambda counts, alpha: (counts + alpha) / counts.sum() + alpha * len(counts),
        ),
        Mistake(
            "0 回のパターンだけを α に置き換えています。α は、数えたことのあるパターンにも足します。",
            hint=1,
            wrong=lambda counts, alpha: _smoothed(np.where(counts == 0, alpha, counts), 0),
        ),
        Mistake(
            "K が、1 回以上数えたパターンの数になっています。K は 0 回のものも含む、配列の長さです。",
            hint=2,
            wrong=lambda counts, alpha: (counts + alpha) / (counts.sum() + alpha * (counts > 0).sum()),
        ),
        Mistake(
            "N が配列の長さになっています。N は枚数の合計 counts.sum() で、配列の長さは K です。",
            hint=2,
            wrong=lambda counts, alpha: (counts + alpha) / (len(counts) + alpha * len(counts)),
        ),
        Mistake(
            "整数の割り算（//）で小数が切り捨てられています。/ で割ってください。",
            hint=3,
            wrong=lambda counts, alpha: (counts + alpha) // (counts.sum() + alpha * len(counts)),
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
        Mistake(
            "0 / 0 になっています。α = 0 で枚数の和も 0 のときは、割る前に ValueError を送出してください。",
            hint=3,
            wrong=lambda counts, alpha: [c / sum((counts + alpha).tolist()) for c in (counts + alpha).tolist()],
        ),
        Mistake(
            "分母が 0 なのに値が返ってきます。α = 0 で枚数の和も 0 のときは、割る前に ValueError を送出してください。",
            hint=3,
            sign=lambda args, r: not args[0].any() and args[1] == 0,
        ),
        Mistake(
            "α = 0 をいつも断っています。数えた枚数があれば、ふつうの相対頻度を返してください。",
            hint=3,
            wrong=lambda counts, alpha: _smoothed(counts, alpha or _refused()),
        ),
        Mistake(
            "枚数がすべて 0 のときを、いつも断っています。α > 0 なら、一様分布を返してください。",
            hint=3,
            wrong=lambda counts, alpha: _smoothed(counts if counts.any() else _refused(), alpha),
        ),
    ),
)


def _looks_like(p, result) -> bool:
    """Whether ``result`` could be draws from ``p``."""
    drawn = np.asarray(result, dtype=float)
    if drawn.ndim != 1 or not len(drawn) or (drawn != np.floor(drawn)).any():
        return False
    counts = np.bincount(drawn.astype(int), minlength=len(p))
    return len(counts) == len(p) and not unlikely(counts, len(drawn), np.asarray(p), tests=len(p)).any()


def _lands(number: Callable):
    """A sign: draws as from ``number(p, u)``, which turns uniform u into indices wrongly."""
    u = (np.arange(100_000) + 0.5) / 100_000
    return lambda args, r: _looks_like(np.bincount(number(args[0], u)) / len(u), r)


def _first_above(edges, u):
    """The first index with u below its edge, the last if there is none."""
    below = u[:, None] < np.asarray(edges)
    return np.where(below.any(axis=1), below.argmax(axis=1), len(edges) - 1)


def _fresh_uniform_a_bin(edges):
    """Probabilities if every edge is compared with a uniform number of its own."""
    return np.append(edges[:-1], 1) * np.cumprod(np.append(1, 1 - np.asarray(edges[:-1])))


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
            "番号が 1 つ小さくなっています。「u 以下の右端の個数」が、そのまま番号です（1 は引きません）。",
            hint=3,
            sign=lambda args, r: np.min(r) == -1 and _looks_like(args[0], np.asarray(r) + 1),
        ),
        Mistake(
            "どの番号も同じ割合で出ています。p の大きさに応じた幅の区間を作り、一様乱数がどこに落ちたかを見ます。",
            hint=1,
            sign=lambda args, r: _looks_like(np.full(len(args[0]), 1 / len(args[0])), r),
        ),
        Mistake(
            "毎回同じ番号が出ています。一様乱数は n 個引きましたか？"
            "その 1 つ 1 つについて、u が落ちた区間の番号を求めます。",
            hint=2,
            sign=lambda args, r: np.shape(r) == (args[1],) and np.ptp(r) == 0,
        ),
        Mistake(
            "p を累積しないまま一様乱数と比べています。区間の右端は np.cumsum(p) です。",
            hint=2,
            sign=_lands(_first_above),
        ),
        Mistake(
            "p を累積しないまま一様乱数と比べています。区間の右端は np.cumsum(p) です。",
            hint=2,
            sign=_lands(np.searchsorted),
        ),
        Mistake(
            "p を累積しないまま np.digitize に渡しています。区間の右端は、だんだん大きくなる np.cumsum(p) です。",
            hint=2,
            error="bins must be monotonically",
        ),
        Mistake(
            "番号 0 と 1 の境い目が抜けています。落とすのは、最初ではなく最後の端（cumsum の最後の 1）です。",
            hint=3,
            sign=_lands(lambda p, u: np.digitize(u, np.cumsum(p)[1:])),
        ),
        Mistake(
            "番号の並びが逆になっています。番号 0 の区間から順に積み上げてください。",
            hint=1,
            sign=lambda args, r: _looks_like(args[0][::-1], r),
        ),
        Mistake(
            "p を大きさの順に並べ替えたので、もとの番号と合わなくなっています。並べ替えずに累積します。",
            hint=2,
            sign=lambda args, r: _looks_like(np.sort(args[0]), r) or _looks_like(np.sort(args[0])[::-1], r),
        ),
        Mistake(
            "番号 1 つを決める間に、乱数を引き直しています。u は 1 回だけ引いて、すべての区間と比べます。",
            hint=2,
            sign=lambda args, r: any(
                _looks_like(_fresh_uniform_a_bin(edges), r) for edges in (args[0], np.cumsum(args[0]))
            ),
        ),
        Mistake(
            "番号を 1 つしか返していません。n 個の一様乱数を rng.random(n) で引き、n 個の番号を返してください。",
            hint=2,
            sign=lambda args, r: np.ndim(r) == 0 and np.asarray(r).dtype.kind == "i",
        ),
        Mistake(
            "番号ごとの回数を返しています。1 回ごとの番号を n 個並べてください。",
            hint=2,
            sign=lambda args, r: np.shape(r) == np.shape(args[0]) and np.sum(r) == args[1],
        ),
        Mistake(
            "n 個より少なくなっています。p を累積しないと、どの区間にも入らない乱数が捨てられます。",
            hint=2,
            sign=lambda args, r: np.ndim(r) == 1 and len(args[0]) < len(r) < args[1],
        ),
        Mistake(
            "番号ではなく、その番号の確率 p[k] を返しています。",
            hint=2,
            sign=lambda args, r: np.shape(r) == (args[1],) and np.isin(r, args[0]).all(),
        ),
        Mistake(
            "一様乱数をそのまま返しています。u がどの区間に落ちたかを調べ、その番号に直してください。",
            hint=2,
            sign=lambda args, r: np.ptp(r) < 1 and np.shape(r) == (args[1],) and len(set(np.ravel(r))) == args[1],
        ),
    ),
)


def _abs_sum(p, q):
    return sum(abs(p.get(k, 0) - q.get(k, 0)) for k in {*p, *q})


def _squares(p, q):
    return sum((p.get(k, 0) - q.get(k, 0)) ** 2 for k in {*p, *q})


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
            "いつも 0 になっています。差を絶対値にしないで足すと、正と負が打ち消し合います。"
            "（// 2 で半分にすると、小数が切り捨てられます。）",
            hint=1,
            wrong=lambda p, q: 0.0,
        ),
        Mistake("差を 2 乗しています。全変動距離は絶対値の和の半分です。", hint=1, wrong=_squares),
        Mistake(
            "差を 2 乗しています。全変動距離は絶対値の和の半分です。",
            hint=1,
            wrong=lambda p, q: _squares(p, q) / 2,
        ),
        Mistake(
            "差を 2 乗しています。全変動距離は絶対値の和の半分です。",
            hint=1,
            wrong=lambda p, q: _squares(p, q) ** 0.5,
        ),
        Mistake(
            "差の平均になっています。キーの個数で割らずに、足して ½ を掛けます。",
            hint=1,
            wrong=lambda p, q: _abs_sum(p, q) / len({*p, *q}),
        ),
        Mistake(
            "2 つの分布の重なり Σ min(p, q) を返しています。1 からそれを引いたものが、全変動距離です。",
            hint=1,
            wrong=lambda p, q: 1 - _abs_sum(p, q) / 2,
        ),
        Mistake(
            "共通のキーを 2 回数えています。両方のキーを set にまとめてから足してください。",
            hint=2,
            wrong=lambda p, q: sum(abs(p.get(k, 0) - q.get(k, 0)) for k in [*p, *q]) / 2,
        ),
        Mistake(
            "½ を掛けていません。それに、片方の分布にだけあるキーを見落としています。",
            hint=2,
            wrong=lambda p, q: sum(abs(p[k] - q.get(k, 0)) for k in p),
        ),
        Mistake(
            "値を並び順に比べています。同じキーどうしの確率を比べてください。",
            hint=2,
            wrong=lambda p, q: sum(abs(a - b) for a, b in zip(p.values(), q.values(), strict=False)) / 2,
        ),
        Mistake(
            "値を並び順に比べています。同じキーどうしの確率を比べてください。",
            hint=2,
            wrong=lambda p, q: np.abs(np.array(list(p.values())) - np.array(list(q.values()))).sum() / 2,
        ),
        Mistake(
            "片方の分布にないキーで KeyError になっています。p.get(key, 0) とすれば、ないキーの確率が 0 になります。",
            hint=2,
            wrong=lambda p, q: sum(abs(p[k] - q[k]) for k in {*p, *q}) / 2,
        ),
        Mistake(
            "片方の分布にないキーの値が None になっています。p.get(key, 0) のように、0 も渡してください。",
            hint=2,
            wrong=lambda p, q: sum(abs(p.get(k) - q.get(k)) for k in {*p, *q}) / 2,
            error="'NoneType'",
        ),
    ),
)

EXERCISES = (EMPIRICAL, SMOOTHED, CATEGORICAL, TOTAL_VARIATION)

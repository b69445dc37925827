"""Chapter 7: what ``check`` knows about its exercises."""

import numpy as np

from .core import Exercise, Mistake, case
from .expect import Array, Number, Raises

BITS = Exercise(
    number="7-1",
    title="ビット毎次元",
    function="bits_per_dimension",
    points=2,
    expects=Number(),
    cases=(
        case(np.log([0.5, 0.125]), 4, gives=0.5),
        case(np.log(2) * np.array([-3.0, -10.0, -5.0]), 3, gives=2.0),
        case(np.log([0.25]), 1, gives=2.0),
        case(np.array([-1.0, -np.inf, -2.0]), 2, gives=np.inf, edge="確率 0 の画像がある"),
        case(np.zeros(0), 4, gives=Raises(ValueError), edge="画像が 1 枚もない"),
    ),
    mistakes=(
        Mistake(
            "符号が逆です。NLL は負の対数尤度なので、平均の符号を変えます。",
            hint=1,
            wrong=lambda log_probs, d: np.mean(log_probs) / (d * np.log(2)),
        ),
        Mistake(
            "ナットのままです。1 ビットは log 2 ナットなので、log 2 で割るとビットになります。",
            hint=2,
            wrong=lambda log_probs, d: -np.mean(log_probs) / d,
        ),
        Mistake(
            "画素の数 d で割っていません。1 枚あたりのビット数になっています。",
            hint=1,
            wrong=lambda log_probs, d: -np.mean(log_probs) / np.log(2),
        ),
        Mistake(
            "ナットで測った 1 枚あたりの NLL のままです。log 2 と画素の数 d で割ってください。",
            hint=1,
            wrong=lambda log_probs, d: -np.mean(log_probs),
        ),
        Mistake(
            "log 2 を掛けています。ナットをビットに直すには log 2 で割ります。",
            hint=2,
            wrong=lambda log_probs, d: -np.mean(log_probs) * np.log(2) / d,
        ),
        Mistake(
            "画像について合計しています。1 枚あたりの平均にしてください。",
            hint=1,
            wrong=lambda log_probs, d: -np.sum(log_probs) / (d * np.log(2)),
        ),
        Mistake(
            "確率に戻してから平均し、対数を取っています（平均の対数）。対数尤度のまま平均します（対数の平均）。",
            hint=2,
            wrong=lambda log_probs, d: -np.log2(np.mean(np.exp(log_probs))) / d,
        ),
        Mistake(
            "対数尤度の対数をもう一度取っています。受け取るのは確率ではなく、対数を取ったあとの値です。",
            hint=2,
            wrong=lambda log_probs, d: np.mean(np.log2(-log_probs)) / d,
        ),
        Mistake(
            "対数尤度の対数をもう一度取っています。受け取るのは確率ではなく、対数を取ったあとの値です。",
            hint=2,
            wrong=lambda log_probs, d: -np.mean(np.log2(log_probs)) / d,
        ),
        Mistake(
            "画素の数 d を掛けています。画素 1 つあたりにするには d で割ります。",
            hint=1,
            wrong=lambda log_probs, d: -np.mean(log_probs) * d / np.log(2),
        ),
        Mistake(
            "底が 10 の対数で割っています。ビットに直すには自然対数の log 2 で割ります。",
            hint=2,
            wrong=lambda log_probs, d: -np.mean(log_probs) / (d * np.log10(2)),
        ),
        Mistake(
            "ビットではなく、10 を底にした単位になっています。log 10 ではなく log 2 で割ります。",
            hint=2,
            wrong=lambda log_probs, d: -np.mean(log_probs) / (d * np.log(10)),
        ),
        Mistake(
            "整数の割り算（//）で小数が切り捨てられています。/ で割ってください。",
            hint=3,
            wrong=lambda log_probs, d: -np.mean(log_probs) // (d * np.log(2)),
        ),
        Mistake(
            "画像ごとの値のままです。平均して、数を 1 つ返してください。",
            hint=1,
            sign=lambda args, r: np.shape(r) == np.shape(args[0]),
        ),
        Mistake(
            "0 枚の平均になっています。画像が 1 枚もないときは、計算する前に ValueError を送出してください。",
            hint=3,
            wrong=lambda log_probs, d: -np.mean(log_probs) / (d * np.log(2)),
        ),
        Mistake(
            "確率 0 の画像を除いて平均しています。1 枚でもあれば、答えは +∞ です。",
            hint=1,
            wrong=lambda log_probs, d: -np.mean(log_probs[np.isfinite(log_probs)]) / (d * np.log(2)),
        ),
        Mistake(
            "0 で割っています。画像が 1 枚もないときは、計算する前に ValueError を送出してください。",
            hint=3,
            wrong=lambda log_probs, d: -sum(log_probs.tolist()) / len(log_probs) / d / np.log(2),
        ),
        Mistake(
            "画像が 1 枚もないのに値を返しています（None も値です）。計算する前に ValueError を送出してください。",
            hint=3,
            sign=lambda args, r: len(args[0]) == 0,
        ),
    ),
)


def _refused():
    raise ValueError


def _kinds(x) -> set[tuple]:
    return set(map(tuple, x.tolist()))


def _as_bytes(real, fake):
    return len({r.tobytes() for r in real} & {r.tobytes() for r in fake}) / (len(_kinds(real)) or _refused())


COVERAGE = Exercise(
    number="7-2",
    title="本物の種類をどれだけ作れたか",
    function="pattern_coverage",
    points=2,
    expects=Number(),
    cases=(
        case(np.array([[1, 0], [1, 0], [1, 1], [0, 1]]), np.array([[1, 0], [0, 0], [1, 0]]), gives=1 / 3),
        case(
            np.array([[1, 0, 1], [0, 1, 1], [0, 1, 1], [1, 1, 1], [0, 1, 0]]),
            np.array([[0, 1, 1], [1, 0, 0], [0, 0, 1], [1, 1, 1], [0, 1, 1], [1, 1, 0], [0, 1, 0], [0, 1, 1]]),
            gives=3 / 4,
        ),
        case(np.array([[0, 0, 1, 1], [1, 1, 0, 0], [1, 1, 0, 0]]), np.array([[0, 1, 1, 0], [1, 0, 0, 1]]), gives=0.0),
        case(np.array([[1, 0], [0, 1]]), np.zeros((0, 2), dtype=int), gives=0.0, edge="fake が 1 枚もない"),
        case(np.zeros((0, 2), dtype=int), np.array([[1, 0]]), gives=Raises(ValueError), edge="real が 1 枚もない"),
        case(
            np.array([[1, 0, 0], [1, 1, 0], [0, 1, 1]], dtype=np.int8),
            np.array([[1.0, 1.0, 0.0], [0.0, 1.0, 1.0]]),
            gives=2 / 3,
            edge="配列の型が違う",
        ),
    ),
    mistakes=(
        Mistake(
            "役割が逆です。割るのは、生成した絵ではなく、本物の絵の種類の数です。",
            hint=1,
            wrong=lambda real, fake: len(_kinds(real) & _kinds(fake)) / len(_kinds(fake)),
        ),
        Mistake(
            "同じ本物を重ねて数えています。枚数の割合ではなく、種類の割合です。",
            hint=1,
            wrong=lambda real, fake: np.mean([row in _kinds(fake) for row in map(tuple, real.tolist())]),
        ),
        Mistake(
            "本物の枚数で割っています。割るのは本物の絵の種類の数です。",
            hint=1,
            wrong=lambda real, fake: len(_kinds(real) & _kinds(fake)) / len(real),
        ),
        Mistake(
            "同じ絵を作った回数まで数えています。何枚作っても 1 種類です。",
            hint=1,
            wrong=lambda real, fake: sum(row in _kinds(real) for row in map(tuple, fake.tolist())) / len(_kinds(real)),
        ),
        Mistake(
            "役割が逆です。生成した絵のうちの割合ではなく、本物の絵の種類のうちの割合を求めます。",
            hint=1,
            wrong=lambda real, fake: (
                np.mean([row in _kinds(real) for row in map(tuple, fake.tolist())]) if len(fake) else 0.0
            ),
        ),
        Mistake(
            "生成した絵の枚数で割っています。割るのは本物の絵の種類の数です。",
            hint=1,
            wrong=lambda real, fake: len(_kinds(real) & _kinds(fake)) / len(fake),
        ),
        Mistake(
            "整数の割り算（//）で小数が切り捨てられています。/ で割ってください。",
            hint=3,
            wrong=lambda real, fake: len(_kinds(real) & _kinds(fake)) // len(_kinds(real)),
        ),
        Mistake(
            "両方を合わせた種類の数で割っています。割るのは本物の種類の数だけです。",
            hint=1,
            wrong=lambda real, fake: len(_kinds(real) & _kinds(fake)) / len(_kinds(real) | _kinds(fake)),
        ),
        Mistake(
            "全パターンの数 2^d で割っています。本物に現れた種類の数で割ってください。",
            hint=1,
            wrong=lambda real, fake: len(_kinds(real) & _kinds(fake)) / 2 ** real.shape[1],
        ),
        Mistake(
            "1 画素でも同じなら「ある」と数えています。NumPy の row in fake は、行全体を比べません。",
            hint=2,
            wrong=lambda real, fake: np.mean([row in fake for row in np.unique(real, axis=0)]),
        ),
        Mistake(
            "生成した絵のユニーク率になっています。本物と突き合わせてください。",
            hint=1,
            wrong=lambda real, fake: len(_kinds(fake)) / len(fake),
        ),
        Mistake(
            "種類の数のまま返しています。本物の種類の数で割ると割合になります。",
            hint=3,
            wrong=lambda real, fake: len(_kinds(real) & _kinds(fake)),
        ),
        Mistake(
            "行（リストや配列）を、そのまま集合に入れています。set(map(tuple, real.tolist())) ならタプルになります。",
            hint=2,
            error="unhashable",
        ),
        Mistake(
            "配列の型が違うと、同じ絵が違うものになっています。バイト列ではなく、数として比べてください。",
            hint=2,
            wrong=_as_bytes,
        ),
        Mistake(
            "作れなかった種類の割合になっています。求めるのは、作れたほうの割合です。",
            hint=1,
            wrong=lambda real, fake: 1 - len(_kinds(real) & _kinds(fake)) / len(_kinds(real)),
        ),
        Mistake(
            "0 種類で割っています。real が 1 枚もないときは、割る前に ValueError を送出してください。",
            hint=3,
            wrong=lambda real, fake: len(_kinds(real) & _kinds(fake)) / len(_kinds(real)),
        ),
        Mistake(
            "real が空なのに値を返しています（None も値です）。"
            "0 種類のうちの割合は決まらないので、ValueError を送出してください。",
            hint=3,
            sign=lambda args, r: len(args[0]) == 0,
        ),
        Mistake(
            "fake が空のときに断っています。1 枚も作れなければ、作れた種類は 0 なので、0 を返してください。",
            hint=3,
            wrong=lambda real, fake: len(_kinds(real) & _kinds(fake)) / len(_kinds(real)) if len(fake) else _refused(),
        ),
    ),
)


def _distance(a, b) -> np.ndarray:
    return np.sqrt(((a[:, None] - b) ** 2).sum(axis=2))


def _radius(x, k: int) -> np.ndarray:
    """Distance to the k-th nearest; k = 0 is the point itself."""
    return np.sort(_distance(x, x), axis=1)[:, k]


def _share(points, centres, radius) -> float:
    return (_distance(points, centres) <= radius).any(axis=1).mean()


def _manifolds(real, fake, k):
    return _share(fake, real, _radius(real, k)), _share(real, fake, _radius(fake, k))


def _open_balls(real, fake, k):
    return tuple(
        (_distance(points, centres) < _radius(centres, k)).any(axis=1).mean()
        for points, centres in ((fake, real), (real, fake))
    )


def _distinct_neighbours(real, fake, k):
    """The k-th nearest among the points at a distance above 0."""

    def radius(x):
        others = np.where(_distance(x, x) > 0, _distance(x, x), np.inf)
        return np.sort(others, axis=1)[:, k - 1]

    return _share(fake, real, radius(real)), _share(real, fake, radius(fake))


def _hits(points, centres, k):
    return _distance(points, centres) <= _radius(centres, k)


# Small whole numbers: distances tie exactly, so that a closed ball can be told from an open one.
_REAL = np.array([[0.0, 0.0], [2.0, 0.0], [0.0, 1.0], [5.0, 5.0], [7.0, 5.0], [5.0, 8.0], [9.0, 9.0]])
_FAKE = np.array(
    [[1.0, 2.0], [3.0, 1.0], [2.0, 2.0], [6.0, 9.0], [9.0, 4.0], [10.0, 5.0], [-4.0, 3.0], [13.0, 0.0], [7.0, 12.0]]
)

PRECISION_RECALL = Exercise(
    number="7-3",
    title="k 近傍の precision と recall",
    function="precision_recall",
    points=2,
    expects=Array(),
    cases=(
        case(np.array([[0.0], [1.0], [3.0]]), np.array([[2.5], [3.0], [9.0]]), 1, gives=np.array([2 / 3, 1 / 3])),
        case(_REAL, _FAKE, 1, gives=np.array(_manifolds(_REAL, _FAKE, 1))),
        case(_REAL, _FAKE, 2, gives=np.array(_manifolds(_REAL, _FAKE, 2))),
        case(
            np.array([[0.0, 0.0], [4.0, 0.0], [0.0, 3.0], [6.0, 6.0]]),
            np.array([[1.0, 1.0], [1.0, 1.0], [8.0, 8.0], [8.0, 8.0], [0.0, 3.0], [20.0, 20.0]]),
            1,
            gives=np.array([5 / 6, 1 / 4]),
            edge="重なった点がある",
        ),
    ),
    mistakes=(
        Mistake(
            "precision と recall が逆です。precision は生成した点のうち本物の円に入る割合で、先に返します。",
            hint=1,
            wrong=lambda real, fake, k: _manifolds(real, fake, k)[::-1],
        ),
        Mistake(
            "自分自身を 1 番目に近い点として数えています。並べ替えた距離の 0 番目は自分なので、列 k を使います。",
            hint=2,
            wrong=lambda real, fake, k: _manifolds(real, fake, k - 1),
        ),
        Mistake(
            "k が 1 つ大きくなっています。自分を除いて k 番目に近い点までの距離が半径です。",
            hint=2,
            wrong=lambda real, fake, k: _manifolds(real, fake, min(k + 1, len(real) - 1, len(fake) - 1)),
        ),
        Mistake(
            "円周ちょうどの点を外にしています。< ではなく <= で比べてください。",
            hint=3,
            wrong=_open_balls,
        ),
        Mistake(
            "円の持ち主が逆です。precision では本物の点のまわりに、recall では生成した点のまわりに円を描きます。",
            hint=1,
            wrong=lambda real, fake, k: (
                _hits(real, fake, k).any(axis=0).mean(),
                _hits(fake, real, k).any(axis=0).mean(),
            ),
        ),
        Mistake(
            "点ではなく円を数えています。それは coverage です。「どれかの円に入る点」の割合を求めてください。",
            hint=3,
            wrong=lambda real, fake, k: (
                _hits(fake, real, k).any(axis=0).mean(),
                _hits(real, fake, k).any(axis=0).mean(),
            ),
        ),
        Mistake(
            "入った円の数を平均しています。いくつの円に入っても、1 点は 1 点です（any を使います）。",
            hint=3,
            wrong=lambda real, fake, k: (
                _hits(fake, real, k).sum(axis=1).mean(),
                _hits(real, fake, k).sum(axis=1).mean(),
            ),
        ),
        Mistake(
            "すべての円に入ることを求めています。どれか 1 つの円に入ればよいので、all ではなく any です。",
            hint=3,
            wrong=lambda real, fake, k: (
                _hits(fake, real, k).all(axis=1).mean(),
                _hits(real, fake, k).all(axis=1).mean(),
            ),
        ),
        Mistake(
            "割合ではなく、入った点の数を返しています。",
            hint=3,
            wrong=lambda real, fake, k: (
                _hits(fake, real, k).any(axis=1).sum(),
                _hits(real, fake, k).any(axis=1).sum(),
            ),
        ),
        Mistake(
            "半径を、相手の組の k 番目に近い点から決めています。半径は同じ組の、自分以外の点から決めます。",
            hint=2,
            wrong=lambda real, fake, k: (
                _share(fake, real, np.sort(_distance(real, fake), axis=1)[:, k - 1]),
                _share(real, fake, np.sort(_distance(fake, real), axis=1)[:, k - 1]),
            ),
        ),
        Mistake(
            "precision しか返していません。(precision, recall) の組を返してください。",
            hint=3,
            wrong=lambda real, fake, k: _manifolds(real, fake, k)[0],
        ),
        Mistake(
            "precision と recall に、同じ値が入っています。recall では、本物と生成の役割を入れ替えます。",
            hint=1,
            wrong=lambda real, fake, k: (_manifolds(real, fake, k)[0],) * 2,
        ),
        Mistake(
            "recall しか返していません。(precision, recall) の組を返してください。",
            hint=3,
            wrong=lambda real, fake, k: _manifolds(real, fake, k)[1],
        ),
        Mistake(
            "k が使われず、いちばん近い点までの距離が半径になっています。自分を除いて k 番目に近い点です。",
            hint=2,
            wrong=lambda real, fake, k: _manifolds(real, fake, 1),
        ),
        Mistake(
            "半径が、点ごとの k 番目の距離ではありません。行ごとに並べ替えてから、列 [:, k] を取ります（[k] は行）。",
            hint=3,
            wrong=lambda real, fake, k: (
                _share(fake, real, np.sort(_distance(real, real))[k]),
                _share(real, fake, np.sort(_distance(fake, fake))[k]),
            ),
        ),
        Mistake(
            "どの円にも同じ半径を使っています。半径は、本物（生成）の点ごとに違います。",
            hint=2,
            wrong=lambda real, fake, k: (
                _share(fake, real, _radius(real, k).mean()),
                _share(real, fake, _radius(fake, k).mean()),
            ),
        ),
        Mistake(
            "点ごとの True / False のままです。平均を取って、割合にしてください。",
            hint=3,
            sign=lambda args, r: len(r) == 2 and len(r[0]) == len(args[1]) and len(r[1]) == len(args[0]),
        ),
        Mistake(
            "距離 0 の点をすべて自分とみなしています。重なっていても別の点なので、除くのは自分 1 つだけです。",
            hint=2,
            wrong=_distinct_neighbours,
        ),
    ),
)


def _kernel(a, b, sigma) -> np.ndarray:
    return np.exp(-((a[:, None] - b) ** 2).sum(axis=2) / (2 * sigma**2))


def _others(a, sigma, kernel=_kernel) -> float:
    """Mean of the kernel over the pairs of different points of one set."""
    k = kernel(a, a, sigma)
    return (k.sum() - np.trace(k)) / (len(a) * (len(a) - 1))


def _mmd2(x, y, sigma, kernel=_kernel) -> float:
    return _others(x, sigma, kernel) + _others(y, sigma, kernel) - 2 * kernel(x, y, sigma).mean()


def _with_diagonal(a, sigma) -> float:
    return _kernel(a, a, sigma).mean()


def _wrong_divisor(a, sigma, leave_out: bool, divisor) -> float:
    k = _kernel(a, a, sigma)
    return (k.sum() - leave_out * len(a)) / divisor(len(a))


_X = np.array([[0.0, 0.0], [1.0, 0.5], [0.5, 2.0]])
_Y = np.array([[2.0, 1.0], [0.0, 3.0], [1.5, 1.5], [3.0, 0.0]])
_SAME = np.array([[0.0], [1.0], [2.5], [4.0]]), np.array([[0.5], [1.5], [3.0]])

MMD2 = Exercise(
    number="7-4",
    title="MMD の 2 乗",
    function="mmd2",
    points=2,
    expects=Number(),
    cases=(
        case(
            np.array([[0.0], [1.0]]),
            np.array([[0.0], [2.0]]),
            1.0,
            gives=np.exp(-0.5) + np.exp(-2) - (1 + np.exp(-2) + 2 * np.exp(-0.5)) / 2,
        ),
        case(_X, _Y, 1.5, gives=_mmd2(_X, _Y, 1.5)),
        case(_X, _Y + 2, 0.8, gives=_mmd2(_X, _Y + 2, 0.8)),
        case(*_SAME, 2.0, gives=_mmd2(*_SAME, 2.0)),
        case(_X[:2], _Y[2:], 0.6, gives=_mmd2(_X[:2], _Y[2:], 0.6), edge="点が 2 つずつしかない"),
        case(_X, _Y + 500, 1.2, gives=_others(_X, 1.2) + _others(_Y, 1.2), edge="2 組が遠く離れている"),
    ),
    mistakes=(
        Mistake(
            "自分自身との組（対角）まで含めて平均しています。それは偏りのある推定で、同じ分布でも 0 になりません。",
            hint=2,
            wrong=lambda x, y, s: _with_diagonal(x, s) + _with_diagonal(y, s) - 2 * _kernel(x, y, s).mean(),
        ),
        Mistake(
            "自分自身との組を引かずに N(N − 1) で割っています。和から N を引いてください。",
            hint=2,
            wrong=lambda x, y, s: (
                sum(_wrong_divisor(a, s, False, lambda n: n * (n - 1)) for a in (x, y)) - 2 * _kernel(x, y, s).mean()
            ),
        ),
        Mistake(
            "自分を除いた和を N² で割っています。組の数は N(N − 1) です。",
            hint=3,
            wrong=lambda x, y, s: (
                sum(_wrong_divisor(a, s, True, lambda n: n * n) for a in (x, y)) - 2 * _kernel(x, y, s).mean()
            ),
        ),
        Mistake(
            "またぐ組の平均に 2 を掛けていません。",
            hint=3,
            wrong=lambda x, y, s: _others(x, s) + _others(y, s) - _kernel(x, y, s).mean(),
        ),
        Mistake(
            "またぐ組の平均を足しています。近い組が多いほど違いは小さいので、引きます。",
            hint=3,
            wrong=lambda x, y, s: _others(x, s) + _others(y, s) + 2 * _kernel(x, y, s).mean(),
        ),
        Mistake(
            "カーネルの分母が 2σ です。σ を 2 乗して 2σ² にしてください。",
            hint=2,
            wrong=lambda x, y, s: _mmd2(x, y, np.sqrt(s)),
        ),
        Mistake(
            "カーネルの分母が σ² です。2 を掛けて 2σ² にしてください。",
            hint=2,
            wrong=lambda x, y, s: _mmd2(x, y, s / np.sqrt(2)),
        ),
        Mistake(
            "カーネルに σ が使われていません。距離の 2 乗を 2σ² で割ってください。",
            hint=2,
            wrong=lambda x, y, s: _mmd2(x, y, np.sqrt(0.5)),
        ),
        Mistake(
            "カーネルに σ が使われていません。距離の 2 乗を 2σ² で割ってください。",
            hint=2,
            wrong=lambda x, y, s: _mmd2(x, y, 1.0),
        ),
        Mistake(
            "y どうしの組の平均がありません。x どうし、y どうし、またぐ組の 3 つを使います。",
            hint=1,
            wrong=lambda x, y, s: _others(x, s) - 2 * _kernel(x, y, s).mean(),
        ),
        Mistake(
            "距離を 2 乗していません。カーネルの中は −‖a − b‖² / (2σ²) です。",
            hint=2,
            wrong=lambda x, y, s: _mmd2(x, y, s, lambda a, b, s: np.exp(-_distance(a, b) / (2 * s**2))),
        ),
        Mistake(
            "かっこがありません。/ 2 * bandwidth**2 では σ² が掛かってしまうので、/ (2 * bandwidth**2) と書きます。",
            hint=2,
            wrong=lambda x, y, s: _mmd2(x, y, s, lambda a, b, s: _kernel(a, b, 1 / s)),
        ),
        Mistake(
            "指数の中で割るのではなく、exp の外で割っています。exp(−‖a − b‖² / (2σ²)) です。",
            hint=2,
            wrong=lambda x, y, s: _mmd2(x, y, s, lambda a, b, s: np.exp(-(_distance(a, b) ** 2)) / (2 * s**2)),
        ),
        Mistake(
            "カーネルの指数にマイナスがありません。遠いほど 0 に近づくように、−‖a − b‖² / (2σ²) とします。",
            hint=2,
            wrong=lambda x, y, s: _mmd2(x, y, s, lambda a, b, s: 1 / _kernel(a, b, s)),
        ),
        Mistake(
            "同じ組の平均を N(N − 1) / 2 で割っています。i と i′ の順を区別すれば、組の数は N(N − 1) です。",
            hint=3,
            wrong=lambda x, y, s: 2 * (_others(x, s) + _others(y, s) - _kernel(x, y, s).mean()),
        ),
        Mistake(
            "i < i′ の組しか足していないのに、N(N − 1) で割っています。2 倍するか、N(N − 1) / 2 で割ります。",
            hint=3,
            wrong=lambda x, y, s: (_others(x, s) + _others(y, s)) / 2 - 2 * _kernel(x, y, s).mean(),
        ),
        Mistake(
            "平均ではなく和のままです。それぞれ組の数で割ってください。",
            hint=3,
            wrong=lambda x, y, s: _kernel(x, x, s).sum() + _kernel(y, y, s).sum() - 2 * _kernel(x, y, s).sum(),
        ),
        Mistake(
            "平均ではなく和のままです。それぞれ組の数で割ってください。",
            hint=3,
            wrong=lambda x, y, s: (
                _kernel(x, x, s).sum() - len(x) + _kernel(y, y, s).sum() - len(y) - 2 * _kernel(x, y, s).sum()
            ),
        ),
        Mistake(
            "負の値を 0 に切り上げています。不偏推定は負にもなるので、そのまま返します。",
            hint=3,
            wrong=lambda x, y, s: max(_mmd2(x, y, s), 0.0),
        ),
        Mistake(
            "絶対値を取っています。不偏推定は負にもなるので、そのまま返します。",
            hint=3,
            wrong=lambda x, y, s: abs(_mmd2(x, y, s)),
        ),
        Mistake(
            "カーネルの行列のままです。3 つの平均を組み合わせて、数を 1 つ返してください。",
            hint=1,
            sign=lambda args, r: np.ndim(r) == 2,
        ),
        Mistake(
            "平方根を取っています。求めるのは MMD の 2 乗で、負になることもあります。",
            hint=3,
            wrong=lambda x, y, s: np.sqrt(np.float64(_mmd2(x, y, s))),
        ),
        Mistake(
            "またぐ組を、同じ番号どうしを除いて平均しています。x と y は別の組なので、すべての組を使います。",
            hint=3,
            wrong=lambda x, y, s: (
                _others(x, s) + _others(y, s) - 2 * _kernel(x, y, s)[~np.eye(len(x), len(y), dtype=bool)].mean()
            ),
        ),
    ),
)

EXERCISES = (BITS, COVERAGE, PRECISION_RECALL, MMD2)

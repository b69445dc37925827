"""Chapter 3: what ``check`` knows about its exercises."""

import numpy as np

from .core import Exercise, Mistake, case
from .expect import Array, Arrays, Number


def _pieces(x, mean, cov):
    """(n,) squared Mahalanobis distance, log|Σ|, d log 2π."""
    centred = x - mean
    distance = (centred @ np.linalg.inv(cov) * centred).sum(axis=1)
    return distance, np.linalg.slogdet(cov)[1], len(mean) * np.log(2 * np.pi)


def _log_gaussian(x, mean, cov):
    return -sum(_pieces(x, mean, cov)) / 2


def _spoilt(combine):
    """A wrong ``log_gaussian`` made from the right pieces: ``combine(distance, log_det, d_log_2pi)``."""
    return lambda x, mean, cov: combine(*_pieces(x, mean, cov))


_TILTED = np.array([[0.0, 0.0], [1.0, 2.0], [-1.0, 0.5]]), np.array([0.5, -1.0]), np.array([[2.0, 0.6], [0.6, 0.5]])
_WIDE = (
    np.array([[1.0, -2.0, 0.5], [3.0, 0.0, -1.5], [0.0, 1.0, 4.0], [2.0, 2.0, 2.0]]),
    np.array([1.0, -1.0, 2.0]),
    np.array([[3.0, -1.0, 0.5], [-1.0, 4.0, 0.0], [0.5, 0.0, 1.5]]),
)
_FAR = np.array([[1e3, -1e3], [-1e3, 0.0]]), np.array([0.0, 1.0]), np.array([[4.0, 1.0], [1.0, 1.0]])
_MANY = np.full((2, 60), 1e-4), np.zeros(60), 1e-8 * np.eye(60)

LOG_GAUSSIAN = Exercise(
    number="3-1",
    title="正規分布の対数密度",
    function="log_gaussian",
    points=2,
    expects=Array(),
    cases=(
        # At the mean of a unit Gaussian the density is 1 / 2π; one standard deviation off costs half a nat.
        case(np.array([[0.0, 0.0], [1.0, 0.0]]), np.zeros(2), np.eye(2), gives=-np.log(2 * np.pi) - np.array([0, 0.5])),
        case(*_TILTED, gives=_log_gaussian(*_TILTED)),
        case(*_WIDE, gives=_log_gaussian(*_WIDE)),
        case(
            np.array([[3.0], [-1.0]]),
            np.array([1.0]),
            np.array([[4.0]]),
            gives=np.full(2, -0.5 * np.log(2 * np.pi) - np.log(2) - 0.5),
            edge="d = 1",
        ),
        case(*_FAR, gives=_log_gaussian(*_FAR), edge="平均から遠く離れた点"),
        # |Σ| = 1e-480 is 0 in floating point; its logarithm is not.
        case(*_MANY, gives=np.full(2, -30 * np.log(2 * np.pi) + 240 * np.log(10) - 30), edge="d = 60 で分散が小さい"),
    ),
    mistakes=(
        Mistake(
            "行列式の項 log|Σ| がありません。これがないと、広い分布ほど得になってしまいます。",
            hint=2,
            wrong=_spoilt(lambda distance, log_det, d_log: -(distance + d_log) / 2),
        ),
        Mistake(
            "2π の項がありません。積分が 1 になるように、½·d·log 2π も引きます。",
            hint=2,
            wrong=_spoilt(lambda distance, log_det, d_log: -(distance + log_det) / 2),
        ),
        Mistake(
            "log 2π に次元 d が掛かっていません。(2π) の d/2 乗の対数なので ½·d·log 2π です。",
            hint=2,
            wrong=_spoilt(lambda distance, log_det, d_log: -(distance + log_det + np.log(2 * np.pi)) / 2),
        ),
        Mistake(
            "|Σ| に平方根が付いていません。密度の分母は √|Σ| なので、対数では ½·log|Σ| です。",
            hint=2,
            wrong=_spoilt(lambda distance, log_det, d_log: -(distance + 2 * log_det + d_log) / 2),
        ),
        Mistake(
            "2 次の項に ½ が掛かっていません。−½ (x − μ)ᵀ Σ⁻¹ (x − μ) です。",
            hint=2,
            wrong=_spoilt(lambda distance, log_det, d_log: -distance - (log_det + d_log) / 2),
        ),
        Mistake(
            "½ が 2 次の項にしか掛かっていません。log|Σ| と d·log 2π にも ½ が付きます。",
            hint=2,
            wrong=_spoilt(lambda distance, log_det, d_log: -distance / 2 - log_det - d_log),
        ),
        Mistake(
            "½ がどこにも掛かっていません。3 つの項すべてに ½ が付きます。",
            hint=2,
            wrong=_spoilt(lambda distance, log_det, d_log: -distance - log_det - d_log),
        ),
        Mistake(
            "½ が二重に掛かっています。½·log|Σ| と ½·d·log 2π は、外の ½ をもう一度掛けずに引きます。",
            hint=2,
            wrong=_spoilt(lambda distance, log_det, d_log: -(distance + log_det / 2 + d_log / 2) / 2),
        ),
        Mistake(
            "2π の項に ½ が掛かっていません。(2π) の d/2 乗の対数なので ½·d·log 2π です。",
            hint=2,
            wrong=_spoilt(lambda distance, log_det, d_log: -(distance + log_det) / 2 - d_log),
        ),
        Mistake(
            "log 2π を 1 回引いています。d = 2 のときだけ合う式で、正しくは ½·d·log 2π です。",
            hint=2,
            wrong=_spoilt(lambda distance, log_det, d_log: -(distance + log_det) / 2 - np.log(2 * np.pi)),
        ),
        Mistake(
            "log|Σ| の符号が逆です。広い分布ほど密度は低いので、引きます。",
            hint=1,
            wrong=_spoilt(lambda distance, log_det, d_log: -(distance - log_det + d_log) / 2),
        ),
        Mistake(
            "行列式の対数を取っていません。引くのは ½·|Σ| ではなく ½·log|Σ| です。",
            hint=2,
            wrong=_spoilt(lambda distance, log_det, d_log: -(distance + np.exp(log_det) + d_log) / 2),
        ),
        Mistake(
            "slogdet の返す 1 番目（符号）を使っています。対数行列式は 2 番目です。",
            hint=3,
            wrong=_spoilt(lambda distance, log_det, d_log: -(distance + 1 + d_log) / 2),
        ),
        Mistake(
            "2 次の項の符号が逆です。平均から離れるほど密度は下がります。",
            hint=1,
            wrong=_spoilt(lambda distance, log_det, d_log: (distance - log_det - d_log) / 2),
        ),
        Mistake(
            "符号が逆です。求めるのは対数密度です（符号を変えたものは NLL です）。",
            hint=1,
            wrong=_spoilt(lambda distance, log_det, d_log: (distance + log_det + d_log) / 2),
        ),
        Mistake(
            "対数を取らず、密度そのものを返しています。",
            hint=1,
            wrong=_spoilt(lambda distance, log_det, d_log: np.exp(-(distance + log_det + d_log) / 2)),
        ),
        Mistake(
            "底が 2 の対数になっています。ナットで答えるには自然対数を使います。",
            hint=2,
            wrong=_spoilt(lambda distance, log_det, d_log: -(distance + log_det + d_log) / 2 / np.log(2)),
        ),
        Mistake(
            "共分散行列の逆行列ではなく、共分散行列そのものを掛けています。",
            hint=2,
            wrong=lambda x, mean, cov: (
                -(((x - mean) @ cov * (x - mean)).sum(axis=1) + sum(_pieces(x, mean, cov)[1:])) / 2
            ),
        ),
        Mistake(
            "Σ⁻¹ が使われていません。μ からの距離を、Σ の傾きと広がりで測り直します。",
            hint=2,
            wrong=lambda x, mean, cov: -(((x - mean) ** 2).sum(axis=1) + sum(_pieces(x, mean, cov)[1:])) / 2,
        ),
        Mistake(
            "1 / cov は要素ごとの逆数です。逆行列は np.linalg.solve か np.linalg.inv で求めます。",
            hint=2,
            wrong=lambda x, mean, cov: (
                -(((x - mean) @ (1 / cov) * (x - mean)).sum(axis=1) + sum(_pieces(x, mean, cov)[1:])) / 2
            ),
        ),
        Mistake(
            "共分散行列の対角成分しか使っていません。対角以外は、軸どうしの傾きを表しています。",
            hint=2,
            wrong=lambda x, mean, cov: _log_gaussian(x, mean, np.diag(np.diag(cov))),
        ),
        Mistake(
            "平均 μ を引いていません。距離は原点からではなく、μ から測ります。",
            hint=1,
            wrong=lambda x, mean, cov: _log_gaussian(x, 0 * mean, cov),
        ),
        Mistake(
            "全部の点の対数密度を足しています。1 点ごとに 1 つ、n 個の値を返してください。",
            hint=2,
            wrong=lambda x, mean, cov: _log_gaussian(x, mean, cov).sum(),
        ),
        Mistake(
            "数を 1 つしか返していません。1 点ごとに 1 つ、n 個の値を返してください。",
            hint=2,
            sign=lambda args, r: np.ndim(r) == 0 and np.isfinite(r),
        ),
        Mistake(
            "点と点の組の行列になっています。要るのは、その対角だけです。"
            "偏差と掛けて、座標の向きに足すと 1 点に 1 つになります。",
            hint=2,
            wrong=lambda x, mean, cov: (
                -((x - mean) @ np.linalg.inv(cov) @ (x - mean).T + sum(_pieces(x, mean, cov)[1:])) / 2
            ),
        ),
        Mistake(
            "点の向きに足しています。1 点に 1 つの値が残るように、座標の向きに足してください。",
            hint=2,
            wrong=lambda x, mean, cov: (
                -(((x - mean) @ np.linalg.inv(cov) * (x - mean)).sum(axis=0) + sum(_pieces(x, mean, cov)[1:])) / 2
            ),
        ),
        Mistake(
            "np.linalg.solve に渡す向きが逆です。形 (d, n) の (x - mean).T を渡してください。",
            hint=2,
            wrong=lambda x, mean, cov: (
                -((np.linalg.solve(cov, x - mean) * (x - mean)).sum(axis=1) + sum(_pieces(x, mean, cov)[1:])) / 2
            ),
        ),
        Mistake(
            "log 2π に、次元 d ではなく点の数 n が掛かっています。次元は len(mean) です。",
            hint=2,
            wrong=lambda x, mean, cov: -(sum(_pieces(x, mean, cov)[:2]) + len(x) * np.log(2 * np.pi)) / 2,
        ),
        Mistake(
            "密度を計算してから log を取っています。遠い点では密度が 0 にアンダーフローして −∞ になります。"
            "はじめから対数の式で計算してください。",
            hint=1,
            wrong=lambda x, mean, cov: np.log(np.exp(_log_gaussian(x, mean, cov))),
        ),
        Mistake(
            "行列式 |Σ| が 0 にアンダーフローしています。対数行列式 log|Σ| を直接求める np.linalg.slogdet があります。",
            hint=3,
            wrong=lambda x, mean, cov: (
                -(_pieces(x, mean, cov)[0] + len(mean) * np.log(2 * np.pi) + np.log(np.linalg.det(cov))) / 2
            ),
        ),
    ),
)


def _softmax(log_weighted, axis=1):
    weights = np.exp(log_weighted - np.max(log_weighted, axis=axis, keepdims=True))
    return weights / weights.sum(axis=axis, keepdims=True)


def _row_peaks(log_weighted):
    return np.exp(log_weighted - log_weighted.max(axis=1, keepdims=True))


def _exp_first(log_weighted):
    weights = np.exp(log_weighted)
    return weights / weights.sum(axis=1, keepdims=True)


def _all_alike(args, result) -> bool:
    """Whether a row that underflows, but whose entries differ, got the same number everywhere."""
    rows = (args[0].max(axis=1) < -700) & (np.ptp(args[0], axis=1) > 0)
    spread = np.ptp(np.asarray(result, dtype=float)[rows], axis=1)
    return bool(len(spread) and (spread < 1e-9).all())


_DEEP = np.log([[2.0, 3.0, 5.0], [6.0, 1.0, 1.0]]) - 1_000

RESPONSIBILITIES = Exercise(
    number="3-2",
    title="責任度",
    function="responsibilities",
    points=2,
    expects=Array(),
    cases=(
        case(np.log([[0.1, 0.3], [0.2, 0.2], [0.06, 0.04]]), gives=np.array([[0.25, 0.75], [0.5, 0.5], [0.6, 0.4]])),
        case(np.log([[2.0, 3.0, 5.0], [8.0, 1.0, 1.0]]), gives=np.array([[0.2, 0.3, 0.5], [0.8, 0.1, 0.1]])),
        case(
            np.log([[0.02, 0.06, 0.08, 0.04]]),
            gives=np.array([[0.1, 0.3, 0.4, 0.2]]),
        ),
        case(_DEEP, gives=np.array([[0.2, 0.3, 0.5], [0.75, 0.125, 0.125]]), edge="どの値も −1000 の前後"),
        case(
            np.log([[0.3, 0.2], [0.9, 0.6], [0.1, 0.4]]) + np.array([[0], [-1_000], [1_000]]),
            gives=np.array([[0.6, 0.4], [0.6, 0.4], [0.2, 0.8]]),
            edge="大きさのかけ離れた行がある",
        ),
        case(
            np.array([[0.0, -1_000.0], [-1_300.0, -200.0], [-9.0, -9.0]]),
            gives=np.array([[1.0, 0.0], [0.0, 1.0], [0.5, 0.5]]),
            edge="行の中の差が大きい",
        ),
        case(
            np.array([[-1.0, -np.inf, -1.0], [0.0, -np.inf, -2_000.0]]),
            gives=np.array([[0.5, 0.0, 0.5], [1.0, 0.0, 0.0]]),
            edge="−∞ の列がある",
        ),
        case(np.array([[-3.0], [-2_000.0]]), gives=np.ones((2, 1)), edge="K = 1"),
    ),
    mistakes=(
        Mistake(
            "向きが逆です。列ごとの和を 1 にしています。1 点（1 行）ごとに、成分についての和を 1 にします。",
            hint=2,
            wrong=lambda lw: _softmax(lw, axis=0),
        ),
        Mistake(
            "表全体の和で割っています。割るのは、その点（行）の和です。",
            hint=2,
            wrong=lambda lw: _softmax(lw, axis=None),
        ),
        Mistake(
            "表全体の和で割っています。割るのは、その点（行）の和です。",
            hint=2,
            wrong=lambda lw: _row_peaks(lw) / _row_peaks(lw).sum(),
        ),
        Mistake(
            "向きが逆です。列ごとの和で割っています。1 点（1 行）ごとに、成分についての和を 1 にします。",
            hint=2,
            wrong=lambda lw: _row_peaks(lw) / _row_peaks(lw).sum(axis=0),
        ),
        Mistake(
            "行ごとの和や最大値の形 (n,) が、列の向きに合わせられています。"
            "keepdims=True で (n, 1) にするか、転置します。",
            hint=2,
            wrong=lambda lw: np.exp(lw) / np.exp(lw).sum(axis=1),
        ),
        Mistake(
            "転置したままです。最後に .T で、元の向き (n, K) に戻してください。",
            hint=3,
            sign=lambda args, r: np.allclose(np.transpose(r), _softmax(args[0])),
        ),
        Mistake(
            "いちばん大きい成分の番号を返しています。責任度は、形 (n, K) の確率です。",
            hint=1,
            sign=lambda args, r: np.array_equal(r, args[0].argmax(axis=1)),
        ),
        Mistake(
            "行の和が 1 になっていません。exp のあと、行の和で割ってください。",
            hint=2,
            wrong=np.exp,
        ),
        Mistake(
            "行の和が 1 になっていません。最大値を引いて exp を取ったあと、さらに行の和で割ってください。",
            hint=2,
            wrong=_row_peaks,
        ),
        Mistake(
            "責任度の対数を返しています。最後に exp で確率に戻してください。",
            hint=2,
            wrong=lambda lw: np.log(_softmax(lw)),
        ),
        Mistake(
            "対数のまま和で割っています。割り算をする前に exp で確率の比に戻します。",
            hint=1,
            wrong=lambda lw: lw / lw.sum(axis=1, keepdims=True),
        ),
        Mistake(
            "いちばん大きい成分に 1、ほかに 0 を割り当てています。責任度は確率なので、途中の値も取ります。",
            hint=1,
            wrong=lambda lw: (lw == lw.max(axis=1, keepdims=True)).astype(float),
        ),
        Mistake(
            "exp を先に取っています。exp(−1000) は 0 に、exp(1000) は ∞ になり、割り算が NaN になります。"
            "exp の前に、その行の最大値を引いてください。",
            hint=3,
            wrong=_exp_first,
        ),
        Mistake(
            "表全体の最大値を引いています。ほかの行よりずっと小さい行はアンダーフローしたままです。"
            "最大値は行ごとに求めます。",
            hint=3,
            wrong=lambda lw: _exp_first(lw - lw.max()),
        ),
        Mistake(
            "列ごとの最大値を引いています。ほかの行よりずっと小さい行がアンダーフローします。最大値は行（点）ごとに求めます。",
            hint=3,
            wrong=lambda lw: _exp_first(lw - lw.max(axis=0)),
        ),
        Mistake(
            "行の平均を引いています。差が大きい行や −∞ のある行で、exp が桁あふれします。引くのは最大値です。",
            hint=3,
            wrong=lambda lw: _exp_first(lw - lw.mean(axis=1, keepdims=True)),
        ),
        Mistake(
            "最大値ではなく最小値を引いています。差が大きい行や −∞ のある行で、exp が桁あふれします。",
            hint=3,
            wrong=lambda lw: _exp_first(lw - lw.min(axis=1, keepdims=True)),
        ),
        Mistake(
            "どの成分にも同じ責任度が付いています。0 / 0 を避けるだけでは、成分どうしの比は失われたままです。"
            "exp の前に、その行の最大値を引いてください。",
            hint=3,
            sign=_all_alike,
        ),
    ),
)


def _statistics(x, r, *, weights=None, spread=None, centre=None):
    """The M-step; each keyword replaces one of its ingredients.

    Args:
        weights: (N_k, n) → what is returned as π. spread: (N_k, n) → what the covariances are divided by.
        centre: (x, means) → (K, d), about which the covariances are taken.
    """
    n_k = r.sum(axis=0)
    means = (r.T @ x) / n_k[:, None]
    away = x[None] - (means if centre is None else centre(x, means))[:, None]
    divisor = n_k if spread is None else spread(n_k, len(x))
    covariances = np.einsum("nk,kni,knj->kij", r, away, away) / divisor[:, None, None]
    return (n_k / len(x) if weights is None else weights(n_k, len(x))), means, covariances


def _with(*, means=None, covariances=None):
    """A wrong ``m_step``: ``means(x, r)`` or ``covariances(x, r, means)`` replaces the right one."""

    def m_step(x, r):
        right = _statistics(x, r)
        return (
            right[0],
            right[1] if means is None else means(x, r),
            right[2] if covariances is None else covariances(x, r, right[1]),
        )

    return m_step


def _about(means):
    """A wrong ``m_step`` whose covariances are about its wrong ``means(x, r)``."""
    return lambda x, r: (
        r.sum(axis=0) / len(x),
        means(x, r),
        _statistics(x, r, centre=lambda x, _: means(x, r))[2],
    )


def _without_responsibilities(x, r, means):
    return np.array([(x - m).T @ (x - m) / len(x) for m in means])


def _squared_responsibilities(x, r, means):
    weighted = [r_k[:, None] * (x - m) for r_k, m in zip(r.T, means, strict=True)]
    return np.array([w.T @ w / r_k.sum() for w, r_k in zip(weighted, r.T, strict=True)])


def _diagonal_only(x, r, means):
    return _statistics(x, r)[2] * np.eye(x.shape[1])


def _ridge(args, result) -> bool:
    """Whether the covariances are right but for the same small amount on every diagonal."""
    extra = result[2] - _statistics(*args)[2]
    return bool(1e-9 < extra[0, 0, 0] < 0.1 and np.allclose(extra, extra[0, 0, 0] * np.eye(extra.shape[1]), atol=1e-11))


def _hard(x, r):
    labels = np.eye(r.shape[1])[r.argmax(axis=1)]
    return _statistics(x, labels)


_SOFT = (
    np.array([[0.0, 1.0], [2.0, 0.0], [4.0, 3.0], [6.0, 2.0], [3.0, 8.0]]),
    np.array([[1.0, 0.0], [0.75, 0.25], [0.5, 0.5], [0.25, 0.75], [0.125, 0.875]]),
)
_THREE = (
    np.array([[1.0, 0.0, 2.0], [0.0, 3.0, 1.0], [2.0, 2.0, 0.0], [5.0, 1.0, 1.0], [1.0, 4.0, 6.0], [0.0, 0.0, 9.0]]),
    np.array([[0.7, 0.3], [0.1, 0.9], [0.4, 0.6], [0.8, 0.2], [0.5, 0.5], [0.9, 0.1]]),
)
_ONE = np.array([[1.0, 2.0], [3.0, 2.0], [2.0, 5.0]]), np.ones((3, 1))
_SURE = np.array([[1.0], [3.0], [10.0], [16.0]]), np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0], [0.0, 1.0]])
_OFFSET = (
    np.array([[1e3, -1e3], [1_001.0, -1_002.0], [-1e3, 999.0], [-998.0, 1e3]]),
    np.array([[0.9, 0.1], [0.6, 0.4], [0.2, 0.8], [0.0, 1.0]]),
)

M_STEP = Exercise(
    number="3-3",
    title="M ステップ",
    function="m_step",
    points=2,
    expects=Arrays(("weights", "means", "covariances")),
    cases=(
        case(*_SOFT, gives=_statistics(*_SOFT)),
        case(*_THREE, gives=_statistics(*_THREE)),
        case(
            *_ONE,
            gives=(
                np.array([1.0]),
                np.array([[2.0, 3.0]]),
                np.array([[[2 / 3, 0.0], [0.0, 2.0]]]),
            ),
            edge="K = 1（ふつうの平均と共分散）",
        ),
        case(
            *_SURE,
            gives=(np.array([0.5, 0.5]), np.array([[2.0], [13.0]]), np.array([[[1.0]], [[9.0]]])),
            edge="責任度が 0 か 1 で、d = 1",
        ),
        case(*_OFFSET, gives=_statistics(*_OFFSET), edge="データが原点から遠い"),
    ),
    mistakes=(
        Mistake(
            "重みが N_k のままです。全体の数 N で割ると、和が 1 の割合になります。",
            hint=1,
            wrong=lambda x, r: _statistics(x, r, weights=lambda n_k, n: n_k),
        ),
        Mistake(
            "平均を N で割っています。割るのは全体の数 N ではなく、成分 k の持ち分 N_k（責任度の和）です。",
            hint=2,
            wrong=_with(means=lambda x, r: r.T @ x / len(x)),
        ),
        Mistake(
            "平均を N で割っています。割るのは全体の数 N ではなく、成分 k の持ち分 N_k（責任度の和）です。",
            hint=2,
            wrong=_about(lambda x, r: r.T @ x / len(x)),
        ),
        Mistake(
            "平均に責任度が掛かっていません。どの成分も全体の平均になっています。",
            hint=1,
            wrong=_with(means=lambda x, r: np.tile(x.mean(axis=0), (r.shape[1], 1))),
        ),
        Mistake(
            "平均に責任度が掛かっていません。どの成分も全体の平均になっています。",
            hint=1,
            wrong=_about(lambda x, r: np.tile(x.mean(axis=0), (r.shape[1], 1))),
        ),
        Mistake(
            "平均を N_k で割っていません。責任度を掛けた和を、責任度の和 N_k で割ります。",
            hint=2,
            wrong=_with(means=lambda x, r: r.T @ x),
        ),
        Mistake(
            "平均を N_k で割っていません。責任度を掛けた和を、責任度の和 N_k で割ります。",
            hint=2,
            wrong=_about(lambda x, r: r.T @ x),
        ),
        Mistake(
            "N_k の形 (K,) が、成分ではなく座標の向きに合わせられています。割る前に n_k[:, None] とします。",
            hint=2,
            wrong=_about(lambda x, r: r.T @ x / r.sum(axis=0)),
        ),
        Mistake(
            "平均の行と列が逆です。1 行が 1 つの成分になるように、r.T @ x の形 (K, d) にしてください。",
            hint=2,
            sign=lambda args, r: np.allclose(r[1], _statistics(*args)[1].T),
        ),
        Mistake(
            "共分散を N_k で割っていません。責任度を掛けた和を、責任度の和 N_k で割ります。",
            hint=2,
            wrong=lambda x, r: _statistics(x, r, spread=lambda n_k, n: np.ones(len(n_k))),
        ),
        Mistake(
            "共分散を N で割っています。割るのは全体の数 N ではなく、成分 k の持ち分 N_k（責任度の和）です。",
            hint=2,
            wrong=lambda x, r: _statistics(x, r, spread=lambda n_k, n: np.full(len(n_k), n)),
        ),
        Mistake(
            "共分散を N_k − 1 で割っています。尤度を最大にするのは N_k で割った値です。",
            hint=2,
            wrong=lambda x, r: _statistics(x, r, spread=lambda n_k, n: n_k - 1),
        ),
        Mistake(
            "np.cov が不偏推定の割り方をしています。bias=True を付けると、N_k で割った値になります。",
            hint=2,
            wrong=_with(covariances=lambda x, r, means: [np.cov(x.T, aweights=r_k) for r_k in r.T]),
        ),
        Mistake(
            "共分散に責任度が掛かっていません。どの点も同じ重みで数えています。",
            hint=2,
            wrong=_with(covariances=_without_responsibilities),
        ),
        Mistake(
            "共分散に責任度が掛かっていません。どの点も同じ重みで数えています。",
            hint=2,
            wrong=_with(covariances=lambda x, r, means: [np.cov(x.T) for _ in means]),
        ),
        Mistake(
            "共分散に責任度が掛かっていません。どの点も同じ重みで数えています。",
            hint=2,
            wrong=_with(covariances=lambda x, r, means: [np.cov(x.T, bias=True) for _ in means]),
        ),
        Mistake(
            "共分散の中心が、全体の平均になっています。いま求めた成分 k の平均 μ_k からの偏差を使います。",
            hint=2,
            wrong=lambda x, r: _statistics(x, r, centre=lambda x, means: np.tile(x.mean(axis=0), (len(means), 1))),
        ),
        Mistake(
            "共分散で平均を引いていません。μ_k からの偏差の積に、責任度を掛けて足します。",
            hint=2,
            wrong=lambda x, r: _statistics(x, r, centre=lambda x, means: 0 * means),
        ),
        Mistake(
            "偏差に責任度を掛けてから積を作っているので、責任度が 2 乗になっています。掛けるのは 1 回だけです。",
            hint=3,
            wrong=_with(covariances=_squared_responsibilities),
        ),
        Mistake(
            "共分散行列の対角以外が 0 になっています。軸どうしの傾きも、偏差の積から求めます。",
            hint=2,
            wrong=_with(covariances=_diagonal_only),
        ),
        Mistake(
            "分散だけを返しています。成分ごとに d × d の共分散行列を返してください。",
            hint=2,
            wrong=_with(covariances=lambda x, r, means: np.diagonal(_statistics(x, r)[2], axis1=1, axis2=2)),
        ),
        Mistake(
            "責任度をいちばん大きい成分の 0/1 に丸めています。途中の値のまま、重みとして使います。",
            hint=1,
            wrong=_hard,
        ),
        Mistake(
            "返す順番が違います。(weights, means, covariances) の順に返してください。",
            hint=3,
            wrong=lambda x, r: (*_statistics(x, r)[1:], _statistics(x, r)[0]),
        ),
        Mistake(
            "返す順番が違います。(weights, means, covariances) の順に返してください。",
            hint=3,
            wrong=lambda x, r: (_statistics(x, r)[1], _statistics(x, r)[0], _statistics(x, r)[2]),
        ),
        Mistake(
            "共分散の対角に小さな数を足しています。逆行列のための工夫ですが、ここでは式のままの値を返してください。",
            hint=3,
            sign=_ridge,
        ),
    ),
)


def _bic(*, weights=True, means=True, covariances=True, half=True, last=lambda log_lik, p, n: None):
    """A wrong ``bic``: parameters left out or counted differently, or another last line ``last(log_lik, p, n)``."""

    def bic(log_lik, k, d, n):
        of_covariance = d * (d + 1) // 2 if half else d * d
        p = weights * (k - 1) + means * k * d + covariances * k * of_covariance
        value = last(log_lik, p, n)
        return -2 * log_lik + p * np.log(n) if value is None else value

    return bic


BIC = Exercise(
    number="3-4",
    title="BIC",
    function="bic",
    points=2,
    expects=Number(),
    cases=(
        case(-700.0, 2, 2, 300, gives=1_400 + 11 * np.log(300)),
        case(-512.5, 3, 4, 50, gives=1_025 + 44 * np.log(50)),
        case(120.0, 5, 3, 20, gives=-240 + 49 * np.log(20)),
        case(-35.0, 1, 2, 10, gives=70 + 5 * np.log(10), edge="K = 1"),
        case(-90.0, 4, 1, 60, gives=180 + 11 * np.log(60), edge="d = 1"),
        case(-8.0, 2, 2, 1, gives=16.0, edge="n = 1"),
    ),
    mistakes=(
        Mistake(
            "罰金の符号が逆です。パラメータが多いほど BIC は大きく（悪く）なります。",
            hint=1,
            wrong=_bic(last=lambda log_lik, p, n: -2 * log_lik - p * np.log(n)),
        ),
        Mistake(
            "対数尤度の符号が逆です。BIC は小さいほどよい物差しなので、−2 を掛けます。",
            hint=1,
            wrong=_bic(last=lambda log_lik, p, n: 2 * log_lik + p * np.log(n)),
        ),
        Mistake(
            "全体の符号が逆です。この講座の BIC は、小さいほどよい向きに定義しています。",
            hint=1,
            wrong=_bic(last=lambda log_lik, p, n: 2 * log_lik - p * np.log(n)),
        ),
        Mistake(
            "対数尤度に 2 が掛かっていません。BIC = −2 log L + p log n です。",
            hint=1,
            wrong=_bic(last=lambda log_lik, p, n: -log_lik + p * np.log(n)),
        ),
        Mistake(
            "全体が半分になっています。この講座の BIC は −2 log L + p log n です。",
            hint=1,
            wrong=_bic(last=lambda log_lik, p, n: -log_lik + p * np.log(n) / 2),
        ),
        Mistake(
            "罰金に ½ が掛かっています。−2 log L に足すのは p log n です。",
            hint=1,
            wrong=_bic(last=lambda log_lik, p, n: -2 * log_lik + p * np.log(n) / 2),
        ),
        Mistake(
            "罰金が p × n になっています。データの数は対数で効くので、p log n です。",
            hint=1,
            wrong=_bic(last=lambda log_lik, p, n: -2 * log_lik + p * n),
        ),
        Mistake(
            "log_lik の対数をもう一度取っています。渡されるのは、もう対数を取ったあとの値です。",
            hint=1,
            wrong=_bic(last=lambda log_lik, p, n: -2 * np.log(log_lik) + p * np.log(n)),
        ),
        Mistake(
            "重みを K 個と数えています。和が 1 と決まっているので、自由に選べるのは K − 1 個です。",
            hint=2,
            wrong=lambda log_lik, k, d, n: _bic()(log_lik, k, d, n) + np.log(n),
        ),
        Mistake("重みの K − 1 個を数え忘れています。", hint=2, wrong=_bic(weights=False)),
        Mistake("平均の Kd 個か、共分散行列の対角の Kd 個を数え忘れています。", hint=2, wrong=_bic(means=False)),
        Mistake("共分散行列のパラメータを数え忘れています。", hint=2, wrong=_bic(covariances=False)),
        Mistake(
            "共分散行列を d² 個と数えています。対称なので、自由に選べるのは対角と片側の d(d + 1)/2 個です。",
            hint=2,
            wrong=_bic(half=False),
        ),
        Mistake(
            "共分散行列の個数の ½ を忘れています。対称なので、1 つにつき d(d + 1)/2 個です。",
            hint=2,
            wrong=lambda log_lik, k, d, n: -2 * log_lik + (k - 1 + k * d + k * d * (d + 1)) * np.log(n),
        ),
        Mistake(
            "平均と共分散行列を、1 成分の分しか数えていません。成分ごとにあるので、それぞれ K 倍します。",
            hint=2,
            wrong=lambda log_lik, k, d, n: -2 * log_lik + (k - 1 + d + d * (d + 1) / 2) * np.log(n),
        ),
        Mistake(
            "平均を K 個と数えています。1 つの平均は d 個の数なので、Kd 個です。",
            hint=2,
            wrong=lambda log_lik, k, d, n: -2 * log_lik + (k - 1 + k + k * d * (d + 1) / 2) * np.log(n),
        ),
        Mistake(
            "共分散行列を d 個と数えています。対角だけでなく、軸どうしの共分散も数えます。",
            hint=2,
            wrong=lambda log_lik, k, d, n: -2 * log_lik + (k - 1 + 2 * k * d) * np.log(n),
        ),
        Mistake(
            "共分散行列を 1 つしか数えていません。成分ごとに 1 つずつ、K 個あります。",
            hint=2,
            wrong=lambda log_lik, k, d, n: -2 * log_lik + (k - 1 + k * d + d * (d + 1) // 2) * np.log(n),
        ),
        Mistake(
            "対数の底が 10 です。自然対数 np.log を使います。",
            hint=3,
            wrong=_bic(last=lambda log_lik, p, n: -2 * log_lik + p * np.log10(n)),
        ),
        Mistake(
            "対数の底が 2 です。自然対数 np.log を使います。",
            hint=3,
            wrong=_bic(last=lambda log_lik, p, n: -2 * log_lik + p * np.log2(n)),
        ),
        Mistake(
            "罰金が 2p になっています。それは AIC です。BIC の罰金は p log n です。",
            hint=1,
            wrong=_bic(last=lambda log_lik, p, n: -2 * log_lik + 2 * p),
        ),
        Mistake(
            "log_lik に n を掛けています。渡されるのは 1 点あたりの平均ではなく、全部の点の和です。",
            hint=1,
            wrong=_bic(last=lambda log_lik, p, n: -2 * n * log_lik + p * np.log(n)),
        ),
        Mistake(
            "パラメータの個数を返しています。そこから −2 log L + p log n を計算します。",
            hint=1,
            wrong=_bic(last=lambda log_lik, p, n: p),
        ),
    ),
)

EXERCISES = (LOG_GAUSSIAN, RESPONSIBILITIES, M_STEP, BIC)

"""Chapter 6: what ``check`` knows about its exercises."""

import numpy as np

from .core import Exercise, Mistake, case
from .expect import Array

ALPHA_BAR = Exercise(
    number="6-1",
    title="残っている信号の割合",
    function="alpha_bar",
    points=2,
    expects=Array(),
    cases=(
        case(np.array([0, 0.1, 0.2, 0.5]), gives=np.array([1, 0.9, 0.72, 0.36])),
        case(np.array([0, 0.4, 0.05]), gives=np.array([1, 0.6, 0.57])),
        case(np.array([0.0]), gives=np.array([1.0]), edge="T = 0"),
        case(np.array([0, 0.5, 1.0, 0.25]), gives=np.array([1, 0.5, 0, 0]), edge="β = 1 の時刻がある"),
    ),
    mistakes=(
        Mistake(
            "β そのものを掛け合わせています。残るのは 1 − β の割合なので、掛けるのは 1 − β です。",
            hint=1,
            wrong=np.cumprod,
        ),
        Mistake(
            "掛け算ではなく足し算で累積しています。残る割合は、1 歩ごとに 1 − β 倍になります。",
            hint=1,
            wrong=lambda beta: np.cumsum(1 - beta),
        ),
        Mistake(
            "1 から β の和を引いています。2 歩目に混ざるのは、1 歩目に残った信号の一部なので、1 − β を掛けていきます。",
            hint=1,
            wrong=lambda beta: 1 - np.cumsum(beta),
        ),
        Mistake(
            "時刻が 1 つずれています。beta[0] = 0 がもう入っているので、先頭に 1 を付け足さずに掛けていきます。",
            hint=3,
            wrong=lambda beta: np.concatenate([[1.0], np.cumprod(1 - beta)[:-1]]),
        ),
        Mistake(
            "先頭に 1 を付け足したので、長さが 1 つ多くなっています。beta[0] = 0 がその役をしています。",
            hint=3,
            wrong=lambda beta: np.concatenate([[1.0], np.cumprod(1 - beta)]),
        ),
        Mistake(
            "1 歩ぶんの α = 1 − β を返しています。ᾱ は、はじめからその時刻までの積です。",
            hint=1,
            wrong=lambda beta: 1 - beta,
        ),
        Mistake(
            "最後の時刻の値だけを返しています。途中の時刻の値もすべて並べてください。",
            hint=2,
            wrong=lambda beta: np.prod(1 - beta),
        ),
        Mistake(
            "平方根を取っています。√ᾱ が要るのは x_t を作るときで、ここで求めるのは ᾱ です。",
            hint=2,
            wrong=lambda beta: np.sqrt(np.cumprod(1 - beta)),
        ),
        Mistake(
            "先頭の 1 がありません。beta[0] = 0 も含めて掛けると、先頭が 1 になります。",
            hint=3,
            wrong=lambda beta: np.cumprod(1 - beta[1:]),
        ),
        Mistake(
            "β の積を 1 から引いています。先に 1 − β を作り、それを掛けていきます。",
            hint=2,
            wrong=lambda beta: 1 - np.cumprod(beta),
        ),
        Mistake(
            "β を 2 乗しています。1 歩ごとに 1 − β を掛けます。",
            hint=1,
            wrong=lambda beta: np.cumprod(1 - beta**2),
        ),
        Mistake(
            "exp(−Σβ) は、β が小さいときの近似です。ここでは 1 − β をそのまま掛けていきます。",
            hint=1,
            wrong=lambda beta: np.exp(-np.cumsum(beta)),
        ),
        Mistake(
            "対数のままです。log(1 − β) を足していくなら、最後に np.exp で戻します。",
            hint=2,
            wrong=lambda beta: np.cumsum(np.log(1 - beta)),
        ),
        Mistake(
            "ノイズの割合 1 − ᾱ を返しています。求めるのは、残っている信号の割合 ᾱ です。",
            hint=1,
            wrong=lambda beta: 1 - np.cumprod(1 - beta),
        ),
    ),
)

_ABAR = np.array([1.0, 0.81, 0.64, 0.25])
_X = np.array([[1.0, 2.0], [0.0, -1.0], [3.0, 0.5]])
_EPS = np.array([[0.5, -1.0], [2.0, 1.0], [-0.5, 0.0]])
_SQUARE_X, _SQUARE_EPS = np.array([[1.0, -2.0], [0.5, 4.0]]), np.array([[-1.0, 0.5], [2.0, 1.0]])


def _column(values) -> np.ndarray:
    return np.asarray(values, dtype=float)[:, None]


def _mixed(x0, t, eps, abar):
    return _column(np.sqrt(abar[t])) * x0 + _column(np.sqrt(1 - abar[t])) * eps


def _from_nothing(*inputs, result) -> bool:
    """Whether different numbers of the size of noise came out where all inputs are 0."""
    out = np.asarray(result)[np.all(np.equal(inputs, 0), axis=0)]
    return bool(out.size and (out != 0).all() and np.ptp(out) > 0 and (np.abs(out) < 6).all())


Q_SAMPLE = Exercise(
    number="6-2",
    title="好きな時刻へ一度に混ぜる",
    function="q_sample",
    points=2,
    expects=Array(),
    cases=(
        # Where signal and noise are both 0, only other noise can make anything else of it.
        case(
            np.array([[1.0, 2.0, 0.0, 0.0]]),
            np.array([1]),
            np.array([[1.0, -1.0, 0.0, 0.0]]),
            np.array([1, 0.64]),
            gives=np.array([[1.4, 1.0, 0.0, 0.0]]),
        ),
        case(_X, np.array([3, 1, 2]), _EPS, _ABAR, gives=_mixed(_X, np.array([3, 1, 2]), _EPS, _ABAR)),
        # As many rows as columns: here broadcasting along the wrong axis raises no error.
        case(
            _SQUARE_X,
            np.array([2, 3]),
            _SQUARE_EPS,
            _ABAR,
            gives=_mixed(_SQUARE_X, np.array([2, 3]), _SQUARE_EPS, _ABAR),
        ),
        case(_X, np.array([0, 0, 0]), _EPS, _ABAR, gives=_X, edge="t = 0"),
    ),
    mistakes=(
        Mistake(
            "√ を付けずに ᾱ と 1 − ᾱ を掛けています。掛けるのは √ᾱ と √(1 − ᾱ) で、こうすると分散の和が 1 になります。",
            hint=3,
            wrong=lambda x0, t, eps, abar: _column(abar[t]) * x0 + _column(1 - abar[t]) * eps,
        ),
        Mistake(
            "x0 に ᾱ をそのまま掛けています。掛けるのは √ᾱ です。",
            hint=3,
            wrong=lambda x0, t, eps, abar: _column(abar[t]) * x0 + _column(np.sqrt(1 - abar[t])) * eps,
        ),
        Mistake(
            "ノイズに 1 − ᾱ をそのまま掛けています。掛けるのは √(1 − ᾱ) です。",
            hint=3,
            wrong=lambda x0, t, eps, abar: _column(np.sqrt(abar[t])) * x0 + _column(1 - abar[t]) * eps,
        ),
        Mistake(
            "ノイズの係数が 1 − √ᾱ になっています。正しくは √(1 − ᾱ) で、引き算は √ の中です。",
            hint=3,
            wrong=lambda x0, t, eps, abar: _column(np.sqrt(abar[t])) * x0 + _column(1 - np.sqrt(abar[t])) * eps,
        ),
        Mistake(
            "信号とノイズの係数が入れ替わっています。x0 に √ᾱ、eps に √(1 − ᾱ) を掛けます。",
            hint=3,
            wrong=lambda x0, t, eps, abar: _mixed(eps, t, x0, abar),
        ),
        Mistake(
            "点ごとの ᾱ が、行ではなく列に掛かっています。a[:, None] で形を (n, 1) にすると、行ごとに掛かります。",
            hint=2,
            wrong=lambda x0, t, eps, abar: np.sqrt(abar[t]) * x0 + np.sqrt(1 - abar[t]) * eps,
        ),
        Mistake(
            "先頭の点の時刻を、すべての点に使っています。時刻は点ごとに違います。",
            hint=1,
            wrong=lambda x0, t, eps, abar: _mixed(x0, np.full(len(x0), t[0]), eps, abar),
        ),
        Mistake(
            "時刻が 1 つずれています。時刻 t の ᾱ は alpha_bar[t] です（alpha_bar[0] = 1 がデータそのもの）。",
            hint=1,
            wrong=lambda x0, t, eps, abar: _mixed(x0, t - 1, eps, abar),
        ),
        Mistake(
            "ノイズを足していません。√ᾱ x0 に √(1 − ᾱ) eps を足します。",
            hint=3,
            wrong=lambda x0, t, eps, abar: _column(np.sqrt(abar[t])) * x0,
        ),
        Mistake(
            "eps が使われていません。√(1 − ᾱ) に eps を掛けて足します。",
            hint=3,
            wrong=lambda x0, t, eps, abar: _mixed(x0, t, 1, abar),
        ),
        Mistake(
            "x0 を √ᾱ 倍していません。信号も縮めないと、分散の和が 1 になりません。",
            hint=3,
            wrong=lambda x0, t, eps, abar: x0 + _column(np.sqrt(1 - abar[t])) * eps,
        ),
        Mistake(
            "ノイズを √(1 − ᾱ) 倍していません。",
            hint=3,
            wrong=lambda x0, t, eps, abar: _column(np.sqrt(abar[t])) * x0 + eps,
        ),
        Mistake(
            "ノイズを引いています。√(1 − ᾱ) ε は足します。",
            hint=3,
            wrong=lambda x0, t, eps, abar: _mixed(x0, t, -eps, abar),
        ),
        Mistake(
            "alpha_bar をもう一度累積しています。渡されるのは、もう累積の積になった ᾱ です。",
            hint=1,
            wrong=lambda x0, t, eps, abar: _mixed(x0, t, eps, np.cumprod(abar)),
        ),
        Mistake(
            "alpha_bar を 1 歩ぶんの β とみて、1 − β の積を作っています。渡されるのは、もう累積の積になった ᾱ です。",
            hint=1,
            wrong=lambda x0, t, eps, abar: _mixed(x0, t, eps, np.cumprod(1 - abar)),
        ),
        Mistake(
            "x0 も eps も 0 のところが 0 になっていません。乱数を新しく引かず、渡された eps を使ってください。",
            hint=3,
            sign=lambda args, r: _from_nothing(args[0], args[2], result=r),
        ),
    ),
)


def _unmixed(xt, t, eps, abar):
    return (xt - _column(np.sqrt(1 - abar[t])) * eps) / _column(np.sqrt(abar[t]))


_TINY = np.array([1.0, 0.5, 1e-6])


def _guarded_division(args, result) -> bool:
    """Whether the division was made safe: nearly right, or too small where ᾱ is tiny."""
    want, tiny = _unmixed(*args), args[3][args[1]] < 1e-4
    if np.shape(result) != want.shape:
        return False
    far = ~np.isclose(result, want, rtol=0.02).all(axis=1)
    return bool((tiny | ~far).all() and (np.abs(result) <= np.abs(want) + 0.02).all())


PREDICT_X0 = Exercise(
    number="6-3",
    title="ノイズから元の点を求める",
    function="predict_x0",
    points=2,
    expects=Array(),
    cases=(
        case(
            np.array([[1.4, 1.0]]),
            np.array([1]),
            np.array([[1.0, -1.0]]),
            np.array([1, 0.64]),
            gives=np.array([[1.0, 2.0]]),
        ),
        case(_X, np.array([3, 1, 2]), _EPS, _ABAR, gives=_unmixed(_X, np.array([3, 1, 2]), _EPS, _ABAR)),
        case(
            _SQUARE_X,
            np.array([2, 3]),
            _SQUARE_EPS,
            _ABAR,
            gives=_unmixed(_SQUARE_X, np.array([2, 3]), _SQUARE_EPS, _ABAR),
        ),
        case(_X, np.array([0, 0, 0]), _EPS, _ABAR, gives=_X, edge="t = 0"),
        case(
            _SQUARE_X,
            np.array([2, 1]),
            _SQUARE_EPS,
            _TINY,
            gives=_unmixed(_SQUARE_X, np.array([2, 1]), _SQUARE_EPS, _TINY),
            edge="ᾱ がとても小さい",
        ),
    ),
    mistakes=(
        Mistake(
            "ᾱ で割っています。x0 に掛けたのは √ᾱ なので、√ᾱ で割ります。",
            hint=3,
            wrong=lambda xt, t, eps, abar: (xt - _column(np.sqrt(1 - abar[t])) * eps) / _column(abar[t]),
        ),
        Mistake(
            "ノイズを引かずに、もう一度足しています。足したものは引いて取り除きます。",
            hint=1,
            wrong=lambda xt, t, eps, abar: _unmixed(xt, t, -eps, abar),
        ),
        Mistake(
            "ノイズの係数に √ がありません。引くのは √(1 − ᾱ) ε です。",
            hint=3,
            wrong=lambda xt, t, eps, abar: (xt - _column(1 - abar[t]) * eps) / _column(np.sqrt(abar[t])),
        ),
        Mistake(
            "引いたあと √ᾱ で割っていません。縮んだままなので、割って元の大きさに戻します。",
            hint=1,
            wrong=lambda xt, t, eps, abar: xt - _column(np.sqrt(1 - abar[t])) * eps,
        ),
        Mistake(
            "かっこがありません。割り算が引き算より先に計算されるので、(xt − √(1 − ᾱ) ε) をかっこに入れて割ります。",
            hint=3,
            wrong=lambda xt, t, eps, abar: xt - _column(np.sqrt(1 - abar[t])) * eps / _column(np.sqrt(abar[t])),
        ),
        Mistake(
            "√ᾱ で割る前に引くはずのノイズを、割ったあとで引いています。引き算が先で、全体を √ᾱ で割ります。",
            hint=2,
            wrong=lambda xt, t, eps, abar: xt / _column(np.sqrt(abar[t])) - _column(np.sqrt(1 - abar[t])) * eps,
        ),
        Mistake(
            "ノイズを引かずに、引き伸ばしただけです（本文の「素朴な人」）。√(1 − ᾱ) ε を引いてから割ります。",
            hint=1,
            wrong=lambda xt, t, eps, abar: xt / _column(np.sqrt(abar[t])),
        ),
        Mistake(
            "点ごとの ᾱ が、行ではなく列に掛かっています。a[:, None] で形を (n, 1) にすると、行ごとに掛かります。",
            hint=2,
            wrong=lambda xt, t, eps, abar: (xt - np.sqrt(1 - abar[t]) * eps) / np.sqrt(abar[t]),
        ),
        Mistake(
            "√ᾱ で割らずに掛けています。混ぜたときに √ᾱ を掛けたので、戻すには割ります。",
            hint=1,
            wrong=lambda xt, t, eps, abar: (xt - _column(np.sqrt(1 - abar[t])) * eps) * _column(np.sqrt(abar[t])),
        ),
        Mistake(
            "√ᾱ と √(1 − ᾱ) が入れ替わっています。引くのは √(1 − ᾱ) ε、割るのは √ᾱ です。",
            hint=3,
            wrong=lambda xt, t, eps, abar: _unmixed(xt, t, eps, 1 - abar),
        ),
        Mistake(
            "√(1 − ᾱ) で割っています。x0 に掛けたのは √ᾱ なので、√ᾱ で割ります。",
            hint=3,
            wrong=lambda xt, t, eps, abar: (xt - _column(np.sqrt(1 - abar[t])) * eps) / _column(np.sqrt(1 - abar[t])),
        ),
        Mistake(
            "ノイズの係数が 1 − √ᾱ になっています。正しくは √(1 − ᾱ) で、引き算は √ の中です。",
            hint=3,
            wrong=lambda xt, t, eps, abar: (xt - _column(1 - np.sqrt(abar[t])) * eps) / _column(np.sqrt(abar[t])),
        ),
        Mistake(
            "√ を付けずに ᾱ と 1 − ᾱ を使っています。引くのは √(1 − ᾱ) ε、割るのは √ᾱ です。",
            hint=3,
            wrong=lambda xt, t, eps, abar: (xt - _column(1 - abar[t]) * eps) / _column(abar[t]),
        ),
        Mistake(
            "ノイズに √(1 − ᾱ) を掛けていません。混ぜたときと同じ倍率で引きます。",
            hint=3,
            wrong=lambda xt, t, eps, abar: (xt - eps) / _column(np.sqrt(abar[t])),
        ),
        Mistake(
            "先頭の点の時刻を、すべての点に使っています。時刻は点ごとに違います。",
            hint=2,
            wrong=lambda xt, t, eps, abar: _unmixed(xt, np.full(len(xt), t[0]), eps, abar),
        ),
        Mistake(
            "時刻が 1 つずれています。時刻 t の ᾱ は alpha_bar[t] です（alpha_bar[0] = 1 がデータそのもの）。",
            hint=2,
            wrong=lambda xt, t, eps, abar: _unmixed(xt, t - 1, eps, abar),
        ),
        Mistake(
            "ほんの少し、または ᾱ が小さいところだけずれています。"
            "割る数に下限を付けたり、小さな数を足したり、値を切ったりせずに、√ᾱ で割ってください。",
            hint=3,
            sign=_guarded_division,
        ),
    ),
)

_BETA = np.array([0, 0.36, 0.1, 0.5, 0.2])
_Z = np.array([[1.0, -0.5], [0.25, 2.0], [-1.0, 1.5]])


def _step(xt, t, eps, beta, noise, *, under=None, divide=None, spread=None, always=False):
    """The reverse step; each option replaces one of its pieces, as a mistake does."""
    under = 1 - np.prod(1 - beta[: t + 1]) if under is None else under
    divide = np.sqrt(1 - beta[t]) if divide is None else divide
    spread = np.sqrt(beta[t]) if spread is None else spread
    return (xt - beta[t] / np.sqrt(under) * eps) / divide + (spread * noise if t > 1 or always else 0)


_WITH_ZEROS = np.c_[_X, np.zeros(3)], 3, np.c_[_EPS, np.zeros(3)], _BETA, np.c_[_Z, np.zeros(3)]

DDPM_STEP = Exercise(
    number="6-4",
    title="DDPM の 1 歩",
    function="ddpm_step",
    points=2,
    expects=Array(),
    cases=(
        # Where all inputs are 0, only other noise can make anything else of it.
        case(*_WITH_ZEROS, gives=_step(*_WITH_ZEROS)),
        case(_X, 2, _EPS, _BETA, _Z, gives=_step(_X, 2, _EPS, _BETA, _Z)),
        case(_SQUARE_X, 4, _SQUARE_EPS, _BETA, _Z[:2], gives=_step(_SQUARE_X, 4, _SQUARE_EPS, _BETA, _Z[:2])),
        case(
            np.array([[1.0]]),
            1,
            np.array([[0.5]]),
            np.array([0, 0.36]),
            np.array([[9.0]]),
            gives=np.array([[0.875]]),
            edge="t = 1（最後の 1 歩）",
        ),
    ),
    mistakes=(
        Mistake(
            "最後の 1 歩（t = 1）でもノイズを足しています。t > 1 のときだけ足してください。",
            hint=3,
            wrong=lambda xt, t, eps, beta, noise: _step(xt, t, eps, beta, noise, always=True),
        ),
        Mistake(
            "根号の中が、累積の 1 − ᾱ ではなく、1 歩ぶんの β（= 1 − α）になっています。累積の積 ᾱ を使ってください。",
            hint=1,
            wrong=lambda xt, t, eps, beta, noise: _step(xt, t, eps, beta, noise, under=beta[t]),
        ),
        Mistake(
            "全体を累積の √ᾱ で割っています。戻すのは 1 歩ぶんなので、√α = √(1 − β) で割ります。",
            hint=1,
            wrong=lambda xt, t, eps, beta, noise: _step(
                xt, t, eps, beta, noise, divide=np.sqrt(np.prod(1 - beta[: t + 1]))
            ),
        ),
        Mistake(
            "新しいノイズに √ を付けずに β を掛けています。ばらつき（分散）が β なので、掛けるのは √β です。",
            hint=3,
            wrong=lambda xt, t, eps, beta, noise: _step(xt, t, eps, beta, noise, spread=beta[t]),
        ),
        Mistake(
            "予測したノイズの係数の分母に √ がありません。β / √(1 − ᾱ) です。",
            hint=3,
            wrong=lambda xt, t, eps, beta, noise: _step(
                xt, t, eps, beta, noise, under=(1 - np.prod(1 - beta[: t + 1])) ** 2
            ),
        ),
        Mistake(
            "√α で割っていません。1 歩で √α 倍に縮んだので、割って元に戻します。",
            hint=2,
            wrong=lambda xt, t, eps, beta, noise: _step(xt, t, eps, beta, noise, divide=1.0),
        ),
        Mistake(
            "√ を付けずに α で割っています。1 歩で縮んだのは √α 倍なので、√α で割ります。",
            hint=3,
            wrong=lambda xt, t, eps, beta, noise: _step(xt, t, eps, beta, noise, divide=1 - beta[t]),
        ),
        Mistake(
            "ᾱ の時刻が 1 つずれています。時刻 t までの積、np.cumprod(1 - beta)[t] を使ってください。",
            hint=2,
            wrong=lambda xt, t, eps, beta, noise: _step(xt, t, eps, beta, noise, under=1 - np.prod(1 - beta[:t])),
        ),
        Mistake(
            "新しいノイズを足していません。t > 1 では、平均に √β 倍の noise を足します。",
            hint=2,
            wrong=lambda xt, t, eps, beta, noise: _step(xt, t, eps, beta, noise, spread=0.0),
        ),
        Mistake(
            "noise が使われていません。√β に noise を掛けて足します。",
            hint=3,
            wrong=lambda xt, t, eps, beta, noise: _step(xt, t, eps, beta, 1),
        ),
        Mistake(
            "予測したノイズ eps が使われていません。β / √(1 − ᾱ) に eps を掛けて引きます。",
            hint=3,
            wrong=lambda xt, t, eps, beta, noise: _step(xt, t, 1, beta, noise),
        ),
        Mistake(
            "新しいノイズを引いています。平均に √β 倍の noise を足します。",
            hint=3,
            wrong=lambda xt, t, eps, beta, noise: _step(xt, t, eps, beta, -noise),
        ),
        Mistake(
            "新しいノイズまで √α で割っています。ノイズは、平均を計算し終えてから足します。",
            hint=2,
            wrong=lambda xt, t, eps, beta, noise: _step(
                xt, t, eps, beta, noise, spread=np.sqrt(beta[t] / (1 - beta[t]))
            ),
        ),
        Mistake(
            "σ² に β̃ = β (1 − ᾱ_{t−1}) / (1 − ᾱ_t) を使っています。"
            "それも DDPM の選び方の 1 つですが、ここでは σ² = β です。",
            hint=2,
            wrong=lambda xt, t, eps, beta, noise: _step(
                xt,
                t,
                eps,
                beta,
                noise,
                spread=np.sqrt(beta[t] * (1 - np.prod(1 - beta[:t])) / (1 - np.prod(1 - beta[: t + 1]))),
            ),
        ),
        Mistake(
            "平均の中の β に √ が付いています。予測したノイズの係数は β / √(1 − ᾱ) で、√β は新しいノイズに掛けます。",
            hint=3,
            wrong=lambda xt, t, eps, beta, noise: _step(xt, t, eps * np.sqrt(1 / beta[t]), beta, noise),
        ),
        Mistake(
            "予測したノイズの係数が β のままです。√(1 − ᾱ) で割ってください（ᾱ は β ではなく 1 − β の累積の積です）。",
            hint=3,
            wrong=lambda xt, t, eps, beta, noise: _step(xt, t, eps, beta, noise, under=1),
        ),
        Mistake(
            "予測したノイズを足しています。引いて取り除きます。",
            hint=1,
            wrong=lambda xt, t, eps, beta, noise: _step(xt, t, -eps, beta, noise),
        ),
        Mistake(
            "√α で割らずに掛けています。1 歩で √α 倍に縮んだので、割って元に戻します。",
            hint=2,
            wrong=lambda xt, t, eps, beta, noise: _step(xt, t, eps, beta, noise, divide=1 / np.sqrt(1 - beta[t])),
        ),
        Mistake(
            "かっこがありません。xt も √α で割るように、引き算をかっこに入れます。",
            hint=3,
            wrong=lambda xt, t, eps, beta, noise: _step(xt * np.sqrt(1 - beta[t]), t, eps, beta, noise),
        ),
        Mistake(
            "予測したノイズの係数の分母が √ᾱ です。正しくは √(1 − ᾱ) で、β / √(1 − ᾱ) になります。",
            hint=3,
            wrong=lambda xt, t, eps, beta, noise: _step(xt, t, eps, beta, noise, under=np.prod(1 - beta[: t + 1])),
        ),
        Mistake(
            "新しいノイズに √β を掛けていません。ばらつき（分散）は β です。",
            hint=3,
            wrong=lambda xt, t, eps, beta, noise: _step(xt, t, eps, beta, noise, spread=1.0),
        ),
        Mistake(
            "1 歩ではなく、一度に x0 まで戻しています（演習 6-3）。上の式で、時刻を 1 つだけ戻してください。",
            hint=1,
            wrong=lambda xt, t, eps, beta, noise: (
                (xt - np.sqrt(1 - np.prod(1 - beta[: t + 1])) * eps) / np.sqrt(np.prod(1 - beta[: t + 1]))
            ),
        ),
        Mistake(
            "入力がすべて 0 のところが 0 になっていません。乱数を新しく引かず、渡された noise を使ってください。",
            hint=3,
            sign=lambda args, r: _from_nothing(args[0], args[2], args[4], result=r),
        ),
    ),
)

EXERCISES = (ALPHA_BAR, Q_SAMPLE, PREDICT_X0, DDPM_STEP)

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


Q_SAMPLE = Exercise(
    number="6-2",
    title="好きな時刻へ一度に混ぜる",
    function="q_sample",
    points=2,
    expects=Array(),
    cases=(
        case(
            np.array([[1.0, 2.0]]),
            np.array([1]),
            np.array([[1.0, -1.0]]),
            np.array([1, 0.64]),
            gives=np.array([[1.4, 1.0]]),
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
    ),
)


def _unmixed(xt, t, eps, abar):
    return (xt - _column(np.sqrt(1 - abar[t])) * eps) / _column(np.sqrt(abar[t]))


_TINY = np.array([1.0, 0.5, 1e-6])

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
            "ᾱ が小さいところで、割る数に下限を付けたか、何かを足しています。式のとおり √ᾱ で割ってください。",
            hint=3,
            wrong=lambda xt, t, eps, abar: (
                (xt - _column(np.sqrt(1 - abar[t])) * eps) / _column(np.maximum(np.sqrt(abar[t]), 0.01))
            ),
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


DDPM_STEP = Exercise(
    number="6-4",
    title="DDPM の 1 歩",
    function="ddpm_step",
    points=2,
    expects=Array(),
    cases=(
        case(_X, 3, _EPS, _BETA, _Z, gives=_step(_X, 3, _EPS, _BETA, _Z)),
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
            "新しいノイズまで √α で割っています。ノイズは、平均を計算し終えてから足します。",
            hint=2,
            wrong=lambda xt, t, eps, beta, noise: _step(
                xt, t, eps, beta, noise, spread=np.sqrt(beta[t] / (1 - beta[t]))
            ),
        ),
    ),
)

EXERCISES = (ALPHA_BAR, Q_SAMPLE, PREDICT_X0, DDPM_STEP)

"""Chapter 4: what ``check`` knows about its exercises."""

import numpy as np

from .core import Exercise, Mistake, case
from .expect import Array

_STRAIGHT = np.array([3.0, 4.0])
# 6 / √3 / √12 comes out above 1 by rounding, on every machine: a cosine whose arccos is NaN.
_ROUNDED_UP = np.array([1.0, 1.0, 1.0])


def _angle(a, b):
    return np.arccos(a @ b / (np.linalg.norm(a) * np.linalg.norm(b)))


def _arc(a, b, t, omega):
    return (np.sin((1 - t) * omega) * a + np.sin(t * omega) * b) / np.sin(omega)


def _slerp(a, b, t):
    return _arc(a, b, t, _angle(a, b))


def _parallel(a, b) -> bool:
    return abs(a @ b) / (np.linalg.norm(a) * np.linalg.norm(b)) > 1 - 1e-12


def _lerp(a, b, t):
    return (1 - t) * a + t * b


def _with_angle(angle):
    """A ``slerp`` with a wrong ``angle(a, b)``."""

    def slerp(a, b, t):
        omega = angle(a, b)
        return _lerp(a, b, t) if np.sin(omega) < 1e-6 else _arc(a, b, t, omega)

    return slerp


def _unit(v):
    return v / np.linalg.norm(v)


_E1, _E2 = np.array([2.0, 0.0]), np.array([0.0, 2.0])
_SHORT, _LONG = np.array([0.5, 0.0, 0.0]), np.array([0.75, 0.0, 0.75 * 3**0.5])

SLERP = Exercise(
    number="4-1",
    title="球面線形補間",
    function="slerp",
    points=2,
    expects=Array(),
    cases=(
        case(_E1, _E2, 0.5, gives=np.sqrt([2.0, 2.0])),
        case(_E1, _E2, 0.25, gives=2 * np.array([np.cos(np.pi / 8), np.sin(np.pi / 8)])),
        # At 60°, with lengths ½ and 1.5: whoever forgets one of them, or both, gets another cosine.
        case(_SHORT, _LONG, 0.25, gives=(np.sin(np.pi / 4) * _SHORT + np.sin(np.pi / 12) * _LONG) / np.sin(np.pi / 3)),
        # Close together, so that a @ b is a cosine even where nobody divided by the lengths.
        case(np.array([0.6, 0.8]), np.array([0.8, 0.6]), 0.0, gives=[0.6, 0.8], edge="t = 0"),
        case(np.array([0.0, 3.0, 0.0]), np.array([1.0, 1.0, 0.0]), 1.0, gives=[1, 1, 0], edge="t = 1"),
        case(_STRAIGHT, 2 * _STRAIGHT, 0.25, gives=1.25 * _STRAIGHT, edge="同じ向き"),
        case(_STRAIGHT, -2 * _STRAIGHT, 0.5, gives=-0.5 * _STRAIGHT, edge="正反対の向き"),
        case(_ROUNDED_UP, 2 * _ROUNDED_UP, 0.5, gives=1.5 * _ROUNDED_UP, edge="cos ω が丸め誤差で 1 を超える"),
        case(_ROUNDED_UP, -2 * _ROUNDED_UP, 0.25, gives=0.25 * _ROUNDED_UP, edge="cos ω が丸め誤差で −1 を下回る"),
    ),
    mistakes=(
        Mistake(
            "まっすぐ進んでいます（lerp）。真ん中で長さが縮みます。角 ω を求めて、sin の比を係数にしてください。",
            hint=1,
            wrong=_lerp,
        ),
        Mistake(
            "t の向きが逆です。t = 0 で a、t = 1 で b になるように、a に sin((1 − t)ω)、b に sin(tω) を掛けます。",
            hint=1,
            wrong=lambda a, b, t: _slerp(a, b, 1 - t),
        ),
        Mistake(
            "sin ω で割っていません。割らないと、t = 0 でも a に戻りません。",
            hint=3,
            wrong=lambda a, b, t: _slerp(a, b, t) * np.sin(_angle(a, b)),
        ),
        Mistake(
            "内積を長さで割らずに cos ω としています。a と b の長さは 1 とは限らないので、両方の長さで割ってください。",
            hint=2,
            wrong=_with_angle(lambda a, b: np.arccos(a @ b)),
        ),
        Mistake(
            "内積を長さで割らずに cos ω としています。a と b の長さは 1 とは限らないので、両方の長さで割ってください。",
            hint=2,
            wrong=_with_angle(lambda a, b: np.arccos(np.clip(a @ b, -1, 1))),
        ),
        Mistake(
            "片方の長さでしか割っていません。内積を a と b の両方の長さで割ると cos ω になります。",
            hint=2,
            wrong=_with_angle(lambda a, b: np.arccos(np.clip(a @ b / np.linalg.norm(a), -1, 1))),
        ),
        Mistake(
            "片方の長さでしか割っていません。内積を a と b の両方の長さで割ると cos ω になります。",
            hint=2,
            wrong=_with_angle(lambda a, b: np.arccos(np.clip(a @ b / np.linalg.norm(b), -1, 1))),
        ),
        Mistake(
            "かっこがないので、長さで割ったあとに、もう一方の長さを掛けています。内積は両方の長さで割ってください。",
            hint=2,
            wrong=_with_angle(lambda a, b: np.arccos(np.clip(a @ b / np.linalg.norm(a) * np.linalg.norm(b), -1, 1))),
        ),
        Mistake(
            "cos ω をそのまま角として使っています。np.arccos で角 ω に直してください。",
            hint=2,
            wrong=_with_angle(lambda a, b: _unit(a) @ _unit(b)),
        ),
        Mistake(
            "arccos ではなく arcsin で角を求めています。長さで割った内積は cos ω です。",
            hint=2,
            wrong=_with_angle(lambda a, b: np.arcsin(_unit(a) @ _unit(b))),
        ),
        Mistake(
            "係数が cos になっています。a に sin((1 − t)ω)、b に sin(tω) を掛けます。",
            hint=1,
            wrong=lambda a, b, t: (
                (np.cos((1 - t) * _angle(a, b)) * a + np.cos(t * _angle(a, b)) * b) / np.sin(_angle(a, b))
            ),
        ),
        Mistake(
            "まっすぐ進んでから、長さを 1 にしています。角 ω を求めて、sin の比を係数にしてください。",
            hint=1,
            wrong=lambda a, b, t: _unit(_lerp(a, b, t)),
        ),
        Mistake(
            "まっすぐ進んでから、長さだけを直しています。それでは t に比例して角が進みません。"
            "sin の比を係数にしてください。",
            hint=1,
            wrong=lambda a, b, t: _unit(_lerp(a, b, t)) * _lerp(np.linalg.norm(a), np.linalg.norm(b), t),
        ),
        Mistake(
            "かっこの位置が違います。sin の中に (1 − t) と ω の積を入れてください。",
            hint=3,
            wrong=lambda a, b, t: (
                (np.sin(1 - t) * _angle(a, b) * a + np.sin(t) * _angle(a, b) * b) / np.sin(_angle(a, b))
            ),
        ),
        Mistake(
            "sin ω で割っているのが、2 つ目の項だけです。2 つの項の和を、かっこに入れて割ってください。",
            hint=3,
            wrong=lambda a, b, t: (
                np.sin((1 - t) * _angle(a, b)) * a + np.sin(t * _angle(a, b)) * b / np.sin(_angle(a, b))
            ),
        ),
        Mistake(
            "長さを 1 にそろえたまま返しています。長さで割るのは角を求めるときだけで、足すのはもとの a と b です。",
            hint=2,
            wrong=lambda a, b, t: _slerp(_unit(a), _unit(b), t),
        ),
        Mistake(
            "角を度で求めています。np.sin に渡す角はラジアンです。",
            hint=3,
            wrong=_with_angle(lambda a, b: np.degrees(_angle(a, b))),
        ),
        Mistake(
            "角を度で求めています。np.sin に渡す角はラジアンです。",
            hint=3,
            wrong=lambda a, b, t: _arc(a, b, t, np.degrees(_angle(a, b))),
        ),
        Mistake(
            "丸め誤差で cos ω が 1 をわずかに超え、arccos が NaN になっています。np.clip で −1 〜 1 に収めます。",
            hint=2,
            wrong=_with_angle(_angle),
        ),
        Mistake(
            "正反対の向きで 0 に近い数で割っています。ω = π でも sin ω は 0 です。sin ω の大きさで分けてください。",
            hint=2,
            wrong=lambda a, b, t: _lerp(a, b, t) if _angle(a, b) < 1e-6 else _slerp(a, b, t),
        ),
        Mistake(
            "分母に小さな数を足して、0 / 0 を避けています。平行なときは割り算をやめて、(1 − t) a + t b を返します。",
            hint=3,
            wrong=lambda a, b, t: 0 * a if _parallel(a, b) else _slerp(a, b, t),
        ),
        Mistake(
            "平行なときに a をそのまま返しています。長さは違うことがあるので、(1 − t) a + t b を返します。",
            hint=3,
            wrong=lambda a, b, t: a if _parallel(a, b) else _slerp(a, b, t),
        ),
        Mistake(
            "平行なときの分かれ道がありません。sin ω が 1e-6 より小さいときは、割らずに (1 − t) a + t b を返します。",
            hint=3,
            wrong=_slerp,
        ),
    ),
)


def _moves_without_noise(args, result) -> bool:
    """Whether z differs from the mean where the given noise is 0, by as much as other noise would make it."""
    mean, log_var, eps = args
    own = (np.reshape(result, mean.shape) - mean) / np.exp(log_var / 2)
    return bool((own[eps == 0] != 0).all() and 0 < np.ptp(own) and np.abs(own).max() < 5 and (eps == 0).any())


REPARAMETERIZE = Exercise(
    number="4-2",
    title="再パラメータ化",
    function="reparameterize",
    points=2,
    expects=Array(),
    cases=(
        case(
            np.array([[1.0, 0.0, 5.0]]),
            np.log([[4.0, 9.0, 0.25]]),
            np.array([[0.5, -1.0, 0.0]]),
            gives=[[2.0, -3.0, 5.0]],
        ),
        case(
            np.array([[0.5, -2.0], [0.0, 3.0]]),
            np.log([[16.0, 0.25], [0.04, 2.25]]),
            np.array([[-0.5, 2.0], [1.0, 0.0]]),
            gives=[[-1.5, -1.0], [0.2, 3.0]],
        ),
        case(
            np.array([[1.0, -1.0]]),
            np.array([[1000.0, -2000.0]]),
            np.array([[0.5, 2.0]]),
            gives=[[0.5 * np.exp(500), -1.0]],
            edge="log_var が極端に大きい・小さい",
        ),
        case(np.zeros((0, 3)), np.zeros((0, 3)), np.zeros((0, 3)), gives=np.zeros((0, 3)), edge="n = 0"),
    ),
    mistakes=(
        Mistake(
            "分散 σ² を掛けています。掛けるのは標準偏差 σ = exp(log_var / 2) です。",
            hint=2,
            wrong=lambda mean, log_var, eps: mean + np.exp(log_var) * eps,
        ),
        Mistake(
            "log_var をそのまま σ として使っています。log_var は分散の対数なので、exp で戻してから使います。",
            hint=2,
            wrong=lambda mean, log_var, eps: mean + log_var * eps,
        ),
        Mistake(
            "対数のままの値の平方根を取っています。log_var は負にもなります。exp で戻すのが先です。",
            hint=2,
            wrong=lambda mean, log_var, eps: mean + np.sqrt(log_var) * eps,
        ),
        Mistake(
            "½ の位置が違います。exp(log_var) を半分にするのではなく、exp の中の log_var を半分にします。",
            hint=2,
            wrong=lambda mean, log_var, eps: mean + np.exp(log_var) / 2 * eps,
        ),
        Mistake(
            "σ を掛けていません。z = μ + σ ε です。",
            hint=3,
            wrong=lambda mean, log_var, eps: mean + eps,
        ),
        Mistake(
            "平均にまで σ を掛けています。σ を掛けるのは eps だけです。",
            hint=3,
            wrong=lambda mean, log_var, eps: np.exp(log_var / 2) * (mean + eps),
        ),
        Mistake(
            "平均から引いています。z = μ + σ ε です。",
            hint=3,
            wrong=lambda mean, log_var, eps: mean - np.exp(log_var / 2) * eps,
        ),
        Mistake(
            "log_var を 2 倍しています。σ = exp(log_var / 2) で、半分にします。",
            hint=2,
            wrong=lambda mean, log_var, eps: mean + np.exp(2 * log_var) * eps,
        ),
        Mistake(
            "符号が逆です。σ = exp(log_var / 2) で、割ったり負の指数にしたりはしません。",
            hint=2,
            wrong=lambda mean, log_var, eps: mean + np.exp(-log_var / 2) * eps,
        ),
        Mistake(
            "平均 μ を足していません。z = μ + σ ε です。",
            hint=3,
            wrong=lambda mean, log_var, eps: np.exp(log_var / 2) * eps,
        ),
        Mistake(
            "渡された eps が使われていません。σ をそのまま足すと、くじを引いていないのと同じです。",
            hint=3,
            wrong=lambda mean, log_var, eps: mean + np.exp(log_var / 2),
        ),
        Mistake(
            "exp(log_var) が無限大になってから平方根を取っています。先に半分にして exp(log_var / 2) とすれば表せます。",
            hint=2,
            wrong=lambda mean, log_var, eps: mean + np.sqrt(np.exp(log_var)) * eps,
        ),
        Mistake(
            "eps が 0 のところでも z が μ と違います。乱数を新しく引かず、渡された eps を使ってください。",
            hint=3,
            sign=_moves_without_noise,
        ),
        Mistake(
            "log_var を切り詰めて（clip して）いませんか？"
            "先に半分にして exp(log_var / 2) とすれば、そのまま計算できます。",
            hint=2,
            sign=lambda args, r: np.abs(args[1]).max() > 700 and np.isfinite(r).all(),
        ),
    ),
)


def _kl_terms(mean, log_var):
    return (mean**2 + np.exp(log_var) - 1 - log_var) / 2


def _kl(mean, log_var):
    return _kl_terms(mean, log_var).sum(axis=1)


_MEAN = np.array([[0.0, 0.0, 0.5], [1.0, -2.0, 0.0]])
_LOG_VAR = np.array([[0.0, 1.0, -1.0], [-0.5, 0.0, 2.0]])

GAUSSIAN_KL = Exercise(
    number="4-3",
    title="標準正規分布までの KL",
    function="gaussian_kl",
    points=2,
    expects=Array(),
    cases=(
        case(
            np.array([[0.0, 0.0], [1.0, -2.0]]), np.array([[0.0, 0.0], [0.0, 1.0]]), gives=[0.0, (4 + np.e) / 2 - 0.5]
        ),
        case(_MEAN, _LOG_VAR, gives=[(np.e + 1 / np.e - 1.75) / 2, (np.exp(-0.5) + np.e**2 + 1.5) / 2]),
        case(np.array([[2.0], [0.0]]), np.array([[0.0], [0.0]]), gives=[2.0, 0.0], edge="d = 1"),
        case(np.zeros((0, 2)), np.zeros((0, 2)), gives=np.zeros(0), edge="n = 0"),
        case(np.array([[3.0, 0.0]]), np.array([[0.0, -2000.0]]), gives=[4.5 + 999.5], edge="log_var = −2000"),
    ),
    mistakes=(
        Mistake(
            "½ を掛けていません。式の全体に ½ が付きます。",
            hint=3,
            wrong=lambda m, s: (m**2 + np.exp(s) - 1 - s).sum(axis=1),
        ),
        Mistake(
            "符号が逆です。KL は 0 以上になります。",
            hint=1,
            wrong=lambda m, s: -_kl(m, s),
        ),
        Mistake(
            "潜在変数について平均しています。KL は潜在変数の和です。平均では再構成との釣り合いが変わります。",
            hint=2,
            wrong=lambda m, s: _kl_terms(m, s).mean(axis=1),
        ),
        Mistake(
            "行ではなく列ごとに足しています（axis=0）。1 枚の絵に 1 つの数が残るように、axis=1 に足してください。",
            hint=2,
            wrong=lambda m, s: _kl_terms(m, s).sum(axis=0),
        ),
        Mistake(
            "全部を足して 1 つの数にしています。絵ごとに 1 つ、形 (n,) で返してください。",
            hint=2,
            wrong=lambda m, s: _kl_terms(m, s).sum(),
        ),
        Mistake("足していません。潜在変数の向き（axis=1）に足して、形 (n,) にしてください。", hint=2, wrong=_kl_terms),
        Mistake(
            "log_var を σ² として使っています。log_var は分散の対数なので、σ² は np.exp(log_var) です。",
            hint=2,
            wrong=lambda m, s: (m**2 + s - 1 - np.log(s)).sum(axis=1) / 2,
        ),
        Mistake(
            "½ が一部の項にしか掛かっていません。4 つの項をかっこに入れて、全体を半分にします。",
            hint=3,
            wrong=lambda m, s: (m**2 + np.exp(s) - 1 - s / 2).sum(axis=1),
        ),
        Mistake(
            "½ が一部の項にしか掛かっていません。4 つの項をかっこに入れて、全体を半分にします。",
            hint=3,
            wrong=lambda m, s: (m**2 / 2 + np.exp(s) - 1 - s).sum(axis=1),
        ),
        Mistake(
            "−1 の項がありません。これがないと、q が事前分布と同じでも KL が 0 になりません。",
            hint=1,
            wrong=lambda m, s: (m**2 + np.exp(s) - s).sum(axis=1) / 2,
        ),
        Mistake(
            "−1 を 1 回しか引いていません。潜在変数 1 つにつき 1 ずつ引きます。",
            hint=2,
            wrong=lambda m, s: ((m**2 + np.exp(s) - s).sum(axis=1) - 1) / 2,
        ),
        Mistake(
            "log σ² の符号が逆です。log_var は引きます。",
            hint=1,
            wrong=lambda m, s: (m**2 + np.exp(s) - 1 + s).sum(axis=1) / 2,
        ),
        Mistake(
            "σ² のところが σ になっています。σ² は np.exp(log_var) で、半分にはしません。",
            hint=2,
            wrong=lambda m, s: (m**2 + np.exp(s / 2) - 1 - s).sum(axis=1) / 2,
        ),
        Mistake(
            "σ² のところが log_var のままです。σ² は np.exp(log_var) です。",
            hint=2,
            wrong=lambda m, s: (m**2 + s - 1 - s).sum(axis=1) / 2,
        ),
        Mistake(
            "mean と log_var を取り違えています。2 乗するのは mean、np.exp に入れるのは log_var です。",
            hint=2,
            wrong=lambda m, s: _kl(s, m),
        ),
        Mistake(
            "μ² の項がありません。平均が 0 から離れるほど、KL は大きくなります。",
            hint=1,
            wrong=lambda m, s: (np.exp(s) - 1 - s).sum(axis=1) / 2,
        ),
        Mistake(
            "−log σ² の項がありません。この項がないと、σ を 0 にするのがいちばん得になってしまいます。",
            hint=1,
            wrong=lambda m, s: (m**2 + np.exp(s) - 1).sum(axis=1) / 2,
        ),
        Mistake(
            "log_var を log σ と取り違えて、σ² = exp(2 log_var) としています。log_var は log σ² です。",
            hint=2,
            wrong=lambda m, s: (m**2 + np.exp(2 * s) - 1 - 2 * s).sum(axis=1) / 2,
        ),
        Mistake(
            "平均を 2 乗していません。0 からの離れ方は μ² で効きます。",
            hint=1,
            wrong=lambda m, s: (m + np.exp(s) - 1 - s).sum(axis=1) / 2,
        ),
        Mistake(
            "数を 1 つしか返していません。絵ごとに 1 つ、形 (n,) で返してください。",
            hint=2,
            sign=lambda args, r: np.ndim(r) == 0 and np.isfinite(r),
        ),
        Mistake(
            "exp(log_var) が 0 に丸められてから対数を取っています。log σ² は log_var そのものです。",
            hint=2,
            wrong=lambda m, s: (m**2 + np.exp(s) - 1 - np.log(np.exp(s))).sum(axis=1) / 2,
        ),
        Mistake(
            "形が (n, 1) になっています。keepdims を使わずに足して、形 (n,) にしてください。",
            hint=2,
            sign=lambda args, r: np.shape(r) == (len(args[0]), 1),
        ),
        Mistake(
            "対数の中に小さな数を足したり、途中で丸めたりしていませんか？log σ² は log_var そのものです。",
            hint=2,
            sign=lambda args, r: (
                np.shape(r) == (len(args[0]),) and (args[1].min() < -1000 or np.allclose(r, _kl(*args), atol=5e-3))
            ),
        ),
    ),
)


def _pixels(x, p):
    return np.log(np.where(x == 1, p, 1 - p))


_X = np.array([[1, 0, 0], [1, 1, 0]])
_P = np.array([[0.5, 0.25, 0.2], [0.8, 0.9, 0.5]])


def _smoothed_logs(args, result) -> bool:
    """Whether the bound is finite and nearly right, or wrong only because a probability is close to 0."""
    x, p, mean, log_var = args
    want = _pixels(x, p).sum(axis=1) - _kl(mean, log_var)
    nearly = np.shape(result) == want.shape and np.allclose(result, want, atol=0.02)
    return bool(nearly or (p.min() < 1e-9 and np.isfinite(result).all()))


ELBO = Exercise(
    number="4-4",
    title="ELBO を組み立てる",
    function="elbo",
    points=2,
    expects=Array(),
    cases=(
        case(
            np.array([[1, 0]]),
            np.array([[0.5, 0.25]]),
            np.array([[1.0]]),
            np.array([[0.0]]),
            gives=[np.log(0.375) - 0.5],
        ),
        case(
            _X,
            _P,
            np.array([[1.0, 0.0], [-2.0, 0.5]]),
            np.array([[0.0, -1.0], [1.0, 0.0]]),
            gives=[np.log(0.3) - (1 + 1 / np.e) / 2, np.log(0.36) - (2.25 + np.e) / 2],
        ),
        case(_X, _P, np.zeros((2, 4)), np.zeros((2, 4)), gives=np.log([0.3, 0.36]), edge="q が事前分布と同じ"),
        case(
            np.array([[0, 1, 1]]),
            np.array([[1e-12, 1e-12, 0.5]]),
            np.array([[1.0]]),
            np.array([[0.0]]),
            gives=[np.log(1 - 1e-12) + np.log(1e-12) + np.log(0.5) - 0.5],
            edge="確率が 0 や 1 にとても近い",
        ),
    ),
    mistakes=(
        Mistake(
            "KL を足しています。ELBO は「再構成 − KL」です。つまみを使った分は値段として引きます。",
            hint=1,
            wrong=lambda x, p, m, s: _pixels(x, p).sum(axis=1) + _kl(m, s),
        ),
        Mistake(
            "ELBO の符号を反転しています（学習で小さくする損失 −ELBO になっています）。符号を戻してください。",
            hint=1,
            wrong=lambda x, p, m, s: _kl(m, s) - _pixels(x, p).sum(axis=1),
        ),
        Mistake(
            "再構成だけを画素で平均しています。KL は和なのに再構成が平均だと、KL が画素の数だけ重くなります。",
            hint=1,
            wrong=lambda x, p, m, s: _pixels(x, p).mean(axis=1) - _kl(m, s),
        ),
        Mistake(
            "KL だけを潜在変数で平均しています。どちらも和にしてください。",
            hint=1,
            wrong=lambda x, p, m, s: _pixels(x, p).sum(axis=1) - _kl_terms(m, s).mean(axis=1),
        ),
        Mistake(
            "再構成も KL も平均にしています。画素の数と潜在変数の数は違うので、釣り合いが変わります。どちらも和です。",
            hint=1,
            wrong=lambda x, p, m, s: _pixels(x, p).mean(axis=1) - _kl_terms(m, s).mean(axis=1),
        ),
        Mistake(
            "KL を引いていません。再構成だけでは下界になりません。",
            hint=1,
            wrong=lambda x, p, m, s: _pixels(x, p).sum(axis=1),
        ),
        Mistake(
            "黒い画素しか数えていません。白い画素には (1 − x) log(1 − p) が要ります。",
            hint=2,
            wrong=lambda x, p, m, s: (x * np.log(p)).sum(axis=1) - _kl(m, s),
        ),
        Mistake(
            "黒と白が逆です。x = 1 の画素に log p、x = 0 の画素に log(1 − p) を使います。",
            hint=2,
            wrong=lambda x, p, m, s: _pixels(1 - x, p).sum(axis=1) - _kl(m, s),
        ),
        Mistake(
            "2 乗誤差で再構成を測っています。白黒の絵を塗る確率の対数を使ってください。",
            hint=2,
            wrong=lambda x, p, m, s: -((x - p) ** 2).sum(axis=1) - _kl(m, s),
        ),
        Mistake(
            "絵について平均して 1 つの数にしています。絵ごとに 1 つ、形 (n,) で返してください。",
            hint=2,
            wrong=lambda x, p, m, s: (_pixels(x, p).sum(axis=1) - _kl(m, s)).mean(),
        ),
        Mistake(
            "KL の ½ がありません。演習 4-3 の式を見直してください。",
            hint=3,
            wrong=lambda x, p, m, s: _pixels(x, p).sum(axis=1) - 2 * _kl(m, s),
        ),
        Mistake(
            "画素ごとの値のまま返しています。画素の向き（axis=1）に足して、絵ごとに 1 つの数にしてください。",
            hint=2,
            sign=lambda args, r: np.shape(r) == np.shape(args[0]),
        ),
        Mistake(
            "再構成を、全部の絵について足しています。絵ごとに、画素の向き（axis=1）に足してください。",
            hint=2,
            wrong=lambda x, p, m, s: _pixels(x, p).sum() - _kl(m, s),
        ),
        Mistake(
            "全体が、底が 2 の対数の単位（ビット）になっています。自然対数 np.log を使います。",
            hint=2,
            wrong=lambda x, p, m, s: (_pixels(x, p).sum(axis=1) - _kl(m, s)) / np.log(2),
        ),
        Mistake(
            "KL の −1 の項がありません。演習 4-3 の式を見直してください。",
            hint=3,
            wrong=lambda x, p, m, s: _pixels(x, p).sum(axis=1) - (m**2 + np.exp(s) - s).sum(axis=1) / 2,
        ),
        Mistake(
            "対数の中に小さな数を足したり、確率を切ったり（clip）、途中で丸めたりしていませんか？"
            "decoded は 0 と 1 の間なので、そのまま対数を取れます。",
            hint=2,
            sign=_smoothed_logs,
        ),
        Mistake(
            "再構成で 1 − log p を使っています。白い画素の項は (1 − x) log(1 − p) です。",
            hint=2,
            wrong=lambda x, p, m, s: (x * np.log(p) + (1 - x) * (1 - np.log(p))).sum(axis=1) - _kl(m, s),
        ),
        Mistake(
            "白い画素の項を引いています。再構成では、黒い画素の項も白い画素の項も足します。",
            hint=2,
            wrong=lambda x, p, m, s: (x * np.log(p) - (1 - x) * np.log(1 - p)).sum(axis=1) - _kl(m, s),
        ),
        Mistake(
            "再構成の底が 2 の対数になっています。ナットで答えるには自然対数 np.log を使います。",
            hint=2,
            wrong=lambda x, p, m, s: _pixels(x, p).sum(axis=1) / np.log(2) - _kl(m, s),
        ),
        Mistake(
            "対数を取らずに確率を足しています。再構成は、確率の対数の和です。",
            hint=2,
            wrong=lambda x, p, m, s: np.where(x == 1, p, 1 - p).sum(axis=1) - _kl(m, s),
        ),
        Mistake(
            "KL で mean と log_var を取り違えています。2 乗するのは mean、np.exp に入れるのは log_var です。",
            hint=3,
            wrong=lambda x, p, m, s: _pixels(x, p).sum(axis=1) - _kl(s, m),
        ),
        Mistake(
            "数を 1 つしか返していません。絵ごとに 1 つ、形 (n,) で返してください。",
            hint=2,
            sign=lambda args, r: np.ndim(r) == 0 and np.isfinite(r),
        ),
    ),
)

EXERCISES = (SLERP, REPARAMETERIZE, GAUSSIAN_KL, ELBO)

"""Answers to the exercises of chapter 4."""

import math

import numpy as np

from . import right, wrong

# 4-1 slerp


@right("4-1")
def formula(a, b, t):
    cos = np.dot(a, b) / (np.linalg.norm(a) * np.linalg.norm(b))
    omega = np.arccos(np.clip(cos, -1.0, 1.0))
    sine = np.sin(omega)
    if sine < 1e-6:
        return a * (1 - t) + b * t
    return a * np.sin((1 - t) * omega) / sine + b * np.sin(t * omega) / sine


@right("4-1")
def in_plain_python(a, b, t):
    a, b = a.tolist(), b.tolist()
    dot = math.fsum(p * q for p, q in zip(a, b, strict=True))
    omega = math.acos(max(-1.0, min(1.0, dot / math.hypot(*a) / math.hypot(*b))))
    weights = (1 - t, t)
    if math.sin(omega) >= 1e-6:
        weights = tuple(math.sin(w * omega) / math.sin(omega) for w in weights)
    return [weights[0] * p + weights[1] * q for p, q in zip(a, b, strict=True)]


@right("4-1")
def half_angles(a, b, t):
    """Kahan's angle between unit vectors: it needs no clipping."""
    u, v = a / np.linalg.norm(a), b / np.linalg.norm(b)
    omega = 2 * np.arctan2(np.linalg.norm(u - v), np.linalg.norm(u + v))
    if np.sin(omega) < 1e-6:
        return np.average([a, b], axis=0, weights=[1 - t, t])
    return np.sin([(1 - t) * omega, t * omega]) @ np.stack([a, b]) / np.sin(omega)


@wrong("4-1", says="まっすぐ進んで")
def straight(a, b, t):
    return (1 - t) * a + t * b


@wrong("4-1", says="t の向きが逆")
def reversed_time(a, b, t):
    return formula(b, a, t)


@wrong("4-1", says="sin ω で割っていません")
def not_divided(a, b, t):
    omega = np.arccos(np.clip(a @ b / np.linalg.norm(a) / np.linalg.norm(b), -1, 1))
    if np.sin(omega) < 1e-6:
        return (1 - t) * a + t * b
    return np.sin((1 - t) * omega) * a + np.sin(t * omega) * b


@wrong("4-1", says="内積を長さで割らず")
def lengths_forgotten(a, b, t):
    omega = np.arccos(a @ b)
    return (np.sin((1 - t) * omega) * a + np.sin(t * omega) * b) / np.sin(omega)


@wrong("4-1", says="長さを 1 にそろえたまま")
def on_the_unit_sphere(a, b, t):
    return formula(a / np.linalg.norm(a), b / np.linalg.norm(b), t)


@wrong("4-1", says="度で求めています")
def degrees(a, b, t):
    omega = np.degrees(np.arccos(np.clip(a @ b / np.linalg.norm(a) / np.linalg.norm(b), -1, 1)))
    return (np.sin((1 - t) * omega) * a + np.sin(t * omega) * b) / np.sin(omega)


@wrong("4-1", says="分かれ道がありません", points=1)
def no_fallback(a, b, t):
    omega = np.arccos(np.clip(a @ b / np.linalg.norm(a) / np.linalg.norm(b), -1, 1))
    return (np.sin((1 - t) * omega) * a + np.sin(t * omega) * b) / np.sin(omega)


@wrong("4-1", says="正反対の向き", points=1)
def falls_back_only_at_angle_zero(a, b, t):
    omega = np.arccos(np.clip(a @ b / np.linalg.norm(a) / np.linalg.norm(b), -1, 1))
    if omega < 1e-6:
        return (1 - t) * a + t * b
    return (np.sin((1 - t) * omega) * a + np.sin(t * omega) * b) / np.sin(omega)


@wrong("4-1", says="np.clip", points=1)
def no_clipping(a, b, t):
    omega = np.arccos(a @ b / np.linalg.norm(a) / np.linalg.norm(b))
    if np.sin(omega) < 1e-6:
        return (1 - t) * a + t * b
    return (np.sin((1 - t) * omega) * a + np.sin(t * omega) * b) / np.sin(omega)


# 4-2 reparameterize


@right("4-2")
def in_place(mean, log_var, eps):
    z = eps.copy()
    z *= np.exp(0.5 * log_var)
    z += mean
    return z


@right("4-2")
def loop(mean, log_var, eps):
    z = np.zeros(np.shape(mean))
    for i in range(z.shape[0]):
        for j in range(z.shape[1]):
            z[i, j] = mean[i, j] + math.exp(log_var[i, j] / 2) * eps[i, j]
    return z


@right("4-2")
def powers_of_e(mean, log_var, eps):
    return np.add(mean, np.multiply(np.e ** (log_var / 2), eps))


@wrong("4-2", says="分散 σ² を掛けて")
def variance(mean, log_var, eps):
    return mean + np.exp(log_var) * eps


@wrong("4-2", says="log_var をそのまま")
def log_variance(mean, log_var, eps):
    return mean + log_var * eps


@wrong("4-2", says="対数のままの値の平方根")
def root_of_the_logarithm(mean, log_var, eps):
    return mean + np.sqrt(log_var) * eps


@wrong("4-2", says="符号が逆")
def precision(mean, log_var, eps):
    return mean + eps / np.exp(log_var / 2)


@wrong("4-2", says="平均 μ を足していません")
def no_mean(mean, log_var, eps):
    return np.exp(log_var / 2) * eps


@wrong("4-2", says="eps が使われていません")
def no_noise(mean, log_var, eps):
    return mean + np.exp(log_var / 2)


@wrong("4-2", says="乱数を新しく引かず")
def own_noise(mean, log_var, eps):
    return mean + np.exp(log_var / 2) * np.random.default_rng(0).standard_normal(mean.shape)


@wrong("4-2", says="先に半分にして", points=1)
def overflows(mean, log_var, eps):
    return mean + np.sqrt(np.exp(log_var)) * eps


# 4-3 gaussian_kl


@right("4-3")
def with_sigma(mean, log_var):
    sigma = np.exp(log_var / 2)
    return 0.5 * np.sum(mean**2 + sigma**2 - 1, axis=1) - 0.5 * np.sum(log_var, axis=1)


@right("4-3")
def row_by_row(mean, log_var):
    return [0.5 * sum(m * m + math.exp(s) - 1 - s for m, s in zip(*row, strict=True)) for row in zip(mean, log_var)]  # noqa: B905


@right("4-3")
def einsum(mean, log_var):
    return (np.einsum("nd,nd->n", mean, mean) + np.expm1(log_var).sum(-1) - log_var.sum(-1)) / 2


@wrong("4-3", says="½ を掛けていません")
def without_half(mean, log_var):
    return (mean**2 + np.exp(log_var) - 1 - log_var).sum(axis=1)


@wrong("4-3", says="符号が逆")
def negative(mean, log_var):
    return (1 + log_var - mean**2 - np.exp(log_var)).sum(axis=1) / 2


@wrong("4-3", says="潜在変数について平均")
def averaged(mean, log_var):
    return (mean**2 + np.exp(log_var) - 1 - log_var).mean(axis=1) / 2


@wrong("4-3", says="列ごとに")
def per_column(mean, log_var):
    return (mean**2 + np.exp(log_var) - 1 - log_var).sum(axis=0) / 2


@wrong("4-3", says="1 つの数にして")
def one_number(mean, log_var):
    return (mean**2 + np.exp(log_var) - 1 - log_var).sum() / 2


@wrong("4-3", says="足していません")
def elementwise(mean, log_var):
    return (mean**2 + np.exp(log_var) - 1 - log_var) / 2


@wrong("4-3", says="log_var を σ² として")
def log_variance_for_variance(mean, log_var):
    return (mean**2 + log_var - 1 - np.log(log_var)).sum(axis=1) / 2


@wrong("4-3", says="−log σ² の項がありません")
def no_logarithm(mean, log_var):
    return (mean**2 + np.exp(log_var) - 1).sum(axis=1) / 2


@wrong("4-3", says="log σ と取り違えて")
def log_sigma(mean, log_var):
    sigma = np.exp(log_var)
    return (mean**2 + sigma**2 - 1 - 2 * log_var).sum(axis=1) / 2


@wrong("4-3", says="平均を 2 乗していません")
def mean_not_squared(mean, log_var):
    return (mean + np.exp(log_var) - 1 - log_var).sum(axis=1) / 2


@wrong("4-3", says="0 に丸められてから", points=1)
def logarithm_of_the_exponential(mean, log_var):
    var = np.exp(log_var)
    return (mean**2 + var - 1 - np.log(var)).sum(axis=1) / 2


# 4-4 elbo


def _kl(mean, log_var):
    return (mean**2 + np.exp(log_var) - 1 - log_var).sum(axis=1) / 2


@right("4-4")
def two_terms(x, decoded, mean, log_var):
    likelihood = x * np.log(decoded) + (1 - x) * np.log(1 - decoded)
    return likelihood.sum(axis=1) - _kl(mean, log_var)


@right("4-4")
def picture_by_picture(x, decoded, mean, log_var):
    bounds = []
    for i in range(len(x)):
        total = 0.0
        for pixel, p in zip(x[i], decoded[i], strict=True):
            total += math.log(p if pixel else 1 - p)
        for m, s in zip(mean[i], log_var[i], strict=True):
            total -= (m**2 + math.exp(s) - 1 - s) / 2
        bounds.append(total)
    return tuple(bounds)


@right("4-4")
def log1p_and_rows(x, decoded, mean, log_var):
    print("KL", _kl(mean, log_var))  # a print costs nothing
    black = x.astype(bool)
    terms = np.empty(x.shape)
    terms[black], terms[~black] = np.log(decoded[black]), np.log1p(-decoded[~black])
    return np.add.reduce(terms, axis=1) - _kl(mean, log_var)


@wrong("4-4", says="KL を足しています")
def adds_the_kl(x, decoded, mean, log_var):
    return two_terms(x, decoded, mean, log_var) + 2 * _kl(mean, log_var)


@wrong("4-4", says="符号を反転")
def the_loss(x, decoded, mean, log_var):
    return -two_terms(x, decoded, mean, log_var)


@wrong("4-4", says="再構成だけを画素で平均")
def pixels_averaged(x, decoded, mean, log_var):
    return (x * np.log(decoded) + (1 - x) * np.log(1 - decoded)).mean(axis=1) - _kl(mean, log_var)


@wrong("4-4", says="KL だけを潜在変数で平均")
def kl_averaged(x, decoded, mean, log_var):
    return two_terms(x, decoded, mean, log_var) + _kl(mean, log_var) * (1 - 1 / mean.shape[1])


@wrong("4-4", says="再構成も KL も平均")
def both_averaged(x, decoded, mean, log_var):
    reconstruction = np.log(np.where(x, decoded, 1 - decoded)).mean(axis=1)
    return reconstruction - (mean**2 + np.exp(log_var) - 1 - log_var).mean(axis=1) / 2


@wrong("4-4", says="KL を引いていません")
def no_kl(x, decoded, mean, log_var):
    return np.log(np.where(x, decoded, 1 - decoded)).sum(axis=1)


@wrong("4-4", says="黒い画素しか")
def only_black(x, decoded, mean, log_var):
    return (x * np.log(decoded)).sum(axis=1) - _kl(mean, log_var)


@wrong("4-4", says="黒と白が逆")
def colours_swapped(x, decoded, mean, log_var):
    return two_terms(1 - x, decoded, mean, log_var)


@wrong("4-4", says="2 乗誤差")
def squared_error(x, decoded, mean, log_var):
    return -((x - decoded) ** 2).sum(axis=1) - _kl(mean, log_var)


@wrong("4-4", says="絵について平均")
def mean_over_pictures(x, decoded, mean, log_var):
    return two_terms(x, decoded, mean, log_var).mean()


@wrong("4-4", says="KL の ½")
def kl_without_half(x, decoded, mean, log_var):
    return two_terms(x, decoded, mean, log_var) - _kl(mean, log_var)


@wrong("4-4", says="小さな数を足したり", points=1)
def small_number_added(x, decoded, mean, log_var):
    tiny = 1e-8
    likelihood = x * np.log(decoded + tiny) + (1 - x) * np.log(1 - decoded + tiny)
    return likelihood.sum(axis=1) - _kl(mean, log_var)


@wrong("4-4", says="確率を切ったり", points=1)
def clipped(x, decoded, mean, log_var):
    return two_terms(x, np.clip(decoded, 1e-7, 1 - 1e-7), mean, log_var)


# One slip each: what beginners wrote, in the order of the exercises.


def angle(a, b):
    return np.arccos(np.clip(a @ b / np.linalg.norm(a) / np.linalg.norm(b), -1, 1))


def on_the_arc(a, b, t, omega):
    if np.sin(omega) < 1e-6:
        return (1 - t) * a + t * b
    return (np.sin((1 - t) * omega) * a + np.sin(t * omega) * b) / np.sin(omega)


def happened(x, decoded):
    return np.where(x == 1, decoded, 1 - decoded)


@wrong("4-1", says="片方の長さでしか割っていません")
def length_of_a_only(a, b, t):
    return on_the_arc(a, b, t, np.arccos(np.clip(a @ b / np.linalg.norm(a), -1, 1)))


@wrong("4-1", says="かっこがないので、長さで割ったあとに、もう一方の長さ")
def no_brackets_round_lengths(a, b, t):
    return on_the_arc(a, b, t, np.arccos(np.clip(a @ b / np.linalg.norm(a) * np.linalg.norm(b), -1, 1)))


@wrong("4-1", says="cos ω をそのまま角として使っています")
def cosine_for_angle(a, b, t):
    return on_the_arc(a, b, t, a @ b / (np.linalg.norm(a) * np.linalg.norm(b)))


@wrong("4-1", says="arccos ではなく arcsin で角を求めてい")
def arcsin(a, b, t):
    return on_the_arc(a, b, t, np.arcsin(a @ b / (np.linalg.norm(a) * np.linalg.norm(b))))


@wrong("4-1", says="平行なときに a をそのまま返しています", points=1)
def stays_at_a(a, b, t):
    w = angle(a, b)
    if np.sin(w) < 1e-06:
        return a
    return (np.sin((1 - t) * w) * a + np.sin(t * w) * b) / np.sin(w)


@wrong("4-1", says="係数が cos になっています")
def cosines(a, b, t):
    w = angle(a, b)
    if np.sin(w) < 1e-06:
        return (1 - t) * a + t * b
    return (np.cos((1 - t) * w) * a + np.cos(t * w) * b) / np.sin(w)


@wrong("4-1", says="まっすぐ進んでから、長さを 1 にしています")
def straight_then_unit(a, b, t):
    v = (1 - t) * a + t * b
    return v / np.linalg.norm(v)


@wrong("4-1", says="まっすぐ進んでから、長さだけを直しています")
def straight_then_length(a, b, t):
    v = (1 - t) * a + t * b
    return v / np.linalg.norm(v) * ((1 - t) * np.linalg.norm(a) + t * np.linalg.norm(b))


@wrong("4-1", says="かっこの位置が違います")
def sine_of_t_only(a, b, t):
    w = angle(a, b)
    if np.sin(w) < 1e-06:
        return (1 - t) * a + t * b
    return (np.sin(1 - t) * w * a + np.sin(t) * w * b) / np.sin(w)


@wrong("4-1", says="sin ω で割っているのが、2 つ目の項だけです")
def second_term_divided(a, b, t):
    w = angle(a, b)
    if np.sin(w) < 1e-06:
        return (1 - t) * a + t * b
    return np.sin((1 - t) * w) * a + np.sin(t * w) * b / np.sin(w)


@wrong("4-1", says="分母に小さな数を足して、0 / 0 を避けています", points=1)
def small_number_below(a, b, t):
    w = angle(a, b)
    return (np.sin((1 - t) * w) * a + np.sin(t * w) * b) / (np.sin(w) + 1e-08)


@wrong("4-2", says="½ の位置が違います")
def half_outside(mean, log_var, eps):
    return mean + np.exp(log_var) / 2 * eps


@wrong("4-2", says="σ を掛けていません")
def no_sigma(mean, log_var, eps):
    return mean + eps


@wrong("4-2", says="平均にまで σ を掛けています")
def mean_scaled_too(mean, log_var, eps):
    return (mean + eps) * np.exp(log_var / 2)


@wrong("4-2", says="平均から引いています")
def noise_taken_away(mean, log_var, eps):
    return mean - np.exp(log_var / 2) * eps


@wrong("4-2", says="log_var を 2 倍しています")
def log_variance_doubled(mean, log_var, eps):
    return mean + np.exp(2 * log_var) * eps


@wrong("4-2", says="log_var を切り詰めて（clip して）いませ", points=1)
def log_variance_clipped(mean, log_var, eps):
    return mean + np.exp(np.clip(log_var, -20, 20) / 2) * eps


@wrong("4-3", says="−1 の項がありません")
def no_minus_one(mean, log_var):
    return 0.5 * (mean**2 + np.exp(log_var) - log_var).sum(axis=1)


@wrong("4-3", says="−1 を 1 回しか引いていません")
def minus_one_once(mean, log_var):
    return 0.5 * ((mean**2 + np.exp(log_var) - log_var).sum(axis=1) - 1)


@wrong("4-3", says="log σ² の符号が逆です")
def logsign(mean, log_var):
    return 0.5 * (mean**2 + np.exp(log_var) - 1 + log_var).sum(axis=1)


@wrong("4-3", says="σ² のところが σ になっています")
def sigma(mean, log_var):
    return 0.5 * (mean**2 + np.exp(log_var / 2) - 1 - log_var).sum(axis=1)


@wrong("4-3", says="mean と log_var を取り違えています")
def arguments_swapped(mean, log_var):
    return 0.5 * (log_var**2 + np.exp(mean) - 1 - mean).sum(axis=1)


@wrong("4-3", says="½ が一部の項にしか掛かっていません")
def partial(mean, log_var):
    return (mean**2 + np.exp(log_var) - 1 - log_var / 2).sum(axis=1)


@wrong("4-3", says="数を 1 つしか返していません")
def batchmean(mean, log_var):
    return (0.5 * (mean**2 + np.exp(log_var) - 1 - log_var)).sum(axis=1).mean()


@wrong("4-3", says="形が (n, 1) になっています")
def kept_dimension(mean, log_var):
    return 0.5 * (mean**2 + np.exp(log_var) - 1 - log_var).sum(axis=1, keepdims=True)


@wrong("4-3", says="μ² の項がありません")
def nomean(mean, log_var):
    return 0.5 * (np.exp(log_var) - 1 - log_var).sum(axis=1)


@wrong("4-3", says="σ² のところが log_var のままです")
def log_variance_plain(mean, log_var):
    return 0.5 * (mean**2 + log_var - 1 - log_var).sum(axis=1)


@wrong("4-3", says="対数の中に小さな数を足したり")
def logexp_clip(mean, log_var):
    return 0.5 * (mean**2 + np.exp(log_var) - 1 - np.log(np.exp(log_var) + 1e-08)).sum(axis=1)


@wrong("4-4", says="再構成で 1 − log p を使っています")
def one_minus_log(x, decoded, mean, log_var):
    return (x * np.log(decoded) + (1 - x) * (1 - np.log(decoded))).sum(axis=1) - _kl(mean, log_var)


@wrong("4-4", says="白い画素の項を引いています")
def white_taken_away(x, decoded, mean, log_var):
    return (x * np.log(decoded) - (1 - x) * np.log(1 - decoded)).sum(axis=1) - _kl(mean, log_var)


@wrong("4-4", says="再構成の底が 2 の対数になっています")
def reconstruction_in_bits(x, decoded, mean, log_var):
    return np.log2(happened(x, decoded)).sum(axis=1) - _kl(mean, log_var)


@wrong("4-4", says="全体が、底が 2 の対数の単位（ビット）になっていま")
def all_in_bits(x, decoded, mean, log_var):
    return (np.log(happened(x, decoded)).sum(axis=1) - _kl(mean, log_var)) / np.log(2)


@wrong("4-4", says="対数を取らずに確率を足しています")
def probabilities_added(x, decoded, mean, log_var):
    return happened(x, decoded).sum(axis=1) - _kl(mean, log_var)


@wrong("4-4", says="KL で mean と log_var を取り違えて")
def kl_swapped(x, decoded, mean, log_var):
    return np.log(happened(x, decoded)).sum(axis=1) - _kl(log_var, mean)


@wrong("4-4", says="数を 1 つしか返していません")
def one_sum(x, decoded, mean, log_var):
    return (np.log(happened(x, decoded)).sum(axis=1) - _kl(mean, log_var)).sum()


@wrong("4-4", says="再構成を、全部の絵について足しています")
def reconstruction_of_all(x, decoded, mean, log_var):
    return np.log(happened(x, decoded)).sum() - _kl(mean, log_var)


@wrong("4-4", says="画素ごとの値のまま返しています")
def pixel_by_pixel(x, decoded, mean, log_var):
    return np.log(happened(x, decoded)) - _kl(mean, log_var)[:, None]


@wrong("4-4", says="KL の −1 の項がありません")
def kl_without_minus_one(x, decoded, mean, log_var):
    return np.log(happened(x, decoded)).sum(axis=1) - 0.5 * (mean**2 + np.exp(log_var) - log_var).sum(axis=1)

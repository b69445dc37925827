"""Answers to the exercises of chapter 6."""

import itertools
import math

import numpy as np

from . import right, wrong

# 6-1 alpha_bar


@right("6-1")
def one_factor_after_the_other(beta):
    kept, out = 1.0, []
    for b in beta:
        kept *= 1 - b
        out.append(kept)
    return out


@right("6-1")
def through_logarithms(beta):
    return np.exp(np.cumsum(np.log1p(-beta)))  # log 0 warns, and costs nothing


@right("6-1")
def accumulate(beta):
    return tuple(itertools.accumulate((1 - b for b in beta.tolist()), lambda a, b: a * b))


@right("6-1")
def filled_backwards(beta):
    out = np.ones_like(beta, dtype=np.float64)
    for t in range(len(beta) - 1, -1, -1):
        out[t] = np.prod(1.0 - beta[: t + 1])
    return out


@wrong("6-1", says="β そのものを掛け合わせています")
def product_of_beta(beta):
    return np.cumprod(beta)


@wrong("6-1", says="足し算で累積")
def cumulative_sum(beta):
    return np.cumsum(1 - beta)


@wrong("6-1", says="β の和を引いています")
def one_minus_sum(beta):
    return 1 - np.cumsum(beta)


@wrong("6-1", says="時刻が 1 つずれています")
def off_by_one(beta):
    out = np.ones(len(beta))
    for t in range(1, len(beta)):
        out[t] = out[t - 1] * (1 - beta[t - 1])
    return out


@wrong("6-1", says="長さが 1 つ多く")
def one_in_front(beta):
    return np.append(1.0, np.cumprod(1 - beta))


@wrong("6-1", says="1 歩ぶんの α")
def not_cumulated(beta):
    return 1 - beta


@wrong("6-1", says="最後の時刻の値だけ")
def last_value(beta):
    return np.prod(1 - beta)


@wrong("6-1", says="平方根を取っています")
def square_root(beta):
    return np.cumprod(np.sqrt(1 - beta))


@wrong("6-1", says="NaN", points=1)
def ratio_of_neighbours(beta):
    abar = np.exp(np.cumsum(np.log(1 - beta)))
    return abar / abar[-1] * abar[-1]


# 6-2 q_sample


@right("6-2")
def row_after_row(x0, t, eps, alpha_bar):
    out = []
    for x, k, e in zip(x0, t, eps, strict=True):
        out.append(math.sqrt(alpha_bar[k]) * x + math.sqrt(1 - alpha_bar[k]) * e)
    return out


@right("6-2")
def transposed(x0, t, eps, alpha_bar):
    return (alpha_bar[t] ** 0.5 * x0.T + (1 - alpha_bar[t]) ** 0.5 * eps.T).T


@right("6-2")
def einsum_of_both(x0, t, eps, alpha_bar):
    coefficients = np.sqrt(np.stack([alpha_bar, 1 - alpha_bar]))[:, t]
    return np.einsum("cn,cnd->nd", coefficients, np.stack([x0, eps]))


@right("6-2")
def reshaped_and_take(x0, t, eps, alpha_bar):
    a = np.take(alpha_bar, t).reshape(-1, 1)
    return np.add(x0 * np.sqrt(a), eps * np.sqrt(1 - a)).tolist()


@wrong("6-2", says="√ を付けずに ᾱ と 1 − ᾱ")
def no_roots(x0, t, eps, alpha_bar):
    a = alpha_bar[t][:, None]
    return a * x0 + (1 - a) * eps


@wrong("6-2", says="x0 に ᾱ をそのまま")
def no_root_on_the_signal(x0, t, eps, alpha_bar):
    a = alpha_bar[t][:, None]
    return a * x0 + np.sqrt(1 - a) * eps


@wrong("6-2", says="1 − ᾱ をそのまま")
def no_root_on_the_noise(x0, t, eps, alpha_bar):
    a = alpha_bar[t][:, None]
    return np.sqrt(a) * x0 + (1 - a) * eps


@wrong("6-2", says="1 − √ᾱ")
def one_minus_root(x0, t, eps, alpha_bar):
    root = np.sqrt(alpha_bar[t])[:, None]
    return root * x0 + (1 - root) * eps


@wrong("6-2", says="入れ替わっています")
def swapped(x0, t, eps, alpha_bar):
    a = alpha_bar[t][:, None]
    return np.sqrt(1 - a) * x0 + np.sqrt(a) * eps


@wrong("6-2", says="行ではなく列")
def along_columns(x0, t, eps, alpha_bar):
    a = alpha_bar[t]
    return np.sqrt(a) * x0 + np.sqrt(1 - a) * eps


@wrong("6-2", says="先頭の点の時刻")
def first_time_for_all(x0, t, eps, alpha_bar):
    a = alpha_bar[t[0]]
    return np.sqrt(a) * x0 + np.sqrt(1 - a) * eps


@wrong("6-2", says="時刻が 1 つずれています")
def counts_from_one(x0, t, eps, alpha_bar):
    a = alpha_bar[t - 1][:, None]
    return np.sqrt(a) * x0 + np.sqrt(1 - a) * eps


@wrong("6-2", says="x0 も eps も 0 のところ")
def own_noise(x0, t, eps, alpha_bar):
    a = alpha_bar[t][:, None]
    return np.sqrt(a) * x0 + np.sqrt(1 - a) * np.random.default_rng(0).normal(size=x0.shape)


@wrong("6-2", says="t = 0", points=1)
def refuses_time_zero(x0, t, eps, alpha_bar):
    if (t == 0).any():
        raise ValueError("t = 0")
    a = alpha_bar[t][:, None]
    return np.sqrt(a) * x0 + np.sqrt(1 - a) * eps


# 6-3 predict_x0


@right("6-3")
def solved_row_by_row(xt, t, eps, alpha_bar):
    out = np.empty(xt.shape)
    for i, k in enumerate(t):
        out[i] = (xt[i] - math.sqrt(1 - alpha_bar[k]) * eps[i]) / math.sqrt(alpha_bar[k])
    return out


@right("6-3")
def by_the_ratio_of_noise_to_signal(xt, t, eps, alpha_bar):
    a = alpha_bar[t]
    return (xt.T / np.sqrt(a) - np.sqrt(1 / a - 1) * eps.T).T


@right("6-3")
def by_tweedie(xt, t, eps, alpha_bar):
    a = alpha_bar[t].reshape(len(t), 1)
    sigma = np.sqrt(1 - a)
    score = -eps / np.where(sigma > 0, sigma, 1)
    return ((xt + sigma**2 * score) * a**-0.5).tolist()


@wrong("6-3", says="ᾱ で割っています")
def divided_by_alpha_bar(xt, t, eps, alpha_bar):
    a = alpha_bar[t][:, None]
    return (xt - np.sqrt(1 - a) * eps) / a


@wrong("6-3", says="もう一度足しています")
def noise_added_back(xt, t, eps, alpha_bar):
    a = alpha_bar[t][:, None]
    return (xt + np.sqrt(1 - a) * eps) / np.sqrt(a)


@wrong("6-3", says="ノイズの係数に √")
def no_root_on_what_is_taken(xt, t, eps, alpha_bar):
    a = alpha_bar[t][:, None]
    return (xt - (1 - a) * eps) / np.sqrt(a)


@wrong("6-3", says="割っていません")
def not_divided(xt, t, eps, alpha_bar):
    a = alpha_bar[t][:, None]
    return xt - np.sqrt(1 - a) * eps


@wrong("6-3", says="割ったあとで引いて")
def precedence(xt, t, eps, alpha_bar):
    a = alpha_bar[t][:, None]
    return xt / np.sqrt(a) - np.sqrt(1 - a) * eps


@wrong("6-3", says="素朴な人")
def only_stretched(xt, t, eps, alpha_bar):
    return xt / np.sqrt(alpha_bar[t])[:, None]


@wrong("6-3", says="行ではなく列")
def x0_along_columns(xt, t, eps, alpha_bar):
    a = alpha_bar[t]
    return (xt - np.sqrt(1 - a) * eps) / np.sqrt(a)


@wrong("6-3", says="下限を付けた", points=1)
def clamped_divisor(xt, t, eps, alpha_bar):
    a = alpha_bar[t][:, None]
    return (xt - np.sqrt(1 - a) * eps) / np.maximum(np.sqrt(a), 1e-2)


# 6-4 ddpm_step


@right("6-4")
def in_words_of_the_paper(xt, t, eps, beta, noise):
    alpha = 1 - beta
    abar = alpha.cumprod()
    z = noise if t > 1 else np.zeros_like(xt)
    return 1 / np.sqrt(alpha[t]) * (xt - (1 - alpha[t]) / np.sqrt(1 - abar[t]) * eps) + np.sqrt(beta[t]) * z


@right("6-4")
def through_the_posterior(xt, t, eps, beta, noise):
    abar = np.cumprod(1 - beta)
    x0 = (xt - np.sqrt(1 - abar[t]) * eps) / np.sqrt(abar[t])
    if t == 1:
        return x0
    mean = np.sqrt(abar[t - 1]) * beta[t] * x0 + np.sqrt(1 - beta[t]) * (1 - abar[t - 1]) * xt
    return mean / (1 - abar[t]) + noise * beta[t] ** 0.5


@right("6-4")
def element_by_element(xt, t, eps, beta, noise):
    kept = math.prod(1 - b for b in beta[1 : t + 1])
    a, b, c = 1 / math.sqrt(1 - beta[t]), beta[t] / math.sqrt(1 - kept), math.sqrt(beta[t]) * (t > 1)
    return [[a * (x - b * e) + c * z for x, e, z in zip(*row, strict=True)] for row in zip(xt, eps, noise, strict=True)]


@wrong("6-4", says="最後の 1 歩", points=1)
def noise_in_the_last_step(xt, t, eps, beta, noise):
    abar = np.cumprod(1 - beta)
    mean = (xt - beta[t] / np.sqrt(1 - abar[t]) * eps) / np.sqrt(1 - beta[t])
    return mean + np.sqrt(beta[t]) * noise


@wrong("6-4", says="最後の 1 歩", points=1)
def waits_for_time_zero(xt, t, eps, beta, noise):
    abar = np.cumprod(1 - beta)
    mean = (xt - beta[t] / np.sqrt(1 - abar[t]) * eps) / np.sqrt(1 - beta[t])
    return mean + np.sqrt(beta[t]) * noise if t > 0 else mean


@wrong("6-4", says="1 歩ぶんの β")
def alpha_for_alpha_bar(xt, t, eps, beta, noise):
    alpha = 1 - beta[t]
    mean = (xt - beta[t] / np.sqrt(1 - alpha) * eps) / np.sqrt(alpha)
    return mean + (np.sqrt(beta[t]) * noise if t > 1 else 0)


@wrong("6-4", says="累積の √ᾱ")
def alpha_bar_for_alpha(xt, t, eps, beta, noise):
    abar = np.cumprod(1 - beta)[t]
    mean = (xt - beta[t] / np.sqrt(1 - abar) * eps) / np.sqrt(abar)
    return mean + (np.sqrt(beta[t]) * noise if t > 1 else 0)


@wrong("6-4", says="掛けるのは √β")
def beta_for_its_root(xt, t, eps, beta, noise):
    abar = np.cumprod(1 - beta)[t]
    mean = (xt - beta[t] / np.sqrt(1 - abar) * eps) / np.sqrt(1 - beta[t])
    return mean + (beta[t] * noise if t > 1 else 0)


@wrong("6-4", says="分母に √ がありません")
def no_root_under_the_noise(xt, t, eps, beta, noise):
    abar = np.cumprod(1 - beta)[t]
    mean = (xt - beta[t] / (1 - abar) * eps) / np.sqrt(1 - beta[t])
    return mean + (np.sqrt(beta[t]) * noise if t > 1 else 0)


@wrong("6-4", says="√α で割っていません")
def mean_not_stretched(xt, t, eps, beta, noise):
    abar = np.cumprod(1 - beta)[t]
    return xt - beta[t] / np.sqrt(1 - abar) * eps + (np.sqrt(beta[t]) * noise if t > 1 else 0)


@wrong("6-4", says="√ を付けずに α で割って")
def divided_by_alpha(xt, t, eps, beta, noise):
    abar = np.cumprod(1 - beta)[t]
    mean = (xt - beta[t] / np.sqrt(1 - abar) * eps) / (1 - beta[t])
    return mean + (np.sqrt(beta[t]) * noise if t > 1 else 0)


@wrong("6-4", says="時刻が 1 つずれています")
def alpha_bar_one_early(xt, t, eps, beta, noise):
    abar = np.cumprod(1 - beta)[t - 1]
    mean = (xt - beta[t] / np.sqrt(1 - abar) * eps) / np.sqrt(1 - beta[t])
    return mean + (np.sqrt(beta[t]) * noise if t > 1 else 0)


@wrong("6-4", says="新しいノイズを足していません")
def mean_only(xt, t, eps, beta, noise):
    abar = np.cumprod(1 - beta)[t]
    return (xt - beta[t] / np.sqrt(1 - abar) * eps) / np.sqrt(1 - beta[t])


@wrong("6-4", says="新しいノイズまで √α で割って")
def noise_stretched_too(xt, t, eps, beta, noise):
    abar = np.cumprod(1 - beta)[t]
    spread = np.sqrt(beta[t]) * noise if t > 1 else 0
    return (xt - beta[t] / np.sqrt(1 - abar) * eps + spread) / np.sqrt(1 - beta[t])


# One slip each: what beginners wrote, in the order of the exercises.


def column(values):
    return values[:, None]


def mixed(x0, t, eps, alpha_bar):
    return column(np.sqrt(alpha_bar[t])) * x0 + column(np.sqrt(1 - alpha_bar[t])) * eps


def unmixed(xt, t, eps, alpha_bar):
    return (xt - column(np.sqrt(1 - alpha_bar[t])) * eps) / column(np.sqrt(alpha_bar[t]))


def known(t, beta, noise):
    """ᾱ at t and at t − 1, α at t, and the noise as far as this step adds any."""
    alpha_bar = np.cumprod(1 - beta)
    return alpha_bar[t], alpha_bar[t - 1], 1 - beta[t], noise if t > 1 else 0


@wrong("6-1", says="先頭の 1 がありません")
def first_dropped(beta):
    return np.cumprod(1 - beta[1:])


@wrong("6-1", says="β の積を 1 から引いています")
def one_minus_prod(beta):
    return 1 - np.cumprod(beta)


@wrong("6-1", says="β を 2 乗しています")
def squares_of_beta(beta):
    return np.cumprod(1 - beta**2)


@wrong("6-1", says="exp(−Σβ) は、β が小さいときの近似です")
def exponential_of_sum(beta):
    return np.exp(-np.cumsum(beta))


@wrong("6-1", says="対数のままです")
def logarithms_left(beta):
    return np.cumsum(np.log(1 - beta))


@wrong("6-1", says="ノイズの割合 1 − ᾱ を返しています")
def complement(beta):
    return 1 - np.cumprod(1 - beta)


@wrong("6-2", says="x0 を √ᾱ 倍していません")
def signal_at_full_size(x0, t, eps, alpha_bar):
    return x0 + column(np.sqrt(1 - alpha_bar[t])) * eps


@wrong("6-2", says="ノイズを √(1 − ᾱ) 倍していません")
def noise_at_full_size(x0, t, eps, alpha_bar):
    return column(np.sqrt(alpha_bar[t])) * x0 + eps


@wrong("6-2", says="ノイズを引いています")
def noise_taken_away(x0, t, eps, alpha_bar):
    return mixed(x0, t, -eps, alpha_bar)


@wrong("6-2", says="alpha_bar をもう一度累積しています")
def cumulated_again(x0, t, eps, alpha_bar):
    return mixed(x0, t, eps, np.cumprod(alpha_bar))


@wrong("6-2", says="alpha_bar を 1 歩ぶんの β とみて、1")
def taken_for_beta(x0, t, eps, alpha_bar):
    return mixed(x0, t, eps, np.cumprod(1 - alpha_bar))


@wrong("6-2", says="ノイズを足していません")
def signal_only(x0, t, eps, alpha_bar):
    return column(np.sqrt(alpha_bar[t])) * x0


@wrong("6-3", says="かっこがありません")
def no_brackets_in_the_difference(xt, t, eps, alpha_bar):
    return xt - column(np.sqrt(1 - alpha_bar[t])) * eps / column(np.sqrt(alpha_bar[t]))


@wrong("6-3", says="√ᾱ で割らずに掛けています")
def multiplied_instead(xt, t, eps, alpha_bar):
    return (xt - column(np.sqrt(1 - alpha_bar[t])) * eps) * column(np.sqrt(alpha_bar[t]))


@wrong("6-3", says="√ᾱ と √(1 − ᾱ) が入れ替わっています")
def coefficients_swapped(xt, t, eps, alpha_bar):
    return (xt - column(np.sqrt(alpha_bar[t])) * eps) / column(np.sqrt(1 - alpha_bar[t]))


@wrong("6-3", says="√(1 − ᾱ) で割っています")
def divided_by_the_noise_part(xt, t, eps, alpha_bar):
    return (xt - column(np.sqrt(1 - alpha_bar[t])) * eps) / column(np.sqrt(1 - alpha_bar[t]))


@wrong("6-3", says="√ を付けずに ᾱ と 1 − ᾱ を使っています")
def no_roots_at_all(xt, t, eps, alpha_bar):
    return (xt - column(1 - alpha_bar[t]) * eps) / column(alpha_bar[t])


@wrong("6-3", says="ノイズの係数が 1 − √ᾱ になっています")
def one_minus_root_taken(xt, t, eps, alpha_bar):
    return (xt - column(1 - np.sqrt(alpha_bar[t])) * eps) / column(np.sqrt(alpha_bar[t]))


@wrong("6-3", says="ノイズに √(1 − ᾱ) を掛けていません")
def noise_unscaled(xt, t, eps, alpha_bar):
    return (xt - eps) / column(np.sqrt(alpha_bar[t]))


@wrong("6-3", says="先頭の点の時刻を、すべての点に使っています")
def first_time_throughout(xt, t, eps, alpha_bar):
    return unmixed(xt, np.full(len(xt), t[0]), eps, alpha_bar)


@wrong("6-3", says="時刻が 1 つずれています")
def time_before(xt, t, eps, alpha_bar):
    return unmixed(xt, t - 1, eps, alpha_bar)


@wrong("6-4", says="σ² に β̃ = β (1 − ᾱ_{t−1}) ")
def posterior_variance(xt, t, eps, beta, noise):
    abar, before, alpha, fresh = known(t, beta, noise)
    return (xt - beta[t] / np.sqrt(1 - abar) * eps) / np.sqrt(alpha) + np.sqrt(
        beta[t] * (1 - before) / (1 - abar)
    ) * fresh


@wrong("6-4", says="平均の中の β に √ が付いています")
def root_of_beta_in_the_mean(xt, t, eps, beta, noise):
    abar, _, alpha, fresh = known(t, beta, noise)
    return (xt - np.sqrt(beta[t]) / np.sqrt(1 - abar) * eps) / np.sqrt(alpha) + np.sqrt(beta[t]) * fresh


@wrong("6-4", says="入力がすべて 0 のところが 0 になっていません")
def noise_of_its_own(xt, t, eps, beta, noise):
    abar, _, alpha, _ = known(t, beta, noise)
    return (xt - beta[t] / np.sqrt(1 - abar) * eps) / np.sqrt(alpha) + np.sqrt(
        beta[t]
    ) * np.random.default_rng().normal(size=xt.shape) * (t > 1)


@wrong("6-4", says="予測したノイズの係数が β のままです")
def beta_alone(xt, t, eps, beta, noise):
    _, _, alpha, fresh = known(t, beta, noise)
    return (xt - beta[t] * eps) / np.sqrt(alpha) + np.sqrt(beta[t]) * fresh


@wrong("6-4", says="予測したノイズを足しています")
def prediction_added(xt, t, eps, beta, noise):
    abar, _, alpha, fresh = known(t, beta, noise)
    return (xt + beta[t] / np.sqrt(1 - abar) * eps) / np.sqrt(alpha) + np.sqrt(beta[t]) * fresh


@wrong("6-4", says="√α で割らずに掛けています")
def times_root_alpha(xt, t, eps, beta, noise):
    abar, _, alpha, fresh = known(t, beta, noise)
    return (xt - beta[t] / np.sqrt(1 - abar) * eps) * np.sqrt(alpha) + np.sqrt(beta[t]) * fresh


@wrong("6-4", says="かっこがありません")
def no_brackets(xt, t, eps, beta, noise):
    abar, _, alpha, fresh = known(t, beta, noise)
    return xt - beta[t] / np.sqrt(1 - abar) * eps / np.sqrt(alpha) + np.sqrt(beta[t]) * fresh


@wrong("6-4", says="1 歩ではなく、一度に x0 まで戻しています（演習")
def all_the_way(xt, t, eps, beta, noise):
    abar, _, _, _ = known(t, beta, noise)
    return (xt - np.sqrt(1 - abar) * eps) / np.sqrt(abar)


@wrong("6-4", says="予測したノイズの係数の分母が √ᾱ です")
def root_of_alpha_bar_below(xt, t, eps, beta, noise):
    abar, _, alpha, fresh = known(t, beta, noise)
    return (xt - beta[t] / np.sqrt(abar) * eps) / np.sqrt(alpha) + np.sqrt(beta[t]) * fresh


@wrong("6-4", says="新しいノイズを引いています")
def fresh_noise_taken_away(xt, t, eps, beta, noise):
    abar, _, alpha, fresh = known(t, beta, noise)
    return (xt - beta[t] / np.sqrt(1 - abar) * eps) / np.sqrt(alpha) - np.sqrt(beta[t]) * fresh


@wrong("6-4", says="新しいノイズに √β を掛けていません")
def fresh_noise_unscaled(xt, t, eps, beta, noise):
    abar, _, alpha, fresh = known(t, beta, noise)
    return (xt - beta[t] / np.sqrt(1 - abar) * eps) / np.sqrt(alpha) + fresh


@wrong("6-2", says="eps が使われていません")
def forgets_eps(x0, t, eps, alpha_bar):
    return mixed(x0, t, 1, alpha_bar)


@wrong("6-4", says="noise が使われていません")
def forgets_the_fresh_noise(xt, t, eps, beta, noise):
    abar, _, alpha, _ = known(t, beta, noise)
    return (xt - beta[t] / np.sqrt(1 - abar) * eps) / np.sqrt(alpha) + np.sqrt(beta[t]) * (t > 1)


@wrong("6-4", says="予測したノイズ eps が使われて")
def forgets_the_prediction(xt, t, eps, beta, noise):
    abar, _, alpha, fresh = known(t, beta, noise)
    return (xt - beta[t] / np.sqrt(1 - abar)) / np.sqrt(alpha) + np.sqrt(beta[t]) * fresh

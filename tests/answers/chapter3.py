"""Answers to the exercises of chapter 3."""

import math

import numpy as np
from scipy.special import logsumexp, softmax
from scipy.stats import multivariate_normal

from . import right, wrong

# 3-1 log_gaussian


@right("3-1")
def scipy_density(x, mean, cov):
    return np.atleast_1d(multivariate_normal(mean, cov).logpdf(x))


@right("3-1")
def with_cholesky(x, mean, cov):
    root = np.linalg.cholesky(cov)
    white = np.linalg.solve(root, (x - mean).T)
    return -0.5 * (white**2).sum(axis=0) - np.log(np.diag(root)).sum() - 0.5 * len(mean) * math.log(2 * math.pi)


@right("3-1")
def point_by_point(x, mean, cov):
    inverse = np.linalg.inv(cov)
    log_det = sum(math.log(value) for value in np.linalg.eigvalsh(cov))
    out = []
    for point in x:
        away = point - mean
        out.append(-0.5 * (away @ inverse @ away + log_det + len(point) * np.log(2 * np.pi)))
    print("done")
    return out


@right("3-1")
def whole_square_matrix(x, mean, cov):
    away = np.asarray(x) - mean
    distance = np.diag(away @ np.linalg.pinv(cov, hermitian=True) @ away.T)
    return -(distance + np.linalg.slogdet(2 * np.pi * cov)[1]) / 2


def pieces(x, mean, cov):
    away = x - mean
    distance = np.array([a @ np.linalg.solve(cov, a) for a in away])
    return distance, np.linalg.slogdet(cov).logabsdet, len(mean) * np.log(2 * np.pi)


@wrong("3-1", says="log|Σ| がありません")
def no_determinant(x, mean, cov):
    distance, _, constant = pieces(x, mean, cov)
    return -0.5 * (distance + constant)


@wrong("3-1", says="2π の項がありません")
def no_two_pi(x, mean, cov):
    distance, log_det, _ = pieces(x, mean, cov)
    return -0.5 * (distance + log_det)


@wrong("3-1", says="次元 d が掛かっていません")
def two_pi_once(x, mean, cov):
    distance, log_det, _ = pieces(x, mean, cov)
    return -0.5 * (distance + log_det + np.log(2 * np.pi))


@wrong("3-1", says="平方根が付いていません")
def determinant_without_root(x, mean, cov):
    distance, log_det, constant = pieces(x, mean, cov)
    return -0.5 * (distance + constant) - log_det


@wrong("3-1", says="2 次の項に ½")
def no_half(x, mean, cov):
    distance, log_det, constant = pieces(x, mean, cov)
    return -distance - 0.5 * (log_det + constant)


@wrong("3-1", says="2 次の項の符号")
def grows_with_distance(x, mean, cov):
    distance, log_det, constant = pieces(x, mean, cov)
    return 0.5 * (distance - log_det - constant)


@wrong("3-1", says="符号が逆です。求めるのは対数密度")
def negative_log_density(x, mean, cov):
    return 0.5 * sum(pieces(x, mean, cov))


@wrong("3-1", says="密度そのもの")
def density(x, mean, cov):
    return np.exp(-0.5 * sum(pieces(x, mean, cov)))


@wrong("3-1", says="底が 2")
def in_bits(x, mean, cov):
    return -0.5 * sum(pieces(x, mean, cov)) / np.log(2)


@wrong("3-1", says="共分散行列そのもの")
def covariance_for_precision(x, mean, cov):
    distance = np.array([a @ cov @ a for a in x - mean])
    _, log_det, constant = pieces(x, mean, cov)
    return -0.5 * (distance + log_det + constant)


@wrong("3-1", says="対角成分しか")
def axes_independent(x, mean, cov):
    variance = np.diag(cov)
    return (-0.5 * (x - mean) ** 2 / variance - 0.5 * np.log(2 * np.pi * variance)).sum(axis=1)


@wrong("3-1", says="平均 μ を引いていません")
def about_the_origin(x, mean, cov):
    return -0.5 * sum(pieces(x, np.zeros(len(mean)), cov))


@wrong("3-1", says="全部の点の対数密度を足しています")
def total(x, mean, cov):
    return multivariate_normal(mean, cov).logpdf(x).sum()


@wrong("3-1", says="アンダーフローして −∞", points=1)
def log_of_the_density(x, mean, cov):
    return np.log(np.exp(-0.5 * sum(pieces(x, mean, cov))))


@wrong("3-1", says="slogdet", points=1)
def log_of_the_determinant(x, mean, cov):
    distance, _, constant = pieces(x, mean, cov)
    return -0.5 * (distance + np.log(np.linalg.det(cov)) + constant)


@wrong("3-1", says="return を書きましたか")
def forgets_the_density(x, mean, cov):
    pieces(x, mean, cov)


# 3-2 responsibilities


@right("3-2")
def scipy_softmax(log_weighted):
    return softmax(log_weighted, axis=1)


@right("3-2")
def minus_log_sum_exp(log_weighted):
    return np.exp(log_weighted - logsumexp(log_weighted, axis=1, keepdims=True))


@right("3-2")
def row_by_row(log_weighted):
    rows = []
    for row in log_weighted.tolist():
        peak = max(row)
        weights = [math.exp(value - peak) for value in row]
        rows.append([w / math.fsum(weights) for w in weights])
    return rows


@right("3-2")
def one_over_sum_of_ratios(log_weighted):
    """r_k = 1 / Σ_j exp(l_j − l_k), where exp may overflow to ∞ and 1 / ∞ is the right 0."""
    out = np.zeros(log_weighted.shape)
    for k in range(log_weighted.shape[1]):
        own = log_weighted[:, k]
        possible = own > -np.inf
        out[possible, k] = 1 / np.exp(log_weighted[possible] - own[possible, None]).sum(axis=1)
    return out


@wrong("3-2", says="向きが逆")
def over_points(log_weighted):
    return softmax(log_weighted, axis=0)


@wrong("3-2", says="表全体の和")
def over_everything(log_weighted):
    return softmax(log_weighted)


@wrong("3-2", says="行の和が 1 になっていません")
def not_normalised(log_weighted):
    return np.exp(log_weighted)


@wrong("3-2", says="さらに行の和で割って")
def shifted_not_normalised(log_weighted):
    return np.exp(log_weighted - log_weighted.max(axis=1)[:, None])


@wrong("3-2", says="責任度の対数")
def log_responsibilities(log_weighted):
    return log_weighted - logsumexp(log_weighted, axis=1, keepdims=True)


@wrong("3-2", says="対数のまま")
def shares_of_logs(log_weighted):
    return log_weighted / log_weighted.sum(axis=1)[:, None]


@wrong("3-2", says="ほかに 0 を割り当てて")
def winner_takes_all(log_weighted):
    r = np.zeros(log_weighted.shape)
    r[np.arange(len(r)), log_weighted.argmax(axis=1)] = 1
    return np.where(log_weighted == log_weighted.max(axis=1, keepdims=True), 1, r)


@wrong("3-2", says="exp を先に", points=1)
def underflows(log_weighted):
    joint = np.exp(log_weighted)
    return (joint.T / joint.sum(axis=1)).T


@wrong("3-2", says="最大値は行ごとに", points=1)
def one_peak_for_all(log_weighted):
    joint = np.exp(log_weighted - np.max(log_weighted))
    return (joint.T / joint.sum(axis=1)).T


@wrong("3-2", says="最小値を引いて", points=1)
def subtracts_the_minimum(log_weighted):
    joint = np.exp(log_weighted - log_weighted.min(axis=1)[:, None])
    return (joint.T / joint.sum(axis=1)).T


@wrong("3-2", says="平均を引いて", points=1)
def subtracts_the_mean(log_weighted):
    joint = np.exp(log_weighted - log_weighted.mean(axis=1)[:, None])
    return (joint.T / joint.sum(axis=1)).T


@wrong("3-2", says="比は失われたまま", points=1)
def a_little_added(log_weighted):
    joint = np.exp(log_weighted) + 1e-12
    return (joint.T / joint.sum(axis=1)).T


@wrong("3-2", says="比は失われたまま", points=1)
def clipped(log_weighted):
    joint = np.exp(np.clip(log_weighted, -700, 700))
    return (joint.T / joint.sum(axis=1)).T


# 3-3 m_step


@right("3-3")
def component_by_component(x, r):
    weights, means, covariances = [], [], []
    for k in range(r.shape[1]):
        n_k = r[:, k].sum()
        mean = sum(r[i, k] * x[i] for i in range(len(x))) / n_k
        cov = sum(r[i, k] * np.outer(x[i] - mean, x[i] - mean) for i in range(len(x))) / n_k
        weights.append(n_k / len(x))
        means.append(mean)
        covariances.append(cov)
    return weights, means, covariances


@right("3-3")
def numpy_cov(x, r):
    means = np.array([np.average(x, axis=0, weights=column) for column in r.T])
    covariances = np.array([np.atleast_2d(np.cov(x.T, aweights=column, bias=True)) for column in r.T])
    return [r.mean(axis=0), means, covariances]


@right("3-3")
def second_moment_minus_square(x, r):
    # About the overall mean first: far from the origin the difference would lose its digits.
    shift = x.mean(axis=0)
    z = x - shift
    n_k = r.sum(axis=0)
    m = r.T @ z / n_k[:, None]
    second = np.einsum("nk,ni,nj->kij", r, z, z) / n_k[:, None, None]
    return n_k / n_k.sum(), m + shift, second - np.einsum("ki,kj->kij", m, m)


def parts(x, r):
    n_k = r.sum(axis=0)
    return n_k, (r.T @ x) / n_k[:, None]


def spread(x, r, centres, divisors):
    return np.array(
        [
            np.einsum("n,ni,nj->ij", column, x - c, x - c) / n
            for column, c, n in zip(r.T, centres, divisors, strict=True)
        ]
    )


@wrong("3-3", says="重みが N_k のまま")
def counts_for_weights(x, r):
    n_k, means = parts(x, r)
    return n_k, means, spread(x, r, means, n_k)


@wrong("3-3", says="平均を N で割って")
def means_over_n(x, r):
    n_k, means = parts(x, r)
    return n_k / len(x), r.T @ x / len(x), spread(x, r, means, n_k)


@wrong("3-3", says="平均を N で割って")
def means_over_n_and_spread_about_them(x, r):
    n_k, _ = parts(x, r)
    means = r.T @ x / len(x)
    return n_k / len(x), means, spread(x, r, means, n_k)


@wrong("3-3", says="平均に責任度が")
def plain_means(x, r):
    n_k, means = parts(x, r)
    return n_k / len(x), np.array([x.mean(axis=0)] * len(n_k)), spread(x, r, means, n_k)


@wrong("3-3", says="平均に責任度が")
def plain_means_throughout(x, r):
    n_k, _ = parts(x, r)
    means = np.array([x.mean(axis=0)] * len(n_k))
    return n_k / len(x), means, spread(x, r, means, n_k)


@wrong("3-3", says="共分散を N で割って")
def covariances_over_n(x, r):
    n_k, means = parts(x, r)
    return n_k / len(x), means, spread(x, r, means, [len(x)] * len(n_k))


@wrong("3-3", says="N_k − 1")
def covariances_over_n_k_minus_one(x, r):
    n_k, means = parts(x, r)
    return n_k / len(x), means, spread(x, r, means, n_k - 1)


@wrong("3-3", says="共分散に責任度が")
def plain_covariances(x, r):
    n_k, means = parts(x, r)
    return n_k / len(x), means, [(x - m).T @ (x - m) / len(x) for m in means]


@wrong("3-3", says="中心が、全体の平均")
def about_the_overall_mean(x, r):
    n_k, means = parts(x, r)
    return n_k / len(x), means, spread(x, r, [x.mean(axis=0)] * len(n_k), n_k)


@wrong("3-3", says="平均を引いていません")
def second_moments(x, r):
    n_k, means = parts(x, r)
    return n_k / len(x), means, spread(x, r, np.zeros(means.shape), n_k)


@wrong("3-3", says="責任度が 2 乗")
def responsibilities_twice(x, r):
    n_k, means = parts(x, r)
    return n_k / len(x), means, spread(x, r**2, means, n_k)


@wrong("3-3", says="対角以外が 0")
def diagonal_covariances(x, r):
    n_k, means = parts(x, r)
    return n_k / len(x), means, [np.diag(np.diag(c)) for c in spread(x, r, means, n_k)]


@wrong("3-3", says="分散だけ")
def variances(x, r):
    n_k, means = parts(x, r)
    return n_k / len(x), means, [np.diag(c) for c in spread(x, r, means, n_k)]


@wrong("3-3", says="0/1 に丸めて")
def hard_assignment(x, r):
    hard = (r == r.max(axis=1, keepdims=True)) * 1.0
    hard[:, 1:] *= 1 - np.minimum(hard.cumsum(axis=1)[:, :-1], 1)
    n_k, means = parts(x, hard)
    return n_k / len(x), means, spread(x, hard, means, n_k)


@wrong("3-3", says="返す順番")
def weights_last(x, r):
    n_k, means = parts(x, r)
    return means, spread(x, r, means, n_k), n_k / len(x)


@wrong("3-3", says="2 個返ってきました")
def without_covariances(x, r):
    n_k, means = parts(x, r)
    return n_k / len(x), means


@wrong("3-3", says="配列が返ってきました")
def weights_only(x, r):
    return r.mean(axis=0)


@wrong("3-3", says="return を書きましたか")
def forgets_the_step(x, r):
    parts(x, r)


# 3-4 bic


@right("3-4")
def count_and_penalise(log_lik, k, d, n):
    per_component = 1 + d + d * (d + 1) / 2
    return (k * per_component - 1) * math.log(n) - 2 * log_lik


@right("3-4")
def count_one_by_one(log_lik, k, d, n):
    free = 0
    for component in range(k):
        free += component > 0
        free += d
        free += sum(1 for i in range(d) for j in range(i + 1))
    return np.float64(-2) * log_lik + np.log(n) * free


@right("3-4")
def zero_dimensional_array(log_lik, k, d, n):
    free = (k - 1) + k * d + k * len(np.triu_indices(d)[0])
    return np.array(2 * (free / 2 * np.log(n) - log_lik))


def free_parameters(k, d):
    return k - 1 + k * d + k * d * (d + 1) // 2


@wrong("3-4", says="罰金の符号")
def rewards_parameters(log_lik, k, d, n):
    return -2 * log_lik - free_parameters(k, d) * np.log(n)


@wrong("3-4", says="対数尤度の符号")
def likelihood_with_wrong_sign(log_lik, k, d, n):
    return 2 * log_lik + free_parameters(k, d) * np.log(n)


@wrong("3-4", says="小さいほどよい向きに定義")
def larger_is_better(log_lik, k, d, n):
    return 2 * log_lik - free_parameters(k, d) * np.log(n)


@wrong("3-4", says="2 が掛かっていません")
def likelihood_once(log_lik, k, d, n):
    return -log_lik + free_parameters(k, d) * np.log(n)


@wrong("3-4", says="K − 1 個です")
def k_weights(log_lik, k, d, n):
    return -2 * log_lik + (free_parameters(k, d) + 1) * np.log(n)


@wrong("3-4", says="数え忘れ")
def no_weights(log_lik, k, d, n):
    return -2 * log_lik + (k * d + k * d * (d + 1) / 2) * np.log(n)


@wrong("3-4", says="平均の Kd 個")
def no_means(log_lik, k, d, n):
    return -2 * log_lik + (k - 1 + k * d * (d + 1) / 2) * np.log(n)


@wrong("3-4", says="共分散行列のパラメータを数え忘れて")
def no_covariances(log_lik, k, d, n):
    return -2 * log_lik + (k - 1 + k * d) * np.log(n)


@wrong("3-4", says="d² 個")
def full_square(log_lik, k, d, n):
    return -2 * log_lik + (k - 1 + k * d + k * d**2) * np.log(n)


@wrong("3-4", says="d 個と数えています")
def diagonal(log_lik, k, d, n):
    return -2 * log_lik + (k - 1 + k * d + k * d) * np.log(n)


@wrong("3-4", says="共分散行列を 1 つしか")
def shared_covariance(log_lik, k, d, n):
    return -2 * log_lik + (k - 1 + k * d + d * (d + 1) / 2) * np.log(n)


@wrong("3-4", says="底が 10")
def common_logarithm(log_lik, k, d, n):
    return -2 * log_lik + free_parameters(k, d) * math.log10(n)


@wrong("3-4", says="底が 2")
def binary_logarithm(log_lik, k, d, n):
    return -2 * log_lik + free_parameters(k, d) * math.log2(n)


@wrong("3-4", says="AIC")
def akaike(log_lik, k, d, n):
    return -2 * log_lik + 2 * free_parameters(k, d)


@wrong("3-4", says="n を掛けています")
def takes_the_sum_for_a_mean(log_lik, k, d, n):
    return -2 * n * log_lik + free_parameters(k, d) * np.log(n)


@wrong("3-4", says="個数を返して")
def count_only(log_lik, k, d, n):
    return free_parameters(k, d)


# One slip each: what beginners wrote, in the order of the exercises.


def right_step(x, r):
    n_k, means = parts(x, r)
    return n_k, means, spread(x, r, means, n_k)


@wrong("3-1", says="½ が 2 次の項にしか掛かっていません")
def half_quad_only(x, mean, cov):
    distance, log_det, constant = pieces(x, mean, cov)
    return -0.5 * distance - log_det - constant


@wrong("3-1", says="½ がどこにも掛かっていません")
def no_half_at_all(x, mean, cov):
    distance, log_det, constant = pieces(x, mean, cov)
    return -distance - log_det - constant


@wrong("3-1", says="½ が二重に掛かっています")
def half_half(x, mean, cov):
    distance, log_det, constant = pieces(x, mean, cov)
    return -0.5 * (distance + 0.5 * log_det + 0.5 * constant)


@wrong("3-1", says="log 2π を 1 回引いています")
def log_two_pi_once(x, mean, cov):
    distance, log_det, _ = pieces(x, mean, cov)
    return -0.5 * distance - 0.5 * log_det - np.log(2 * np.pi)


@wrong("3-1", says="2π の項に ½ が掛かっていません")
def log_two_pi_doubled(x, mean, cov):
    distance, log_det, constant = pieces(x, mean, cov)
    return -0.5 * distance - 0.5 * log_det - constant


@wrong("3-1", says="log|Σ| の符号が逆です")
def determinant_added(x, mean, cov):
    distance, log_det, constant = pieces(x, mean, cov)
    return -0.5 * distance + 0.5 * log_det - 0.5 * constant


@wrong("3-1", says="行列式の対数を取っていません")
def determinant_itself(x, mean, cov):
    distance, _, constant = pieces(x, mean, cov)
    return -0.5 * (distance + np.linalg.det(cov) + constant)


@wrong("3-1", says="slogdet の返す 1 番目（符号）を使っていま")
def sign_of_determinant(x, mean, cov):
    distance, _, constant = pieces(x, mean, cov)
    return -0.5 * (distance + np.linalg.slogdet(cov)[0] + constant)


@wrong("3-1", says="数を 1 つしか返していません")
def mean_density(x, mean, cov):
    return -0.5 * sum(pieces(x, mean, cov)).mean()


@wrong("3-1", says="点と点の組の行列になっています")
def pairs_of_points(x, mean, cov):
    _, log_det, constant = pieces(x, mean, cov)
    away = x - mean
    return -0.5 * (away @ np.linalg.inv(cov) @ away.T + log_det + constant)


@wrong("3-1", says="点の向きに足しています")
def summed_over_points(x, mean, cov):
    _, log_det, constant = pieces(x, mean, cov)
    away = x - mean
    return -0.5 * ((away @ np.linalg.inv(cov) * away).sum(axis=0) + log_det + constant)


@wrong("3-1", says="1 / cov は要素ごとの逆数です")
def elementwise_inverse(x, mean, cov):
    _, log_det, constant = pieces(x, mean, cov)
    away = x - mean
    return -0.5 * ((away @ (1 / cov) * away).sum(axis=1) + log_det + constant)


@wrong("3-1", says="Σ⁻¹ が使われていません")
def euclidean(x, mean, cov):
    _, log_det, constant = pieces(x, mean, cov)
    away = x - mean
    return -0.5 * ((away * away).sum(axis=1) + log_det + constant)


@wrong("3-1", says="np.linalg.solve に渡す向きが逆です")
def solve_untransposed(x, mean, cov):
    _, log_det, constant = pieces(x, mean, cov)
    away = x - mean
    return -0.5 * ((np.linalg.solve(cov, away) * away).sum(axis=1) + log_det + constant)


@wrong("3-1", says="log 2π に、次元 d ではなく点の数 n が掛")
def points_for_dimension(x, mean, cov):
    distance, log_det, _ = pieces(x, mean, cov)
    return -0.5 * (distance + log_det + len(x) * np.log(2 * np.pi))


@wrong("3-2", says="向きが逆です")
def rowmax_colsum(log_weighted):
    w = np.exp(log_weighted - log_weighted.max(axis=1, keepdims=True))
    return w / w.sum(axis=0)


@wrong("3-2", says="行ごとの和や最大値の形 (n,) が、列の向きに合わ")
def no_keepdims(log_weighted):
    w = np.exp(log_weighted - log_weighted.max(axis=1))
    return w / w.sum(axis=1)


@wrong("3-2", says="列ごとの最大値を引いています")
def peak_of_column(log_weighted):
    w = np.exp(log_weighted - log_weighted.max(axis=0))
    return w / w.sum(axis=1, keepdims=True)


@wrong("3-2", says="転置したままです")
def transposed(log_weighted):
    c = log_weighted.T
    w = np.exp(c - c.max(axis=0))
    return w / w.sum(axis=0)


@wrong("3-2", says="いちばん大きい成分の番号を返しています")
def labels(log_weighted):
    return log_weighted.argmax(axis=1)


@wrong("3-3", says="平均を N_k で割っていません")
def mean_nodiv(x, r):
    n_k, _means, covariances = right_step(x, r)
    return (n_k / len(x), r.T @ x, covariances)


@wrong("3-3", says="N_k の形 (K,) が、成分ではなく座標の向きに")
def n_k_along_the_axes(x, r):
    n = r.sum(axis=0)
    m = r.T @ x / n
    return (n / len(x), m, np.array([r[:, k] * (x - m[k]).T @ (x - m[k]) / n[k] for k in range(len(n))]))


@wrong("3-3", says="平均の行と列が逆です")
def means_transposed(x, r):
    n_k, _means, covariances = right_step(x, r)
    return (n_k / len(x), x.T @ r / n_k, covariances)


@wrong("3-3", says="共分散を N_k で割っていません")
def cov_nodiv(x, r):
    n_k, means, covariances = right_step(x, r)
    return (n_k / len(x), means, covariances * n_k[:, None, None])


@wrong("3-3", says="np.cov が不偏推定の割り方をしています")
def numpy_cov_unbiased(x, r):
    n_k, means, _covariances = right_step(x, r)
    return (n_k / len(x), means, np.array([np.cov(x.T, aweights=r[:, k]) for k in range(len(n_k))]))


@wrong("3-3", says="共分散の対角に小さな数", points=1)
def ridge(x, r):
    n_k, means, covariances = right_step(x, r)
    return n_k / len(x), means, covariances + 1e-6 * np.eye(x.shape[1])


@wrong("3-4", says="全体が半分になっています")
def halved(log_lik, k, d, n):
    return -log_lik + free_parameters(k, d) * np.log(n) / 2


@wrong("3-4", says="罰金に ½ が掛かっています")
def half_a_penalty(log_lik, k, d, n):
    return -2 * log_lik + free_parameters(k, d) * np.log(n) / 2


@wrong("3-4", says="罰金が p × n になっています")
def penalty_without_log(log_lik, k, d, n):
    return -2 * log_lik + free_parameters(k, d) * n


@wrong("3-4", says="log_lik の対数をもう一度取っています")
def log_of_log_likelihood(log_lik, k, d, n):
    return -2 * np.log(log_lik) + free_parameters(k, d) * np.log(n)


@wrong("3-4", says="共分散行列の個数の ½ を忘れています")
def covariances_twice(log_lik, k, d, n):
    return -2 * log_lik + (k - 1 + k * d + k * d * (d + 1)) * np.log(n)


@wrong("3-4", says="平均と共分散行列を、1 成分の分しか数えていません")
def one_component_only(log_lik, k, d, n):
    return -2 * log_lik + (k - 1 + d + d * (d + 1) / 2) * np.log(n)


@wrong("3-4", says="平均を K 個と数えています")
def k_means_of_one_number(log_lik, k, d, n):
    return -2 * log_lik + (k - 1 + k + k * d * (d + 1) / 2) * np.log(n)

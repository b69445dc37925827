"""Answers to the exercises of chapter 2."""

import math
from fractions import Fraction

import numpy as np

from . import right, wrong

# 2-1 bernoulli_mle


@right("2-1")
def divide_the_counts(x):
    if x.shape[0] == 0:
        raise ValueError("empty")
    return x.sum(axis=0) / x.shape[0]


@right("2-1")
def loop_over_pixels(x):
    n = len(x)
    if not n:
        raise ValueError
    return [Fraction(int(sum(row[j] for row in x)), n) for j in range(x.shape[1])]


@right("2-1")
def running_mean(x):
    print(x.shape)  # a print costs nothing
    if x.size == 0:
        raise ValueError("no pictures")
    p = np.zeros(x.shape[1])
    for n, row in enumerate(x, start=1):
        p += (row - p) / n
    return p


@right("2-1")
def fraction_of_true(x):
    if len(x) < 1:
        raise ValueError
    return np.average(x.T > 0, axis=1)


@wrong("2-1", says="axis=1")
def mean_of_pictures(x):
    return x.mean(axis=1)


@wrong("2-1", says="全部の画素をまとめて")
def one_mean(x):
    return np.mean(x)


@wrong("2-1", says="枚数のまま")
def counts_only(x):
    return x.sum(axis=0)


@wrong("2-1", says="N − 1")
def unbiased_habit(x):
    return x.sum(axis=0) / (len(x) - 1)


@wrong("2-1", says="整数の割り算")
def integer_division(x):
    return sum(x) // len(x)


@wrong("2-1", says="画素の総数")
def divided_by_size(x):
    return x.sum(axis=0) / x.size


@wrong("2-1", says="平滑化")
def smoothed(x):
    return (x.sum(axis=0) + 1) / (len(x) + 2)


@wrong("2-1", says="0 / 0", points=1)
def mean_of_nothing(x):
    return np.mean(x, axis=0)


@wrong("2-1", says="ZeroDivisionError", points=1)
def divides_by_zero(x):
    return [int(column.sum()) / len(x) for column in x.T]


@wrong("2-1", says="return を書きましたか")
def forgets_return(x):
    x.mean(axis=0)


# 2-2 bernoulli_log_prob


@right("2-2")
def chosen_probabilities(x, p):
    with np.errstate(divide="ignore"):
        return np.log(np.where(x, p, 1 - p)).sum(axis=1)


@right("2-2")
def loop_over_everything(x, p):
    out = []
    for row in x:
        total = 0.0
        for value, pj in zip(row, p, strict=True):
            q = pj if value == 1 else 1 - pj
            total += math.log(q) if q > 0 else -math.inf
        out.append(total)
    return out


@right("2-2")
def split_by_value(x, p):
    return np.array([np.log(p[row == 1]).sum() + np.log1p(-p[row == 0]).sum() for row in x], dtype=np.float64)


@right("2-2")
def nan_terms_removed(x, p):
    """0·(−∞) is NaN, and nansum skips it: the terms with weight 0."""
    return np.nansum(x * np.log(p), axis=1) + np.nansum((1 - x) * np.log(1 - p), axis=1)


@wrong("2-2", says="平均しています")
def mean_of_logs(x, p):
    return np.log(np.where(x == 1, p, 1 - p)).mean(axis=1)


@wrong("2-2", says="1 の画素しか")
def ones_only(x, p):
    return x @ np.log(p)


@wrong("2-2", says="p と 1 − p が逆")
def swapped(x, p):
    return np.log(np.where(x == 0, p, 1 - p)).sum(axis=1)


@wrong("2-2", says="底が 2")
def in_bits(x, p):
    return np.log2(np.where(x == 1, p, 1 - p)).sum(axis=1)


@wrong("2-2", says="確率そのもの")
def no_logarithm(x, p):
    return np.prod(p**x * (1 - p) ** (1 - x), axis=1)


@wrong("2-2", says="和の対数")
def log_of_sum(x, p):
    return np.log(np.where(x == 1, p, 1 - p).sum(axis=1))


@wrong("2-2", says="符号が逆")
def negative(x, p):
    return -np.log(np.where(x == 1, p, 1 - p)).sum(axis=1)


@wrong("2-2", says="1 つだけ")
def one_total(x, p):
    return np.log(np.where(x == 1, p, 1 - p)).sum()


@wrong("2-2", says="axis=0")
def wrong_axis(x, p):
    return np.log(np.where(x == 1, p, 1 - p)).sum(axis=0)


@wrong("2-2", says="0 × (−∞)", points=1)
def textbook_formula(x, p):
    return (x * np.log(p) + (1 - x) * np.log(1 - p)).sum(axis=1)


@wrong("2-2", says="log 0 を避けて", points=1)
def clipped(x, p):
    p = np.clip(p, 1e-12, 1 - 1e-12)
    return (x * np.log(p) + (1 - x) * np.log(1 - p)).sum(axis=1)


@wrong("2-2", says="log 0 を避けて", points=1)
def epsilon_inside_the_log(x, p):
    return (x * np.log(p + 1e-10) + (1 - x) * np.log(1 - p + 1e-10)).sum(axis=1)


@wrong("2-2", says="全部掛けてから", points=1)
def log_of_product(x, p):
    return np.log(np.prod(np.where(x == 1, p, 1 - p), axis=1))


# 2-3 sample_bernoulli


@right("2-3")
def compare_to_uniforms(p, n, rng):
    return rng.random((n, len(p))) < p


@right("2-3")
def column_by_column(p, n, rng):
    out = np.zeros((n, len(p)), dtype=np.int8)
    for j, pj in enumerate(p):
        out[:, j] = rng.random(n) < pj
    return out


@right("2-3")
def row_by_row(p, n, rng):
    return np.array([[int(rng.random() < pj) for pj in p] for _ in range(n)]).reshape(n, len(p))


@right("2-3")
def library(p, n, rng):
    return rng.binomial(1, p, size=(n, len(p))).astype(float)


@right("2-3")
def mirrored(p, n, rng):
    return (1 - rng.random((n, len(p))) <= p).astype(np.uint8)


@wrong("2-3", says="0 と 1 の確率が逆")
def comparison_reversed(p, n, rng):
    return (rng.random((n, len(p))) >= p).astype(int)


@wrong("2-3", says="確率 0.5 で切り分け")
def most_probable_picture(p, n, rng):
    return np.tile(p > 0.5, (n, 1)).astype(int)


@wrong("2-3", says="乱数を d 個しか")
def one_picture_repeated(p, n, rng):
    return np.tile(rng.random(len(p)) < p, (n, 1)).astype(int)


@wrong("2-3", says="全部の画素に同じ乱数")
def one_uniform_a_row(p, n, rng):
    return (rng.random((n, 1)) < p).astype(int)


@wrong("2-3", says="行と列が逆")
def transposed(p, n, rng):
    return (rng.random((len(p), n)) < p[:, None]).astype(int)


@wrong("2-3", says="確率 ½ で")
def fair_coins(p, n, rng):
    return rng.integers(2, size=(n, len(p)))


@wrong("2-3", says="確率のまま")
def probabilities(p, n, rng):
    return np.tile(p, (n, 1))


@wrong("2-3", says="渡された rng だけ")
def global_generator(p, n, rng):
    return (np.random.random((n, len(p))) < p).astype(int)  # noqa: NPY002


@wrong("2-3", says="種のちがう rng")
def own_seed(p, n, rng):
    return (np.random.default_rng(0).random((n, len(p))) < p).astype(int)


@wrong("2-3", says="となり合う画像")
def every_picture_twice(p, n, rng):
    return np.repeat(rng.random((n - n // 2, len(p))) < p, 2, axis=0)[:n].astype(int)


@wrong("2-3", says="形が (3,)")
def one_picture_only(p, n, rng):
    return (rng.random(len(p)) < p).astype(int)


# 2-4 excess_cooccurrence


@right("2-4")
def centred_first(x):
    centred = x - x.mean(axis=0)
    return centred.T @ centred / len(x)


@right("2-4")
def loop_over_pairs(x):
    n, d = x.shape
    out = [[0.0] * d for _ in range(d)]
    for i in range(d):
        for j in range(d):
            both = sum(1 for row in x if row[i] == 1 and row[j] == 1)
            out[i][j] = both / n - np.count_nonzero(x[:, i]) / n * np.count_nonzero(x[:, j]) / n
    return out


@right("2-4")
def library_covariance(x):
    return np.cov(x, rowvar=False, ddof=0)


@right("2-4")
def broadcast(x):
    both = (x[:, :, None] * x[:, None, :]).mean(axis=0)
    return both - x.mean(axis=0)[:, None] * x.mean(axis=0)


@wrong("2-4", says="相関係数")
def correlation(x):
    return np.corrcoef(x.T)


@wrong("2-4", says="N − 1")
def unbiased_covariance(x):
    return np.cov(x.T)


@wrong("2-4", says="対角を 0")
def without_diagonal(x):
    out = np.cov(x.T, ddof=0)
    np.fill_diagonal(out, 0)
    return out


@wrong("2-4", says="P(i, j) を返しています")
def joint_only(x):
    return x.T.astype(float) @ x / len(x)


@wrong("2-4", says="引く順番が逆")
def reversed_sign(x):
    p = x.mean(axis=0)
    return np.outer(p, p) - x.T.astype(float) @ x / len(x)


@wrong("2-4", says="N で割っていません")
def counts_minus_product(x):
    p = x.mean(axis=0)
    return x.T.astype(float) @ x - np.outer(p, p)


@wrong("2-4", says="画像どうし")
def pairs_of_pictures(x):
    return np.cov(x, ddof=0)


@wrong("2-4", says="桁あふれ", points=1)
def int8_overflow(x):
    p = x.mean(axis=0)
    return x.T @ x / len(x) - np.outer(p, p)

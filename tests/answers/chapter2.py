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


@wrong("2-2", says="np.where")
def if_on_an_array(x, p):
    return np.log(p if x == 1 else 1 - p).sum(axis=1)


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


@wrong("2-2", says="log 0 を", points=1)
def clipped(x, p):
    p = np.clip(p, 1e-12, 1 - 1e-12)
    return (x * np.log(p) + (1 - x) * np.log(1 - p)).sum(axis=1)


@wrong("2-2", says="log 0 を", points=1)
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


@wrong("2-3", says="一様乱数と p の形が合っていません")
def one_uniform_an_image(p, n, rng):
    return (rng.random(n) < p).astype(int)


@wrong("2-3", says="文字列が返ってきました")
def written_pixels(p, n, rng):
    return np.where(rng.random((n, len(p))) < p, "1", "0")


@wrong("2-3", says="文字列が返ってきました")
def listed_written_pixels(p, n, rng):
    return [[str(int(pixel)) for pixel in row] for row in rng.random((n, len(p))) < p]


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


@wrong("2-4", says="x @ x.T ではなく x.T @ x")
def images_with_images(x):
    x = x.astype(float)
    p = x.mean(axis=0)
    return x @ x.T / len(x) - np.outer(p, p)


@wrong("2-4", says="画像どうし")
def pairs_of_pictures(x):
    return np.cov(x, ddof=0)


@wrong("2-4", says="桁あふれ", points=1)
def int8_overflow(x):
    p = x.mean(axis=0)
    return x.T @ x / len(x) - np.outer(p, p)


# One slip each: what beginners wrote, in the order of the exercises.


@wrong("2-1", says="標準偏差を返しています")
def standard_deviations(x):
    return x.std(axis=0)


@wrong("2-1", says="分散を返しています")
def variances(x):
    return x.var(axis=0)


@wrong("2-1", says="中央値を返しています")
def medians(x):
    return np.median(x, axis=0)


@wrong("2-1", says="0 か 1 に丸めています")
def rounded(x):
    return np.round(x.mean(axis=0))


@wrong("2-1", says="形が (1, d) になっています")
def keepdims(x):
    return x.mean(axis=0, keepdims=True)


@wrong("2-1", says="0 だった割合になっています")
def zeros_ratio(x):
    return (x == 0).mean(axis=0)


@wrong("2-1", says="画素についての和が 1 になるように割っています")
def normalised(x):
    return x.sum(axis=0) / x.sum()


@wrong("2-1", says="画素の数 d で割っています")
def over_pixels_only(x):
    return x.sum(axis=0) / x.shape[1]


@wrong("2-1", says="画像が 1 枚もないのに値が返ってきます（None ", points=1)
def empty_zero(x):
    return x.mean(axis=0) if len(x) else np.zeros(x.shape[1])


@wrong("2-1", says="百分率（100 倍）になっています")
def in_percent(x):
    return 100 * x.mean(axis=0)


@wrong("2-2", says="ほんの少しだけずれています", points=1)
def clipped_at_a_millionth(x, p):
    p = np.clip(p, 1e-06, 1 - 1e-06)
    return (x * np.log(p) + (1 - x) * np.log(1 - p)).sum(axis=1)


@wrong("2-2", says="底が 10 の対数になっています")
def common_logarithm(x, p):
    return np.log10(np.where(x == 1, p, 1 - p)).sum(axis=1)


@wrong("2-2", says="画素ごとの値のまま返しています")
def no_sum(x, p):
    return np.log(np.where(x == 1, p, 1 - p))


@wrong("2-2", says="1 − p の対数ではなく、1 − log p を使")
def log_1_minus_logp(x, p):
    return (x * np.log(p) + (1 - x) * (1 - np.log(p))).sum(axis=1)


@wrong("2-2", says="0 の画素の項を引いています")
def x_minus(x, p):
    return (x * np.log(p) - (1 - x) * np.log(1 - p)).sum(axis=1)


@wrong("2-2", says="0 の画素しか数えていません")
def only_zeros(x, p):
    return ((1 - x) * np.log(1 - p)).sum(axis=1)


@wrong("2-2", says="x * p の対数を取っているので、0 の画素で l")
def log_of_x_times_p(x, p):
    return np.log(x * p).sum(axis=1)


@wrong("2-2", says="確率の平均の対数になっています")
def log_of_mean(x, p):
    return np.log(np.where(x == 1, p, 1 - p).mean(axis=1))


@wrong("2-2", says="math.log は 0 を渡すとエラーになります", points=1)
def math_log(x, p):
    return [sum((math.log(pj if v else 1 - pj) for v, pj in zip(r, p, strict=False))) for r in x]


@wrong("2-2", says="数を 1 つしか返していません")
def first_row(x, p):
    for r in x:
        return np.log(np.where(r == 1, p, 1 - p)).sum()


@wrong("2-2", says="対数を取らずに確率を足しています")
def no_log_sum(x, p):
    return np.where(x == 1, p, 1 - p).sum(axis=1)


@wrong("2-3", says="全部の画素が 1 列に並んでいます")
def one_long_row(p, n, rng):
    return (rng.random(n * len(p)).reshape(n, -1) < p).astype(int).ravel()


@wrong("2-3", says="正規乱数と比べています")
def normal_numbers(p, n, rng):
    return (rng.normal(size=(n, len(p))) < p).astype(int)


@wrong("2-3", says="一様乱数をそのまま返しています")
def uniforms_themselves(p, n, rng):
    return rng.random((n, len(p)))


@wrong("2-3", says="1 のかわりに確率 p[j] が入っています")
def probability_for_one(p, n, rng):
    return np.where(rng.random((n, len(p))) < p, p, 0)


@wrong("2-3", says="どの画素にも p の平均を使っています")
def mean_probability(p, n, rng):
    return (rng.random((n, len(p))) < p.mean()).astype(int)


@wrong("2-3", says="p の並びが逆になっています")
def reversed_p(p, n, rng):
    return (rng.random((n, len(p))) < p[::-1]).astype(int)


@wrong("2-3", says="n = 0 のときの形が (0, d) になっていま", points=1)
def nothing_has_no_columns(p, n, rng):
    return np.array([(rng.random(len(p)) < p).astype(int) for _ in range(n)])


@wrong("2-3", says="どの画像にも 1 が 1 つだけあります")
def choice_row(p, n, rng):
    return np.eye(len(p), dtype=int)[rng.choice(len(p), n, p=p / p.sum())]


@wrong("2-4", says="画像どうしの組を比べています")
def cov_rows(x):
    return np.cov(x)


@wrong("2-4", says="対角（i = j）しか計算していません")
def elementwise(x):
    return (x * x).mean(axis=0) - x.mean(axis=0) ** 2


@wrong("2-4", says="P(i) P(j) ではなく、P(j) だけを引いて")
def nomean_outer(x):
    return x.T @ x / len(x) - x.mean(axis=0)


@wrong("2-4", says="引かずに割っています")
def ratio(x):
    p = x.mean(axis=0)
    return x.T @ x / len(x) / np.outer(p, p)


@wrong("2-4", says="p @ p は 1 つの数です")
def p_dot(x):
    p = x.mean(axis=0)
    return x.T @ x / len(x) - p @ p


@wrong("2-4", says="p * p は要素ごとの積で、長さ d の配列です")
def p_star(x):
    p = x.mean(axis=0)
    return x.T @ x / len(x) - p * p


@wrong("2-4", says="P(i) P(j) だけを返しています")
def outer_only(x):
    p = x.mean(axis=0)
    return np.outer(p, p)


@wrong("2-4", says="絶対値を取っています")
def absolute(x):
    p = x.mean(axis=0)
    return abs(x.T @ x / len(x) - np.outer(p, p))


@wrong("2-4", says="P(i, j) を求めるときに、画素の数 d で割っ")
def d_div(x):
    p = x.mean(axis=0)
    return x.T @ x / x.shape[1] - np.outer(p, p)


@wrong("2-4", says="対角だけ P(i) になっています")
def diag_p(x):
    x = x.astype(float)
    p = x.mean(axis=0)
    m = x.T @ x / len(x) - np.outer(p, p)
    np.fill_diagonal(m, p)
    return m


@wrong("2-4", says="枚数のまま引き算をしています")
def counts_all(x):
    return x.T @ x - np.outer(x.sum(axis=0), x.sum(axis=0))


@wrong("2-4", says="P(i, j) を求めるときに、N − 1 で割って")
def nm1_both(x):
    x = x.astype(float)
    return x.T @ x / (len(x) - 1) - np.outer(x.mean(axis=0), x.mean(axis=0))


@wrong("2-4", says="対角の片側が 0 です")
def upper(x):
    x = x.astype(float)
    p = x.mean(axis=0)
    return np.triu(x.T @ x / len(x) - np.outer(p, p))


@wrong("2-4", says="整数の割り算（//）で小数が切り捨てられています")
def floordiv(x):
    p = x.mean(axis=0)
    return x.T @ x // len(x) - np.outer(p, p)

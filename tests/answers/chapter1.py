"""Answers to the exercises of chapter 1."""

from collections import Counter, defaultdict
from fractions import Fraction

import numpy as np

from . import right, wrong

# 1-1 empirical_pmf


@right("1-1")
def unique_rows(data):
    if data.shape[0] == 0:
        raise ValueError("empty")
    patterns, counts = np.unique(data, axis=0, return_counts=True)
    return {tuple(p): c / len(data) for p, c in zip(patterns, counts, strict=True)}


@right("1-1")
def add_a_share_per_row(data):
    pmf = defaultdict(Fraction)
    if not len(data):
        raise ValueError
    for row in data:
        pmf[tuple(row)] += Fraction(1, len(data))
    return pmf


@right("1-1")
def counter_divided_in_place(data):
    print("rows:", len(data))  # a print costs nothing
    counts = Counter(tuple(row) for row in data)
    if sum(counts.values()) == 0:
        raise ValueError("no data")
    for key in counts:
        counts[key] = np.float32(counts[key]) / np.float64(len(data))
    return counts


@wrong("1-1", says="数えた枚数のまま")
def counts_only(data):
    return dict(Counter(map(tuple, data.tolist())))


@wrong("1-1", says="パターンの種類の数")
def divided_by_kinds(data):
    counts = Counter(map(tuple, data.tolist()))
    return {k: c / len(counts) for k, c in counts.items()}


@wrong("1-1", says="画素の総数")
def divided_by_pixels(data):
    return {k: c / data.size for k, c in Counter(map(tuple, data.tolist())).items()}


@wrong("1-1", says="空の辞書", points=1)
def empty_stays_empty(data):
    return {k: c / len(data) for k, c in Counter(map(tuple, data.tolist())).items()}


@wrong("1-1", says="キーはタプル")
def keys_are_strings(data):
    if len(data) == 0:
        raise ValueError
    return {"".join(map(str, k)): c / len(data) for k, c in Counter(map(tuple, data.tolist())).items()}


@wrong("1-1", says="return を書きましたか")
def forgets_return(data):
    Counter(map(tuple, data.tolist()))


@wrong("1-1", says="unhashable")
def lists_as_keys(data):
    return {row: 1 for row in data.tolist()}


# 1-2 smoothed_pmf


@right("1-2")
def closed_form(counts, alpha):
    n, k = np.sum(counts), len(counts)
    if n + alpha * k == 0:
        raise ValueError("0 / 0")
    return (counts + alpha) / (n + alpha * k)


@right("1-2")
def with_a_loop(counts, alpha):
    total = 0
    for c in counts:
        total += c + alpha
    if total == 0:
        raise ValueError
    return [(c + alpha) / total for c in counts]


@right("1-2")
def mixture_of_two(counts, alpha):
    """λ·(frequencies) + (1 − λ)·uniform, with λ = N / (N + αK)."""
    counts = np.asarray(counts, dtype=np.float32).astype(np.float64)
    n, k = counts.sum(), counts.size
    if n == 0 and alpha == 0:
        raise ValueError
    share = n / (n + alpha * k)
    frequencies = counts / n if n else np.zeros(k)
    return share * frequencies + (1 - share) / k


@wrong("1-2", says="分母が N のまま")
def denominator_n(counts, alpha):
    return (counts + alpha) / counts.sum()


@wrong("1-2", says="1 回しか足していません")
def denominator_n_plus_alpha(counts, alpha):
    return (counts + alpha) / (counts.sum() + alpha)


@wrong("1-2", says="数えたことのあるパターンにしか")
def only_observed(counts, alpha):
    weights = np.where(counts > 0, counts + alpha, 0)
    return weights / weights.sum()


@wrong("1-2", says="α が使われていません")
def ignores_alpha(counts, alpha):
    return counts / counts.sum()


@wrong("1-2", says="和が 1 になっていません")
def not_normalised(counts, alpha):
    return counts + alpha


@wrong("1-2", says="0 / 0", points=1)
def lets_zero_by_zero_pass(counts, alpha):
    return (counts + alpha) / (counts.sum() + alpha * len(counts))


# 1-3 sample_categorical


@right("1-3")
def first_edge_above(p, n, rng):
    edges = np.cumsum(p)
    edges[-1] = 1.0
    return [next(k for k, edge in enumerate(edges) if u < edge) for u in rng.random(n)]


@right("1-3")
def compare_and_count(p, n, rng):
    return (rng.random((n, 1)) >= np.cumsum(p)[:-1]).sum(axis=1)


@right("1-3")
def library(p, n, rng):
    return rng.choice(len(p), size=n, p=p).astype(np.int32)


@right("1-3")
def from_multinomials(p, n, rng):
    return rng.multinomial(1, p, size=n).argmax(axis=1).astype(float)


@wrong("1-3", says="1 つ大きく")
def off_by_one(p, n, rng):
    return np.searchsorted(np.cumsum(p), rng.random(n)) + 1


@wrong("1-3", says="どの番号も同じ割合")
def uniform(p, n, rng):
    return rng.integers(len(p), size=n)


@wrong("1-3", says="毎回同じ番号")
def most_probable(p, n, rng):
    return np.full(n, np.argmax(p))


@wrong("1-3", says="累積しないまま")
def not_cumulated(p, n, rng):
    return [next((k for k, pk in enumerate(p) if u < pk), len(p) - 1) for u in rng.random(n)]


@wrong("1-3", says="渡された rng だけ")
def global_generator(p, n, rng):
    return np.random.choice(len(p), size=n, p=p)  # noqa: NPY002


@wrong("1-3", says="種のちがう rng")
def own_seed(p, n, rng):
    return np.random.default_rng(0).choice(len(p), size=n, p=p)


@wrong("1-3", says="偶然では説明できない")
def last_bin_unreachable(p, n, rng):
    return np.minimum(np.searchsorted(np.cumsum(p), rng.random(n)), len(p) - 2)


# 1-4 total_variation


@right("1-4")
def positive_part(p, q):
    return sum(max(q[k] - p.get(k, 0), 0) for k in q)


@right("1-4")
def with_arrays(p, q):
    keys = list(p) + [k for k in q if k not in p]
    a, b = np.array([p.get(k, 0.0) for k in keys]), np.array([q.get(k, 0.0) for k in keys])
    return np.linalg.norm(a - b, ord=1) / 2


@right("1-4")
def one_minus_overlap(p, q):
    overlap = 0.0
    for key in p.keys() & q.keys():
        overlap += min(p[key], q[key])
    return np.array(1 - overlap)


@wrong("1-4", says="½")
def without_half(p, q):
    return sum(abs(p.get(k, 0) - q.get(k, 0)) for k in {*p, *q})


@wrong("1-4", says="片方の分布にだけ")
def keys_of_p(p, q):
    return sum(abs(p[k] - q.get(k, 0)) for k in p) / 2


@wrong("1-4", says="共通のキーだけ")
def common_keys(p, q):
    return sum(abs(p[k] - q[k]) for k in p if k in q) / 2


@wrong("1-4", says="最大値")
def largest_difference(p, q):
    return max(abs(p.get(k, 0) - q.get(k, 0)) for k in {*p, *q})


@wrong("1-4", says="絶対値にせず")
def signed(p, q):
    return sum(p.get(k, 0) - q.get(k, 0) for k in {*p, *q}) / 2


@wrong("1-4", says="2 乗")
def squared(p, q):
    return sum((p.get(k, 0) - q.get(k, 0)) ** 2 for k in {*p, *q}) / 2


@wrong("1-4", says="KeyError")
def needs_the_same_keys(p, q):
    return sum(abs(p[k] - q[k]) for k in p) / 2

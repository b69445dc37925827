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


@wrong("1-1", says="行（リストや配列）を、そのままキーに")
def lists_as_keys(data):
    return {row: 1 for row in data.tolist()}


@wrong("1-1", says="行（リストや配列）を、そのままキーに")
def arrays_as_keys(data):
    counts = {}
    for row in data:
        counts[row] = counts.get(row, 0) + 1
    return counts


@wrong("1-1", says="タプルにしてください")
def counter_of_rows(data):
    return {k: c / len(data) for k, c in Counter(data.tolist()).items()}


@wrong("1-1", says="値が数ではありません（文字列）")
def formatted_shares(data):
    if not len(data):
        raise ValueError
    return {k: f"{c / len(data):.8f}" for k, c in Counter(map(tuple, data.tolist())).items()}


@wrong("1-1", says="raise ValueError(...) と書きます", points=1)
def returns_the_error(data):
    if not len(data):
        return ValueError("empty")
    return {k: c / len(data) for k, c in Counter(map(tuple, data.tolist())).items()}


@wrong("1-1", says="print ではなく return で返してください")
def prints_the_answer(data):
    print({k: c / len(data) for k, c in Counter(map(tuple, data.tolist())).items()})


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


@wrong("1-2", says="整数の配列に小数を足し込んでいます")
def added_in_place(counts, alpha):
    counts += alpha
    return counts / counts.sum()


@wrong("1-2", says="print や return ではなく", points=1)
def prints_the_error(counts, alpha):
    if counts.sum() + alpha == 0:
        print("ValueError")
        return None
    return (counts + alpha) / (counts.sum() + alpha * len(counts))


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


@wrong("1-3", says="累積しないまま np.digitize に")
def digitized_by_probabilities(p, n, rng):
    return np.digitize(rng.random(n), p)


@wrong("1-3", says="rng にその名前の関数はありません")
def old_name(p, n, rng):
    return np.digitize(rng.rand(n), np.cumsum(p)[:-1])


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


@wrong("1-4", says="いつも 0")
def signed(p, q):
    return sum(p.get(k, 0) - q.get(k, 0) for k in {*p, *q}) / 2


@wrong("1-4", says="2 乗")
def squared(p, q):
    return sum((p.get(k, 0) - q.get(k, 0)) ** 2 for k in {*p, *q}) / 2


@wrong("1-4", says="KeyError")
def needs_the_same_keys(p, q):
    return sum(abs(p[k] - q[k]) for k in p) / 2


# One slip each: what beginners wrote, in the order of the exercises.


@wrong("1-1", says="整数の割り算（//）で小数が切り捨てられています")
def whole_division_of_counts(data):
    c = Counter(map(tuple, data.tolist()))
    return {k: v // len(data) for k, v in c.items()}


@wrong("1-1", says="データに現れなかった絵まで、確率 0 として入ってい")
def all_patterns(data):
    import itertools

    if not len(data):
        raise ValueError
    c = Counter(map(tuple, data.tolist()))
    return {k: c[k] / len(data) for k in itertools.product([0, 1], repeat=data.shape[1])}


@wrong("1-1", says="N − 1 で割っています")
def divides_by_n_minus_one(data):
    c = Counter(map(tuple, data.tolist()))
    return {k: v / (len(data) - 1) for k, v in c.items()}


@wrong("1-1", says="同じ絵が何枚あっても 1 枚分の 1/N になってい")
def one_each(data):
    return {tuple(r): 1 / len(data) for r in data.tolist()}


@wrong("1-1", says="百分率（100 倍）になっています")
def in_percent(data):
    c = Counter(map(tuple, data.tolist()))
    return {k: 100 * v / len(data) for k, v in c.items()}


@wrong("1-2", says="α がいつも 1 になっています")
def always_laplace(counts, alpha):
    return (counts + 1) / (counts.sum() + len(counts))


@wrong("1-2", says="割り算のあとで α を足しています")
def alpha_after_division(counts, alpha):
    return counts / counts.sum() + alpha


@wrong("1-2", says="分子にかっこがありません")
def no_brackets_above(counts, alpha):
    return counts + alpha / (counts.sum() + alpha * len(counts))


@wrong("1-2", says="分母にかっこがありません")
def no_brackets_below(counts, alpha):
    return (counts + alpha) / counts.sum() + alpha * len(counts)


@wrong("1-2", says="0 回のパターンだけを α に置き換えています")
def alpha_for_zeros_only(counts, alpha):
    w = np.where(counts == 0, alpha, counts)
    return w / w.sum()


@wrong("1-2", says="K が、1 回以上数えたパターンの数になっています")
def k_of_seen(counts, alpha):
    return (counts + alpha) / (counts.sum() + alpha * (counts > 0).sum())


@wrong("1-2", says="N が配列の長さになっています")
def length_for_total(counts, alpha):
    return (counts + alpha) / (len(counts) + alpha * len(counts))


@wrong("1-2", says="整数の割り算（//）で小数が切り捨てられています")
def whole_division(counts, alpha):
    return (counts + alpha) // (counts.sum() + alpha * len(counts))


@wrong("1-2", says="α = 0 をいつも断っています", points=1)
def alpha_zero_error(counts, alpha):
    if alpha == 0:
        raise ValueError
    return (counts + alpha) / (counts.sum() + alpha * len(counts))


@wrong("1-2", says="分母が 0 なのに値が返ってきます", points=1)
def zeros_return_zero(counts, alpha):
    t = counts.sum() + alpha * len(counts)
    if t == 0:
        return np.zeros(len(counts))
    return (counts + alpha) / t


@wrong("1-2", says="枚数がすべて 0 のときを、いつも断っています", points=1)
def counts_zero_error(counts, alpha):
    if counts.sum() == 0:
        raise ValueError
    return (counts + alpha) / (counts.sum() + alpha * len(counts))


@wrong("1-3", says="番号が 1 つ小さくなっています")
def one_too_small(p, n, rng):
    return np.digitize(rng.random(n), np.cumsum(p)) - 1


@wrong("1-3", says="番号を 1 つしか返していません")
def one_draw(p, n, rng):
    return np.digitize(rng.random(), np.cumsum(p)[:-1])


@wrong("1-3", says="番号ごとの回数を返しています")
def counts_of_draws(p, n, rng):
    return rng.multinomial(n, p)


@wrong("1-3", says="番号の並びが逆になっています")
def counted_from_the_end(p, n, rng):
    return np.array([np.argmax(np.cumsum(p) > u) for u in rng.random(n)])[::-1] * 0 + np.array(
        [len(p) - 1 - np.argmax(np.cumsum(p) > u) for u in rng.random(n)]
    )


@wrong("1-3", says="一様乱数をそのまま返しています")
def uniforms_themselves(p, n, rng):
    return rng.random(n)


@wrong("1-3", says="番号 0 と 1 の境い目が抜けています")
def first_edge_dropped(p, n, rng):
    return np.digitize(rng.random(n), np.cumsum(p)[1:])


@wrong("1-3", says="n 個より少なくなっています")
def loses_draws(p, n, rng):
    out = []
    for u in rng.random(n):
        for k, pk in enumerate(p):
            if u < pk:
                out.append(k)
                break
    return out


@wrong("1-3", says="番号 1 つを決める間に、乱数を引き直しています")
def fresh_uniform_a_bin(p, n, rng):
    out = []
    for _ in range(n):
        for k in range(len(p)):
            if rng.random() < np.cumsum(p)[k]:
                out.append(k)
                break
        else:
            out.append(len(p) - 1)
    return out


@wrong("1-3", says="番号ではなく、その番号の確率 p[k] を返していま")
def probability_for_index(p, n, rng):
    return p[np.digitize(rng.random(n), np.cumsum(p)[:-1])]


@wrong("1-3", says="p を大きさの順に並べ替えたので、もとの番号と合わな")
def sorted_probabilities(p, n, rng):
    return np.digitize(rng.random(n), np.cumsum(np.sort(p))[:-1])


@wrong("1-4", says="値を並び順に比べています")
def by_position(p, q):
    return sum((abs(a - b) for a, b in zip(p.values(), q.values(), strict=False))) / 2


@wrong("1-4", says="差の平均になっています")
def mean_difference(p, q):
    ks = set(p) | set(q)
    return sum(abs(p.get(k, 0) - q.get(k, 0)) for k in ks) / len(ks)


@wrong("1-4", says="共通のキーを 2 回数えています")
def common_keys_twice(p, q):
    return sum(abs(p.get(k, 0) - q.get(k, 0)) for k in list(p) + list(q)) / 2


@wrong("1-4", says="½ を掛けていません")
def own_keys_and_no_half(p, q):
    return sum(abs(p.get(k, 0) - q.get(k, 0)) for k in p)


@wrong("1-4", says="2 つの分布の重なり Σ min(p, q) を返し")
def overlap(p, q):
    return sum(min(p.get(k, 0), q.get(k, 0)) for k in set(p) | set(q))


@wrong("1-4", says="片方の分布にないキーの値が None になっています")
def get_without_default(p, q):
    return sum(abs(p.get(k) - q.get(k)) for k in set(p) | set(q)) / 2

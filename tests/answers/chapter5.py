"""Answers to the exercises of chapter 5."""

import math
from collections import Counter, defaultdict
from fractions import Fraction
from itertools import chain, pairwise

import numpy as np

from course_utils.models.ngram import BOS, EOS

from . import right, wrong


def steps(seq):
    return list(pairwise([BOS, *seq, EOS]))


# 5-1 bigram_probs


@right("5-1")
def array_of_counts(sequences, alpha):
    assert not isinstance(sequences, str)
    if len(sequences) == 0:
        raise ValueError("no sequences")
    letters = sorted(set(chain.from_iterable(sequences)))
    number = {letter: i for i, letter in enumerate(letters)}
    counts = np.zeros((len(letters) + 1, len(letters) + 1))
    for word in sequences:
        ids = [number[letter] for letter in word]
        # The last row is BOS, the last column EOS.
        np.add.at(counts, ([-1, *ids], [*ids, -1]), 1)
    counts += alpha
    p = counts / counts.sum(axis=1, keepdims=True)
    before, after = [*letters, BOS], [*letters, EOS]
    return {(a, b): p[i, j] for i, a in enumerate(before) for j, b in enumerate(after)}


@right("5-1")
def nested_counters(sequences, alpha):
    if not sequences:
        raise ValueError
    following = defaultdict(Counter)
    letters = set()
    for word in sequences:
        previous = BOS
        for letter in word:
            letters.add(letter)
            following[previous][letter] += 1
            previous = letter
        following[previous][EOS] += 1
    table = defaultdict(float)
    for a in {BOS} | letters:
        total = sum(following[a].values()) + alpha * (len(letters) + 1)
        for b in letters | {EOS}:
            table[a, b] = (following[a][b] + alpha) / total
    return table


@right("5-1")
def exact_fractions(sequences, alpha):
    if sequences == []:
        raise ValueError("empty")
    print(len(sequences), "sequences")  # a print costs nothing
    alpha = Fraction(alpha)
    pairs = [pair for word in sequences for pair in steps(word)]
    tokens = [*dict.fromkeys("".join(sequences)), EOS]
    rows = [BOS, *tokens[:-1]]
    n = {a: sum(first == a for first, _ in pairs) for a in rows}
    return {(a, b): (pairs.count((a, b)) + alpha) / (n[a] + alpha * len(tokens)) for a in rows for b in tokens}


def table_from(sequences, alpha, *, pairs=None, rows=None, columns=None, size=None):
    letters = sorted(set("".join(sequences)))
    rows = [BOS, *letters] if rows is None else rows
    columns = [*letters, EOS] if columns is None else columns
    counts = Counter(pair for s in sequences for pair in steps(s)) if pairs is None else Counter(pairs)
    size = len(columns) if size is None else size
    table = {}
    for a in rows:
        total = sum(c for (first, _), c in counts.items() if first == a) + alpha * size
        for b in columns:
            table[a, b] = (counts[a, b] + alpha) / total
    return table


def nonempty(sequences):
    if not sequences:
        raise ValueError("empty")
    return sequences


@wrong("5-1", says="EOS がありません")
def no_eos(sequences, alpha):
    pairs = [pair for s in nonempty(sequences) for pair in steps(s)[:-1]]
    return table_from(sequences, alpha, pairs=pairs, columns=sorted(set("".join(sequences))))


@wrong("5-1", says="EOS が来た回数を数えていません")
def eos_only_smoothed(sequences, alpha):
    return table_from(sequences, alpha, pairs=[pair for s in nonempty(sequences) for pair in steps(s)[:-1]])


@wrong("5-1", says="BOS がありません")
def no_bos(sequences, alpha):
    return table_from(sequences, alpha, rows=sorted(set("".join(nonempty(sequences)))))


@wrong("5-1", says="正規化していません")
def only_counts(sequences, alpha):
    counts = Counter(pair for s in nonempty(sequences) for pair in steps(s))
    return {pair: counts[pair] + alpha for pair in table_from(sequences, 1)}


@wrong("5-1", says="組の総数で割って")
def joint_probability(sequences, alpha):
    weights = only_counts(sequences, alpha)
    return {pair: w / sum(weights.values()) for pair, w in weights.items()}


@wrong("5-1", says="条件の向きが逆")
def given_the_next_token(sequences, alpha):
    weights = only_counts(sequences, alpha)
    return {(a, b): w / sum(v for (_, c), v in weights.items() if c == b) for (a, b), w in weights.items()}


@wrong("5-1", says="キーの順が逆")
def keys_reversed(sequences, alpha):
    return {(b, a): p for (a, b), p in table_from(nonempty(sequences), alpha).items()}


@wrong("5-1", says="分母が n(a) のまま")
def denominator_without_alpha(sequences, alpha):
    return table_from(nonempty(sequences), alpha, size=0)


@wrong("5-1", says="1 回しか足していません")
def denominator_with_one_alpha(sequences, alpha):
    return table_from(nonempty(sequences), alpha, size=1)


@wrong("5-1", says="V に EOS が入っていません")
def vocabulary_without_eos(sequences, alpha):
    return table_from(nonempty(sequences), alpha, size=len(set("".join(sequences))))


@wrong("5-1", says="V が大きすぎます")
def vocabulary_with_bos(sequences, alpha):
    return table_from(nonempty(sequences), alpha, size=len(set("".join(sequences))) + 2)


@wrong("5-1", says="BOS が次のトークンに")
def bos_follows(sequences, alpha):
    return table_from(nonempty(sequences), alpha, columns=[BOS, *sorted(set("".join(sequences))), EOS])


@wrong("5-1", says="EOS が直前のトークンに")
def eos_precedes(sequences, alpha):
    return table_from(nonempty(sequences), alpha, rows=[BOS, *sorted(set("".join(sequences))), EOS])


@wrong("5-1", says="一度も並ばなかった組が入っていません")
def seen_pairs_only(sequences, alpha):
    seen = {pair for s in nonempty(sequences) for pair in steps(s)}
    return {pair: p for pair, p in table_from(sequences, alpha).items() if pair in seen}


@wrong("5-1", says="0 回の組")
def smooths_seen_pairs_only(sequences, alpha):
    counts = Counter(pair for s in nonempty(sequences) for pair in steps(s))
    weights = {pair: (counts[pair] + alpha) * (pair in counts) for pair in table_from(sequences, 1)}
    return {(a, b): w / sum(v for (c, _), v in weights.items() if c == a) for (a, b), w in weights.items()}


@wrong("5-1", says="系列をつなげて")
def one_long_sequence(sequences, alpha):
    return table_from(nonempty(sequences), alpha, pairs=steps("".join(sequences)))


@wrong("5-1", says="α が使われていません")
def ignores_alpha(sequences, alpha):
    return table_from(nonempty(sequences), 0)


@wrong("5-1", says="空の文字列を読み飛ばして", points=1)
def skips_empty_strings(sequences, alpha):
    return table_from([s for s in nonempty(sequences) if s], alpha)


@wrong("5-1", says="値を返しています", points=1)
def no_sequences_no_error(sequences, alpha):
    counts = Counter(pair for s in sequences for pair in steps(s))
    tokens = [*sorted(set("".join(sequences))), EOS]
    n = Counter(a for a, _ in counts.elements())
    rows = [BOS, *tokens[:-1]]
    return {(a, b): (counts[a, b] + alpha) / (n[a] + alpha * len(tokens)) for a in rows for b in tokens}


@wrong("5-1", says="キーはタプル")
def nested_dictionaries(sequences, alpha):
    table = defaultdict(dict)
    for (a, b), p in table_from(nonempty(sequences), alpha).items():
        table[a][b] = p
    return dict(table)


# 5-2 sequence_log_prob


@right("5-2")
def running_total(seq, probs):
    total, before = 0.0, BOS
    for token in [*seq, EOS]:
        p = probs.get((before, token), 0)
        if not p:
            return -math.inf
        total += math.log(p)
        before = token
    return total


@right("5-2")
def counted_pairs(seq, probs):
    counts = Counter(steps(seq))
    if any(probs.get(pair, 0.0) == 0 for pair in counts):
        return float("-inf")
    return np.float64(sum(c * np.log(probs[pair]) for pair, c in counts.items()))


@right("5-2")
def table_of_logs(seq, probs):
    log_probs = {pair: np.log(p) for pair, p in probs.items()}  # warns about log 0, which costs nothing
    return np.array(sum(log_probs.get(pair, -np.inf) for pair in steps(seq)))


def lookup(seq, probs):
    return [probs.get(pair, 0) for pair in steps(seq)]


@wrong("5-2", says="EOS を忘れています")
def forgets_eos(seq, probs):
    return np.log(lookup(seq, probs)[:-1]).sum()


@wrong("5-2", says="BOS を忘れています")
def forgets_bos(seq, probs):
    return np.log(lookup(seq, probs)[1:]).sum()


@wrong("5-2", says="両方を忘れています")
def inner_pairs_only(seq, probs):
    return np.log([probs.get(pair, 0) for pair in pairwise(seq)]).sum()


@wrong("5-2", says="確率そのもの")
def a_probability(seq, probs):
    return math.prod(lookup(seq, probs))


@wrong("5-2", says="確率を足しています")
def sum_of_probabilities(seq, probs):
    return sum(lookup(seq, probs))


@wrong("5-2", says="対数を取るのは足す前")
def log_of_the_sum(seq, probs):
    return np.log(sum(lookup(seq, probs)))


@wrong("5-2", says="平均を返しています")
def mean_of_logs(seq, probs):
    return np.mean(np.log(lookup(seq, probs)))


@wrong("5-2", says="符号が逆")
def negative(seq, probs):
    return -np.log(lookup(seq, probs)).sum()


@wrong("5-2", says="底が 2")
def in_bits(seq, probs):
    return np.log2(lookup(seq, probs)).sum()


@wrong("5-2", says="底が 10")
def in_decimal_digits(seq, probs):
    return np.log10(lookup(seq, probs)).sum()


@wrong("5-2", says="対数を先に取って足して", points=1)
def log_of_the_product(seq, probs):
    return np.log(np.prod(lookup(seq, probs)))


@wrong("5-2", says="確率 0 の組を読み飛ばして", points=1)
def skips_zeros(seq, probs):
    return sum(np.log(p) for p in lookup(seq, probs) if p > 0)


@wrong("5-2", says="表にない組を読み飛ばして", points=1)
def skips_unknown(seq, probs):
    return np.sum([np.log(probs[pair]) for pair in steps(seq) if pair in probs])


@wrong("5-2", says="KeyError", points=1)
def needs_every_pair(seq, probs):
    return np.sum([np.log(probs[pair]) for pair in steps(seq)])


@wrong("5-2", says="math.log は 0 を渡すと", points=1)
def strict_logarithm(seq, probs):
    return sum(math.log(p) for p in lookup(seq, probs))


@wrong("5-2", says="有限の値です", points=1)
def floors_zeros(seq, probs):
    return sum(math.log(max(p, 1e-12)) for p in lookup(seq, probs))


@wrong("5-2", says="有限の値です", points=1)
def floors_zeros_otherwise(seq, probs):
    return sum(math.log(p if p > 0 else 1e-10) for p in lookup(seq, probs))


@wrong("5-2", says="空の文字列に 0", points=1)
def empty_is_nothing(seq, probs):
    return np.log(lookup(seq, probs)).sum() if len(seq) else 0


@wrong("5-2", says="return を書きましたか")
def forgets_return(seq, probs):
    np.log(lookup(seq, probs)).sum()


# 5-3 perplexity


@right("5-3")
def weighted_mean(log_probs, n_tokens):
    if n_tokens.sum() == 0:
        raise ValueError("no tokens")
    per_token = np.where(n_tokens > 0, log_probs / np.maximum(n_tokens, 1), 0)
    return np.exp(-np.average(per_token, weights=n_tokens))


@right("5-3")
def plain_python(log_probs, n_tokens):
    nll, n = 0.0, 0
    for value, tokens in zip(log_probs, n_tokens, strict=True):
        nll -= float(value)
        n += int(tokens)
    if n == 0:
        raise ValueError
    return math.exp(nll / n)


@right("5-3")
def through_bits(log_probs, n_tokens):
    bits = -np.sum(np.asarray(log_probs, dtype=np.float64)) / np.log(2)
    if not np.sum(n_tokens):
        raise ValueError("0 / 0")
    return np.array(2 ** (bits / np.sum(n_tokens)))


def some_tokens(n_tokens):
    if np.sum(n_tokens) == 0:
        raise ValueError
    return np.sum(n_tokens)


@wrong("5-3", says="系列の数で割って")
def per_sequence(log_probs, n_tokens):
    some_tokens(n_tokens)
    return np.exp(-np.mean(log_probs))


@wrong("5-3", says="割り算がありません")
def not_divided(log_probs, n_tokens):
    some_tokens(n_tokens)
    return np.exp(-np.sum(log_probs))


@wrong("5-3", says="符号が逆")
def sign_forgotten(log_probs, n_tokens):
    return np.exp(np.sum(log_probs) / some_tokens(n_tokens))


@wrong("5-3", says="2 のべき")
def base_two(log_probs, n_tokens):
    return 2 ** (-np.sum(log_probs) / some_tokens(n_tokens))


@wrong("5-3", says="NLL のまま")
def mean_nll(log_probs, n_tokens):
    return -np.sum(log_probs) / some_tokens(n_tokens)


@wrong("5-3", says="系列ごとに平均してから")
def mean_of_means(log_probs, n_tokens):
    some_tokens(n_tokens)
    return np.exp(-(log_probs / n_tokens).mean())


@wrong("5-3", says="系列ごとのパープレキシティを平均")
def mean_of_perplexities(log_probs, n_tokens):
    some_tokens(n_tokens)
    return np.exp(-log_probs / n_tokens).mean()


@wrong("5-3", says="系列ごとの値のまま")
def one_each(log_probs, n_tokens):
    return np.exp(-log_probs / n_tokens)


@wrong("5-3", says="EOS の分を引いて")
def takes_eos_away(log_probs, n_tokens):
    some_tokens(n_tokens)
    return np.exp(-np.sum(log_probs) / np.sum(n_tokens - 1))


@wrong("5-3", says="EOS をもう一度数えて")
def counts_eos_twice(log_probs, n_tokens):
    some_tokens(n_tokens)
    return np.exp(-np.sum(log_probs) / np.sum(n_tokens + 1))


@wrong("5-3", says="先に確率に戻して", points=1)
def back_to_probabilities(log_probs, n_tokens):
    n = some_tokens(n_tokens)
    return np.prod(np.exp(log_probs)) ** (-1 / n)


@wrong("5-3", says="−∞ の系列を読み飛ばして", points=1)
def skips_infinite(log_probs, n_tokens):
    kept = log_probs > -np.inf
    return np.exp(-log_probs[kept].sum() / some_tokens(n_tokens[kept]))


@wrong("5-3", says="0 で割っています", points=1)
def zero_by_zero(log_probs, n_tokens):
    return np.exp(-log_probs.sum() / n_tokens.sum())


@wrong("5-3", says="0 で割っています", points=1)
def zero_by_zero_in_python(log_probs, n_tokens):
    return math.exp(-sum(log_probs.tolist()) / sum(n_tokens.tolist()))


# 5-4 apply_temperature


@right("5-4")
def in_the_log_domain(p, T):
    if T == 0:
        best = np.flatnonzero(p == np.max(p))
        out = np.zeros(len(p))
        out[best] = 1 / len(best)
        return out
    logits = np.log(p) / T
    weights = np.exp(logits - logits.max())
    return weights / weights.sum()


@right("5-4")
def with_lists(p, T):
    p = list(p)
    top = max(p)
    weights = [float(value == top) if T == 0 else (value / top) ** (1 / T) for value in p]
    return [w / sum(weights) for w in weights]


@right("5-4")
def limit_by_a_small_temperature(p, T):
    # A ratio of 1 stays 1 at any power, and ratios below 1 vanish: the limit needs no case of its own.
    ratio = np.asarray(p, dtype=np.longdouble) / np.max(p)
    weights = ratio ** (1 / max(T, 1e-9))
    return (weights / weights.sum()).astype(float)


def greedy(p):
    best = (p == p.max()).astype(float)
    return best / best.sum()


def normalise(weights):
    return weights / weights.sum()


@wrong("5-4", says="T 乗しています")
def power_t(p, T):
    return normalise(p**T) if T else greedy(p)


@wrong("5-4", says="正規化していません")
def not_normalised(p, T):
    return p ** (1 / T) if T else greedy(p)


@wrong("5-4", says="最大の要素が 1 になったまま")
def scaled_by_the_largest(p, T):
    return (p / p.max()) ** (1 / T) if T else greedy(p)


@wrong("5-4", says="温度が効かず")
def divides_probabilities(p, T):
    return normalise(p / T) if T else greedy(p)


@wrong("5-4", says="softmax に入れて")
def softmax_of_probabilities(p, T):
    return normalise(np.exp(p / T)) if T else greedy(p)


@wrong("5-4", says="log p に T を掛けるのも同じ")
def logs_times_t(p, T):
    return normalise(np.exp(T * np.log(p))) if T else greedy(p)


@wrong("5-4", says="番号を返しています", points=1)
def index_when_greedy(p, T):
    return p.argmax() if T == 0 else normalise((p / p.max()) ** (1 / T))


@wrong("5-4", says="最初の 1 つだけ", points=1)
def first_of_equals(p, T):
    if T == 0:
        out = np.zeros_like(p)
        out[p.argmax()] = 1
        return out
    return normalise((p / p.max()) ** (1 / T))


@wrong("5-4", says="どれも 1 になって", points=1)
def every_best_gets_one(p, T):
    return (p == p.max()) * 1.0 if T == 0 else normalise((p / p.max()) ** (1 / T))


@wrong("5-4", says="もとの p を返して", points=1)
def zero_changes_nothing(p, T):
    return p if T == 0 else normalise((p / p.max()) ** (1 / T))


@wrong("5-4", says="一様分布になって", points=1)
def zero_is_uniform(p, T):
    return np.ones(len(p)) / len(p) if T == 0 else normalise((p / p.max()) ** (1 / T))


@wrong("5-4", says="0 で割っています", points=1)
def divides_by_zero(p, T):
    return normalise((p / p.max()) ** (1 / T))


@wrong("5-4", says="0 で割っています", points=1)
def logs_divided_by_zero(p, T):
    logits = np.log(p) / T
    return normalise(np.exp(logits - logits.max()))


@wrong("5-4", says="全部の要素が 0 に丸められ", points=1)
def underflows(p, T):
    return normalise(p ** (1 / T)) if T else greedy(p)


@wrong("5-4", says="確率 0 の要素に確率が付いて", points=1)
def small_number_added(p, T):
    if T == 0:
        return greedy(p)
    logits = np.log(p + 1e-12) / T
    return normalise(np.exp(logits - logits.max()))


# One slip each: what beginners wrote, in the order of the exercises.


def full_table(sequences, alpha):
    """The right table, where α = 0 leaves 0 for a token that was never followed."""
    return table_from(nonempty(sequences), alpha)


@wrong("5-1", says="キーが文字列になっています")
def keys_joined(sequences, alpha):
    return {i + j: v for (i, j), v in full_table(sequences, alpha).items()}


@wrong("5-1", says="確率の対数を返しています")
def log_table(sequences, alpha):
    return {k: math.log(v) if v else -math.inf for k, v in full_table(sequences, alpha).items()}


@wrong("5-1", says="α がいつも 1 になっています")
def alpha_is_one(sequences, alpha):
    return full_table(sequences, 1)


@wrong("5-1", says="BOS + s のように文字列をつなげたので、印が ")
def marks_fall_apart(sequences, alpha):
    pairs = Counter(p for x in sequences for p in zip(BOS + x, x + EOS, strict=False))
    tk = sorted(set("".join(sequences)))
    out = {}
    for i in [BOS, *tk]:
        row = {b: pairs[i, b] + alpha for b in [*tk, EOS]}
        t = sum(row.values())
        for b in row:
            out[i, b] = row[b] / t if t else 0
    return out


@wrong("5-2", says="どの組も表に見つかっていません")
def keys_reversed_too(seq, probs):
    return np.log([probs.get((b, a), 0) for a, b in zip([BOS, *seq], [*seq, EOS], strict=False)]).sum()


@wrong("5-2", says="系列の長さで割っています")
def per_length(seq, probs):
    return np.log([probs.get(p, 0) for p in zip([BOS, *seq], [*seq, EOS], strict=False)]).sum() / len(seq)


@wrong("5-2", says="足していません")
def not_summed(seq, probs):
    return np.log([probs.get(p, 0) for p in zip([BOS, *seq], [*seq, EOS], strict=False)])


@wrong("5-2", says="符号が逆です", points=1)
def plus_infinity(seq, probs):
    r = np.log([probs.get(p, 0) for p in zip([BOS, *seq], [*seq, EOS], strict=False)]).sum()
    return np.inf if np.isinf(r) else r


@wrong("5-3", says="割り算が np.exp の外にあります")
def outside(log_probs, n_tokens):
    return np.exp(-log_probs.sum()) / n_tokens.sum()


@wrong("5-3", says="対数をもう一度取っています")
def log_twice(log_probs, n_tokens):
    return np.exp(-np.log(log_probs).sum() / n_tokens.sum())


@wrong("5-3", says="10 のべきになっています")
def power_of_ten(log_probs, n_tokens):
    return 10 ** (-log_probs.sum() / n_tokens.sum())


@wrong("5-3", says="トークンが 1 つもないのに値を返しています", points=1)
def infinity_for_nothing(log_probs, n_tokens):
    return np.exp(-log_probs.sum() / n_tokens.sum()) if n_tokens.sum() else np.inf


@wrong("5-3", says="1 トークンあたりの NLL をビットに直しただけで")
def bits(log_probs, n_tokens):
    return -log_probs.sum() / n_tokens.sum() / np.log(2)


@wrong("5-3", says="整数の割り算（//）で小数が切り捨てられています")
def whole_division(log_probs, n_tokens):
    return np.exp(-log_probs.sum() // n_tokens.sum())


@wrong("5-4", says="p を T で割っただけです")
def over_temperature(p, T):
    return p / T if T else (p == p.max()) / (p == p.max()).sum()


@wrong("5-4", says="log p / T のまま返しています")
def logits_returned(p, T):
    return np.log(p) / T if T else (p == p.max()) / (p == p.max()).sum()


@wrong("5-4", says="1/T が整数に切り捨てられています")
def exponent_truncated(p, T):
    if T == 0:
        return greedy(p)
    w = (p / p.max()) ** (1 // T)
    return w / w.sum()


@wrong("5-4", says="ほんの少しだけずれて")
def small_number_added_everywhere(p, T):
    return normalise((p + 1e-3) ** (1 / T)) if T else greedy(p)

"""n-grams against hand counts, a Counter, exact enumeration of strings, and their own samples."""

import itertools
import math
from collections import Counter, defaultdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from course_utils.models.ngram import BOS, EOS, NGram

FALSE_ALARM = 1e-6
CORPUS = ["ab", "aab", "b", "", "abab", "ba"]
strings = st.lists(st.text("abc", max_size=6), min_size=1, max_size=12).filter(any)


def smoothed(corpus, order, alpha, backoff):
    """The formula of the docstring, one dictionary look-up at a time."""
    tokens = [*sorted(set("".join(corpus))), EOS]
    counts = defaultdict(Counter)
    for s in corpus:
        marked = [BOS] * (order - 1) + list(s) + [EOS]
        for t in range(order - 1, len(marked)):
            for k in range(order):
                counts[tuple(marked[t - k : t])][marked[t]] += 1

    def p(token, context):
        shorter = context[1:]
        q = p(token, shorter) if backoff and context else 1 / len(tokens)
        total = counts[context].total()
        if total + alpha == 0:
            return q
        return (counts[context][token] + alpha * len(tokens) * q) / (total + alpha * len(tokens))

    def log_prob(s):
        marked = [BOS] * (order - 1) + list(s) + [EOS]
        factors = [p(marked[t], tuple(marked[t - order + 1 : t])) for t in range(order - 1, len(marked))]
        return sum(math.log(f) if f > 0 else -math.inf for f in factors)

    return log_prob


def test_bigram_by_hand():
    # After BOS: a, a; after a: b, EOS; after b: EOS. V = 3 (a, b, EOS), α = 1.
    model = NGram(2, alpha=1).fit(["ab", "a"])
    assert model.tokens_ == ["a", "b", EOS]
    np.testing.assert_allclose(model.next_token_probs(""), [3 / 5, 1 / 5, 1 / 5])
    np.testing.assert_allclose(model.next_token_probs("a"), [1 / 5, 2 / 5, 2 / 5])
    np.testing.assert_allclose(model.next_token_probs("ab"), [1 / 4, 1 / 4, 2 / 4])
    np.testing.assert_allclose(model.log_prob(["a"]), [math.log(3 / 5 * 2 / 5)])
    np.testing.assert_allclose(model.token_log_probs(["ab", ""])[0], np.log([3 / 5, 2 / 5, 2 / 4]))


def test_maximum_likelihood_rules_out_what_it_has_not_seen():
    model = NGram(2, alpha=0).fit(["ab", "a"])
    np.testing.assert_allclose(np.exp(model.log_prob(["ab", "a", "b", "aa", ""])), [1 / 2, 1 / 2, 0, 0, 0])
    assert model.perplexity(["b"]) == math.inf


@settings(deadline=None, max_examples=60)
@given(strings, st.lists(st.text("abc", max_size=6), min_size=1), st.integers(1, 5), st.sampled_from([0, 0.1, 1, 3.5]))
@pytest.mark.parametrize("backoff", [False, True])
def test_agrees_with_a_counter(backoff, corpus, held_out, order, alpha):
    model = NGram(order, alpha, backoff=backoff).fit(corpus)
    held_out = [s for s in held_out if set(s) <= set("".join(corpus))] + corpus
    log_prob = smoothed(corpus, order, alpha, backoff)
    np.testing.assert_allclose(model.log_prob(held_out), [log_prob(s) for s in held_out], rtol=1e-12)


@pytest.mark.parametrize("backoff", [False, True])
@pytest.mark.parametrize("order", [1, 2, 3, 5])
def test_all_strings_and_the_tail_sum_to_one(order, backoff):
    model = NGram(order, 0.3, backoff=backoff).fit(CORPUS)
    longest = 6
    short = ["".join(s) for n in range(longest + 1) for s in itertools.product("ab", repeat=n)]
    # What is longer than `longest` starts with one of the prefixes of that length + 1, by the next-token table.
    tail = 0.0
    for prefix in itertools.product("ab", repeat=longest + 1):
        tail += math.prod(
            model.next_token_probs("".join(prefix[:t]))[model.tokens_.index(prefix[t])] for t in range(longest + 1)
        )
    assert tail > 0
    assert np.exp(model.log_prob(short)).sum() + tail == pytest.approx(1, abs=1e-12)


def agree(counts, n, probs):
    """Every cell's exact binomial two-sided test, at FALSE_ALARM for all cells together."""
    counts, probs = np.asarray(counts), np.asarray(probs)
    tail = np.minimum(stats.binom.cdf(counts, n, probs), stats.binom.sf(counts - 1, n, probs))
    return tail.min() > FALSE_ALARM / (2 * len(counts))


@pytest.mark.parametrize(("order", "backoff"), [(1, False), (2, False), (3, True)])
def test_samples_follow_log_prob(order, backoff):
    model = NGram(order, 0.3, backoff=backoff).fit(CORPUS)
    n = 20_000
    drawn = Counter(model.sample(n, np.random.default_rng(0), max_length=1000))
    cells = ["".join(s) for k in range(5) for s in itertools.product("ab", repeat=k)]
    assert agree([drawn[s] for s in cells], n, np.exp(model.log_prob(cells)))


@pytest.mark.parametrize("temperature", [0.5, 1, 2])
def test_temperature_draws_from_the_sharpened_distribution(temperature):
    model = NGram(2, 0.3).fit(CORPUS)
    n = 20_000
    drawn = model.sample(n, np.random.default_rng(1), temperature=temperature, prefix="a")
    drawn = Counter((s + "$")[1] for s in drawn)
    p = model.next_token_probs("a") ** (1 / temperature)
    assert agree([drawn[t] for t in "ab$"], n, p / p.sum())


def test_greedy_takes_the_likeliest_token_each_time():
    model = NGram(3, 0).fit(["abc", "abc", "abd", "ba"])
    rng = np.random.default_rng(0)
    assert model.sample(3, rng, temperature=0) == ["abc"] * 3
    # A very small temperature is greedy too, and does not underflow.
    assert model.sample(3, rng, temperature=1e-3) == ["abc"] * 3
    assert model.sample(2, rng, temperature=0, prefix="b") == ["ba"] * 2


def test_probability_zero_is_never_drawn():
    model = NGram(2, 0).fit(["ab", "a"])
    assert set(model.sample(1000, np.random.default_rng(0))) == {"ab", "a"}


def test_length_is_cut():
    model = NGram(1, 0).fit(["aaaaaaaaa"])
    drawn = model.sample(200, np.random.default_rng(0), max_length=3)
    assert max(map(len, drawn)) == 3
    assert model.sample(2, np.random.default_rng(0), prefix="aaaa", max_length=3) == ["aaaa"] * 2
    assert model.sample(0, np.random.default_rng(0)) == []


def test_tokens_may_be_other_things_than_characters():
    model = NGram(2, 0).fit([[3, 5], (3, 5)])
    assert model.tokens_ == [3, 5, EOS]
    np.testing.assert_allclose(model.log_prob([[3, 5], [3]]), [0, -np.inf])
    assert model.sample(2, np.random.default_rng(0)) == [[3, 5], [3, 5]]


def test_perplexity_of_a_uniform_model_is_the_number_of_tokens():
    model = NGram(1, alpha=1e12).fit(["abc"])
    assert model.perplexity(["a", "bb", "cab"]) == pytest.approx(4)


def test_perplexity_counts_eos():
    model = NGram(2, 0.5).fit(CORPUS)
    held_out = ["ab", "b", "bb"]
    assert model.perplexity(held_out) == pytest.approx(math.exp(-model.log_prob(held_out).sum() / (5 + 3)))


@pytest.mark.parametrize(
    ("call", "error", "says"),
    [
        (lambda m: NGram(0), ValueError, "order"),
        (lambda m: NGram(2, -1), ValueError, "alpha"),
        (lambda m: NGram(2, math.nan), ValueError, "alpha"),
        (lambda m: NGram().fit([]), ValueError, "sequences"),
        (lambda m: NGram().fit(["", ""]), ValueError, "sequences"),
        (lambda m: NGram().fit("かな"), TypeError, "文字列のリスト"),
        (lambda m: NGram().fit([1, 2]), TypeError, "系列"),
        (lambda m: NGram().fit([["a", EOS]]), ValueError, EOS),
        (lambda m: NGram(40).fit(["abc"]), ValueError, "order"),
        (lambda m: m.log_prob(["ab", "axb"]), ValueError, "'x'"),
        (lambda m: m.next_token_probs("x"), ValueError, "'x'"),
        (lambda m: m.sample(1, np.random.default_rng(0), prefix="x"), ValueError, "'x'"),
        (lambda m: m.sample(-1, np.random.default_rng(0)), ValueError, "n は"),
        (lambda m: m.sample(1, 0), TypeError, "rng"),
        (lambda m: m.sample(1, np.random.default_rng(0), temperature=-1), ValueError, "temperature"),
        (lambda m: m.sample(1, np.random.default_rng(0), max_length=0), ValueError, "max_length"),
        (lambda m: NGram().log_prob(["a"]), RuntimeError, "fit"),
    ],
)
def test_bad_input_names_the_argument(call, error, says):
    model = NGram(2, 0.1).fit(CORPUS)
    with pytest.raises(error, match=says):
        call(model)

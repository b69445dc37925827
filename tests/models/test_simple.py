"""The first two families: the empirical table and independent pixels, against enumeration and closed forms."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from course_utils.models import Bernoulli, Empirical, ExplicitModel
from course_utils.models.empirical import all_patterns, pattern_index

RNG = np.random.default_rng
binary = arrays(np.int8, st.tuples(st.integers(1, 12), st.integers(1, 5)), elements=st.integers(0, 1))


@pytest.mark.parametrize("model", [Bernoulli(0.5), Empirical(0.5)])
def test_is_an_explicit_model(model):
    assert isinstance(model, ExplicitModel)


@given(binary, st.floats(0, 10))
def test_probabilities_of_all_patterns_add_up_to_one(x, alpha):
    for family in (Bernoulli, Empirical):
        log_prob = family(alpha).fit(x).log_prob(all_patterns(x.shape[1]))
        assert np.exp(log_prob).sum() == pytest.approx(1)


@given(binary)
def test_empirical_is_the_best_fit_to_its_own_data(x):
    own = Empirical().fit(x).log_prob(x).mean()
    assert own >= Bernoulli().fit(x).log_prob(x).mean() - 1e-12
    assert own >= Empirical(0.3).fit(x).log_prob(x).mean() - 1e-12


def test_pattern_index_reads_base_two():
    assert pattern_index(np.array([[1, 0, 0], [0, 1, 1]])).tolist() == [4, 3]
    assert (pattern_index(all_patterns(6)) == np.arange(64)).all()


def test_bernoulli_by_hand():
    x = np.array([[1, 0, 1], [1, 1, 0]])
    assert Bernoulli().fit(x).p_.tolist() == [1, 0.5, 0.5]
    assert Bernoulli(1).fit(x).p_.tolist() == [0.75, 0.5, 0.5]
    log_prob = Bernoulli().fit(x).log_prob(np.array([[1, 1, 1], [0, 1, 1]]))
    assert log_prob[0] == pytest.approx(np.log(0.25)) and log_prob[1] == -np.inf


@pytest.mark.parametrize("family", [Bernoulli, Empirical])
def test_samples_follow_log_prob(family):
    model = family(0.3).fit(RNG(0).integers(0, 2, size=(30, 3)) * [1, 0, 1])
    drawn = np.bincount(pattern_index(model.sample(40_000, RNG(1))), minlength=8) / 40_000
    p = np.exp(model.log_prob(all_patterns(3)))
    # Five standard errors for each of eight frequencies: one false alarm in 200,000 seeds, and this seed is fixed.
    assert (np.abs(drawn - p) < 5 * np.sqrt(p * (1 - p) / 40_000) + 1e-9).all()


@pytest.mark.parametrize("family", [Bernoulli, Empirical])
@pytest.mark.parametrize(
    ("x", "says"),
    [
        (np.zeros((0, 3)), "空です"),
        (np.zeros(3), "2 次元"),
        (np.array([[0, 2]]), "0 か 1"),
        (np.array([[0, np.nan]]), "NaN"),
        ([["a", "b"]], "数の配列"),
    ],
)
def test_bad_data_is_refused(family, x, says):
    with pytest.raises(ValueError, match=says):
        family().fit(x)


@pytest.mark.parametrize("family", [Bernoulli, Empirical])
def test_bad_calls_are_refused(family):
    with pytest.raises(ValueError, match="alpha"):
        family(-1)
    with pytest.raises(RuntimeError, match="fit"):
        family().sample(3, RNG(0))
    model = family().fit(np.eye(3))
    with pytest.raises(ValueError, match="列数は 3"):
        model.log_prob(np.eye(2))
    with pytest.raises(ValueError, match="n は"):
        model.sample(-1, RNG(0))
    with pytest.raises(TypeError, match="default_rng"):
        model.sample(1, 0)
    assert model.sample(0, RNG(0)).shape == (0, 3)


def test_empirical_refuses_a_table_that_would_not_fit():
    with pytest.raises(ValueError, match="20 以下"):
        Empirical().fit(np.zeros((2, 64)))

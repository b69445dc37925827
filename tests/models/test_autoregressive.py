"""Autoregressive models against exact enumeration, finite differences, SciPy's optimiser and their own samples."""

from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize, special, stats

from course_utils.data import binary_digits, eight_gaussians
from course_utils.models import ExplicitModel
from course_utils.models.autoregressive import (
    MADE,
    AutoregressiveBernoulli,
    AutoregressiveMixture,
    logistic_regression,
    made_masks,
)
from course_utils.models.empirical import all_patterns, pattern_index
from course_utils.models.nn import MLP

FALSE_ALARM = 1e-6


def correlated_bits(n, d, rng):
    """Rows in which each bit mostly repeats the one before, starting from an uneven coin; the last bit is always 1."""
    x = np.empty((n, d))
    x[:, 0] = rng.random(n) < 0.3
    for j in range(1, d):
        x[:, j] = np.where(rng.random(n) < 0.8, x[:, j - 1], rng.random(n) < 0.5)
    x[:, -1] = 1
    return x


@cache
def fitted_binary(d=6, seed=0):
    x = correlated_bits(400, d, np.random.default_rng(seed))
    rng = np.random.default_rng(seed + 1)
    return [
        AutoregressiveBernoulli().fit(x),
        MADE(20, steps=300).fit(x, rng),
        MADE((16, 12), steps=200).fit(x, rng),
    ]


def agree(counts, n, probs, slack=0.0):
    """Every cell's exact binomial two-sided test, at FALSE_ALARM for all cells together; p is known up to ``slack``."""
    counts, probs = np.asarray(counts), np.asarray(probs)
    low, high = np.clip(probs - slack, 0, 1), np.clip(probs + slack, 0, 1)
    tail = np.minimum(stats.binom.cdf(counts, n, low), stats.binom.sf(counts - 1, n, high))
    return tail.min() > FALSE_ALARM / (2 * len(counts))


def numeric_gradient(f, vector, h=1e-6):
    gradient = np.empty(vector.size)
    for i in range(vector.size):
        kept = vector[i]
        vector[i] = kept + h
        up = f()
        vector[i] = kept - h
        gradient[i] = (up - f()) / (2 * h)
        vector[i] = kept
    return gradient


# --- masks -----------------------------------------------------------------------------------------------------------


@settings(deadline=None, max_examples=60)
@given(st.integers(1, 9), st.lists(st.integers(1, 12), min_size=1, max_size=3), st.integers(1, 3))
def test_masks_leave_no_path_from_a_column_to_its_own_outputs(d, hidden, per_column):
    masks = made_masks(d, tuple(hidden), per_column)
    assert [m.shape for m in masks] == list(zip([d, *hidden], [*hidden, d * per_column], strict=True))
    paths = np.linalg.multi_dot(masks)
    column = np.repeat(np.arange(d), per_column)
    assert (paths[np.arange(d)[:, None] >= column] == 0).all()
    if min(hidden) >= d - 1:  # wide enough for every number: then every earlier column is seen
        assert (paths[np.arange(d)[:, None] < column] > 0).all()


def test_no_output_depends_on_its_own_or_later_pixels():
    for model in fitted_binary():
        x = all_patterns(6)
        p = model.conditionals(x)
        for i in range(6):
            flipped = x.copy()
            flipped[:, i] = 1 - flipped[:, i]
            np.testing.assert_array_equal(model.conditionals(flipped)[:, : i + 1], p[:, : i + 1])


def test_receptive_field_is_strictly_lower_triangular_and_matches_differences():
    x = correlated_bits(400, 6, np.random.default_rng(0))
    linear, made, deep = fitted_binary()
    fields = [linear.receptive_field(), made.receptive_field(x), deep.receptive_field(x)]
    for field in fields:
        assert field.shape == (6, 6)
        assert (np.triu(field) == 0).all()
    # Each bit was made from the one before: there the influence is strong.
    for field in fields:
        assert (np.argmax(field[1:5], axis=1) == np.arange(4)).all()
    h = 1e-2
    for i in range(6):
        moved = np.eye(6)[i] * h
        numeric = np.abs((made.net_(x + moved) - made.net_(x - moved)) / (2 * h)).mean(axis=0)
        np.testing.assert_allclose(fields[1][:, i], numeric, atol=2e-3)


# --- binary columns --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("d", [1, 2, 6, 10])
def test_all_images_sum_to_one(d):
    for model in fitted_binary(d):
        assert np.exp(model.log_prob(all_patterns(d))).sum() == pytest.approx(1, abs=1e-6)


def test_log_prob_is_the_sum_of_the_conditionals():
    x = all_patterns(6)
    for model in fitted_binary():
        p = model.conditionals(x)
        np.testing.assert_allclose(model.log_prob(x), np.log(np.where(x == 1, p, 1 - p)).sum(axis=1), rtol=1e-6)


def test_binary_samples_follow_log_prob():
    n = 20_000
    for model in fitted_binary():
        drawn = model.sample(n, np.random.default_rng(3))
        assert drawn.shape == (n, 6)
        assert drawn.dtype == np.int8
        counts = np.bincount(pattern_index(drawn), minlength=64)
        assert agree(counts, n, np.exp(model.log_prob(all_patterns(6))))


def test_prefix_is_kept_and_the_rest_follows_the_conditional():
    n = 20_000
    for model in fitted_binary():
        drawn = model.sample(n, np.random.default_rng(4), prefix=[1, 0])
        assert (drawn[:, :2] == [1, 0]).all()
        rest = np.c_[np.tile([1, 0], (16, 1)), all_patterns(4)]
        p = np.exp(model.log_prob(rest))
        assert agree(np.bincount(pattern_index(drawn[:, 2:]), minlength=16), n, p / p.sum())
        each = all_patterns(3)
        np.testing.assert_array_equal(model.sample(8, np.random.default_rng(5), prefix=each)[:, :3], each)
        every = all_patterns(6)
        np.testing.assert_array_equal(model.sample(64, np.random.default_rng(5), prefix=every), every)


def test_logistic_regression_finds_the_optimum_that_scipy_finds():
    rng = np.random.default_rng(0)
    inputs = np.c_[np.ones(200), rng.integers(0, 2, (200, 5))]
    y = (rng.random(200) < special.expit(inputs @ rng.normal(size=6) * 2)).astype(float)
    penalty = np.array([1e-3, 1, 1, 1, 1, 1]) * 0.7

    def loss(theta):
        h = inputs @ theta
        return np.logaddexp(0, -np.where(y == 1, h, -h)).sum() + 0.5 * penalty @ theta**2

    expected = optimize.minimize(loss, np.zeros(6), method="BFGS", options={"gtol": 1e-8}).x
    np.testing.assert_allclose(logistic_regression(inputs, y, 0.7), expected, atol=1e-5)


@pytest.mark.parametrize("l2", [1e-6, 1.0])
def test_logistic_regression_survives_separable_and_constant_columns(l2):
    inputs = np.c_[np.ones(100), np.arange(100) >= 50, np.arange(100) >= 50]
    for y in (inputs[:, 1], np.zeros(100), np.ones(100)):
        theta = logistic_regression(inputs, y, l2)
        assert np.isfinite(theta).all()
        p = special.expit(inputs @ theta)
        penalty = np.array([1e-3, 1, 1]) * l2
        assert np.abs(inputs.T @ (p - y) + penalty * theta).max() < 1e-3  # it is a stationary point
        assert ((p > 0.5) == y).all()


@pytest.mark.parametrize("seed", [136, 294, 400])
def test_logistic_regression_converges_where_full_newton_steps_run_away(seed):
    rng = np.random.default_rng(seed)
    inputs = np.c_[np.ones(8), rng.standard_cauchy((8, 3)) * 5]
    y = (rng.random(8) < 0.4).astype(float)
    theta = logistic_regression(inputs, y, 1e-2)
    p = special.expit(inputs @ theta)
    gradient = inputs.T @ (p - y) + np.array([1e-5, 1e-2, 1e-2, 1e-2]) * theta
    assert np.abs(gradient).max() < 1e-3


def test_made_gradient_against_finite_differences():
    rng = np.random.default_rng(0)
    model = MADE((7, 6))
    model.d_ = 5
    model.net_ = MLP((5, 7, 6, 5), rng, "tanh", masks=made_masks(5, (7, 6)), dtype=np.float64)
    x = rng.integers(0, 2, (8, 5)).astype(float)
    _, gradient = model._loss(x)
    free = np.flatnonzero(gradient)  # a masked weight is 0 and must stay: the network's gradient there is set to 0
    numeric = numeric_gradient(lambda: model._loss(x)[0], model.net_.params)
    np.testing.assert_allclose(gradient[free], numeric[free], atol=1e-8)
    assert len(free) > 60
    assert model._loss(x)[0] == pytest.approx(-model.log_prob(x).mean())


def test_digits_reach_the_figures_of_the_course():
    train, test = binary_digits()
    assert -AutoregressiveBernoulli().fit(train).log_prob(test).mean() < 18.14
    made = MADE(256).fit(train, np.random.default_rng(0))
    assert -made.log_prob(test).mean() < 16.76
    # What it learned on is never worse than what it has not seen; history tells the same story.
    assert -made.log_prob(train).mean() < -made.log_prob(test).mean()
    assert made.history_[:, 2].argmin() > 10


def test_made_keeps_the_parameters_that_scored_best():
    x = correlated_bits(60, 6, np.random.default_rng(0))
    model = MADE(200, l2=0, steps=4000, lr=2e-2).fit(x, np.random.default_rng(0))
    assert model.history_[-1, 0] < 4000  # it overfits such a small set, and stops
    held_out = x[np.random.default_rng(0).permutation(60)][:6]
    assert -model.log_prob(held_out).mean() == pytest.approx(model.history_[:, 2].min(), rel=1e-4)


def test_same_rng_same_model():
    x = correlated_bits(100, 5, np.random.default_rng(0))
    one, two = (MADE(10, steps=60).fit(x, np.random.default_rng(7)) for _ in range(2))
    np.testing.assert_array_equal(one.net_.params, two.net_.params)


# --- real columns ----------------------------------------------------------------------------------------------------


def test_mixture_gradient_against_finite_differences():
    rng = np.random.default_rng(0)
    model = AutoregressiveMixture(n_components=3, hidden=(6, 5), min_scale=0.05)
    model.d_, model.mean_, model.scale_ = 3, np.zeros(3), np.ones(3)
    model.net_ = MLP((3, 6, 5, 27), rng, "silu", masks=made_masks(3, (6, 5), 9), dtype=np.float64)
    model.net_.layers()[-1][1][:] = rng.normal(size=27)
    x = rng.normal(size=(7, 3))
    _, gradient = model._loss(x)
    free = np.flatnonzero(gradient)
    numeric = numeric_gradient(lambda: model._loss(x)[0], model.net_.params)
    np.testing.assert_allclose(gradient[free], numeric[free], atol=1e-7)
    assert len(free) > 90
    assert model._loss(x)[0] == pytest.approx(-model.log_prob(x).mean())


@pytest.fixture(scope="module")
def eight():
    x = eight_gaussians(4000, np.random.default_rng(0))
    return AutoregressiveMixture().fit(x, np.random.default_rng(1))


def density_on_grid(model, low=-3.5, high=3.5, cells=14, per_cell=20):
    """Probability of each of cells × cells squares, by the midpoint rule on ``log_prob``."""
    step = (high - low) / (cells * per_cell)
    axis = low + step * (np.arange(cells * per_cell) + 0.5)
    grid = np.stack(np.meshgrid(axis, axis, indexing="ij"), axis=-1).reshape(-1, 2)
    mass = np.exp(model.log_prob(grid)).reshape(cells, per_cell, cells, per_cell).sum(axis=(1, 3)) * step**2
    return mass.ravel()


def test_mixture_density_integrates_to_one(eight):
    assert density_on_grid(eight).sum() == pytest.approx(1, abs=2e-3)


def test_mixture_samples_follow_log_prob(eight):
    n = 20_000
    drawn = eight.sample(n, np.random.default_rng(2))
    assert drawn.shape == (n, 2)
    edges = np.linspace(-3.5, 3.5, 15)
    counts = np.histogram2d(*drawn.T, bins=(edges, edges))[0].ravel()
    assert agree(counts, n, density_on_grid(eight), slack=5e-4)


def test_mixture_is_close_to_the_true_density(eight):
    x = eight_gaussians(5000, np.random.default_rng(3))
    angle = np.arange(8) * np.pi / 4
    centres = 2 * np.c_[np.cos(angle), np.sin(angle)]
    truth = np.logaddexp.reduce([stats.multivariate_normal(c, 0.15**2).logpdf(x) for c in centres]) - np.log(8)
    assert (truth - eight.log_prob(x)).mean() < 0.03


def test_mixture_does_not_mind_units_or_origin():
    x = eight_gaussians(500, np.random.default_rng(0))
    a, b = np.array([1e-3, 1e3]), np.array([5.0, -1e5])
    one = AutoregressiveMixture(4, 16, steps=200).fit(x, np.random.default_rng(1))
    two = AutoregressiveMixture(4, 16, steps=200).fit(a * x + b, np.random.default_rng(1))
    np.testing.assert_allclose(two.log_prob(a * x + b), one.log_prob(x) - np.log(a).sum(), atol=0.02)


def test_one_gaussian_on_linear_data_is_the_normal_density():
    rng = np.random.default_rng(0)
    cov = np.array([[1.0, 0.8], [0.8, 2.0]])
    x = rng.multivariate_normal([1, -1], cov, size=3000)
    model = AutoregressiveMixture(1, 32).fit(x, rng)
    held_out = rng.multivariate_normal([1, -1], cov, size=3000)
    gap = stats.multivariate_normal([1, -1], cov).logpdf(held_out).mean() - model.log_prob(held_out).mean()
    assert -0.01 < gap < 0.02


def test_repeated_values_do_not_break_the_likelihood():
    x = np.tile([[0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], (50, 1))
    model = AutoregressiveMixture(3, 8, steps=300).fit(x, np.random.default_rng(0))
    assert np.isfinite(model.log_prob(x)).all()
    assert np.isfinite(model.log_prob([[1e6, -1e6]])).all()


# --- interface -------------------------------------------------------------------------------------------------------


def test_all_are_explicit_models():
    for model in (AutoregressiveBernoulli(), MADE(), AutoregressiveMixture()):
        assert isinstance(model, ExplicitModel)


BITS = np.array([[0, 1], [1, 1], [1, 0]])
RNG = np.random.default_rng(0)


@pytest.mark.parametrize(
    ("call", "error", "says"),
    [
        (lambda: AutoregressiveBernoulli(l2=0), ValueError, "l2"),
        (lambda: AutoregressiveBernoulli().fit(BITS + 1), ValueError, "x の要素"),
        (lambda: AutoregressiveBernoulli().fit(BITS[:0]), ValueError, "x が空"),
        (lambda: AutoregressiveBernoulli().log_prob(BITS), RuntimeError, "fit"),
        (lambda: AutoregressiveBernoulli().fit(BITS).log_prob(BITS[:, :1]), ValueError, "列数は 2"),
        (lambda: AutoregressiveBernoulli().fit(BITS).sample(2, RNG, prefix=[0, 1, 1]), ValueError, "prefix"),
        (lambda: AutoregressiveBernoulli().fit(BITS).sample(2, RNG, prefix=BITS[:, :1]), ValueError, "prefix"),
        (lambda: AutoregressiveBernoulli().fit(BITS).sample(2, RNG, prefix=[0.5]), ValueError, "prefix"),
        (lambda: AutoregressiveBernoulli().fit(BITS).sample(2, 0), TypeError, "rng"),
        (lambda: MADE(0), ValueError, "hidden"),
        (lambda: MADE(l2=-1), ValueError, "l2"),
        (lambda: MADE(steps=0), ValueError, "steps"),
        (lambda: MADE(batch=0), ValueError, "batch"),
        (lambda: MADE(lr=0), ValueError, "lr"),
        (lambda: MADE().fit(BITS, None), TypeError, "rng"),
        (lambda: MADE().fit(BITS[:1], RNG), ValueError, "2 行以上"),
        (lambda: MADE().fit(BITS * np.nan, RNG), ValueError, "NaN"),
        (lambda: MADE().receptive_field(BITS), RuntimeError, "fit"),
        (lambda: AutoregressiveMixture(0), ValueError, "n_components"),
        (lambda: AutoregressiveMixture(min_scale=0), ValueError, "min_scale"),
        (lambda: AutoregressiveMixture().fit(np.c_[np.arange(5), np.ones(5)], RNG), ValueError, "列 1"),
        (lambda: AutoregressiveMixture().fit(np.full((5, 2), np.inf), RNG), ValueError, "無限大"),
        (lambda: AutoregressiveMixture().fit(np.arange(5.0), RNG), ValueError, "2 次元"),
        (lambda: AutoregressiveMixture().fit(np.ones((1, 2)), RNG), ValueError, "2 行以上"),
        (lambda: AutoregressiveMixture().sample(1, RNG), RuntimeError, "fit"),
    ],
)
def test_bad_input_names_the_argument(call, error, says):
    with pytest.raises(error, match=says):
        call()

"""Energy-based models: gradients, normalisers and samplers against sums and integrals carried out in full."""

import numpy as np
import pytest
from scipy import stats

from course_utils.data import EIGHT, SPIRALS, binary_digits
from course_utils.models.base import ExplicitModel, GenerativeModel
from course_utils.models.bernoulli import Bernoulli
from course_utils.models.empirical import all_patterns, pattern_index
from course_utils.models.energy import RBM, EnergyModel

# ---- real data --------------------------------------------------------------------------------------------------

SMALL = {"hidden": 8, "layers": 1, "steps": 30, "batch": 32}


@pytest.fixture(scope="module")
def fitted():
    return EnergyModel(32, steps=800, lr=0.01).fit(
        EIGHT.sample(3_000, np.random.default_rng(0)), np.random.default_rng(1)
    )


def numeric_gradient(f, params, h=1e-6):
    out = np.empty_like(params)
    for i, kept in enumerate(params.copy()):
        params[i] = kept + h
        up = f()
        params[i] = kept - h
        out[i] = (up - f()) / (2 * h)
        params[i] = kept
    return out


def rough(d=3, noise=2, seed=2):
    """A float64 model far from its start, with data."""
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((40, d)) @ rng.standard_normal((d, d)) + 5
    model = EnergyModel(7, noise=noise, dtype=np.float64)
    model._start(x, rng)
    model.net_.params[:] += 0.5 * rng.standard_normal(model.net_.params.shape)
    return model, x, rng


@pytest.mark.parametrize("noise", [1, 3])
def test_gradient_of_the_logistic_loss_matches_finite_differences(noise):
    model, x, rng = rough(noise=noise)
    real, drawn = model._whitened(x[:6]), rng.standard_normal((6 * noise, 3))

    def expected():
        # The posterior of "data" when noise is ``noise`` times as frequent, from the two densities.
        odds = [np.exp(model.net_(z)[:, 0]) / noise for z in (real, drawn)]
        return -(np.log(odds[0] / (1 + odds[0])).sum() - np.log(1 + odds[1]).sum()) / 6

    loss, gradient = model._loss(real, drawn)
    assert loss == pytest.approx(expected())
    np.testing.assert_allclose(gradient, numeric_gradient(expected, model.net_.params), rtol=1e-5, atol=1e-8)


def test_base_is_the_gaussian_of_the_data():
    _, x, rng = rough()
    model = EnergyModel(4)
    model._start(x, rng)
    model.log_z_ = 0.0
    expected = stats.multivariate_normal(x.mean(axis=0), np.cov(x.T, bias=True)).logpdf(x)
    np.testing.assert_allclose(model.log_prob(x), expected, atol=1e-5)  # f starts as 0


def test_slope_of_the_log_density_matches_finite_differences():
    model, _, rng = rough()
    z, h = rng.standard_normal((5, 3)), 1e-6
    numeric = np.stack([(model._log_p(z + h * e)[0] - model._log_p(z - h * e)[0]) / (2 * h) for e in np.eye(3)], axis=1)
    np.testing.assert_allclose(model._log_p(z)[1], numeric, atol=1e-7)


def grid_total(model, reach=5.0, points=501):
    side = np.linspace(-reach, reach, points)
    log_p = np.stack([model.log_prob(np.c_[np.full(points, x), side]) for x in side])
    return np.exp(log_p).sum() * (side[1] - side[0]) ** 2


def test_density_integrates_to_one_within_the_stated_error(fitted):
    # A Gaussian of width 1.4 lies within 5 but for 0.08 %, and f pulls it in; 6 standard errors and that.
    assert fitted.log_z_error_ < 0.02
    assert grid_total(fitted) == pytest.approx(1, abs=6 * fitted.log_z_error_ + 1e-3)


def test_training_alone_nearly_normalises(fitted):
    # log Z of what the logistic regression learned, before the estimate of Z is taken off.
    assert fitted.log_z_ == pytest.approx(0, abs=0.3)


def test_normaliser_of_a_known_function():
    model, _, rng = rough(d=2)
    model.net_ = lambda z: np.log(2) + 0.6 * z[:, :1]  # E exp(0.6 z) = exp(0.18)
    log_z, error = model._normaliser(rng)
    assert 0 < error < 0.01
    assert log_z == pytest.approx(np.log(2) + 0.18, abs=6 * error)


def test_recovers_a_known_density(fitted):
    x = EIGHT.sample(4_000, np.random.default_rng(3))
    difference = EIGHT.log_prob(x) - fitted.log_prob(x)
    assert -0.05 < difference.mean() < 0.2
    # One Gaussian would be 2.4 nats worse.
    assert np.corrcoef(EIGHT.log_prob(x), fitted.log_prob(x))[0, 1] > 0.5


def test_energy_is_minus_log_density_up_to_a_constant(fitted):
    x = EIGHT.sample(50, np.random.default_rng(4))
    np.testing.assert_allclose(fitted.energy(x) + fitted.log_prob(x), -fitted.log_z_)


def test_samples_follow_the_density(fitted):
    n, edges = 10_000, np.linspace(-2.6, 2.6, 14)
    drawn = fitted.sample(n, np.random.default_rng(5))
    counts = np.histogram2d(*drawn.T, bins=[edges, edges])[0].ravel()
    fine = np.linspace(-2.6, 2.6, 261)
    fine = (fine[1:] + fine[:-1]) / 2
    p = np.exp(np.stack([fitted.log_prob(np.c_[np.full(260, x), fine]) for x in fine]))
    p = p.reshape(13, 20, 13, 20).sum(axis=(1, 3)).ravel() * 0.02**2
    # Resampling from a finite pool gives more noise than independent draws: hence a distance, not a chi-squared test.
    assert 0.5 * np.abs(counts / n - p).sum() < 0.06
    assert len(np.unique(drawn, axis=0)) > 0.8 * n  # the moves part what was drawn twice


def test_langevin_moves_leave_the_density_as_it_is():
    model, _, rng = rough(d=1)
    model.net_ = MovedMean()
    model.step_size = 0.9  # long moves: without the rejections the variance would be visibly wrong
    z = 1 + np.sqrt(0.5) * rng.standard_normal((40_000, 1))
    moved = z
    for _ in range(5):
        moved = model._langevin_move(moved, rng)
    assert stats.kstest(moved[:, 0], stats.norm(1, np.sqrt(0.5)).cdf).pvalue > 1e-6
    assert 0.3 < (moved != z).mean()


class MovedMean:
    """f(z) = 2 z − z²/2, which turns N(0, 1) into N(1, ½)."""

    def forward(self, z):
        return 2 * z - z**2 / 2, z

    def backward(self, z, d_out):
        return d_out * (2 - z), None


def test_history_units_and_callback():
    x, calls = SPIRALS.sample(256, np.random.default_rng(6)), []
    model = EnergyModel(**SMALL, noise=1).fit(x, np.random.default_rng(7), callback=calls.append)
    assert calls == model.history_ and [entry["step"] for entry in calls] == [8, 16, 24, 30]
    assert calls[0]["loss"] == pytest.approx(2 * np.log(2), abs=0.05)  # a classifier that knows nothing yet
    factor, offset = np.array([1e-3, 1e4]), np.array([1e3, -7.0])
    moved = EnergyModel(**SMALL, noise=1).fit(x * factor + offset, np.random.default_rng(7))
    np.testing.assert_allclose(
        moved.log_prob(x * factor + offset).mean(), model.log_prob(x).mean() - np.log(factor).sum(), atol=0.05
    )


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    "x", [np.c_[np.arange(50.0), np.full(50, 3.0)], np.outer(np.arange(50.0), [1, 2]), np.ones((9, 2))]
)
def test_flat_data_gives_finite_numbers(x):
    rng = np.random.default_rng(8)
    model = EnergyModel(**SMALL).fit(x, rng)
    assert np.isfinite(model.log_prob(x)).all() and np.isfinite(model.sample(20, rng)).all()


# ---- 0/1 data ---------------------------------------------------------------------------------------------------


def binary(n=1_000, seed=0):
    rng = np.random.default_rng(seed)
    side = rng.integers(2, size=(n, 1))
    return (rng.random((n, 4)) < np.where(side, [0.9, 0.8, 0.3, 0.6], [0.1, 0.3, 0.8, 0.5])).astype(int)


@pytest.fixture(scope="module")
def rbm():
    return RBM(3, steps=1_500, lr=0.2).fit(binary(10_000), np.random.default_rng(9))


def joint(model):
    """exp(−E(x, h)) / Z of every x and h, straight from the energy: (2^d, 2^hidden)."""
    x, h = all_patterns(len(model.visible_bias_)), all_patterns(model.hidden)
    p = np.exp(x @ model.visible_bias_[:, None] + (h @ model.hidden_bias_)[None] + x @ model.weights_ @ h.T)
    return p / p.sum()


def test_log_prob_is_the_sum_over_all_hidden_states(rbm):
    patterns = all_patterns(4)
    np.testing.assert_allclose(np.exp(rbm.log_prob(patterns)), joint(rbm).sum(axis=1), rtol=1e-10)
    assert np.exp(rbm.log_prob(patterns)).sum() == pytest.approx(1, abs=1e-12)
    log_hidden = np.exp(rbm._log_hidden() - rbm.log_z_)
    np.testing.assert_allclose(log_hidden, joint(rbm).sum(axis=0), rtol=1e-10)


def test_many_hidden_units_are_summed_in_blocks():
    model = RBM(12, steps=5).fit(binary(), np.random.default_rng(10))
    assert np.exp(model.log_prob(all_patterns(4))).sum() == pytest.approx(1, abs=1e-10)


def test_gradient_is_the_difference_of_the_statistics(rbm):
    x = binary(30, 1)
    params, log_z = rbm.params_.copy(), rbm.log_z_
    patterns = all_patterns(4)
    p = joint(rbm).sum(axis=1)
    of_model = sum(weight * rbm._statistics(row[None]) for weight, row in zip(p, patterns, strict=True))

    def log_likelihood():
        return np.log(joint(rbm).sum(axis=1))[pattern_index(x)].mean()

    numeric = numeric_gradient(log_likelihood, rbm.params_)
    np.testing.assert_allclose(rbm._statistics(x) - of_model, numeric, atol=1e-7)
    np.testing.assert_array_equal(rbm.params_, params)
    assert rbm.log_z_ == log_z


@pytest.mark.parametrize("how", ["sample", "gibbs"])
def test_samples_follow_the_probabilities(rbm, how):
    rng, n = np.random.default_rng(11), 20_000
    drawn = rbm.sample(n, rng) if how == "sample" else rbm.gibbs(np.zeros((n, 4)), 100, rng)
    assert drawn.dtype == np.int8 and drawn.shape == (n, 4)
    counts = np.bincount(pattern_index(drawn), minlength=16)
    assert stats.chisquare(counts, n * np.exp(rbm.log_prob(all_patterns(4)))).pvalue > 1e-6


def test_gibbs_forgets_slowly_and_zero_steps_change_nothing(rbm):
    x = binary(50)
    np.testing.assert_array_equal(rbm.gibbs(x, 0, np.random.default_rng(12)), x)
    assert (rbm.gibbs(x, 1, np.random.default_rng(12)) != x).any()


def test_encode_is_the_posterior_of_the_hidden_units(rbm):
    p, h = joint(rbm), all_patterns(3)
    np.testing.assert_allclose(rbm.encode(all_patterns(4)), p @ h / p.sum(axis=1, keepdims=True), rtol=1e-9)


def test_training_reaches_a_distribution_that_it_can_represent(rbm):
    x = binary(20_000, 2)
    entropy = -np.log(np.bincount(pattern_index(x), minlength=16) / len(x))[pattern_index(x)].mean()
    gap = -rbm.log_prob(x).mean() - entropy
    independent = -Bernoulli().fit(x).log_prob(x).mean() - entropy
    assert gap < 0.04 < independent


def test_history_is_the_exact_nll():
    x, calls = binary(), []
    model = RBM(3, steps=205).fit(x, np.random.default_rng(13), callback=calls.append)
    assert calls == model.history_ and [entry["step"] for entry in calls] == [*range(20, 201, 20), 205]
    assert calls[-1]["nll"] == pytest.approx(-model.log_prob(x).mean()) and calls[-1]["nll"] < calls[0]["nll"]


def test_digits_are_modelled_far_better_than_by_independent_pixels():
    train, test = binary_digits()
    model = RBM(10, steps=1_000).fit(train, np.random.default_rng(14))
    # Independent pixels reach 25.3 nats; 16 hidden units and 6,000 steps reach 18.
    assert 17 < -model.log_prob(test).mean() < 21


@pytest.mark.filterwarnings("error")
def test_constant_columns_give_finite_numbers():
    x = np.c_[np.zeros(50), np.ones(50), binary(50)]
    model = RBM(2, steps=200).fit(x, np.random.default_rng(15))
    assert np.isfinite(model.log_prob(all_patterns(6))).all()


# ---- both -------------------------------------------------------------------------------------------------------


def test_interface_and_shapes(fitted, rbm):
    rng = np.random.default_rng(16)
    for model, d in ((fitted, 2), (rbm, 4)):
        assert isinstance(model, ExplicitModel) and isinstance(model, GenerativeModel)
        assert model.sample(0, rng).shape == (0, d) and model.sample(5, rng).shape == (5, d)
        assert model.log_prob(np.zeros((3, d))).shape == (3,)


@pytest.mark.parametrize(("family", "x"), [(EnergyModel, EIGHT.sample(100, np.random.default_rng(0))), (RBM, binary())])
def test_same_rng_same_model(family, x):
    one, two, other = (family(4, steps=10).fit(x, np.random.default_rng(seed)) for seed in (17, 17, 18))
    np.testing.assert_array_equal(one.log_prob(x), two.log_prob(x))
    assert (one.log_prob(x) != other.log_prob(x)).any()
    np.testing.assert_array_equal(one.sample(9, np.random.default_rng(0)), two.sample(9, np.random.default_rng(0)))


@pytest.mark.parametrize(
    ("family", "arguments", "named"),
    [
        *((EnergyModel, {name: 0}, name) for name in ("hidden", "layers", "noise", "steps", "batch", "lr", "pool")),
        (EnergyModel, {"langevin": -1}, "langevin"),
        (EnergyModel, {"step_size": 0}, "step_size"),
        (EnergyModel, {"lr": np.inf}, "lr"),
        *((RBM, {name: 0}, name) for name in ("hidden", "steps", "batch", "chains", "lr")),
        (RBM, {"hidden": 21}, "hidden は 20 以下"),
    ],
)
def test_bad_hyper_parameters_are_named(family, arguments, named):
    with pytest.raises(ValueError, match=named):
        family(**arguments)


@pytest.mark.parametrize(
    ("family", "bad", "match"),
    [
        (EnergyModel, np.zeros((0, 2)), "空"),
        (EnergyModel, np.zeros(5), "2 次元"),
        (EnergyModel, np.array([[0.0, np.nan]]), "NaN"),
        (RBM, np.full((3, 4), 0.5), "0 か 1"),
        (RBM, np.zeros((3, 0)), "空"),
    ],
)
def test_bad_data_is_named_before_any_work(family, bad, match):
    model, rng = family(), np.random.default_rng(19)
    state, before = rng.bit_generator.state, set(vars(model))
    with pytest.raises(ValueError, match=match):
        model.fit(bad, rng)
    assert rng.bit_generator.state == state and set(vars(model)) == before


def test_bad_calls_are_named(fitted, rbm):
    rng = np.random.default_rng(20)
    for call in (fitted.log_prob, fitted.energy, rbm.log_prob, rbm.encode, lambda x: rbm.gibbs(x, 1, rng)):
        with pytest.raises(ValueError, match="列数"):
            call(np.zeros((3, 9)))
    with pytest.raises(ValueError, match="0 か 1"):
        rbm.log_prob(np.full((1, 4), 0.5))
    with pytest.raises(ValueError, match="steps"):
        rbm.gibbs(binary(), -1, rng)
    for model in (fitted, rbm):
        with pytest.raises(ValueError, match="n は"):
            model.sample(-1, rng)
        with pytest.raises(TypeError, match="rng"):
            model.sample(3, 0)
    for family, x in ((EnergyModel, np.zeros((3, 2))), (RBM, binary())):
        with pytest.raises(TypeError, match="rng"):
            family().fit(x, 0)
        with pytest.raises(RuntimeError, match="fit"):
            family().sample(3, rng)

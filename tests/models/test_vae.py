"""The VAE: its gradient, its bound and its samples against what can be computed another way."""

import numpy as np
import pytest
from scipy import stats
from scipy.integrate import quad

from course_utils.data import binary_digits, eight_gaussians
from course_utils.models.base import ExplicitModel, GenerativeModel
from course_utils.models.bernoulli import Bernoulli
from course_utils.models.empirical import all_patterns, pattern_index
from course_utils.models.vae import VAE, gaussian_kl

SMALL = {"hidden": 8, "layers": 1, "steps": 300, "batch": 64}


def data(likelihood, n=200, seed=0):
    rng = np.random.default_rng(seed)
    side = rng.integers(2, size=(n, 1))
    if likelihood == "bernoulli":
        return (rng.random((n, 4)) < np.where(side, [0.9, 0.8, 0.2, 0.1], [0.1, 0.3, 0.7, 0.9])).astype(int)
    return np.where(side, [3.0, -50.0], [-3.0, -40.0]) + rng.standard_normal((n, 2)) * [0.5, 4.0]


@pytest.fixture(scope="module", params=["bernoulli", "gaussian"])
def fitted(request):
    """A small trained VAE with one latent variable, so that the integral over z can be done on a grid."""
    x = data(request.param)
    return VAE(1, likelihood=request.param, **SMALL).fit(x, np.random.default_rng(1)), x


GRID = np.linspace(-9, 9, 6_001)


def exact_log_prob(model, x):
    """log ∫ p(x|z) p(z) dz by the trapezoidal rule: (n,)."""
    mean = model.decode(GRID[:, None])
    if model.likelihood == "bernoulli":
        log_likelihood = stats.bernoulli.logpmf(x[:, None], mean).sum(axis=2)
    else:
        sigma = model.scale_ * np.exp(model.log_sigma_)
        log_likelihood = stats.norm.logpdf(x[:, None], mean, sigma).sum(axis=2)
    return np.log(np.trapezoid(np.exp(log_likelihood + stats.norm.logpdf(GRID)), GRID, axis=1))


@pytest.mark.parametrize("likelihood", ["bernoulli", "gaussian"])
@pytest.mark.parametrize("beta", [0.0, 1.0, 2.5])
def test_gradient_of_the_whole_loss_matches_finite_differences(likelihood, beta):
    rng = np.random.default_rng(2)
    x = data(likelihood, 9)
    model = VAE(3, hidden=5, layers=2, likelihood=likelihood, dtype=np.float64)
    model._start(x, rng)
    model.params_ += 0.3 * rng.standard_normal(model.params_.shape)
    x, eps = model._scaled(x), rng.standard_normal((9, 3))

    def loss():
        reconstruction, kl, _ = model._bound(x, eps, beta)
        return (beta * kl - reconstruction).mean()

    gradient, h = model._bound(x, eps, beta)[2], 1e-6
    numeric = np.empty_like(gradient)
    for i, kept in enumerate(model.params_.copy()):
        model.params_[i] = kept + h
        up = loss()
        model.params_[i] = kept - h
        numeric[i] = (up - loss()) / (2 * h)
        model.params_[i] = kept
    np.testing.assert_allclose(gradient, numeric, rtol=1e-5, atol=1e-7)


def test_terms_of_the_bound_match_scipy(fitted):
    model, x = fitted
    eps = np.random.default_rng(3).standard_normal((len(x), 1))
    reconstruction, kl, _ = model._bound(model._scaled(x), eps, 1.0)
    mean, log_var = model.encode(x)
    decoded = model.decode(mean + np.exp(log_var / 2) * eps)
    if model.likelihood == "bernoulli":
        expected = stats.bernoulli.logpmf(x, decoded).sum(axis=1)
    else:  # the training loss is that of the scaled data
        sigma = model.scale_ * np.exp(model.log_sigma_)
        expected = stats.norm.logpdf(x, decoded, sigma).sum(axis=1) + np.log(model.scale_).sum()
    np.testing.assert_allclose(reconstruction, expected, rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(kl, model.kl(x).sum(axis=1), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(("mean", "log_var"), [(0.0, 0.0), (1.5, -2.0), (-0.3, 1.0), (4.0, -6.0)])
def test_kl_matches_its_integral(mean, log_var):
    q = stats.norm(mean, np.exp(log_var / 2))
    integral, _ = quad(lambda z: q.pdf(z) * (q.logpdf(z) - stats.norm.logpdf(z)), *q.interval(1 - 1e-14), limit=200)
    assert gaussian_kl(np.array(mean), np.array(log_var)) == pytest.approx(integral, abs=1e-8)


def test_estimate_reaches_the_exact_likelihood_and_the_bound_stays_below(fitted):
    model, x = fitted
    x, rng = x[:40], np.random.default_rng(4)
    exact = exact_log_prob(model, x)
    difference = model.log_prob_estimate(x, rng, 20_000) - exact
    # A rare z with a large weight may move single rows, hence the median.
    assert np.median(np.abs(difference)) < 0.03 and abs(difference.mean()) < 0.1
    # 4,000 draws: what is left of the noise is far below the slack of 0.05 nats.
    assert (model.elbo(x, rng, 4_000) < exact + 0.05).all()
    assert model.elbo(x, rng, 4_000).mean() < exact.mean()


def test_the_bound_closes_as_draws_are_added(fitted):
    model, x = fitted
    x, rng = np.repeat(x[:20], 200, axis=0), np.random.default_rng(5)
    bounds = [model.elbo(x, rng).mean(), *(model.log_prob_estimate(x, rng, n).mean() for n in (2, 20))]
    assert bounds[0] < bounds[1] < bounds[2]
    # One draw makes the estimate an ELBO: the same expectation (standard error below 0.02 here).
    assert model.log_prob_estimate(x, rng, 1).mean() == pytest.approx(bounds[0], abs=0.1)


def test_binary_samples_follow_the_exact_probabilities():
    x = data("bernoulli")
    model = VAE(1, **SMALL).fit(x, np.random.default_rng(6))
    p = np.exp(exact_log_prob(model, all_patterns(4)))
    assert p.sum() == pytest.approx(1, abs=1e-6)
    counts = np.bincount(pattern_index(model.sample(20_000, np.random.default_rng(7))), minlength=16)
    assert stats.chisquare(counts, 20_000 * p / p.sum()).pvalue > 1e-6


def test_real_samples_have_the_moments_of_the_model():
    model = VAE(1, likelihood="gaussian", **SMALL).fit(data("gaussian"), np.random.default_rng(8))
    drawn = model.sample(40_000, np.random.default_rng(9))
    weight = stats.norm.pdf(GRID) / stats.norm.pdf(GRID).sum()
    decoded = model.decode(GRID[:, None])
    mean = weight @ decoded
    variance = weight @ (decoded - mean) ** 2 + (model.scale_ * np.exp(model.log_sigma_)) ** 2
    assert (np.abs(drawn.mean(axis=0) - mean) < 6 * np.sqrt(variance / 40_000)).all()
    np.testing.assert_allclose(drawn.var(axis=0), variance, rtol=0.06)


def test_training_raises_the_bound_and_says_so():
    x, calls = data("bernoulli"), []
    model = VAE(2, **SMALL).fit(x, np.random.default_rng(10), callback=calls.append)
    assert calls == model.history_
    assert [entry["step"] for entry in calls] == [*range(4, 301, 4)]
    for entry in calls:
        assert entry["elbo"] == pytest.approx(entry["reconstruction"] - entry["kl"])
    independent = Bernoulli().fit(x).log_prob(x).mean()
    assert calls[0]["elbo"] < independent < calls[-1]["elbo"]
    # The history is the bound of the training data, in nats and in the units of x.
    assert calls[-1]["elbo"] == pytest.approx(model.elbo(x, np.random.default_rng(0), 20).mean(), abs=0.4)


def test_history_of_real_data_is_in_the_units_of_x():
    x = data("gaussian")
    model = VAE(1, likelihood="gaussian", **SMALL).fit(x, np.random.default_rng(11))
    assert model.history_[-1]["elbo"] == pytest.approx(model.elbo(x, np.random.default_rng(0), 20).mean(), abs=0.4)


def test_units_of_the_data_do_not_matter():
    x, factor, offset = data("gaussian"), np.array([1e-3, 1e4]), np.array([1e3, -7.0])
    plain = VAE(2, likelihood="gaussian", **SMALL).fit(x, np.random.default_rng(12))
    moved = VAE(2, likelihood="gaussian", **SMALL).fit(x * factor + offset, np.random.default_rng(12))
    difference = plain.elbo(x, np.random.default_rng(0), 10) - moved.elbo(
        x * factor + offset, np.random.default_rng(0), 10
    )
    np.testing.assert_allclose(difference, np.log(factor).sum(), atol=1e-2)


def test_a_large_beta_makes_the_posterior_collapse():
    x = data("bernoulli")
    free, pressed = (VAE(2, beta=beta, **SMALL).fit(x, np.random.default_rng(13)) for beta in (0.1, 20))
    assert free.kl(x).shape == (len(x), 2)
    assert free.kl(x).mean(axis=0).max() > 1
    assert pressed.kl(x).mean(axis=0).max() < 0.01


def test_digits_are_modelled_far_better_than_by_independent_pixels():
    train, test = binary_digits()
    model = VAE(2, steps=600).fit(train, np.random.default_rng(14))
    nll = -model.log_prob_estimate(test, np.random.default_rng(15), 50).mean()
    # Independent pixels reach 25.3 nats; the full 3,000 steps reach 18.
    assert 16 < nll < 21
    drawn = model.sample(500, np.random.default_rng(16))
    assert drawn.shape == (500, 64) and drawn.dtype == np.int8 and set(np.unique(drawn)) == {0, 1}
    assert np.abs(drawn.mean(axis=0) - train.mean(axis=0)).mean() < 0.06


def test_a_deep_network_does_not_give_up_on_its_latent_variables():
    x = eight_gaussians(2_000, np.random.default_rng(17))
    model = VAE(2, likelihood="gaussian", layers=3, steps=800).fit(x, np.random.default_rng(18))
    # Without the warm-up this run ends in a collapsed posterior and one Gaussian, of σ 1.41 in each column.
    assert (model.kl(x).mean(axis=0) > 0.5).all()
    assert (model.scale_ * np.exp(model.log_sigma_) < 0.7).all()


def test_same_rng_same_model():
    x = data("bernoulli")
    one, two, other = (VAE(2, **SMALL).fit(x, np.random.default_rng(seed)) for seed in (19, 19, 20))
    np.testing.assert_array_equal(one.params_, two.params_)
    assert (one.params_ != other.params_).any()
    np.testing.assert_array_equal(one.sample(9, np.random.default_rng(0)), two.sample(9, np.random.default_rng(0)))
    np.testing.assert_array_equal(one.elbo(x, np.random.default_rng(0)), two.elbo(x, np.random.default_rng(0)))


def test_interface_and_shapes(fitted):
    model, x = fitted
    rng = np.random.default_rng(21)
    assert isinstance(model, GenerativeModel)
    assert not isinstance(model, ExplicitModel)
    d = x.shape[1]
    assert model.sample(0, rng).shape == (0, d) and model.sample(5, rng).shape == (5, d)
    mean, log_var = model.encode(x)
    assert mean.shape == log_var.shape == model.kl(x).shape == (len(x), 1)
    assert model.decode(mean).shape == x.shape
    assert model.elbo(x, rng).shape == model.log_prob_estimate(x, rng, 3).shape == (len(x),)


def test_a_model_can_be_fitted_again_to_other_data():
    model = VAE(1, **SMALL | {"steps": 5}).fit(data("bernoulli"), np.random.default_rng(0))
    model.fit(data("bernoulli")[:, :3], np.random.default_rng(0))
    assert model.sample(2, np.random.default_rng(0)).shape == (2, 3)


@pytest.mark.filterwarnings("error")
def test_flat_data_and_outliers_give_finite_numbers():
    rng = np.random.default_rng(22)
    x = np.c_[rng.standard_normal(100), np.full(100, 0.1)]
    model = VAE(1, likelihood="gaussian", **SMALL).fit(x, rng)
    assert np.isfinite(model.params_).all()
    assert model.scale_[1] == 1
    far = np.array([[1e6, 0.1], [0.0, -1e6]])
    assert np.isfinite(model.elbo(far, rng)).all() and np.isfinite(model.log_prob_estimate(far, rng, 5)).all()
    assert model.elbo(far, rng).max() < model.elbo(x, rng).min()


def test_sigma_has_a_floor():
    # A constant would push σ to 0 and the density to infinity; σ stops at e⁻⁵.
    model = VAE(1, likelihood="gaussian", hidden=2, layers=1, steps=1_500, lr=0.02)
    model.fit(np.full((50, 1), 7.0), np.random.default_rng(25))
    assert model.log_sigma_[0] == pytest.approx(-5, abs=0.1) and model.log_sigma_[0] >= -5


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ({"latent": 0}, "latent"),
        ({"latent": 2.0}, "latent"),
        ({"hidden": 0}, "hidden"),
        ({"layers": 0}, "layers"),
        ({"steps": 0}, "steps"),
        ({"batch": -1}, "batch"),
        ({"likelihood": "poisson"}, "likelihood"),
        ({"beta": -1}, "beta"),
        ({"beta": np.nan}, "beta"),
        ({"warmup": 1.5}, "warmup"),
        ({"lr": 0}, "lr"),
    ],
)
def test_bad_hyper_parameters_are_named(arguments, named):
    with pytest.raises(ValueError, match=named):
        VAE(**arguments)


@pytest.mark.parametrize(
    ("likelihood", "bad", "match"),
    [
        ("bernoulli", np.zeros((0, 4)), "空"),
        ("bernoulli", np.full((3, 4), 0.5), "0 か 1"),
        ("bernoulli", np.array([[0, np.nan]]), "NaN"),
        ("gaussian", np.array([[0.0, np.inf]]), "無限大"),
        ("gaussian", np.zeros(5), "2 次元"),
        ("gaussian", [["a"]], "数の配列"),
    ],
)
def test_bad_data_is_named_before_any_work(likelihood, bad, match):
    model, rng = VAE(2, likelihood=likelihood), np.random.default_rng(23)
    state = rng.bit_generator.state
    with pytest.raises(ValueError, match=match):
        model.fit(bad, rng)
    assert rng.bit_generator.state == state
    assert not hasattr(model, "params_")


def test_bad_calls_are_named(fitted):
    model, x = fitted
    rng = np.random.default_rng(24)
    for call in (model.encode, model.kl, lambda x: model.elbo(x, rng), lambda x: model.log_prob_estimate(x, rng)):
        with pytest.raises(ValueError, match="列数"):
            call(x[:, :1])
    with pytest.raises(ValueError, match="z の列数"):
        model.decode(np.zeros((3, 2)))
    with pytest.raises(ValueError, match="n は 1 以上"):
        model.elbo(x, rng, 0)
    with pytest.raises(TypeError, match="rng"):
        model.elbo(x, 0)
    with pytest.raises(TypeError, match="rng"):
        VAE(2, likelihood=model.likelihood).fit(x, 0)
    with pytest.raises(RuntimeError, match="fit"):
        VAE(2).sample(3, rng)

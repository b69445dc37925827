"""The flows: inverse, determinant, gradient and normalisation against what can be computed another way."""

import numpy as np
import pytest
from scipy import stats
from scipy.integrate import quad

from course_utils.data import SPIRALS
from course_utils.models.base import ExplicitModel, GenerativeModel
from course_utils.models.empirical import all_patterns, pattern_index
from course_utils.models.flow import BinaryFlow, RealNVP, _rotation, dequantise

SMALL = {"couplings": 4, "hidden": 8, "layers": 1}
MIXINGS = ["rotate", "swap"]


def data(d=2, n=300, seed=0):
    x = np.random.default_rng(seed).standard_normal((n, d))
    x[:, 1] += x[:, 0] ** 2  # a bent density, and columns of very different units
    return x * np.geomspace(0.1, 50, d) + 7


def rough(d, mixing, dtype=np.float64, seed=1):
    """A flow far from its start, so that nothing is the identity."""
    rng = np.random.default_rng(seed)
    model = RealNVP(**SMALL, mixing=mixing, limit=1.0, dtype=dtype)
    model._start(data(d), rng)
    model.params_ += (0.5 * rng.standard_normal(model.params_.shape)).astype(dtype)
    return model


@pytest.fixture(scope="module")
def fitted():
    return RealNVP(steps=300).fit(SPIRALS.sample(2_000, np.random.default_rng(2)), np.random.default_rng(3))


@pytest.mark.parametrize("mixing", MIXINGS)
@pytest.mark.parametrize("d", [2, 3, 5])
def test_gradient_of_the_nll_matches_finite_differences(d, mixing):
    model, h = rough(d, mixing), 1e-6
    x = model._scaled(data(d, 11, seed=4))
    nll, gradient = model._loss(x)
    np.testing.assert_allclose(nll, -model.log_prob(data(d, 11, seed=4)) - np.log(model.scale_).sum())
    numeric = np.empty_like(gradient)
    for i, kept in enumerate(model.params_.copy()):
        model.params_[i] = kept + h
        up = model._loss(x)[0].mean()
        model.params_[i] = kept - h
        numeric[i] = (up - model._loss(x)[0].mean()) / (2 * h)
        model.params_[i] = kept
    np.testing.assert_allclose(gradient, numeric, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("mixing", MIXINGS)
@pytest.mark.parametrize("d", [2, 3, 6])
def test_decode_undoes_encode(d, mixing):
    model, x = rough(d, mixing, np.float32), data(d, seed=5)
    np.testing.assert_allclose((model.decode(model.encode(x)) - x) / model.scale_, 0, atol=1e-4)
    z = np.random.default_rng(6).standard_normal((50, d))
    np.testing.assert_allclose(model.encode(model.decode(z)), z, atol=1e-4)


@pytest.mark.parametrize("mixing", MIXINGS)
@pytest.mark.parametrize("d", [2, 3, 5])
def test_density_is_the_change_of_variables_with_a_numerical_jacobian(d, mixing):
    model, x = rough(d, mixing), data(d, 6, seed=7)
    for row, log_p in zip(x, model.log_prob(x), strict=True):
        h = 1e-5 * model.scale_
        jacobian = (model.encode(row + np.diag(h)) - model.encode(row - np.diag(h))).T / (2 * h)
        expected = stats.norm.logpdf(model.encode(row[None])).sum() + np.linalg.slogdet(jacobian)[1]
        assert log_p == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("mixing", MIXINGS)
def test_every_column_reaches_every_other(mixing):
    model, x = rough(5, mixing), data(5, 1)
    h = model.scale_ * 1e-4
    assert (np.abs(model.encode(x + np.diag(h)) - model.encode(x)) > 1e-9).all()


def test_density_integrates_to_one(fitted):
    side = np.linspace(-6, 6, 401)
    total = sum(np.exp(fitted.log_prob(np.c_[np.full(401, x), side])).sum() for x in side)
    assert total * (side[1] - side[0]) ** 2 == pytest.approx(1, abs=2e-3)


def test_samples_follow_the_density(fitted):
    drawn, edges = fitted.sample(40_000, np.random.default_rng(8)), np.linspace(-3.6, 3.6, 10)
    counts = np.histogram2d(*drawn.T, bins=[edges, edges])[0].ravel()
    fine = np.linspace(-3.6, 3.6, 361)
    fine = (fine[1:] + fine[:-1]) / 2
    p = np.exp(fitted.log_prob(np.stack(np.meshgrid(fine, fine, indexing="ij"), axis=-1).reshape(-1, 2)))
    p = (p.reshape(9, 40, 9, 40).sum(axis=(1, 3)) * 0.02**2).ravel()
    kept = p * 40_000 > 10
    observed, expected = np.r_[counts[kept], 40_000 - counts[kept].sum()], np.r_[p[kept], 1 - p[kept].sum()] * 40_000
    assert stats.chisquare(observed, expected, sum_check=False).pvalue > 1e-6


def test_training_finds_a_density_that_it_can_represent():
    rng = np.random.default_rng(9)
    x = rng.multivariate_normal([3, -2], [[2, 1.8], [1.8, 2]], 4_000)
    truth = stats.multivariate_normal([3, -2], [[2, 1.8], [1.8, 2]])
    test = truth.rvs(4_000, random_state=rng)
    gap = (truth.logpdf(test) - RealNVP(**SMALL, steps=400).fit(x, rng).log_prob(test)).mean()
    assert gap < 0.02


@pytest.mark.parametrize("mixing", MIXINGS)
def test_training_lowers_the_nll_and_says_so(mixing):
    x, calls = SPIRALS.sample(1_000, np.random.default_rng(10)) * [0.1, 30], []
    model = RealNVP(**SMALL, mixing=mixing, steps=400, lr=0.02)
    model.fit(x, np.random.default_rng(11), callback=calls.append)
    assert calls == model.history_ and [entry["step"] for entry in calls] == [*range(4, 401, 4)]
    gaussian = -stats.multivariate_normal(x.mean(axis=0), np.cov(x.T)).logpdf(x).mean()
    assert calls[-1]["nll"] < gaussian - 0.1 < calls[0]["nll"]
    assert calls[-1]["nll"] == pytest.approx(-model.log_prob(x).mean(), abs=0.05)  # in the units of x


def test_starts_as_one_gaussian():
    x = data(3)
    model = RealNVP(**SMALL)
    model._start(x, np.random.default_rng(12))
    expected = stats.norm.logpdf(x, x.mean(axis=0), x.std(axis=0)).sum(axis=1)
    np.testing.assert_allclose(model.log_prob(x), expected, atol=1e-5)


@pytest.mark.parametrize("d", [2, 3, 8])
def test_rotations_are_orthogonal(d):
    q = _rotation(d, np.random.default_rng(13))
    np.testing.assert_allclose(q @ q.T, np.eye(d), atol=1e-12)
    assert np.abs(q).max() < 0.999  # it mixes


# ---- 0/1 data ---------------------------------------------------------------------------------------------------


def binary(n=2_000, seed=0):
    rng = np.random.default_rng(seed)
    side = rng.integers(2, size=(n, 1))
    return (rng.random((n, 3)) < np.where(side, [0.9, 0.8, 0.3], [0.1, 0.3, 0.8])).astype(int)


@pytest.fixture(scope="module")
def fitted_binary():
    return BinaryFlow(couplings=6, hidden=16, steps=1_500, lr=1e-2).fit(binary(), np.random.default_rng(14))


@pytest.mark.parametrize("margin", [0.3, 1.5, 3.0])
def test_noise_has_the_right_sign_and_its_density_integrates_to_one(margin):
    rng = np.random.default_rng(15)
    x = np.repeat([[0], [1]], 20_000, axis=0)
    v, log_q = dequantise(x, margin, rng)
    np.testing.assert_array_equal(v > 0, x == 1)
    q = stats.truncnorm(-margin, np.inf, loc=margin)
    assert stats.kstest(np.abs(v[:, 0]), q.cdf).pvalue > 1e-6
    np.testing.assert_allclose(log_q, q.logpdf(np.abs(v[:, 0])))
    assert quad(q.pdf, 0, np.inf)[0] == pytest.approx(1)
    many = dequantise(x[:500].reshape(-1, 5), margin, rng)
    np.testing.assert_allclose(many[1], q.logpdf(np.abs(many[0])).sum(axis=1))


def test_bound_is_below_the_share_of_each_image_and_close_to_it(fitted_binary):
    patterns, rng, n = all_patterns(3), np.random.default_rng(16), 100_000
    counts = np.bincount(pattern_index(fitted_binary.sample(n, rng)), minlength=8)
    # The estimate with many draws, made by the change of variables, must agree with counting, made by decoding.
    estimate = np.exp(fitted_binary.log_prob_estimate(patterns, rng, 3_000))
    assert estimate.sum() == pytest.approx(1, abs=0.02)
    error = np.sqrt(counts / n * (1 - counts / n) / n) + 0.02 * estimate
    assert (np.abs(estimate - counts / n) < 6 * error).all()
    bound = fitted_binary.elbo(patterns, rng, 2_000)
    assert (bound < np.log(counts / n) + 0.02).all() and (bound @ (counts / n) > np.log(counts / n) @ (counts / n) - 1)


def test_bound_closes_as_draws_are_added(fitted_binary):
    x, rng = np.repeat(binary(20), 100, axis=0), np.random.default_rng(17)
    bounds = [fitted_binary.elbo(x, rng).mean(), *(fitted_binary.log_prob_estimate(x, rng, n).mean() for n in (2, 20))]
    assert bounds[0] < bounds[1] < bounds[2]


def test_binary_flow_learns_what_goes_together(fitted_binary):
    drawn, x = fitted_binary.sample(20_000, np.random.default_rng(18)), binary(20_000, 1)
    assert drawn.dtype == np.int8 and set(np.unique(drawn)) == {0, 1}
    np.testing.assert_allclose(np.corrcoef(drawn.T), np.corrcoef(x.T), atol=0.1)


def test_history_of_the_binary_flow_is_its_bound():
    x, calls = binary(), []
    model = BinaryFlow(couplings=2, hidden=8, steps=320, lr=1e-2)
    model.fit(x, np.random.default_rng(19), callback=calls.append)
    assert calls == model.history_ and [entry["step"] for entry in calls] == [*range(16, 321, 16)]
    assert calls[-1]["elbo"] == pytest.approx(model.elbo(x, np.random.default_rng(20), 20).mean(), abs=0.1)


def test_latent_of_an_image_gives_it_back(fitted_binary):
    x = binary(50)
    z = fitted_binary.encode(x, np.random.default_rng(21))
    assert z.shape == x.shape
    np.testing.assert_array_equal(fitted_binary.decode(z), x)


# ---- both -------------------------------------------------------------------------------------------------------


def test_interface_and_shapes(fitted, fitted_binary):
    rng = np.random.default_rng(22)
    assert isinstance(fitted, ExplicitModel)
    assert isinstance(fitted_binary, GenerativeModel) and not isinstance(fitted_binary, ExplicitModel)
    assert fitted.sample(0, rng).shape == (0, 2) and fitted.sample(5, rng).shape == (5, 2)
    assert fitted_binary.sample(0, rng).shape == (0, 3) and fitted_binary.sample(5, rng).shape == (5, 3)
    assert fitted.log_prob(np.zeros((4, 2))).shape == (4,)
    assert np.shares_memory(fitted.params_, fitted.nets_[0].params)


def test_same_rng_same_model():
    x = data(3)
    one, two, other = (RealNVP(**SMALL, steps=20).fit(x, np.random.default_rng(seed)) for seed in (23, 23, 24))
    np.testing.assert_array_equal(one.params_, two.params_)
    assert (one.params_ != other.params_).any()
    np.testing.assert_array_equal(one.sample(9, np.random.default_rng(0)), two.sample(9, np.random.default_rng(0)))
    b = [
        BinaryFlow(steps=5).fit(binary(), np.random.default_rng(25)).sample(30, np.random.default_rng(1)) for _ in "ab"
    ]
    np.testing.assert_array_equal(*b)


@pytest.mark.filterwarnings("error")
def test_flat_data_and_outliers_give_finite_numbers():
    rng = np.random.default_rng(26)
    x = np.c_[rng.standard_normal(100), np.full(100, 0.1), rng.standard_normal(100)]
    model = RealNVP(**SMALL, steps=100).fit(x, rng)
    assert np.isfinite(model.params_).all() and np.isfinite(model.log_prob(x)).all()
    far = np.array([[1e4, 0.1, 0], [0.0, 0.1, -1e4]])
    assert np.isfinite(model.log_prob(far)).all() and model.log_prob(far).max() < model.log_prob(x).min()


@pytest.mark.parametrize("family", [RealNVP, BinaryFlow])
@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ({"couplings": 0}, "couplings"),
        ({"hidden": 0}, "hidden"),
        ({"layers": 1.0}, "layers"),
        ({"steps": 0}, "steps"),
        ({"batch": -1}, "batch"),
        ({"lr": 0}, "lr"),
        ({"lr": np.nan}, "lr"),
    ],
)
def test_bad_hyper_parameters_are_named(family, arguments, named):
    with pytest.raises(ValueError, match=named):
        family(**arguments)


def test_bad_hyper_parameters_of_one_are_named():
    with pytest.raises(ValueError, match="mixing"):
        RealNVP(mixing="shuffle")
    with pytest.raises(ValueError, match="limit"):
        RealNVP(limit=-1)
    for margin in (0, 6, np.nan):
        with pytest.raises(ValueError, match="margin"):
            BinaryFlow(margin)


@pytest.mark.parametrize(
    ("model", "bad", "match"),
    [
        (RealNVP(), np.zeros((0, 2)), "空"),
        (RealNVP(), np.zeros(5), "2 次元"),
        (RealNVP(), np.array([[0.0, np.inf]]), "無限大"),
        (RealNVP(), np.zeros((5, 1)), "列数は 2 以上"),
        (BinaryFlow(), np.full((3, 4), 0.5), "0 か 1"),
        (BinaryFlow(), np.zeros((5, 1)), "列数は 2 以上"),
    ],
)
def test_bad_data_is_named_before_any_work(model, bad, match):
    rng = np.random.default_rng(27)
    state, before = rng.bit_generator.state, set(vars(model))
    with pytest.raises(ValueError, match=match):
        model.fit(bad, rng)
    assert rng.bit_generator.state == state and set(vars(model)) == before


def test_bad_calls_are_named(fitted, fitted_binary):
    for call in (fitted.log_prob, fitted.encode, fitted.decode):
        with pytest.raises(ValueError, match="列数"):
            call(np.zeros((3, 5)))
    rng = np.random.default_rng(28)
    for call in (fitted_binary.elbo, fitted_binary.log_prob_estimate, fitted_binary.encode):
        with pytest.raises(ValueError, match="列数"):
            call(np.zeros((3, 5)), rng)
        with pytest.raises(TypeError, match="rng"):
            call(np.zeros((3, 3)), 0)
    with pytest.raises(ValueError, match="n は 1 以上"):
        fitted_binary.elbo(np.zeros((3, 3)), rng, 0)
    with pytest.raises(TypeError, match="rng"):
        RealNVP().fit(data(), 0)
    for model in (RealNVP(), BinaryFlow()):
        with pytest.raises(RuntimeError, match="fit"):
            model.sample(3, rng)

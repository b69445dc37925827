"""Probabilistic PCA against SciPy, scikit-learn, and what the bound of chapter 4 must satisfy."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import multivariate_normal
from sklearn.decomposition import PCA

from course_utils.models.base import ExplicitModel
from course_utils.models.ppca import PPCA


def some_data(n=200, d=4, seed=0):
    rng = np.random.default_rng(seed)
    return rng.standard_normal((n, d)) @ rng.standard_normal((d, d)) * [1, 3, 0.5, 2][:d] + [5, -1, 0, 100][:d]


@pytest.fixture(scope="module")
def x():
    return some_data()


@pytest.mark.parametrize("latent", [1, 2, 3])
def test_density_is_the_one_of_the_marginal_gaussian(x, latent):
    model = PPCA(latent).fit(x)
    cov = model.weights_ @ model.weights_.T + model.noise_ * np.eye(4)
    expected = multivariate_normal(model.mean_, cov).logpdf(x)
    np.testing.assert_allclose(model.log_prob(x), expected, rtol=1e-10)


@pytest.mark.parametrize("latent", [1, 2, 3])
def test_same_covariance_as_scikit_learn(x, latent):
    model = PPCA(latent).fit(x)
    cov = model.weights_ @ model.weights_.T + model.noise_ * np.eye(4)
    # scikit-learn divides by n − 1; the maximum of the likelihood divides by n.
    expected = PCA(latent).fit(x).get_covariance() * (len(x) - 1) / len(x)
    np.testing.assert_allclose(cov, expected, rtol=1e-9, atol=1e-9)


def test_fit_is_a_maximum_of_the_likelihood(x):
    model = PPCA(2).fit(x)
    best = model.log_prob(x).mean()
    rng = np.random.default_rng(1)
    for size in (1e-3, 0.1):
        for _ in range(20):
            other = PPCA(2).fit(x)
            other.weights_ = other.weights_ + size * rng.standard_normal(other.weights_.shape)
            other.mean_ = other.mean_ + size * rng.standard_normal(4)
            other.noise_ *= np.exp(size * rng.standard_normal())
            assert other.log_prob(x).mean() < best


def test_posterior_matches_bayes_on_a_grid(x):
    model = PPCA(1).fit(x)
    z = np.linspace(-8, 8, 20_001)
    mean, cov = model.posterior(x[:5])
    assert mean.shape == (5, 1) and cov.shape == (1, 1)
    for row, m in zip(x[:5], mean[:, 0], strict=True):
        distance = ((row - model.mean_ - z[:, None] * model.weights_[:, 0]) ** 2).sum(axis=1)
        weight = np.exp(-(distance - distance.min()) / (2 * model.noise_) - z**2 / 2)
        weight /= weight.sum()
        assert m == pytest.approx((weight * z).sum(), abs=1e-8)
        assert cov[0, 0] == pytest.approx((weight * z**2).sum() - (weight * z).sum() ** 2, rel=1e-6)


@pytest.mark.parametrize("latent", [1, 2, 3])
def test_bound_touches_the_likelihood_at_the_posterior(x, latent):
    model = PPCA(latent).fit(x)
    np.testing.assert_allclose(model.elbo(x, *model.posterior(x)), model.log_prob(x), rtol=1e-10)


@given(seed=st.integers(0, 10_000), latent=st.integers(1, 3))
def test_gap_is_the_kl_to_the_posterior(seed, latent):
    x = some_data(30, seed=seed)
    model = PPCA(latent).fit(x)
    rng = np.random.default_rng(seed)
    mean = rng.standard_normal((30, latent))
    root = rng.standard_normal((30, latent, latent))
    cov = root @ np.swapaxes(root, 1, 2) + 0.1 * np.eye(latent)
    true_mean, true_cov = model.posterior(x)
    inverse = np.linalg.inv(true_cov)
    shift = mean - true_mean
    kl = 0.5 * (
        np.trace(inverse @ cov, axis1=1, axis2=2)
        + np.einsum("ni,ij,nj->n", shift, inverse, shift)
        - latent
        + np.log(np.linalg.det(true_cov) / np.linalg.det(cov))
    )
    gap = model.log_prob(x) - model.elbo(x, mean, cov)
    assert (gap > 0).all()
    np.testing.assert_allclose(gap, kl, rtol=1e-6)


def test_one_covariance_for_all_rows_or_one_for_each(x):
    model = PPCA(2).fit(x)
    mean, cov = np.zeros((len(x), 2)), np.diag([0.5, 2.0])
    np.testing.assert_allclose(model.elbo(x, mean, cov), model.elbo(x, mean, np.tile(cov, (len(x), 1, 1))))


def test_samples_have_the_mean_and_covariance_of_the_model(x):
    model = PPCA(2).fit(x)
    drawn = model.sample(50_000, np.random.default_rng(2))
    cov = model.weights_ @ model.weights_.T + model.noise_ * np.eye(4)
    sd = np.sqrt(np.diag(cov))
    # Six standard errors: of a mean 1/√n, of a covariance at most √2/√n (in units of the standard deviations).
    assert (np.abs(drawn.mean(axis=0) - model.mean_) < 6 * sd / np.sqrt(50_000)).all()
    assert (np.abs(np.cov(drawn.T) - cov) < 6 * np.sqrt(2 / 50_000) * np.outer(sd, sd)).all()


def test_interface(x):
    model = PPCA(2)
    assert isinstance(model, ExplicitModel)
    assert model.fit(x, np.random.default_rng(0)) is model
    assert model.sample(0, np.random.default_rng(0)).shape == (0, 4)
    one, two = (model.sample(3, np.random.default_rng(5)) for _ in range(2))
    np.testing.assert_array_equal(one, two)


@pytest.mark.parametrize("latent", [0, -1, 1.5, True, "2"])
def test_latent_must_be_a_positive_integer(latent):
    with pytest.raises(ValueError, match="latent"):
        PPCA(latent)


@pytest.mark.parametrize(
    ("bad", "match"),
    [
        (np.zeros((0, 4)), "空"),
        (np.array([[1.0, np.nan, 0], [0, 1, 2]]), "NaN"),
        (np.zeros(4), "2 次元"),
        (np.arange(6.0).reshape(3, 2), "列数"),
        (np.ones((5, 4)), "σ²"),
        (np.outer(np.arange(9.0), [1, 2, 3, 4]), "σ²"),
        ([["a", "b", "c"]], "数の配列"),
    ],
)
def test_bad_data_is_named(bad, match):
    with pytest.raises(ValueError, match=match):
        PPCA(2).fit(bad)


def test_bad_q_is_named(x):
    model = PPCA(2).fit(x)
    mean, cov = model.posterior(x)
    for bad_mean, bad_cov, match in [
        (mean[:3], cov, "mean の行数"),
        (mean[:, :1], cov, "mean の列数"),
        (mean, np.eye(3), "cov の形"),
        (mean, np.diag([1.0, -1.0]), "固有値"),
        (mean, np.array([[1.0, 0.9], [0.0, 1.0]]), "対称"),
    ]:
        with pytest.raises(ValueError, match=match):
            model.elbo(x, bad_mean, bad_cov)
    with pytest.raises(ValueError, match="列数"):
        model.log_prob(x[:, :3])
    with pytest.raises(RuntimeError, match="fit"):
        PPCA(2).log_prob(x)
    with pytest.raises(TypeError, match="rng"):
        model.sample(3, 0)

"""Mixtures against scikit-learn, SciPy, exact enumeration and their own samples."""

import warnings

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.special import logsumexp
from scipy.stats import chisquare, multivariate_normal
from sklearn.mixture import GaussianMixture as Reference

from course_utils.data import binary_digits, eight_gaussians
from course_utils.models.base import ExplicitModel
from course_utils.models.bernoulli import Bernoulli
from course_utils.models.empirical import all_patterns
from course_utils.models.mixture import BernoulliMixture, GaussianMixture, kmeans_plus_plus

CLUSTERS = np.array([[-2.0, 0.0], [2.0, 1.0], [0.0, 4.0]])


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def clusters(n: int, d: int = 2, seed: int = 0) -> np.ndarray:
    """Three correlated clusters of unequal size and width: (n, d)."""
    r = rng(seed)
    label = r.choice(3, size=n, p=[0.2, 0.3, 0.5])
    centres, mixing = 3 * r.normal(size=(3, d)), r.normal(size=(3, d, d)) + np.eye(d)
    return centres[label] + np.einsum("nij,nj->ni", mixing[label], r.normal(size=(n, d)))


def scipy_log_prob(model: GaussianMixture, x: np.ndarray) -> np.ndarray:
    parts = zip(model.weights_, model.means_, model.covariances_, strict=True)
    return logsumexp([np.log(w) + np.atleast_1d(multivariate_normal(m, c).logpdf(x)) for w, m, c in parts], axis=0)


# ---- Gaussian mixture: the same as others compute ----


@pytest.mark.parametrize("k", range(2, 9))
def test_same_log_likelihood_as_sklearn_from_the_same_start(k):
    x = eight_gaussians(5_000, rng(), sigma=0.35)
    start = next(GaussianMixture(k).steps(x, rng(k)))
    ours = GaussianMixture(k, start=start.means_, tol=1e-7, max_iter=1_000).fit(x)
    theirs = Reference(
        k,
        weights_init=start.weights_,
        means_init=start.means_,
        precisions_init=np.linalg.inv(start.covariances_),
        reg_covar=0.0,
        tol=1e-7,
        max_iter=1_000,
    ).fit(x)
    assert ours.converged_ and theirs.converged_
    assert ours.log_prob(x).mean() == pytest.approx(theirs.score(x), rel=1e-6)
    # Step for step, not only at the end: their first bound is that of the start, as ours is.
    np.testing.assert_allclose(ours.lower_bounds_[: len(theirs.lower_bounds_)], theirs.lower_bounds_, rtol=1e-9)


@pytest.mark.parametrize("d", [1, 2, 5])
def test_parameters_agree_with_sklearn_after_as_many_updates(d):
    x = clusters(2_000, d)
    *_, start, ours = GaussianMixture(3, max_iter=1, tol=0).steps(x, rng(1))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # One update cannot converge.
        theirs = Reference(
            3,
            weights_init=start.weights_,
            means_init=start.means_,
            precisions_init=np.linalg.inv(start.covariances_),
            reg_covar=0.0,
            max_iter=1,
        ).fit(x)
    np.testing.assert_allclose(ours.weights_, theirs.weights_, rtol=1e-9)
    np.testing.assert_allclose(ours.means_, theirs.means_, rtol=1e-8, atol=1e-10)
    np.testing.assert_allclose(ours.covariances_, theirs.covariances_, rtol=1e-8, atol=1e-10)
    np.testing.assert_allclose(ours.responsibilities(x), theirs.predict_proba(x), atol=1e-9)
    assert ours.n_parameters == theirs._n_parameters()
    assert ours.bic(x) == pytest.approx(theirs.bic(x), rel=1e-9)


@pytest.mark.parametrize("d", [1, 2, 5])
def test_log_prob_is_scipys(d):
    x = clusters(800, d)
    model = GaussianMixture(3, max_iter=20).fit(x, rng())
    far = np.concatenate([x, 1e3 * np.ones((1, d)), -1e3 * np.ones((1, d))])
    np.testing.assert_allclose(model.log_prob(far), scipy_log_prob(model, far), rtol=1e-9)


def test_log_prob_integrates_to_one():
    model = GaussianMixture(3).fit(clusters(800), rng())
    half = 8 * np.sqrt(np.trace(model.covariances_, axis1=1, axis2=2).max()) + np.abs(model.means_).max()
    axis = np.linspace(-half, half, 1_201)
    grid = np.stack(np.meshgrid(axis, axis), axis=-1).reshape(-1, 2)
    assert np.exp(model.log_prob(grid)).sum() * (axis[1] - axis[0]) ** 2 == pytest.approx(1, abs=1e-6)


def test_one_component_is_the_maximum_likelihood_gaussian():
    x = clusters(500)
    model = GaussianMixture(1).fit(x, rng())
    np.testing.assert_allclose(model.means_[0], x.mean(axis=0))
    np.testing.assert_allclose(model.covariances_[0], np.cov(x.T, bias=True))
    np.testing.assert_array_equal(model.responsibilities(x), np.ones((500, 1)))


def test_finds_the_eight_clusters():
    x, held_out = eight_gaussians(4_000, rng(0)), eight_gaussians(4_000, rng(1))
    model = GaussianMixture(8, n_init=5).fit(x, rng(2))
    angle = np.arange(8) * np.pi / 4
    truth = 2 * np.c_[np.cos(angle), np.sin(angle)]
    nearest = np.linalg.norm(truth[:, None] - model.means_, axis=2).min(axis=1)
    assert nearest.max() < 0.05
    entropy = np.log(8) + np.log(2 * np.pi * np.e * 0.15**2)
    assert -model.log_prob(held_out).mean() == pytest.approx(entropy, abs=0.05)


# ---- Gaussian mixture: hard arithmetic ----


@pytest.mark.parametrize("d", [1, 2, 5])
@pytest.mark.parametrize(("offset", "stretch"), [(1e6, 1.0), (0.0, 1e3), (0.0, 1e-3), (-1e6, 1e3)])
def test_moving_and_stretching_the_data_changes_nothing_else(d, offset, stretch):
    x = clusters(1_500, d)
    scale = stretch ** np.linspace(-1, 1, d) if d > 1 else np.array([stretch])  # 1e-3 … 1e3 across the axes
    moved = offset + scale * x
    # Few updates, so that neither converges: at the optimum rounding decides who stops one update earlier.
    base = GaussianMixture(3, max_iter=8, tol=0).fit(x, rng(3))
    model = GaussianMixture(3, max_iter=8, tol=0).fit(moved, rng(3))
    assert model.n_iter_ == base.n_iter_ == 8
    log_scale = np.log(scale).sum()
    # At 1e6 a number has 10 decimals; an axis of width 1e-3 so keeps 7 digits, and that is all that can be asked.
    tolerance = 1e-9 if offset == 0 else 1e-4 if stretch != 1 else 1e-7
    assert model.lower_bounds_[-1] + log_scale == pytest.approx(base.lower_bounds_[-1], abs=tolerance)
    np.testing.assert_allclose((model.means_ - offset) / scale, base.means_, atol=1e2 * tolerance)
    np.testing.assert_allclose(model.covariances_ / np.outer(scale, scale), base.covariances_, atol=1e2 * tolerance)
    np.testing.assert_allclose(model.log_prob(moved) + log_scale, base.log_prob(x), atol=1e2 * tolerance)
    np.testing.assert_allclose(model.responsibilities(moved), base.responsibilities(x), atol=1e2 * tolerance)


def test_far_queries_stay_finite():
    model = GaussianMixture(3).fit(clusters(300), rng())
    x = np.array([[1e3, -1e3], [1e200, 0.0], [-1e308, 1e308]])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # 1e308 overflows on its way in; the answer must not.
        log_p, r = model.log_prob(x), model.responsibilities(x)
    assert np.isfinite(log_p).all() and (log_p < -1e4).all()
    np.testing.assert_allclose(r.sum(axis=1), 1)


def test_many_columns_and_more_than_one_block():
    x = clusters(3_000, 20)
    model = GaussianMixture(2, max_iter=5).fit(x, rng())
    np.testing.assert_allclose(model.log_prob(x), scipy_log_prob(model, x), rtol=1e-8)
    assert model.lower_bounds_[-1] == pytest.approx(model.log_prob(x).mean(), rel=1e-9)


# ---- Gaussian mixture: EM ----


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    n=st.integers(5, 60),
    d=st.integers(1, 4),
    k=st.integers(1, 5),
    decimals=st.integers(0, 3),
    floor=st.sampled_from([1e-8, 1e-6, 1e-2]),
)
# A plain inverse of these narrow covariances lost 0.05 nats.
@example(seed=8122, n=47, d=4, k=2, decimals=0, floor=1e-8)
@example(seed=9632, n=29, d=4, k=5, decimals=2, floor=1e-6)
def test_likelihood_never_falls(seed, n, d, k, decimals, floor):
    # Rounding makes duplicates and constant columns, so the floor is at work in many of these.
    x = np.round(clusters(n, d, seed), decimals) * (rng(seed).random(d) < 0.8)
    model = GaussianMixture(k, floor=floor, max_iter=60).fit(x, rng(seed))
    assert np.isfinite(model.lower_bounds_).all()
    # A floor of 1e-8 costs 8 of the 16 digits.
    assert np.diff(model.lower_bounds_).min(initial=0) > -1e-15 / floor - 1e-12
    np.testing.assert_allclose(model.responsibilities(x).sum(axis=1), 1)
    assert np.linalg.eigvalsh(model.covariances_).min() > 0


def test_steps_show_the_way_that_fit_goes():
    x = clusters(300)
    model = GaussianMixture(3, max_iter=8, tol=0)
    snapshots = list(model.steps(x, rng(5)))
    assert [s.n_iter_ for s in snapshots] == list(range(9))
    assert not hasattr(model, "means_")
    fitted = model.fit(x, rng(5))
    np.testing.assert_array_equal(fitted.means_, snapshots[-1].means_)
    np.testing.assert_array_equal(fitted.lower_bounds_, snapshots[-1].lower_bounds_)
    for s in snapshots:
        assert s.log_prob(x).mean() == pytest.approx(s.lower_bounds_[-1], abs=1e-10)
    assert not np.allclose(snapshots[0].means_, snapshots[1].means_)


def test_start_is_where_em_starts_and_a_bad_one_gets_stuck():
    x = np.concatenate([CLUSTERS[c] + 0.1 * rng(c).normal(size=(200, 2)) for c in range(3)])
    good, bad = CLUSTERS, np.array([[-2.0, -0.1], [-2.0, 0.1], [1.0, 2.5]])
    first = next(GaussianMixture(3, start=bad).steps(x))
    np.testing.assert_allclose(first.means_, bad)
    np.testing.assert_allclose(first.weights_, 1 / 3)
    # One round covariance on the scaled axes, as wide as the rows are from their nearest mean.
    z, z_bad = (x - x.mean(axis=0)) / x.std(axis=0), (bad - x.mean(axis=0)) / x.std(axis=0)
    variance = ((z[:, None] - z_bad) ** 2).sum(axis=2).min(axis=1).mean() / 2
    np.testing.assert_allclose(first.covariances_, np.tile(np.diag(variance * x.var(axis=0)), (3, 1, 1)), atol=1e-12)
    assert GaussianMixture(3, start=good).fit(x).log_prob(x).mean() > (
        GaussianMixture(3, start=bad).fit(x).log_prob(x).mean() + 0.5
    )


def test_converged_says_whether_the_last_gain_was_small():
    x = clusters(300)
    short = GaussianMixture(3, max_iter=2, tol=1e-9).fit(x, rng())
    assert not short.converged_ and short.n_iter_ == 2 and len(short.lower_bounds_) == 3
    long = GaussianMixture(3, max_iter=5_000, tol=1e-5).fit(x, rng())
    assert long.converged_ and long.n_iter_ < 5_000
    gains = np.diff(long.lower_bounds_)
    assert gains[-1] <= 1e-5 and (gains[:-1] > 1e-5).all()


def test_restarts_keep_the_best():
    x = clusters(400)
    r = rng(0)
    each = [GaussianMixture(6).fit(x, r).lower_bounds_[-1] for _ in range(4)]
    # Neither the first nor the last is the best, so that keeping either would show.
    assert GaussianMixture(6, n_init=4).fit(x, rng(0)).lower_bounds_[-1] == max(each) > max(each[0], each[-1])


def test_same_generator_same_model():
    x = clusters(200)
    np.testing.assert_array_equal(
        GaussianMixture(3).fit(x, rng(1)).means_,
        GaussianMixture(3).fit(x, rng(1)).means_,
    )


def test_bic_finds_three_clusters():
    x = np.concatenate([CLUSTERS[c] + 0.5 * rng(c).normal(size=(200, 2)) for c in range(3)])
    bic = {k: GaussianMixture(k, n_init=3).fit(x, rng(k)).bic(x) for k in range(1, 6)}
    assert min(bic, key=bic.get) == 3


# ---- Gaussian mixture: degenerate data ----


@pytest.mark.parametrize("d", [1, 3])
def test_all_rows_equal(d):
    x = np.full((20, d), 0.1)
    model = GaussianMixture(3).fit(x, rng())
    np.testing.assert_allclose(model.means_, 0.1)
    np.testing.assert_allclose(model.covariances_, np.tile(1e-6 * np.eye(d), (3, 1, 1)), atol=1e-15)
    np.testing.assert_allclose(model.log_prob(x), -0.5 * d * np.log(2 * np.pi * 1e-6), rtol=1e-6)
    assert np.abs(model.sample(100, rng()) - 0.1).max() < 0.01


def test_fewer_distinct_rows_than_components():
    x = np.repeat([[0.0, 0.0], [1.0, 1.0]], 10, axis=0)
    model = GaussianMixture(5).fit(x, rng())
    assert np.isfinite(model.log_prob(x)).all()
    assert model.weights_.sum() == pytest.approx(1)
    assert np.isfinite(model.sample(50, rng())).all()


@pytest.mark.parametrize("floor", [1e-10, 1e-6, 1e-3])
def test_a_captured_point_cannot_go_below_the_floor(floor):
    x = np.concatenate([clusters(200), [[60.0, 60.0]]])
    start = np.array([x[:200].mean(axis=0), [60.0, 60.0]])
    model = GaussianMixture(2, start=start, floor=floor).fit(x)
    assert model.weights_[1] == pytest.approx(1 / 201)  # It has captured the point …
    scale = x.std(axis=0)
    variance = np.linalg.eigvalsh(model.covariances_ / np.outer(scale, scale))
    np.testing.assert_allclose(variance[1], floor, rtol=1e-4)  # … and stands on the floor.
    np.testing.assert_allclose(model.means_[1], 60.0)


def test_n_components_equal_to_rows():
    x = clusters(6)
    model = GaussianMixture(6).fit(x, rng())
    assert np.isfinite(model.lower_bounds_).all() and np.isfinite(model.log_prob(x)).all()


def test_collinear_and_constant_columns():
    t = rng().normal(size=(200, 1))
    x = np.concatenate([t, 2 * t, np.full_like(t, 7.0)], axis=1)
    model = GaussianMixture(2).fit(x, rng())
    assert np.isfinite(model.log_prob(x)).all()
    sampled = model.sample(2_000, rng(1))
    assert np.abs(sampled[:, 1] - 2 * sampled[:, 0]).max() < 0.05
    assert np.abs(sampled[:, 2] - 7).max() < 0.01


@pytest.mark.parametrize("family", [GaussianMixture, BernoulliMixture])
def test_a_component_that_loses_every_row_does_no_harm(family):
    # The second start is so far from all rows that its responsibilities are exactly 0.
    if family is GaussianMixture:
        x, model = clusters(200), GaussianMixture(2, start=[[0.0, 0.0], [1e6, 1e6]], max_iter=10)
    else:
        x, model = np.eye(64), BernoulliMixture(2, alpha=0, start=[[0.1] * 64, [1.0] * 64], max_iter=10)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model.fit(x)
    assert model.weights_[1] < 1e-300 and model.weights_.sum() == pytest.approx(1)
    assert np.isfinite(model.lower_bounds_).all() and np.isfinite(model.log_prob(x)).all()
    np.testing.assert_array_equal(model.responsibilities(x)[:, 0], 1)


# ---- Gaussian mixture: samples against the density ----


def test_samples_have_the_moments_of_the_mixture():
    model = GaussianMixture(3).fit(clusters(1_000), rng())
    n = 40_000
    sampled = model.sample(n, rng(1))
    mean = model.weights_ @ model.means_
    apart = model.means_ - mean
    covariance = np.einsum("k,kij->ij", model.weights_, model.covariances_ + apart[:, :, None] * apart[:, None, :])
    error = np.sqrt(np.diag(covariance) / n)
    assert (np.abs(sampled.mean(axis=0) - mean) < 6 * error).all()
    centred = sampled - mean
    products = centred[:, :, None] * centred[:, None, :]
    assert (np.abs(products.mean(axis=0) - covariance) < 6 * products.std(axis=0) / np.sqrt(n)).all()


def test_entropy_of_samples_is_that_of_the_density():
    model = GaussianMixture(3).fit(clusters(1_000), rng())
    # −∫ p log p on a grid, against the mean of −log p over samples.
    half = 8 * np.sqrt(np.trace(model.covariances_, axis1=1, axis2=2).max()) + np.abs(model.means_).max()
    axis = np.linspace(-half, half, 1_201)
    log_p = model.log_prob(np.stack(np.meshgrid(axis, axis), axis=-1).reshape(-1, 2))
    entropy = -(np.exp(log_p) * log_p).sum() * (axis[1] - axis[0]) ** 2
    surprise = -model.log_prob(model.sample(40_000, rng(2)))
    assert abs(surprise.mean() - entropy) < 6 * surprise.std() / 200


def test_samples_use_components_as_often_as_the_weights_say():
    x = np.concatenate([10 * CLUSTERS[c] + rng(c).normal(size=(100 * (c + 1), 2)) for c in range(3)])
    model = GaussianMixture(3, start=10 * CLUSTERS).fit(x)
    counts = np.bincount(model.responsibilities(model.sample(6_000, rng(1))).argmax(axis=1), minlength=3)
    assert chisquare(counts, 6_000 * model.weights_).pvalue > 1e-6
    np.testing.assert_allclose(model.weights_, [1 / 6, 2 / 6, 3 / 6], atol=1e-3)


def test_sampling_nothing_gives_an_empty_array():
    assert GaussianMixture(2).fit(clusters(50), rng()).sample(0, rng()).shape == (0, 2)
    assert BernoulliMixture(2).fit(all_patterns(4), rng()).sample(0, rng()).shape == (0, 4)


# ---- k-means++ ----


def test_kmeans_plus_plus_takes_one_row_of_each_far_cluster():
    x = np.concatenate([100 * CLUSTERS[c] + rng(c).normal(size=(50 * (c + 1), 2)) for c in range(3)])
    for seed in range(20):
        centres = kmeans_plus_plus(x, 3, rng(seed))
        assert (x[:, None] == centres).all(axis=2).any(axis=0).all()  # they are rows of x
        nearest = np.linalg.norm(centres[:, None] - 100 * CLUSTERS, axis=2).argmin(axis=1)
        assert sorted(nearest) == [0, 1, 2]


# ---- Bernoulli mixture ----


@pytest.mark.parametrize("alpha", [0.0, 0.2, 1.0])
def test_bernoulli_mixture_sums_to_one_over_every_pattern(alpha):
    x = (rng().random((60, 4)) < 0.4).astype(int)
    model = BernoulliMixture(3, alpha=alpha).fit(x, rng())
    assert np.exp(model.log_prob(all_patterns(4))).sum() == pytest.approx(1, abs=1e-9)


def test_bernoulli_mixture_is_the_textbook_formula():
    x = (rng().random((80, 5)) < [0.1, 0.3, 0.5, 0.7, 0.9]).astype(int)
    model = BernoulliMixture(3).fit(x, rng())
    components = list(zip(model.weights_, model.p_, strict=True))
    joint = np.array([[w * np.prod(np.where(row == 1, p, 1 - p)) for w, p in components] for row in x])
    np.testing.assert_allclose(np.exp(model.log_prob(x)), joint.sum(axis=1), rtol=1e-10)
    np.testing.assert_allclose(model.responsibilities(x), joint / joint.sum(axis=1, keepdims=True), atol=1e-10)


def test_one_em_update_is_the_textbook_m_step():
    x = (rng().random((80, 5)) < 0.4).astype(int)
    before, after = BernoulliMixture(3, alpha=0.7, max_iter=1, tol=0).steps(x, rng())
    r = before.responsibilities(x)
    for k in range(3):
        assert after.weights_[k] == pytest.approx(r[:, k].mean())
        expected = (sum(r[i, k] * x[i] for i in range(80)) + 0.7) / (r[:, k].sum() + 1.4)
        np.testing.assert_allclose(after.p_[k], expected)


@pytest.mark.parametrize("alpha", [0.3, 1.0])
def test_one_bernoulli_component_is_chapter_2(alpha):
    train, test = binary_digits()
    mixture = BernoulliMixture(1, alpha=alpha).fit(train, rng())
    np.testing.assert_allclose(mixture.p_[0], Bernoulli(alpha).fit(train).p_, rtol=1e-12)
    np.testing.assert_allclose(mixture.log_prob(test), Bernoulli(alpha).fit(train).log_prob(test), rtol=1e-10)


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    n=st.integers(5, 50),
    d=st.integers(1, 8),
    k=st.integers(1, 5),
    alpha=st.sampled_from([0.0, 1e-3, 0.2, 2.0]),
)
def test_bernoulli_bound_never_falls(seed, n, d, k, alpha):
    x = (rng(seed).random((n, d)) < rng(seed).random(d)).astype(int)
    model = BernoulliMixture(k, alpha=alpha, max_iter=60).fit(x, rng(seed))
    assert np.isfinite(model.lower_bounds_).all()
    assert np.diff(model.lower_bounds_).min(initial=0) > -1e-10
    if alpha == 0:
        assert model.log_prob(x).mean() == pytest.approx(model.lower_bounds_[-1], abs=1e-9)


@pytest.mark.parametrize(("k", "bar"), [(10, 19.84), (30, 18.17), (100, 17.85)])
def test_digits_reach_the_known_likelihood(k, bar):
    train, test = binary_digits()
    model = BernoulliMixture(k).fit(train, rng(0))
    assert -model.log_prob(test).mean() < bar
    assert model.n_parameters == k - 1 + 64 * k


def test_bernoulli_samples_follow_the_probabilities():
    x = (rng().random((100, 4)) < rng(1).random(4)).astype(int)
    x[:50] = 1 - x[:50]
    model = BernoulliMixture(2).fit(x, rng())
    sampled = model.sample(40_000, rng(1))
    assert sampled.dtype == np.int8
    counts = np.bincount(sampled @ [8, 4, 2, 1], minlength=16)
    assert chisquare(counts, 40_000 * np.exp(model.log_prob(all_patterns(4)))).pvalue > 1e-6
    # Pixels of a mixture depend on each other; those of one component would not.
    assert np.abs(np.cov(sampled.T)[np.triu_indices(4, 1)]).max() > 0.05


def test_bernoulli_degenerate_data():
    x = np.ones((10, 3), dtype=int)
    for alpha in (0.0, 0.2):
        model = BernoulliMixture(4, alpha=alpha).fit(x, rng())
        assert np.isfinite(model.log_prob(all_patterns(3))).all()
        assert model.weights_.sum() == pytest.approx(1)


def test_bernoulli_start():
    x = (rng().random((50, 3)) < 0.5).astype(int)
    start = np.array([[0.9, 0.1, 0.5], [0.1, 0.9, 1.0]])
    first = next(BernoulliMixture(2, start=start).steps(x))
    np.testing.assert_allclose(first.p_, start, atol=1e-11)
    with pytest.raises(ValueError, match="start は確率"):
        BernoulliMixture(2, start=2 * start).fit(x)


# ---- both: the interface and what it refuses ----

BOTH = pytest.mark.parametrize("family", [GaussianMixture, BernoulliMixture])


@BOTH
def test_is_an_explicit_model(family):
    assert isinstance(family(2), ExplicitModel)


@BOTH
@pytest.mark.parametrize("verb", ["fit", "steps"])
@pytest.mark.parametrize(
    ("x", "message"),
    [
        ([[0.0, np.nan], [1.0, 0.0]], "x に NaN"),
        (np.empty((0, 2)), "x が空です"),
        ([0.0, 1.0, 1.0], r"x は \(n, d\)"),
        ([["a", "b"]], "x は数の配列"),
        ([[0.0, 1.0]], "n_components は x の行数以下.*n_components=2"),
    ],
)
def test_bad_data_is_refused_at_once(family, verb, x, message):
    with pytest.raises(ValueError, match=message):
        getattr(family(2), verb)(x, rng())


@BOTH
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"n_components": 0}, "n_components は 1 以上"),
        ({"n_components": 2.0}, "n_components は 1 以上"),
        ({"n_components": 2, "n_init": 0}, "n_init は 1 以上"),
        ({"n_components": 2, "max_iter": 0}, "max_iter は 1 以上"),
        ({"n_components": 2, "tol": -1}, "tol は 0 以上"),
        ({"n_components": 2, "tol": np.nan}, "tol は 0 以上"),
    ],
)
def test_bad_hyper_parameters(family, arguments, message):
    with pytest.raises(ValueError, match=message):
        family(**arguments)


@pytest.mark.parametrize("floor", [0, 1, -1e-6, np.nan])
def test_bad_floor(floor):
    with pytest.raises(ValueError, match="floor は"):
        GaussianMixture(2, floor=floor)


@pytest.mark.parametrize("alpha", [-1, np.nan, np.inf])
def test_bad_alpha(alpha):
    with pytest.raises(ValueError, match="alpha は"):
        BernoulliMixture(2, alpha=alpha)


@BOTH
def test_bad_start(family):
    x = all_patterns(3)
    with pytest.raises(ValueError, match=r"start の形は \(n_components, d\) = \(2, 3\)"):
        family(2, start=np.full((3, 3), 0.5)).fit(x)
    with pytest.raises(ValueError, match="start の列数は 3"):
        family(2, start=np.full((2, 2), 0.5)).fit(x)


@BOTH
def test_needs_a_generator_unless_a_start_is_given(family):
    x = all_patterns(3)
    with pytest.raises(TypeError, match="rng"):
        family(2).fit(x)
    with pytest.raises(TypeError, match="rng"):
        family(2).steps(x, 0)
    assert family(2, start=[[0.2, 0.5, 0.5], [0.8, 0.5, 0.5]]).fit(x).n_iter_ >= 1


@BOTH
def test_not_fitted_or_wrong_width(family):
    x = all_patterns(3)
    for call in (family(2).log_prob, family(2).responsibilities, family(2).bic):
        with pytest.raises(RuntimeError, match="fit"):
            call(x)
    with pytest.raises(RuntimeError, match="fit"):
        family(2).sample(3, rng())
    with pytest.raises(RuntimeError, match="fit"):
        _ = family(2).n_parameters
    model = family(2).fit(x, rng())
    with pytest.raises(ValueError, match="x の列数は 3"):
        model.log_prob(x[:, :2])
    with pytest.raises(ValueError, match="n は 0 以上"):
        model.sample(-1, rng())


def test_only_zeros_and_ones_for_bernoulli():
    with pytest.raises(ValueError, match="0 か 1"):
        BernoulliMixture(1).fit([[0.5, 1.0]], rng())


def test_values_too_large_to_square():
    with pytest.raises(ValueError, match="x の値が大きすぎて"):
        GaussianMixture(1).fit([[1e200], [-1e200]], rng())


@BOTH
def test_data_are_not_written_to(family):
    x = all_patterns(3).astype(float)
    x.flags.writeable = False
    model = family(2).fit(x, rng())
    model.log_prob(x)
    np.testing.assert_array_equal(x, all_patterns(3))

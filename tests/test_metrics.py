"""Each metric against an independent implementation (SciPy, scikit-learn, plain loops) or a closed form."""

import math
import warnings

import numpy as np
import pytest
import scipy.linalg
import scipy.optimize
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.spatial import cKDTree
from scipy.spatial.distance import cdist, pdist
from sklearn.metrics.pairwise import rbf_kernel
from sklearn.model_selection import LeaveOneOut, cross_val_predict
from sklearn.neighbors import KNeighborsClassifier

from course_utils import metrics
from course_utils.data import binary_digits, eight_gaussians


def rng(seed=0):
    return np.random.default_rng(seed)


FAST = settings(deadline=None, max_examples=60)  # a busy machine must not fail a test


def two_sets(n=130, m=90, d=3, seed=0, shift=0.5):
    """Two sets of unequal size, off-centre, with unequal scales."""
    r = rng(seed)
    scale = np.linspace(0.5, 2, d)
    return r.normal(size=(n, d)) * scale + 7, r.normal(size=(m, d)) * scale * 1.3 + 7 + shift


SIZES = [(130, 90, 3), (40, 700, 2), (60, 50, 64), (9, 8, 1)]
# Whole numbers, few of them: duplicates and equal distances everywhere.
tied_sets = st.tuples(st.integers(4, 9), st.integers(4, 9), st.integers(1, 3)).flatmap(
    lambda s: st.tuples(
        arrays(float, (s[0], s[2]), elements=st.integers(-2, 2)),
        arrays(float, (s[1], s[2]), elements=st.integers(-2, 2)),
    )
)

TWO_SAMPLE = {
    "precision_recall": lambda x, y: metrics.precision_recall(x, y, 3),
    "density_coverage": lambda x, y: metrics.density_coverage(x, y, 3),
    "c2st_accuracy": metrics.c2st_accuracy,
    "mmd2": lambda x, y: metrics.mmd2(x, y, 1.5),
    "mmd2 biased": lambda x, y: metrics.mmd2(x, y, 1.5, unbiased=False),
    "energy_distance": metrics.energy_distance,
    "frechet_distance": metrics.frechet_distance,
    "sliced_wasserstein": lambda x, y: metrics.sliced_wasserstein(x, y, rng(5), n_projections=8),
    "mmd_test": lambda x, y: metrics.mmd_test(x, y, rng(5), bandwidth=1.5, n_permutations=9).statistic,
    "energy_test": lambda x, y: metrics.energy_test(x, y, rng(5), n_permutations=9).statistic,
}
two_sample = pytest.mark.parametrize("metric", TWO_SAMPLE.values(), ids=TWO_SAMPLE.keys())


# ---- log-probabilities ----


def test_nll_of_fair_coins_is_one_bit_a_dimension():
    log_prob = np.full(5, 64 * math.log(0.5))
    assert metrics.mean_nll(log_prob) == pytest.approx(64 * math.log(2))
    assert metrics.bits_per_dim(log_prob, 64) == pytest.approx(1)
    assert metrics.bits_per_dim([-1.0, -3.0], 4) == pytest.approx(2 / (4 * math.log(2)))


def test_one_impossible_sample_makes_the_nll_infinite():
    assert metrics.mean_nll([-1.0, -np.inf]) == np.inf
    assert metrics.bits_per_dim([-1.0, -np.inf], 2) == np.inf


# ---- discrete patterns ----

A, B, C = (1, 1, 1, 0), (1, 1, 0, 0), (0, 0, 0, 1)


def test_pattern_counts_by_hand():
    assert metrics.unique_ratio([A, B, A, A]) == 0.5
    assert metrics.unique_ratio([A] * 200) == 1 / 200
    assert metrics.space_coverage([A, B, A, A]) == 2 / 16
    assert metrics.space_coverage([A, B, (2, 0, 0, 0)], n_values=3) == 3 / 81
    assert metrics.pattern_coverage([A, A, A, B, C], [A, B, B, (0, 0, 0, 0)]) == pytest.approx(2 / 3)
    assert metrics.pattern_coverage([A, B], [A, A, A, B, C, C]) == 1


@given(arrays(np.int8, st.tuples(st.integers(1, 30), st.integers(1, 3)), elements=st.integers(0, 2)))
@FAST
def test_unique_rows_agree_with_numpy(x):
    distinct = len(np.unique(x, axis=0))
    assert metrics.unique_ratio(x) == distinct / len(x)
    assert metrics.space_coverage(x, 3) == distinct / 3 ** x.shape[1]


def test_minus_zero_is_zero_and_the_container_does_not_matter():
    assert metrics.unique_ratio(np.array([[0.0], [-0.0]])) == 0.5
    assert metrics.pattern_coverage(np.array([A], dtype=np.uint8), np.array([A], dtype=float)) == 1


def test_space_coverage_of_uniform_samples_is_what_chance_gives():
    n, size = 400, 2**8
    x = rng().integers(2, size=(n, 8))
    expected = 1 - (1 - 1 / size) ** n  # a pattern is missed n times
    assert metrics.space_coverage(x) == pytest.approx(expected, abs=5 * math.sqrt(0.25 / size))


# ---- nearest neighbours ----


@pytest.mark.parametrize("n, m, d", [*SIZES, (3000, 1, 2)])
@pytest.mark.parametrize("k", [1, 5])
def test_knn_radius_agrees_with_a_kd_tree(n, m, d, k):
    x, _ = two_sets(n, m, d)
    np.testing.assert_allclose(metrics.knn_radius(x, k), cKDTree(x).query(x, k + 1)[0][:, k], rtol=1e-9)


def test_knn_radius_of_duplicates_is_exactly_zero():
    x = np.repeat(rng().normal(size=(20, 7)), 3, axis=0) + 1 / 3
    assert (metrics.knn_radius(x, 2) == 0).all()
    assert (metrics.knn_radius(x, 3) > 0).all()


def naive_prdc(real, fake, k):
    """Distances by subtraction, sorted in full; the balls of the definitions, closed."""
    real_radius = np.sort(cdist(real, real), axis=1)[:, k]
    fake_radius = np.sort(cdist(fake, fake), axis=1)[:, k]
    in_real = cdist(real, fake) <= real_radius[:, None] * (1 + 1e-9)
    in_fake = cdist(real, fake) <= fake_radius[None, :] * (1 + 1e-9)
    return (
        np.mean([column.any() for column in in_real.T]),
        np.mean([row.any() for row in in_fake]),
        in_real.sum() / (k * len(fake)),
        np.mean([row.any() for row in in_real]),
    )


def ours_prdc(real, fake, k):
    return *metrics.precision_recall(real, fake, k), *metrics.density_coverage(real, fake, k)


@pytest.mark.parametrize("n, m, d", SIZES)
@pytest.mark.parametrize("k", [1, 3, 5])
def test_prdc_agrees_with_its_definition(n, m, d, k):
    real, fake = two_sets(n, m, d)
    assert ours_prdc(real, fake, k) == pytest.approx(naive_prdc(real, fake, k), abs=1e-12)


@given(tied_sets, st.integers(1, 3))
@FAST
def test_prdc_with_ties_and_duplicates(sets, k):
    real, fake = sets
    assert ours_prdc(real, fake, k) == pytest.approx(naive_prdc(real, fake, k), abs=1e-12)
    # The same points on a grid that floats cannot hold exactly, far from the origin: ties stay ties.
    assert ours_prdc(real * 0.1 + 30, fake * 0.1 + 30, k) == pytest.approx(naive_prdc(real, fake, k), abs=1e-12)


def test_prdc_by_hand():
    real, fake = np.array([[0.0], [1.0], [3.0]]), np.array([[2.0], [9.0], [9.5]])
    # k = 1: real balls [-1, 1], [0, 2], [1, 5]; fake balls [-5, 9], [8.5, 9.5], [9, 10].
    assert metrics.precision_recall(real, fake, 1) == pytest.approx((1 / 3, 1))
    assert metrics.density_coverage(real, fake, 1) == pytest.approx((2 / 3, 2 / 3))


def test_density_and_coverage_need_no_more_than_one_fake():
    real, _ = two_sets()
    density, coverage = metrics.density_coverage(real, real[:1], k=5)
    assert density > 0 and 0 < coverage < 1


@given(tied_sets)
@FAST
def test_a_set_covers_itself(sets):
    x, _ = sets
    assert metrics.precision_recall(x, x[::-1], 2) == (1, 1)
    assert metrics.density_coverage(x, x[::-1], 2).coverage == 1


def test_precision_and_recall_swap_when_the_sets_do():
    x, y = two_sets()
    assert metrics.precision_recall(x, y, 4) == metrics.precision_recall(y, x, 4)[::-1]
    assert metrics.precision_recall(x, y, 4).precision != metrics.precision_recall(x, y, 4).recall


def naive_c2st(real, fake):
    pooled, label = np.concatenate([real, fake]), np.repeat([0, 1], [len(real), len(fake)])
    distance = cdist(pooled, pooled)
    np.fill_diagonal(distance, np.inf)
    share = np.array(
        [(label[row <= row.min() * (1 + 1e-9)] == own).mean() for row, own in zip(distance, label, strict=True)]
    )
    return (share[label == 0].mean() + share[label == 1].mean()) / 2


@pytest.mark.parametrize("n, d", [(120, 2), (60, 64)])
def test_c2st_agrees_with_scikit_learn(n, d):
    real, fake = two_sets(n, n, d)
    pooled, label = np.concatenate([real, fake]), np.repeat([0, 1], n)
    predicted = cross_val_predict(KNeighborsClassifier(1), pooled, label, cv=LeaveOneOut())
    assert metrics.c2st_accuracy(real, fake) == pytest.approx((predicted == label).mean())


@given(tied_sets)
@FAST
def test_c2st_shares_ties(sets):
    real, fake = sets
    assert metrics.c2st_accuracy(real, fake) == pytest.approx(naive_c2st(real, fake))
    assert metrics.c2st_accuracy(real * 0.1 + 30, fake * 0.1 + 30) == pytest.approx(naive_c2st(real, fake))


@pytest.mark.parametrize("n, m, d", SIZES)
def test_c2st_of_unequal_sets(n, m, d):
    real, fake = two_sets(n, m, d)
    assert metrics.c2st_accuracy(real, fake) == pytest.approx(naive_c2st(real, fake))


def test_c2st_extremes():
    x = rng().normal(size=(50, 2))
    assert metrics.c2st_accuracy(x, x + 100) == 1
    assert metrics.c2st_accuracy(x, x + 1e-6) == 0  # every nearest neighbour is the copy


def test_c2st_stays_at_one_half_for_unequal_sizes():
    r = rng(3)
    x, y = eight_gaussians(400, r), eight_gaussians(2000, r)
    assert metrics.c2st_accuracy(x, y) == pytest.approx(0.5, abs=0.06)


@pytest.mark.parametrize("digits", [False, True])
def test_data_copying_is_the_mann_whitney_statistic(digits):
    if digits:  # many ties: distances between binary images are roots of whole numbers
        split = binary_digits()
        train, test, fake = split.train[:200], split.test[:90], split.train[150:270]
    else:
        (train, test), (fake, _) = two_sets(), two_sets(70, 5, seed=1, shift=0)
    to_test, to_fake = cKDTree(train).query(test)[0], cKDTree(train).query(fake)[0]
    u = scipy.stats.mannwhitneyu(to_fake, to_test).statistic
    assert metrics.data_copying(train, test, fake) == pytest.approx(u / (len(test) * len(fake)))


def test_data_copying_tells_copies_from_fresh_and_from_far():
    train, test = two_sets(shift=0)
    assert metrics.data_copying(train, test, train[::2]) == 0
    assert metrics.data_copying(train, test, test) == 0.5
    assert metrics.data_copying(train, test, test + 100) == 1


def test_the_truth_against_itself():
    r = rng(1)
    real, fake = eight_gaussians(2000, r), eight_gaussians(2000, r)
    assert metrics.c2st_accuracy(real, fake) == pytest.approx(0.5, abs=0.04)
    assert metrics.precision_recall(real, fake) == pytest.approx((0.99, 0.99), abs=0.02)
    # Naeem et al. 2020, section 3: a ball is missed when the k nearest of the other points are all real.
    expected = 1 - math.prod((1999 - i) / (3999 - i) for i in range(5))
    assert metrics.density_coverage(real, fake) == pytest.approx((1, expected), abs=0.03)


@pytest.mark.parametrize("decimals", [12, 0])  # 0: whole numbers, so many ties
def test_blocks_do_not_change_the_answers(decimals, monkeypatch):
    x, y = (s.round(decimals) for s in two_sets(n=57, m=31))
    whole = [metric(x, y) for metric in TWO_SAMPLE.values()]
    monkeypatch.setattr(metrics, "BLOCK", 100)  # 57 = 19 blocks of 3 rows, or single rows
    for one_block, metric in zip(whole, TWO_SAMPLE.values(), strict=True):
        assert metric(x, y) == pytest.approx(one_block, rel=1e-10, abs=1e-12)


# ---- all pairs ----


def naive_mmd2(x, y, sigma, unbiased):
    total = 0.0
    for (a, b), sign in {(0, 0): 1, (1, 1): 1, (0, 1): -2}.items():
        k = rbf_kernel((x, y)[a], (x, y)[b], gamma=1 / (2 * sigma**2))
        if a == b and unbiased:
            n = len(k)
            total += sign * (k.sum() - np.trace(k)) / (n * (n - 1))
        else:
            total += sign * k.mean()
    return total


@pytest.mark.parametrize("n, m, d", SIZES)
@pytest.mark.parametrize("sigma", [0.3, 2.0])
@pytest.mark.parametrize("unbiased", [True, False])
def test_mmd2_agrees_with_scikit_learn(n, m, d, sigma, unbiased):
    x, y = two_sets(n, m, d)
    assert metrics.mmd2(x, y, sigma, unbiased=unbiased) == pytest.approx(
        naive_mmd2(x, y, sigma, unbiased), rel=1e-9, abs=1e-13
    )


def test_mmd2_uses_the_median_distance():
    x, y = two_sets()
    sigma = np.median(pdist(np.concatenate([x, y])))
    assert metrics.median_bandwidth(x, y) == pytest.approx(sigma)
    assert metrics.mmd2(x, y) == pytest.approx(naive_mmd2(x, y, sigma, True))
    big_x, big_y = two_sets(3000, 1000)
    exact = np.median(pdist(np.concatenate([big_x, big_y])))
    assert metrics.median_bandwidth(big_x, big_y) == pytest.approx(exact, rel=0.05)


def test_mmd2_of_two_gaussians_is_the_closed_form():
    # E k(a, b) for a − b ~ N(δ, 2 I) and width σ: (σ²/(σ² + 2))^{d/2} exp(−‖δ‖²/(2(σ² + 2))).
    r, d, sigma, delta = rng(), 2, 1.0, 1.0
    values = [
        metrics.mmd2(r.normal(size=(200, d)), r.normal(size=(150, d)) + np.array([delta, 0]), sigma) for _ in range(60)
    ]
    scale = (sigma**2 / (sigma**2 + 2)) ** (d / 2)
    expected = 2 * scale * (1 - math.exp(-(delta**2) / (2 * (sigma**2 + 2))))
    assert np.mean(values) == pytest.approx(expected, abs=5 * np.std(values) / math.sqrt(60))


def test_unbiased_mmd2_averages_to_zero_and_the_biased_one_does_not():
    r = rng()
    pairs = [(r.normal(size=(20, 2)), r.normal(size=(30, 2))) for _ in range(300)]
    unbiased = np.array([metrics.mmd2(x, y, 1.0) for x, y in pairs])
    assert abs(unbiased.mean()) < 5 * unbiased.std() / math.sqrt(300)
    assert (unbiased < 0).any()
    assert min(metrics.mmd2(x, y, 1.0, unbiased=False) for x, y in pairs) > 0


def test_a_tiny_bandwidth_on_duplicates_is_finite():
    x = np.repeat(rng().normal(size=(30, 5)) * 100, 2, axis=0)
    assert 0 <= metrics.mmd2(x, x[::-1], 1e-9, unbiased=False) <= 2
    assert -2 <= metrics.mmd2(x, x, 1e-9) <= 2


@pytest.mark.parametrize("n, m, d", SIZES)
def test_energy_distance_agrees_with_plain_averages(n, m, d):
    x, y = two_sets(n, m, d)
    expected = 2 * cdist(x, y).mean() - cdist(x, x).mean() - cdist(y, y).mean()
    assert metrics.energy_distance(x, y) == pytest.approx(expected)
    if d == 1:
        assert math.sqrt(metrics.energy_distance(x, y)) == pytest.approx(scipy.stats.energy_distance(x[:, 0], y[:, 0]))


@pytest.mark.parametrize("test", [metrics.mmd_test, metrics.energy_test])
def test_permutation_statistics_are_those_of_real_permutations(test):
    x, y = two_sets(25, 15, shift=0.2)
    distance = metrics.energy_distance
    if test is metrics.mmd_test:
        sigma = metrics.median_bandwidth(x, y)
        distance = lambda a, b: metrics.mmd2(a, b, sigma, unbiased=False)  # noqa: E731
    result = test(x, y, rng(1), n_permutations=400)
    assert result.statistic == pytest.approx(distance(x, y))
    pooled, r = np.concatenate([x, y]), rng(2)
    by_hand = [distance(p[:25], p[25:]) for p in (r.permutation(pooled) for _ in range(400))]
    assert result.z == pytest.approx((result.statistic - np.mean(by_hand)) / np.std(by_hand), abs=0.6)
    p_by_hand = np.mean(np.array(by_hand) >= result.statistic)
    assert result.p_value == pytest.approx(p_by_hand, abs=5 * math.sqrt(0.5 / 400))


@pytest.mark.parametrize("test", [metrics.mmd_test, metrics.energy_test])
def test_permutation_p_values(test):
    x, y = two_sets(60, 40, shift=4)
    far = test(x, y, rng(), n_permutations=99)
    assert far.p_value == 0.01 and far.z > 5
    same = test(x, x[::-1], rng(), n_permutations=99)
    assert same.p_value == 1 and same.z < 0
    constant = test(
        np.ones((5, 2)), np.ones((4, 2)), rng(), **({} if test is metrics.energy_test else {"bandwidth": 1})
    )
    assert constant.p_value == 1 and constant.z == 0


def test_rounding_does_not_make_a_biased_estimate_negative():
    x = np.array([[2.0, 0], [2, 0], [1, 2], [1, 1], [0, 1]])
    for seed in range(5):
        y = rng(seed).permutation(x)
        assert metrics.mmd_test(x, y, rng(), bandwidth=1.5, n_permutations=9).statistic >= 0
        assert metrics.mmd2(x, y, 1.5, unbiased=False) >= 0
        assert metrics.energy_distance(x, y) >= 0


def test_permutation_p_values_are_uniform_under_the_null():
    r = rng(0)
    p = [
        metrics.energy_test(r.normal(size=(20, 2)), r.normal(size=(30, 2)), r, n_permutations=99).p_value
        for _ in range(200)
    ]
    assert scipy.stats.kstest(p, "uniform").pvalue > 1e-6


def test_a_dropped_mode_is_seen_by_both_tests():
    r = rng(0)
    real, fake = eight_gaussians(1000, r), eight_gaussians(1200, r)
    fake = fake[np.linalg.norm(fake - [2, 0], axis=1) > 0.7][:1000]
    assert metrics.mmd_test(real, fake, r).z > 10
    assert metrics.energy_test(real, fake, r).z > 10


# ---- moments and projections ----


@pytest.mark.parametrize("n, m, d", SIZES)
def test_frechet_agrees_with_scipy_sqrtm(n, m, d):
    x, y = two_sets(n, m, d)
    cov_x, cov_y = np.cov(x.T).reshape(d, d), np.cov(y.T).reshape(d, d)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # 64 columns and 60 rows: a singular covariance, of which sqrtm complains
        root = np.real(scipy.linalg.sqrtm(cov_x @ cov_y))
    expected = ((x.mean(0) - y.mean(0)) ** 2).sum() + np.trace(cov_x + cov_y - 2 * root)
    assert metrics.frechet_distance(x, y) == pytest.approx(expected, rel=1e-4)


def test_frechet_closed_forms():
    a, b = np.array([1.0, 4.0, 9.0]), np.array([4.0, 1.0, 0.0])
    expected = 1 + ((np.sqrt(a) - np.sqrt(b)) ** 2).sum()  # covariances that commute; one is singular
    assert metrics.gaussian_frechet([0, 0, 0], np.diag(a), [0, 1, 0], np.diag(b)) == pytest.approx(expected)
    turn = scipy.stats.ortho_group.rvs(3, random_state=0)
    turned = metrics.gaussian_frechet(
        [0, 0, 0], turn @ np.diag(a) @ turn.T, turn @ [0, 1, 0], turn @ np.diag(b) @ turn.T
    )
    assert turned == pytest.approx(expected)
    x, _ = two_sets()
    assert metrics.frechet_distance(x, x + np.array([1, 2, 2])) == pytest.approx(9)
    assert metrics.frechet_distance(x, x) == pytest.approx(0, abs=1e-9)


def test_frechet_is_blind_beyond_the_moments():
    x = eight_gaussians(400, rng())
    whiten = np.linalg.cholesky(np.cov(x.T))
    y = rng(1).normal(size=(400, 2))
    y = (y - y.mean(0)) @ np.linalg.inv(np.linalg.cholesky(np.cov(y.T))).T @ whiten.T + x.mean(0)
    assert metrics.frechet_distance(x, y) == pytest.approx(0, abs=1e-9)
    assert metrics.c2st_accuracy(x, y) > 0.8


@given(
    arrays(float, st.integers(1, 8), elements=st.floats(-10, 10)),
    arrays(float, st.integers(1, 8), elements=st.floats(-10, 10)),
)
@FAST
def test_sliced_wasserstein_in_one_dimension_is_wasserstein(x, y):
    # Repeat both to a common length: then the optimal plan is a matching, found here by linear programming.
    length = math.lcm(len(x), len(y))
    cost = np.subtract.outer(np.repeat(x, length // len(x)), np.repeat(y, length // len(y))) ** 2
    plan = scipy.optimize.linear_sum_assignment(cost)
    ours = metrics.sliced_wasserstein(x[:, None], y[:, None], rng(), n_projections=3)
    assert ours == pytest.approx(math.sqrt(cost[plan].mean()), abs=1e-9)


def test_sliced_wasserstein_of_a_shift_and_of_a_scaling():
    x, _ = two_sets(d=4)
    shifted = metrics.sliced_wasserstein(x, x + np.array([3, 0, 0, 4]), rng(), n_projections=4000)
    assert shifted == pytest.approx(5 / math.sqrt(4), rel=0.03)
    z = rng(1).normal(size=(4000, 2))
    assert metrics.sliced_wasserstein(z, 3 * z[::-1], rng()) == pytest.approx(2, rel=0.1)


def test_sliced_wasserstein_takes_its_directions_from_rng():
    x, y = two_sets()
    one, again, other = (metrics.sliced_wasserstein(x, y, rng(s), n_projections=2) for s in (0, 0, 1))
    assert one == again != other


# ---- what all of them share ----


@two_sample
@given(tied_sets, st.integers(0, 2**31))
@settings(FAST, max_examples=25)
def test_order_of_rows_and_a_common_shift_do_not_matter(metric, sets, seed):
    x, y = sets
    r = rng(seed)
    expected = pytest.approx(metric(x, y), rel=1e-6, abs=1e-9)
    assert metric(r.permutation(x), r.permutation(y)) == expected
    assert metric(x + 4096, y + 4096) == expected


@pytest.mark.parametrize("name", [n for n in TWO_SAMPLE if n not in ("precision_recall", "density_coverage")])
@given(tied_sets)
@settings(FAST, max_examples=25)
def test_the_distances_are_symmetric_and_the_biased_ones_not_negative(name, sets):
    x, y = sets
    metric = TWO_SAMPLE[name]
    assert metric(x, y) == pytest.approx(metric(y, x), rel=1e-6, abs=1e-9)
    if name not in ("mmd2", "c2st_accuracy"):
        assert metric(x, y) >= 0
        assert metric(x, x[::-1]) == pytest.approx(0, abs=1e-6)


@two_sample
def test_far_from_the_origin_nothing_is_lost(metric):
    x, y = two_sets(shift=0.3)
    assert metric(x + 1e6, y + 1e6) == pytest.approx(metric(x, y), rel=1e-5, abs=1e-7)


@two_sample
def test_arguments_are_left_alone_and_lists_are_welcome(metric):
    x, y = two_sets(20, 15)
    x_before, y_before = x.copy(), y.copy()
    x.flags.writeable = y.flags.writeable = False
    value = metric(x, y)
    assert (x == x_before).all() and (y == y_before).all()
    assert metric(x.tolist(), np.asfortranarray(y)) == pytest.approx(value)


@two_sample
@pytest.mark.parametrize(
    "bad, message",
    [
        (np.empty((0, 3)), "空です"),
        (np.full((20, 3), np.nan), "NaN または無限大"),
        (np.full((20, 3), np.inf), "NaN または無限大"),
        (np.full((20, 3), 1e200), "大きすぎる数"),
        (np.full((20, 3), -1e200), "大きすぎる数"),
        (np.ones(20), r"\(n, d\) の 2 次元配列"),
        ([["a", "b", "c"]], "数の配列"),
    ],
)
def test_bad_samples_are_named(metric, bad, message):
    x, y = two_sets()
    with pytest.raises(ValueError, match=f"^(x|real) .*{message}"):
        metric(bad, y)
    with pytest.raises(ValueError, match=f"^(y|fake) .*{message}"):
        metric(x, bad)


@two_sample
def test_different_column_counts_are_named(metric):
    x, y = two_sets()
    with pytest.raises(ValueError, match=r"^(y|fake) の列数は 3 .*\(90, 2\)"):
        metric(x, y[:, :2])


X = np.arange(10.0).reshape(5, 2)
WRONG_CALLS = [
    (lambda: metrics.mean_nll([]), "log_prob が空"),
    (lambda: metrics.mean_nll([[1.0]]), r"log_prob は \(n,\)"),
    (lambda: metrics.mean_nll([np.nan]), "log_prob に NaN"),
    (lambda: metrics.mean_nll([np.inf]), "log_prob に NaN または"),
    (lambda: metrics.mean_nll(["a"]), "log_prob は数の配列"),
    (lambda: metrics.bits_per_dim([-1.0], 0), "d は 1 以上の整数.*0"),
    (lambda: metrics.bits_per_dim([-1.0], 2.0), "d は 1 以上の整数.*2.0"),
    (lambda: metrics.unique_ratio([]), r"x は \(n, d\)"),
    (lambda: metrics.space_coverage([[0, 2]]), "x の要素は 0 から 1 まで.*2 が"),
    (lambda: metrics.space_coverage([[0, 0.5]]), "x の要素は 0 から 1 まで.*0.5"),
    (lambda: metrics.space_coverage([[0, -1]], 3), "x の要素は 0 から 2 まで.*-1"),
    (lambda: metrics.space_coverage([[0, 1]], 0), "n_values は 1 以上"),
    (lambda: metrics.pattern_coverage([[0, 1]], [[0]]), "fake の列数は 2"),
    (lambda: metrics.knn_radius(X, 5), "k は x の行数 5 より小さく.*5"),
    (lambda: metrics.knn_radius(X, 0), "k は 1 以上の整数"),
    (lambda: metrics.knn_radius(X + 1e200, 1), "x に大きすぎる"),
    (lambda: metrics.precision_recall(X, X[:3], 3), "k は fake の行数 3 より"),
    (lambda: metrics.precision_recall(X[:3], X, 3), "k は real の行数 3 より"),
    (lambda: metrics.precision_recall(X, X, 1.5), "k は 1 以上の整数"),
    (lambda: metrics.density_coverage(X[:3], X, 3), "k は real の行数 3 より"),
    (lambda: metrics.c2st_accuracy(X[:1], X), "real には 2 行以上"),
    (lambda: metrics.c2st_accuracy(X, X[:1]), "fake には 2 行以上"),
    (lambda: metrics.data_copying(X, X[:, :1], X), "test の列数は 2"),
    (lambda: metrics.data_copying(X, X, X[:, :1]), "fake の列数は 2"),
    (lambda: metrics.data_copying(X * np.nan, X, X), "train に NaN"),
    (lambda: metrics.mmd2(X, X[:1]), "y には 2 行以上"),
    (lambda: metrics.mmd2(X, X, 0), "bandwidth は正の数.*0"),
    (lambda: metrics.mmd2(X, X, -1.0), "bandwidth は正の数.*-1.0"),
    (lambda: metrics.mmd2(X, X, np.nan), "bandwidth は正の数"),
    (lambda: metrics.mmd2(X, X, "median"), "bandwidth は正の数.*median"),
    (lambda: metrics.mmd2(X, X, np.ones(2)), "bandwidth は正の数"),
    (lambda: metrics.mmd_test(X, X, rng(), bandwidth=0.0), "bandwidth は正の数"),
    (lambda: metrics.mmd_test(X, X, rng(), n_permutations=1), "n_permutations は 2 以上"),
    (lambda: metrics.energy_test(X, X, rng(), n_permutations=1), "n_permutations は 2 以上"),
    (lambda: metrics.median_bandwidth(X[:1], X[:1]), "中央値が 0"),
    (lambda: metrics.mmd2(np.full((9, 3), 0.1), np.full((9, 3), 0.1)), "中央値が 0"),
    (lambda: metrics.frechet_distance(X, X[:1]), "y には 2 行以上"),
    (lambda: metrics.gaussian_frechet([0], np.eye(1), [0, 0], np.eye(2)), "mean_y の形"),
    (lambda: metrics.gaussian_frechet([0, 0], np.eye(2), [0, 0], np.eye(3)), "cov_y の列数は 2"),
    (lambda: metrics.gaussian_frechet([0, 0], np.ones((3, 2)), [0, 0], np.eye(2)), r"cov_x は \(2, 2\)"),
    (lambda: metrics.gaussian_frechet([0, 0], [[1, 2], [0, 1]], [0, 0], np.eye(2)), "cov_x は .*対称"),
    (lambda: metrics.gaussian_frechet([0, 0], [[1, 2], [2, 1]], [0, 0], np.eye(2)), "cov_x の固有値に負"),
    (lambda: metrics.gaussian_frechet([np.nan], np.eye(1), [0], np.eye(1)), "mean_x に NaN"),
    (lambda: metrics.sliced_wasserstein(X, X, rng(), n_projections=0), "n_projections は 1 以上"),
    (lambda: metrics.bootstrap_interval([], rng()), "values が空"),
    (lambda: metrics.bootstrap_interval([1.0, np.inf], rng()), "values に NaN"),
    (lambda: metrics.bootstrap_interval([1.0], rng(), level=95), "level は.*95"),
    (lambda: metrics.bootstrap_interval([1.0], rng(), level=1.0), "level は"),
    (lambda: metrics.bootstrap_interval([1.0], rng(), n_resamples=0), "n_resamples は 1 以上"),
]


@pytest.mark.parametrize("call, message", WRONG_CALLS, ids=[m for _, m in WRONG_CALLS])
def test_wrong_arguments_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize(
    "call",
    [
        lambda: metrics.mmd_test(X, X, 0),
        lambda: metrics.energy_test(X, X, np.random),
        lambda: metrics.sliced_wasserstein(X, X, None),
        lambda: metrics.bootstrap_interval([1.0], 0),
    ],
)
def test_only_a_generator_will_do(call):
    with pytest.raises(TypeError, match="rng には np"):
        call()


# ---- bootstrap ----


def test_bootstrap_interval_agrees_with_scipy():
    values = rng().exponential(size=80)
    ours = metrics.bootstrap_interval(values, rng(1), level=0.9, n_resamples=20_000)
    theirs = scipy.stats.bootstrap(
        (values,), np.mean, confidence_level=0.9, n_resamples=20_000, method="percentile", rng=rng(2)
    ).confidence_interval
    assert ours == pytest.approx((theirs.low, theirs.high), abs=0.01)


def test_bootstrap_interval_of_another_statistic_in_blocks(monkeypatch):
    values = np.append(rng().normal(size=200), 1e6)
    whole = metrics.bootstrap_interval(values, rng(1), n_resamples=500, statistic=np.median)
    assert -0.5 < whole.low < np.median(values) < whole.high < 0.5
    monkeypatch.setattr(metrics, "BLOCK", 201 * 7)  # 500 is no multiple of 7
    assert metrics.bootstrap_interval(values, rng(1), n_resamples=500, statistic=np.median) == whole


def test_bootstrap_interval_covers_at_its_level():
    r = rng(0)
    hits = sum(
        low <= 1 <= high
        for low, high in (
            metrics.bootstrap_interval(r.normal(1, 2, size=50), r, level=0.8, n_resamples=300) for _ in range(400)
        )
    )
    # Slightly below 0.8 at n = 50; five standard deviations of a coin with p = 0.79.
    assert hits / 400 == pytest.approx(0.79, abs=5 * math.sqrt(0.79 * 0.21 / 400))


def test_bootstrap_interval_of_a_constant_is_a_point():
    assert metrics.bootstrap_interval(np.full(9, 2.5), rng()) == (2.5, 2.5)

"""How good is a generative model? Many numbers, and each of them can be fooled (chapters 7 and 8).

=========================  ==================================================================
what is compared           functions
=========================  ==================================================================
log-probabilities          :func:`mean_nll`, :func:`bits_per_dim`
discrete patterns          :func:`unique_ratio`, :func:`space_coverage`, :func:`pattern_coverage`
nearest neighbours         :func:`precision_recall`, :func:`density_coverage`, :func:`c2st_accuracy`,
                           :func:`data_copying`
all pairs                  :func:`mmd2`, :func:`energy_distance` and their permutation tests
moments, projections       :func:`frechet_distance`, :func:`sliced_wasserstein`
is a difference noise?     :func:`bootstrap_interval`
=========================  ==================================================================

Samples are arrays (n, d), one sample a row; the two sets may differ in size. Everything is checked before any
work is done: ``ValueError`` (or ``TypeError`` for ``rng``) names the argument. No metric draws random numbers
unless it takes ``rng``.
"""

import math
from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

from .models.base import as_count, as_matrix, as_rng

# ---- log-probabilities ------------------------------------------------------------------------------------------


def mean_nll(log_prob: np.ndarray) -> float:
    """Mean negative log-likelihood, −(1/n) Σ log p_θ(x_i), in nats per sample.

    Args:
        log_prob: (n,) log-probabilities (or log-densities) in nats. One −inf makes the answer +inf: a model that
            calls an observed sample impossible is infinitely wrong.
    """
    values = _as_log_prob(log_prob)
    return float(-values.mean())


def bits_per_dim(log_prob: np.ndarray, d: int) -> float:
    """Mean negative log-likelihood in bits per dimension: :func:`mean_nll` / (d ln 2).

    Args:
        log_prob: (n,) in nats, as for :func:`mean_nll`.
        d: number of dimensions (pixels) of one sample, >= 1.
    """
    values, d = _as_log_prob(log_prob), as_count(d, "d", least=1)
    return float(-values.mean() / (d * math.log(2)))


def _as_log_prob(log_prob) -> np.ndarray:
    values = _as_vector(log_prob, "log_prob")
    if np.isnan(values).any() or (values == np.inf).any():
        raise ValueError("log_prob に NaN または +∞ があります。対数確率は有限の数か −∞ にしてください")
    return values


# ---- discrete patterns ------------------------------------------------------------------------------------------


def unique_ratio(x: np.ndarray) -> float:
    """Number of distinct rows of ``x`` (n, d), divided by n. 1 means that no sample repeats.

    It falls as n grows whatever the model, because a finite space holds only so many patterns.
    """
    x = as_matrix(x)
    return len(_patterns(x)) / len(x)


def space_coverage(x: np.ndarray, n_values: int = 2) -> float:
    """Share of the whole discrete space that occurs among the rows of ``x``: distinct rows / n_values**d.

    Args:
        x: (n, d) whole numbers in 0 .. n_values − 1.
        n_values: how many values one column can take, >= 1 (2 for binary images).
    """
    x, n_values = as_matrix(x), as_count(n_values, "n_values", least=1)
    wrong = (x != np.floor(x)) | (x < 0) | (x >= n_values)
    if wrong.any():
        raise ValueError(f"x の要素は 0 から {n_values - 1} までの整数にしてください（{x[wrong][0]:g} がありました）")
    return len(_patterns(x)) / n_values ** x.shape[1]


def pattern_coverage(real: np.ndarray, fake: np.ndarray) -> float:
    """Share of the distinct rows of ``real`` (n, d) that occur at least once in ``fake`` (m, d)."""
    real, fake = _as_pair(real, fake, "real", "fake")
    seen = _patterns(real)
    return len(seen & _patterns(fake)) / len(seen)


def _patterns(x: np.ndarray) -> set[bytes]:
    # A set of row bytes is much faster than np.unique(axis=0). Adding 0 turns −0.0, whose bytes differ, into 0.0.
    return {row.tobytes() for row in x + 0.0}


# ---- nearest neighbours -----------------------------------------------------------------------------------------
# Squared distances come from one matrix product, ‖a − b‖² = (a, ‖a‖², 1) · (−2b, 1, ‖b‖²), a block of rows at a
# time, so that memory stays at a few MB whatever n is. The expansion cancels badly far from the origin; hence
# both sets are first moved by their common median (_centred). What is left is a rounding error of about 1e-15
# times ‖a‖², and comparisons allow for it (_slack): equal distances count as equal. The price: rows nearer to each
# other than a millionth of their distance to the median count as equal too.

BLOCK = 2**18  # distances held at a time: 2 MB, which stays in the cache
ROUNDING = 1e-12


class PrecisionRecall(NamedTuple):
    """precision: share of fake samples that look real. recall: share of real samples that the fake set reaches."""

    precision: float
    recall: float


class DensityCoverage(NamedTuple):
    """density: mean number of real balls around a fake sample / k. coverage: share of real balls that are hit."""

    density: float
    coverage: float


def knn_radius(x: np.ndarray, k: int = 5) -> np.ndarray:
    """Distance from each row of ``x`` (n, d) to its k-th nearest other row: (n,). Needs 1 <= k < n."""
    x = as_matrix(x)
    _check_size(x, "x")
    k = _as_k(k, x=x)
    (x,) = _centred(x)
    return np.sqrt(_radius2(x, k))


def precision_recall(real: np.ndarray, fake: np.ndarray, k: int = 5) -> PrecisionRecall:
    """Improved precision and recall (Kynkäänniemi et al. 2019, section 2).

    A set's manifold is the union of closed balls, one around each of its points, that reach to the k-th nearest
    other point of the set. Precision is the share of ``fake`` in the manifold of ``real``; recall the reverse.
    A ball around an outlier is huge: that is how both are fooled.

    Args:
        real: (n, d), n > k. fake: (m, d), m > k.
        k: which neighbour sets the radius, >= 1.
    """
    real, fake = _as_pair(real, fake, "real", "fake")
    k = _as_k(k, real=real, fake=fake)
    real, fake = _centred(real, fake)
    hits_of_fake, _ = _ball_hits(real, _radius2(real, k), fake)
    hits_of_real, _ = _ball_hits(fake, _radius2(fake, k), real)
    return PrecisionRecall(float((hits_of_fake > 0).mean()), float((hits_of_real > 0).mean()))


def density_coverage(real: np.ndarray, fake: np.ndarray, k: int = 5) -> DensityCoverage:
    """Density and coverage (Naeem et al. 2020, section 3), with closed balls around ``real`` only.

    Density may exceed 1. Coverage of the truth by itself is not 1 but, for n = m, about 1 − 2**−k
    (0.97 at k = 5): always show a truth-against-truth row beside it.

    Args:
        real: (n, d), n > k. fake: (m, d), m >= 1.
        k: which neighbour sets the radius, >= 1.
    """
    real, fake = _as_pair(real, fake, "real", "fake")
    k = _as_k(k, real=real)
    real, fake = _centred(real, fake)
    hits, reached = _ball_hits(real, _radius2(real, k), fake)
    return DensityCoverage(float(hits.mean() / k), float(reached.mean()))


def c2st_accuracy(real: np.ndarray, fake: np.ndarray) -> float:
    """Accuracy of a leave-one-out 1-nearest-neighbour classifier that tells ``real`` from ``fake``.

    A classifier two-sample test (Lopez-Paz & Oquab 2017, section 3). About 0.5: it cannot tell them apart. Towards
    1: it can. Well *below* 0.5: fakes sit on top of the real points, as copies do. The answer is the mean of the
    accuracies on the two sets, so 0.5 stays the mark when n ≠ m. Where several neighbours are equally near, their
    share of the right class counts.

    Args:
        real: (n, d), n >= 2. fake: (m, d), m >= 2.
    """
    real, fake = _as_pair(real, fake, "real", "fake", least=2)
    real, fake = _centred(real, fake)
    return (_own_class_share(real, fake) + _own_class_share(fake, real)) / 2


def data_copying(train: np.ndarray, test: np.ndarray, fake: np.ndarray) -> float:
    """Probability that a fake lies farther from the training set than a fresh test sample does.

    The Mann-Whitney statistic of Meehan, Chaudhuri & Dasgupta (2020), over the whole space as one cell. 0.5: fakes
    are as fresh as the test set. Near 0: copies of training rows. Near 1: far from everything seen. Ties count ½.

    Args:
        train: (l, d), what the model learned from. test: (n, d), never shown to it. fake: (m, d).
    """
    train, test = _as_pair(train, test, "train", "test")
    train, fake = _as_pair(train, fake, "train", "fake")
    train, test, fake = _centred(train, test, fake)
    to_test, to_fake = np.sort(_nearest2(test, train)), _nearest2(fake, train)
    nearer = np.searchsorted(to_test, to_fake, side="left") + np.searchsorted(to_test, to_fake, side="right")
    return float(nearer.mean() / (2 * len(to_test)))


def _centred(*sets: np.ndarray) -> tuple[np.ndarray, ...]:
    """Move all sets by the same vector, the median of each column over all of them."""
    pooled = np.concatenate(sets)
    middle = (len(pooled) - 1) // 2
    # The lower median is a value of the data, so whole numbers stay whole and their distances exact.
    centre = np.partition(pooled, middle, axis=0)[middle]
    return tuple(x - centre for x in sets)


def _slack(norm2: np.ndarray, distance2: np.ndarray) -> np.ndarray:
    """What rounding may add to a squared distance from a point of squared norm ``norm2``."""
    return ROUNDING * (norm2 + distance2)


def _norm2(x: np.ndarray) -> np.ndarray:
    return np.einsum("ij,ij->i", x, x)


def _blocks(a: np.ndarray, b: np.ndarray, diagonal: float | None = None) -> Iterator[tuple[slice, np.ndarray]]:
    """Yield (rows, squared distances of those rows of ``a`` to all of ``b``); the block is reused for the next.

    ``diagonal`` replaces a row's distance to itself when ``a`` and ``b`` are one set.
    """
    left = np.c_[a, _norm2(a), np.ones(len(a))]
    right = np.c_[-2 * b, np.ones(len(b)), _norm2(b)].T.copy()
    height = max(1, BLOCK // len(b))
    memory = np.empty((min(height, len(a)), len(b)))
    for start in range(0, len(a), height):
        rows = slice(start, min(start + height, len(a)))
        distance2 = np.matmul(left[rows], right, out=memory[: rows.stop - start])
        if diagonal is not None:
            index = np.arange(start, rows.stop)
            distance2[index - start, index] = diagonal
        yield rows, distance2


def _radius2(x: np.ndarray, k: int) -> np.ndarray:
    """Squared distance from each row to its k-th nearest other row: (n,)."""
    radius2 = np.empty(len(x))
    for rows, distance2 in _blocks(x, x, diagonal=np.inf):
        distance2.partition(k - 1, axis=1)
        radius2[rows] = distance2[:, k - 1]
    return _snapped(radius2, _norm2(x))


def _nearest2(x: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """Squared distance from each row of ``x`` to the nearest row of ``targets``: (n,)."""
    nearest2 = np.empty(len(x))
    for rows, distance2 in _blocks(x, targets):
        nearest2[rows] = distance2.min(axis=1)
    return _snapped(nearest2, _norm2(x))


def _snapped(distance2: np.ndarray, norm2: np.ndarray) -> np.ndarray:
    # Between equal rows rounding leaves something tiny of either sign instead of 0.
    return np.where(distance2 <= ROUNDING * norm2, 0.0, distance2)


def _ball_hits(centres: np.ndarray, radius2: np.ndarray, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Number of closed balls that hold each point (m,), and whether each ball holds any point (n,) bool."""
    limit = radius2 + _slack(_norm2(centres), radius2)
    hits, reached = np.zeros(len(points), dtype=int), np.empty(len(centres), dtype=bool)
    for rows, distance2 in _blocks(centres, points):
        inside = distance2 <= limit[rows, None]
        hits += inside.sum(axis=0)
        reached[rows] = inside.any(axis=1)
    return hits, reached


def _own_class_share(own: np.ndarray, other: np.ndarray) -> float:
    """Mean share of ``own`` among the nearest neighbours of its rows, in ``own`` (itself left out) and ``other``."""
    n, norm2, share = len(own), _norm2(own), np.empty(len(own))
    for rows, distance2 in _blocks(own, np.concatenate([own, other]), diagonal=np.inf):
        near_own, near_other = distance2[:, :n].min(axis=1), distance2[:, n:].min(axis=1)
        nearest = np.minimum(near_own, near_other)
        limit = nearest + _slack(norm2[rows], nearest)
        share[rows] = near_own <= limit
        tied = np.flatnonzero((near_own <= limit) & (near_other <= limit))
        if len(tied):
            at_limit = distance2[tied] <= limit[tied, None]
            share[rows.start + tied] = at_limit[:, :n].sum(axis=1) / at_limit.sum(axis=1)
    return float(share.mean())


# ---- all pairs: kernels and distances ---------------------------------------------------------------------------


class PermutationTest(NamedTuple):
    """statistic: the observed value. z: its distance from the permuted ones in their standard deviations.
    p_value: how often a random split of the pooled set does at least as badly."""

    statistic: float
    z: float
    p_value: float


MEDIAN_ROWS = 1_000


def median_bandwidth(x: np.ndarray, y: np.ndarray) -> float:
    """The median heuristic: median distance between the points of both sets together (Gretton et al. 2012, § 8).

    Beyond 1,000 points, 1,000 evenly spaced rows of the pooled set stand for all.

    Raises:
        ValueError: also when the median is 0 (most rows equal), because a kernel needs a positive width.
    """
    x, y = _as_pair(x, y, "x", "y")
    return _median_bandwidth(*_centred(x, y))


def mmd2(x: np.ndarray, y: np.ndarray, bandwidth: float | None = None, *, unbiased: bool = True) -> float:
    """Squared maximum mean discrepancy with the kernel k(a, b) = exp(−‖a − b‖² / (2σ²)).

    Gretton et al. 2012, eq. 3 (unbiased: around 0, also below it, when both sets come from one distribution)
    or eq. 5 (biased: never negative, 0 for identical sets).

    Args:
        x: (n, d). y: (m, d). At least 2 rows each for the unbiased estimate.
        bandwidth: σ > 0, in the units of the data; ``None`` is :func:`median_bandwidth`. Structure much finer than
            σ is not seen.
        unbiased: leave the pairs of a point with itself out.
    """
    x, y = _as_pair(x, y, "x", "y", least=2 if unbiased else 1)
    _check_bandwidth(bandwidth)
    x, y = _centred(x, y)
    kernel = _rbf(_median_bandwidth(x, y) if bandwidth is None else bandwidth)
    xx, yy = (_self_mean(s, kernel, leave_out_diagonal=unbiased) for s in (x, y))
    value = float(xx + yy - 2 * _cross_mean(x, y, kernel))
    return value if unbiased else max(0.0, value)


def energy_distance(x: np.ndarray, y: np.ndarray) -> float:
    """Energy distance 2 E‖X − Y‖ − E‖X − X'‖ − E‖Y − Y'‖ (Székely & Rizzo 2013), never negative.

    It needs no bandwidth, and is in the units of the data. (``scipy.stats.energy_distance`` gives, for d = 1, the
    square root of this.)

    Args:
        x: (n, d). y: (m, d).
    """
    x, y = _centred(*_as_pair(x, y, "x", "y"))
    xx, yy = (_self_mean(s, _negative_distance, leave_out_diagonal=False) for s in (x, y))
    return max(0.0, float(xx + yy - 2 * _cross_mean(x, y, _negative_distance)))


def mmd_test(
    x: np.ndarray,
    y: np.ndarray,
    rng: np.random.Generator,
    *,
    bandwidth: float | None = None,
    n_permutations: int = 200,
) -> PermutationTest:
    """Permutation test of "x and y come from one distribution" with the biased :func:`mmd2`.

    The bandwidth depends on the pooled set only, so it is the same for every permutation. p = (1 + number of
    permuted values >= the observed) / (1 + n_permutations) (Phipson & Smyth 2010), so it is never 0.

    Args:
        x: (n, d). y: (m, d). bandwidth: as for :func:`mmd2`.
        n_permutations: random splits, >= 2. Cost: O((n + m)² · n_permutations) multiplications.
    """
    x, y = _as_pair(x, y, "x", "y")
    rng, n_permutations = as_rng(rng), as_count(n_permutations, "n_permutations", least=2)
    _check_bandwidth(bandwidth)
    x, y = _centred(x, y)
    return _permutation_test(
        x, y, _rbf(_median_bandwidth(x, y) if bandwidth is None else bandwidth), rng, n_permutations
    )


def energy_test(
    x: np.ndarray, y: np.ndarray, rng: np.random.Generator, *, n_permutations: int = 200
) -> PermutationTest:
    """Permutation test of "x and y come from one distribution" with :func:`energy_distance`; see :func:`mmd_test`."""
    x, y = _as_pair(x, y, "x", "y")
    rng, n_permutations = as_rng(rng), as_count(n_permutations, "n_permutations", least=2)
    return _permutation_test(*_centred(x, y), _negative_distance, rng, n_permutations)


Kernel = Callable[[np.ndarray], np.ndarray]  # squared distances, overwritten -> kernel values


def _rbf(bandwidth: float) -> Kernel:
    def kernel(distance2: np.ndarray) -> np.ndarray:
        np.maximum(distance2, 0, out=distance2)  # rounding may leave it below 0, and exp would blow that up
        distance2 *= -0.5 / bandwidth**2
        return np.exp(distance2, out=distance2)

    return kernel


def _negative_distance(distance2: np.ndarray) -> np.ndarray:
    # The energy distance is the MMD² of this kernel (Sejdinovic et al. 2013). Rounding may leave squares below 0.
    np.sqrt(np.maximum(distance2, 0, out=distance2), out=distance2)
    return np.negative(distance2, out=distance2)


def _cross_mean(x: np.ndarray, y: np.ndarray, kernel: Kernel) -> float:
    return sum(kernel(distance2).sum() for _, distance2 in _blocks(x, y)) / (len(x) * len(y))


def _self_mean(x: np.ndarray, kernel: Kernel, *, leave_out_diagonal: bool) -> float:
    n, total = len(x), sum(kernel(distance2).sum() for _, distance2 in _blocks(x, x, diagonal=0.0))
    if not leave_out_diagonal:
        return total / n**2
    return (total - n * kernel(np.zeros(1))[0]) / (n * (n - 1))


def _permutation_test(x: np.ndarray, y: np.ndarray, kernel: Kernel, rng, n_permutations: int) -> PermutationTest:
    """Recompute the biased MMD² of ``kernel`` for random splits of the pooled set, all at once.

    With a 0/1 column s that marks who is in x, and kernel matrix K: Σ_xx = sᵀKs, Σ_xy = sᵀK1 − sᵀKs,
    Σ_yy = 1ᵀK1 − 2 sᵀK1 + sᵀKs. The first column is the true split.
    """
    pooled, n, m = np.concatenate([x, y]), len(x), len(y)
    true_split = np.repeat([1.0, 0.0], [n, m])
    splits = rng.permuted(np.tile(true_split, (n_permutations, 1)), axis=1)
    s = np.column_stack([true_split, splits.T])
    within, marginal, total = np.zeros(s.shape[1]), np.zeros(s.shape[1]), 0.0
    for rows, distance2 in _blocks(pooled, pooled, diagonal=0.0):
        k = kernel(distance2)
        within += np.einsum("ij,ij->j", s[rows], k @ s)
        row_sums = k.sum(axis=1)
        marginal += row_sums @ s[rows]
        total += row_sums.sum()
    values = within / n**2 + (total - 2 * marginal + within) / m**2 - 2 * (marginal - within) / (n * m)
    values = values.clip(min=0)  # what lies below is rounding
    observed, permuted = values[0], values[1:]
    # The same split may come back by chance; rounding must not make it look smaller than itself.
    as_bad = (permuted >= observed - ROUNDING * (1 + abs(total) / len(pooled) ** 2)).sum()
    spread = permuted.std(ddof=1)
    z = (observed - permuted.mean()) / spread if spread > 0 else 0.0
    return PermutationTest(float(observed), float(z), float((1 + as_bad) / (1 + n_permutations)))


def _median_bandwidth(x: np.ndarray, y: np.ndarray) -> float:
    pooled = np.concatenate([x, y])
    if len(pooled) > MEDIAN_ROWS:
        pooled = pooled[np.linspace(0, len(pooled) - 1, MEDIAN_ROWS).astype(int)]
    distance2 = np.concatenate([block.copy() for _, block in _blocks(pooled, pooled)])
    norm2 = _norm2(pooled)[:, None]
    median2 = np.median(_snapped(distance2, norm2)[np.triu_indices(len(pooled), 1)])
    if median2 == 0:
        raise ValueError("点どうしの距離の中央値が 0 です（同じ行が多すぎます）。bandwidth に正の数を渡してください")
    return float(np.sqrt(median2))


# ---- moments and projections ------------------------------------------------------------------------------------


def frechet_distance(x: np.ndarray, y: np.ndarray) -> float:
    """Fréchet distance of the Gaussians with the means and covariances (divisor n − 1) of the two sets.

    It sees nothing but these moments. Units: those of the data, *squared*, as in the published FID scores.

    Args:
        x: (n, d), n >= 2. y: (m, d), m >= 2.
    """
    x, y = _centred(*_as_pair(x, y, "x", "y", least=2))
    (mean_x, cov_x), (mean_y, cov_y) = ((s.mean(axis=0), np.atleast_2d(np.cov(s, rowvar=False))) for s in (x, y))
    return _gaussian_frechet(mean_x, cov_x, mean_y, cov_y)


def gaussian_frechet(mean_x: np.ndarray, cov_x: np.ndarray, mean_y: np.ndarray, cov_y: np.ndarray) -> float:
    """‖μ_x − μ_y‖² + Tr(Σ_x + Σ_y − 2 (Σ_x Σ_y)^½) (Heusel et al. 2017, eq. 6): squared 2-Wasserstein distance.

    Args:
        mean_x, mean_y: (d,). cov_x, cov_y: (d, d), symmetric and positive semi-definite; singular is allowed.
    """
    mean_x, mean_y = _as_finite_vector(mean_x, "mean_x"), _as_finite_vector(mean_y, "mean_y")
    if mean_x.shape != mean_y.shape:
        raise ValueError(f"mean_y の形は mean_x と同じ {mean_x.shape} にしてください（受け取った形: {mean_y.shape}）")
    cov_x, cov_y = _as_covariance(cov_x, "cov_x", len(mean_x)), _as_covariance(cov_y, "cov_y", len(mean_x))
    return _gaussian_frechet(mean_x, cov_x, mean_y, cov_y)


def _gaussian_frechet(mean_x, cov_x, mean_y, cov_y) -> float:
    # Tr (Σ_x Σ_y)^½ is the sum of the singular values of Σ_x^½ Σ_y^½: no square root of an asymmetric matrix.
    overlap = np.linalg.svd(_matrix_sqrt(cov_x) @ _matrix_sqrt(cov_y), compute_uv=False).sum()
    return max(0.0, float(((mean_x - mean_y) ** 2).sum() + np.trace(cov_x) + np.trace(cov_y) - 2 * overlap))


def _matrix_sqrt(symmetric: np.ndarray) -> np.ndarray:
    values, vectors = np.linalg.eigh(symmetric)
    return (vectors * np.sqrt(values.clip(min=0))) @ vectors.T


def sliced_wasserstein(x: np.ndarray, y: np.ndarray, rng: np.random.Generator, *, n_projections: int = 128) -> float:
    """Sliced 2-Wasserstein distance (Bonneel et al. 2015): root of the mean of W_2² over random directions.

    In one dimension W_2² is the mean squared difference of the quantile functions, so sorting is enough. Units:
    those of the data. A shift by δ gives about ‖δ‖ / √d.

    Args:
        x: (n, d). y: (m, d). n_projections: directions drawn uniformly from the sphere, >= 1.
    """
    x, y = _as_pair(x, y, "x", "y")
    rng, n_projections = as_rng(rng), as_count(n_projections, "n_projections", least=1)
    x, y = _centred(x, y)
    directions = rng.normal(size=(n_projections, x.shape[1]))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    sorted_x, sorted_y = np.sort(directions @ x.T, axis=1), np.sort(directions @ y.T, axis=1)
    # Both quantile functions are steps. Counted in units of 1/(nm) their edges are whole numbers, exact.
    n, m = len(x), len(y)
    edges = np.union1d(np.arange(1, n + 1) * m, np.arange(1, m + 1) * n)
    width = np.diff(edges, prepend=0) / (n * m)
    difference = sorted_x[:, (edges - 1) // m] - sorted_y[:, (edges - 1) // n]
    return float(np.sqrt((difference**2 @ width).mean()))


# ---- is a difference noise? -------------------------------------------------------------------------------------


class Interval(NamedTuple):
    """The two ends of a confidence interval."""

    low: float
    high: float


def bootstrap_interval(
    values: np.ndarray,
    rng: np.random.Generator,
    *,
    level: float = 0.95,
    n_resamples: int = 2_000,
    statistic: Callable[..., np.ndarray] = np.mean,
) -> Interval:
    """Percentile bootstrap interval (Efron & Tibshirani 1993, section 13.3).

    Resample ``values`` with replacement, take the statistic of each resample, cut off (1 − level) / 2 at each end.
    For two models scored on the same samples, give the differences: an interval without 0 is more than noise.

    Args:
        values: (n,) finite numbers.
        level: between 0 and 1.
        n_resamples: >= 1.
        statistic: called as ``statistic(array, axis=-1)`` on (r, n), returns (r,); ``np.mean``, ``np.median``, ...
    """
    values, rng = _as_finite_vector(values, "values"), as_rng(rng)
    if not (isinstance(level, (float, np.floating)) and 0 < level < 1):
        raise ValueError(
            f"level は 0 より大きく 1 より小さい数にしてください（受け取ったもの: {level!r}）。95% は 0.95 です"
        )
    left, n = as_count(n_resamples, "n_resamples", least=1), len(values)
    resampled = []
    while left > 0:  # a few MB at a time
        size = min(left, max(1, BLOCK // n))
        resampled.append(statistic(values[rng.integers(n, size=(size, n))], axis=-1))
        left -= size
    tail = (1 - level) / 2
    low, high = np.quantile(np.concatenate(resampled), [tail, 1 - tail])
    return Interval(float(low), float(high))


# ---- checking arguments -----------------------------------------------------------------------------------------

LARGEST = 1e150  # its square is still a float


def _as_pair(x, y, x_name: str, y_name: str, *, least: int = 1) -> tuple[np.ndarray, np.ndarray]:
    x = as_matrix(x, x_name)
    y = as_matrix(y, y_name, columns=x.shape[1])
    for array, name in ((x, x_name), (y, y_name)):
        if len(array) < least:
            raise ValueError(f"{name} には {least} 行以上のデータを渡してください（受け取った形: {array.shape}）")
        _check_size(array, name)
    return x, y


def _check_size(array: np.ndarray, name: str) -> None:
    if max(array.max(), -array.min()) > LARGEST:
        raise ValueError(
            f"{name} に大きすぎる数があります（絶対値が {LARGEST:g} を超えると距離の 2 乗を計算できません）"
        )


def _as_k(k, **sets: np.ndarray) -> int:
    k = as_count(k, "k", least=1)
    for name, x in sets.items():
        if k >= len(x):
            raise ValueError(f"k は {name} の行数 {len(x)} より小さくしてください（受け取ったもの: {k}）")
    return k


def _check_bandwidth(bandwidth) -> None:
    if bandwidth is not None and not (
        isinstance(bandwidth, (int, float, np.integer, np.floating)) and 1 / LARGEST < bandwidth < LARGEST
    ):
        raise ValueError(f"bandwidth は正の数にしてください（受け取ったもの: {bandwidth!r}）")


def _as_vector(values, name: str) -> np.ndarray:
    try:
        array = np.asarray(values, dtype=float)
    except (TypeError, ValueError):
        raise ValueError(f"{name} は数の配列にしてください（受け取ったもの: {type(values).__name__}）") from None
    if array.ndim != 1:
        raise ValueError(f"{name} は (n,) の 1 次元配列にしてください（受け取った形: {array.shape}）")
    if len(array) == 0:
        raise ValueError(f"{name} が空です。1 個以上の数を渡してください")
    return array


def _as_finite_vector(values, name: str) -> np.ndarray:
    array = _as_vector(values, name)
    if not np.isfinite(array).all():
        raise ValueError(f"{name} に NaN または無限大があります。取り除いてから渡してください")
    return array


def _as_covariance(cov, name: str, d: int) -> np.ndarray:
    cov = as_matrix(cov, name, columns=d)
    if len(cov) != d or not np.allclose(cov, cov.T):
        raise ValueError(f"{name} は ({d}, {d}) の対称行列にしてください（受け取った形: {cov.shape}）")
    smallest = np.linalg.eigvalsh(cov)[0]
    if smallest < -1e-8 * max(1.0, np.trace(cov)):
        raise ValueError(f"{name} の固有値に負の数 {smallest:.3g} があります。共分散行列は半正定値にしてください")
    return cov

"""Mixtures fitted by EM (chapter 3): Gaussians for real data, Bernoullis for binary images.

A mixture says p_θ(x) = Σ_k π_k p_k(x): a hidden label k is drawn with probability π_k, then x from component k.
EM (Dempster, Laird & Rubin 1977; Bishop 2006, *Pattern Recognition and Machine Learning*, secs. 9.2-9.3) repeats

- E-step: r_ki = π_k p_k(x_i) / Σ_j π_j p_j(x_i), the responsibility of component k for row i, and
- M-step: fit each component to the rows weighted by its responsibilities,

and never lowers the likelihood. The textbook loops over components. Here all of them are done at once, because both
families are exponential families: log π_k + log p_k(x) is *linear* in a few features φ(x). With the features of n
rows as the columns of Φ (F, n) and one row of coefficients for each component in C (K, F),

- L = C Φ        (K, n)  every log π_k + log p_k(x_i): one matrix product,
- R = softmax(L) (K, n)  over k, after subtracting the largest entry of each column (log-sum-exp),
- S = R Φᵀ       (K, F)  every sum that the M-step divides: another one.

For the Bernoulli φ(x) = (1, x_1 … x_d); for the Gaussian it also holds the products x_i x_j, i <= j.
"""

import copy
from collections import deque
from collections.abc import Callable, Iterator
from typing import Self

import numpy as np

from .base import as_binary, as_count, as_matrix, as_rng, require_fitted

# Features are made a block of rows at a time, so that a block (8 bytes a number) stays in the processor's cache.
NUMBERS_IN_BLOCK = 50_000
# A component that no row needs any more keeps this many rows: its logarithms stay finite and it does no harm.
SMALLEST_COUNT = np.finfo(float).tiny


def _blocks(data: np.ndarray, features: Callable) -> Iterator[np.ndarray]:
    """The features (F, m) of successive blocks of columns of ``data`` (d, n)."""
    width = max(256, NUMBERS_IN_BLOCK // len(features(data[:, :1])))
    for start in range(0, data.shape[1], width):
        yield features(data[:, start : start + width])


def _normalise(log_joint: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """From log π_k + log p_k(x_i), (K, n), to log p(x_i), (n,), and the responsibilities, (K, n)."""
    peak = log_joint.max(axis=0)
    joint = np.exp(log_joint - peak)
    total = joint.sum(axis=0)
    joint /= total
    return peak + np.log(total), joint


def _e_step(coefficients: np.ndarray, data: np.ndarray, features: Callable) -> tuple[float, np.ndarray]:
    """Mean log-likelihood in nats, and S = R Φᵀ (K, F)."""
    log_likelihood, statistics = 0.0, 0.0
    for phi in _blocks(data, features):
        log_p, r = _normalise(coefficients @ phi)
        log_likelihood += log_p.sum()
        statistics += r @ phi.T
    return log_likelihood / data.shape[1], statistics


def _em(e_step: Callable, m_step: Callable, parameters: tuple, tol: float, max_iter: int) -> Iterator[tuple]:
    """Yield (parameters, lower bounds so far, converged?) for the start and after every update."""
    bounds = []
    for _ in range(max_iter + 1):
        bound, statistics = e_step(*parameters)
        bounds.append(bound)
        converged = len(bounds) > 1 and bounds[-1] - bounds[-2] <= tol
        yield parameters, np.array(bounds), converged
        if converged:
            return
        parameters = m_step(statistics)


def kmeans_plus_plus(x: np.ndarray, n_centres: int, rng: np.random.Generator) -> np.ndarray:
    """Choose rows of ``x`` (n, d) that lie apart from each other: (n_centres, d).

    The first is uniform; each next one is drawn with probability proportional to the squared distance to the
    nearest centre so far (Arthur & Vassilvitskii 2007). Of a few such draws the one that leaves the smallest
    sum of squared distances is kept, as they advise.
    """
    n_trials = 2 + int(np.log(n_centres))
    centres = [x[rng.integers(len(x))]]
    distance = ((x - centres[0]) ** 2).sum(axis=1)
    while len(centres) < n_centres:
        edges = np.cumsum(distance)
        index = np.searchsorted(edges, rng.random(n_trials) * edges[-1], side="right")
        # When every row is already a centre all distances are 0, and any row will do: the last one.
        candidates = x[np.minimum(index, len(x) - 1)]
        distances = [np.minimum(distance, ((x - c) ** 2).sum(axis=1)) for c in candidates]
        best = int(np.argmin([d.sum() for d in distances]))
        centres.append(candidates[best])
        distance = distances[best]
    return np.array(centres)


class _Mixture:
    """What both mixtures share: restarts, and all that follows from log π_k + log p_k(x).

    A family adds ``steps``, ``_log_joint``, ``n_parameters`` and ``sample``.
    """

    def __init__(self, n_components: int, start, n_init: int, tol: float, max_iter: int):
        if not tol >= 0:
            raise ValueError(f"tol は 0 以上にしてください（受け取ったもの: {tol!r}）")
        self.n_components = as_count(n_components, "n_components", least=1)
        self.start = start
        self.n_init = as_count(n_init, "n_init", least=1)
        self.tol = tol
        self.max_iter = as_count(max_iter, "max_iter", least=1)

    def fit(self, x: np.ndarray, rng: np.random.Generator | None = None) -> Self:
        """Run EM from ``n_init`` starts (one, if ``start`` is given) and keep the best.

        Args:
            x: (n, d) data, n >= n_components.
            rng: draws the starts; needed unless ``start`` is given.

        Raises:
            ValueError: if ``x`` is empty, not two-dimensional, holds NaN, or has fewer rows than components.
        """
        best = None
        for _ in range(1 if self.start is not None else self.n_init):
            last = deque(self.steps(x, rng), maxlen=1).pop()
            if best is None or last.lower_bounds_[-1] > best.lower_bounds_[-1]:
                best = last
        vars(self).update(vars(best))
        return self

    def log_prob(self, x: np.ndarray) -> np.ndarray:
        """log p_θ(x) of each row of ``x`` (n, d): (n,) nats."""
        return np.concatenate([_normalise(block)[0] for block in self._log_joint(x)])

    def responsibilities(self, x: np.ndarray) -> np.ndarray:
        """p_θ(k | x), how far each component explains each row of ``x`` (n, d): (n, K), rows sum to 1."""
        return np.concatenate([_normalise(block)[1] for block in self._log_joint(x)], axis=1).T

    def bic(self, x: np.ndarray) -> float:
        """Bayesian information criterion on ``x`` (n, d), in nats; smaller is better (Schwarz 1978).

        −2 log p_θ(x) + (number of parameters) · log n.
        """
        log_p = self.log_prob(x)
        return float(self.n_parameters * np.log(len(log_p)) - 2 * log_p.sum())

    def _check(self, x: np.ndarray, rng: np.random.Generator | None) -> np.ndarray | None:
        """Raise if EM cannot begin; return the given start as an array, or None if k-means++ is to choose it."""
        k, (n, d) = self.n_components, x.shape
        if n < k:
            raise ValueError(
                f"n_components は x の行数以下にしてください（n_components={k}, x の形: {x.shape}）。"
                "成分を減らすか、データを増やしてください"
            )
        if self.start is None:
            as_rng(rng)
            return None
        start = as_matrix(self.start, "start", columns=d)
        if len(start) != k:
            raise ValueError(
                f"start の形は (n_components, d) = ({k}, {d}) にしてください（受け取った形: {start.shape}）"
            )
        return start

    def _snapshot(self, lower_bounds: np.ndarray, converged: bool, **fitted) -> Self:
        """A model of its own, frozen at this step of EM."""
        model = copy.copy(self)
        model.lower_bounds_ = lower_bounds
        model.n_iter_ = len(lower_bounds) - 1
        model.converged_ = converged
        vars(model).update(fitted)
        return model


def _axes(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation of each column of ``x`` (n, d): (d,) and (d,). A constant column gets 1."""
    with np.errstate(over="ignore", invalid="ignore"):
        shift, scale = x.mean(axis=0), x.std(axis=0)
    if not np.isfinite(scale).all():
        raise ValueError("x の値が大きすぎて分散が計算できません。単位を変えて小さくしてください")
    # The rounding of the mean can leave a constant column a tiny spread, which is noise, not scale.
    return shift, np.where((np.ptp(x, axis=0) > 0) & (scale > 0), scale, 1.0)


def _gaussian_features(z: np.ndarray) -> np.ndarray:
    """1, z_i and z_i z_j (i <= j) of each column of ``z`` (d, n): (1 + d + d(d+1)/2, n)."""
    i, j = np.triu_indices(len(z))
    return np.concatenate([np.ones((1, z.shape[1])), z, z[i] * z[j]])


def _gaussian_coefficients(weights: np.ndarray, means: np.ndarray, covariances: np.ndarray) -> np.ndarray:
    """C with C φ(z) = log π_k + log N(z; μ_k, Σ_k), (K, F). With the precision matrix P = Σ⁻¹,

    log N = −½ (d log 2π + log|Σ| + μᵀPμ)  +  (Pμ)ᵀ z  −  ½ Σ_i P_ii z_i²  −  Σ_{i<j} P_ij z_i z_j.
    """
    d = means.shape[1]
    # From eigenvectors P comes out symmetric. A plain inverse of a narrow Σ does not, and the terms in z, which use
    # all of P, would disagree with those in z_i z_j, which use its upper half.
    values, vectors = np.linalg.eigh(covariances)
    precision = (vectors / values[:, None, :]) @ vectors.transpose(0, 2, 1)
    linear = np.einsum("kij,kj->ki", precision, means)
    constant = -0.5 * (d * np.log(2 * np.pi) + np.log(values).sum(axis=1) + (linear * means).sum(axis=1))
    i, j = np.triu_indices(d)
    quadratic = -precision[:, i, j] * np.where(i == j, 0.5, 1.0)
    return np.column_stack([np.log(weights) + constant, linear, quadratic])


def _gaussian_m_step(statistics: np.ndarray, d: int, floor: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Weights, means and covariances (Bishop eqs. 9.24-9.26) from S: N_k, Σ_i r_ki z_i and Σ_i r_ki z_i z_iᵀ."""
    counts = np.maximum(statistics[:, 0], SMALLEST_COUNT)
    means = statistics[:, 1 : 1 + d] / counts[:, None]
    second = np.empty((len(counts), d, d))
    i, j = np.triu_indices(d)
    second[:, i, j] = second[:, j, i] = statistics[:, 1 + d :] / counts[:, None]
    covariances = second - means[:, :, None] * means[:, None, :]
    # Raising the small eigenvalues gives the covariance of highest likelihood among those with none below the floor.
    values, vectors = np.linalg.eigh(covariances)
    covariances = (vectors * np.maximum(values, floor)[:, None, :]) @ vectors.transpose(0, 2, 1)
    return counts / counts.sum(), means, covariances


class GaussianMixture(_Mixture):
    """K Gaussians with a covariance of their own: p_θ(x) = Σ_k π_k N(x; μ_k, Σ_k).

    EM runs on z = (x − mean) / (standard deviation), axis by axis, because the expansion into 1, z and z zᵀ (see the
    top of this file) cancels badly far from the origin; log p(x) = log p(z) − Σ_j log(standard deviation)_j undoes it.

    A component that shrinks onto one point would gain likelihood without end. So the eigenvalues of every Σ_k,
    on the axes of z, are kept at ``floor`` or above: with 1e-6 no component is narrower than 1/1000 of the data's
    standard deviation. (A column that is constant has no scale of its own; 1 is used for it.)

    EM starts with equal weights, the start's means, and one round covariance for all, as wide as the rows are from
    their nearest mean.

    Args:
        n_components: K >= 1.
        start: (K, d) means to start from; by default rows chosen by k-means++ (:func:`kmeans_plus_plus`).
        n_init: number of k-means++ starts, of which the best result is kept.
        floor: smallest variance of a component relative to the data's, 1e-10 <= floor < 1. Below that the
            expansion would have too few digits left.
        tol: stop when an update gains no more than this many nats a row, >= 0.
        max_iter: stop after this many updates.

    Attributes:
        weights_: (K,) π, sums to 1. means_: (K, d). covariances_: (K, d, d).
        lower_bounds_: (n_iter_ + 1,) mean log-likelihood of a training row in nats, at the start and after each update.
        n_iter_: number of updates. converged_: whether the last gain was at most ``tol``.
    """

    def __init__(
        self,
        n_components: int,
        *,
        start: np.ndarray | None = None,
        n_init: int = 1,
        floor: float = 1e-6,
        tol: float = 1e-6,
        max_iter: int = 500,
    ):
        super().__init__(n_components, start, n_init, tol, max_iter)
        if not 1e-10 <= floor < 1:
            raise ValueError(f"floor は 1e-10 以上 1 未満にしてください（受け取ったもの: {floor!r}）")
        self.floor = floor

    def steps(self, x: np.ndarray, rng: np.random.Generator | None = None) -> Iterator[Self]:
        """Run EM once and show every step: yields a fitted model for the start and one after each update.

        Arguments and errors are those of :meth:`fit`.
        """
        x = as_matrix(x)
        return self._steps(x, self._check(x, rng), _axes(x), rng)

    def _steps(self, x, start, axes, rng) -> Iterator[Self]:
        shift, scale = axes
        z = (x - shift) / scale
        means = kmeans_plus_plus(z, self.n_components, rng) if start is None else (start - shift) / scale
        columns = np.ascontiguousarray(z.T)

        def e_step(*parameters):
            bound, statistics = _e_step(_gaussian_coefficients(*parameters), columns, _gaussian_features)
            return bound - np.log(scale).sum(), statistics

        def m_step(statistics):
            return _gaussian_m_step(statistics, x.shape[1], self.floor)

        parameters = self._first_guess(z, means)
        for (weights, means, covariances), bounds, converged in _em(
            e_step, m_step, parameters, self.tol, self.max_iter
        ):
            yield self._snapshot(
                bounds,
                converged,
                weights_=weights,
                means_=shift + scale * means,
                covariances_=covariances * np.outer(scale, scale),
            )

    def _first_guess(self, z: np.ndarray, means: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        k, d = means.shape
        nearest = np.min([((z - mean) ** 2).sum(axis=1) for mean in means], axis=0)
        variance = max(nearest.mean() / d, self.floor)
        return np.full(k, 1 / k), means, np.tile(variance * np.eye(d), (k, 1, 1))

    @property
    def n_parameters(self) -> int:
        """Free parameters: K − 1 weights, K·d means, K·d(d+1)/2 covariances."""
        require_fitted(self, "means_")
        k, d = self.means_.shape
        return k - 1 + k * d + k * d * (d + 1) // 2

    def sample(self, n: int, rng: np.random.Generator) -> np.ndarray:
        """Draw ``n`` points: a component for each, then x = μ_k + L_k ε with Σ_k = L_k L_kᵀ. (n, d) float."""
        require_fitted(self, "means_")
        n, rng = as_count(n), as_rng(rng)
        label = rng.choice(len(self.weights_), size=n, p=self.weights_)
        x = rng.normal(size=(n, self.means_.shape[1]))
        for k, root in enumerate(np.linalg.cholesky(self.covariances_)):
            x[label == k] = self.means_[k] + x[label == k] @ root.T
        return x

    def _log_joint(self, x: np.ndarray) -> Iterator[np.ndarray]:
        require_fitted(self, "means_")
        x = as_matrix(x, columns=self.means_.shape[1])
        # The mixture's own mean and standard deviation serve as origin and unit.
        shift = self.weights_ @ self.means_
        variance = np.diagonal(self.covariances_, axis1=1, axis2=2) + (self.means_ - shift) ** 2
        scale = np.sqrt(self.weights_ @ variance)
        coefficients = _gaussian_coefficients(
            self.weights_, (self.means_ - shift) / scale, self.covariances_ / np.outer(scale, scale)
        )
        # Beyond 1e100 standard deviations products would overflow; the log density is about −1e200 there in any case.
        z = np.clip((x - shift) / scale, -1e100, 1e100)
        for phi in _blocks(z.T, _gaussian_features):
            yield coefficients @ phi - np.log(scale).sum()


# A probability this close to 0 or 1 says "never seen" and still has a finite logarithm.
SMALLEST_PROBABILITY = 1e-12


def _bernoulli_features(x: np.ndarray) -> np.ndarray:
    """1 and x_j of each column of ``x`` (d, n): (1 + d, n)."""
    return np.concatenate([np.ones((1, x.shape[1])), x])


def _bernoulli_coefficients(weights: np.ndarray, p: np.ndarray) -> np.ndarray:
    """C with C φ(x) = log π_k + Σ_j log(1 − p_kj) + Σ_j x_j log(p_kj / (1 − p_kj)): (K, 1 + d)."""
    log_p, log_q = np.log(p), np.log1p(-p)
    return np.column_stack([np.log(weights) + log_q.sum(axis=1), log_p - log_q])


class BernoulliMixture(_Mixture):
    """K tables of independent pixels: p_θ(x) = Σ_k π_k Π_j p_kj^{x_j} (1 − p_kj)^{1 − x_j}.

    Within a component pixels are independent; mixing makes them depend on each other (Bishop 2006, sec. 9.3.3).

    Args:
        n_components: K >= 1.
        alpha: pseudo-count added to the zeros and to the ones of every column of every component, >= 0, as in
            :class:`Bernoulli`; it keeps a component of few rows from saying "never". 0 is maximum likelihood, with
            probabilities kept in [1e-12, 1 − 1e-12] so that no component can rule a row out for good.
        start: (K, d) probabilities to start from; by default rows chosen by k-means++, softened to 1/4 and 3/4.
        n_init: number of k-means++ starts, of which the best result is kept.
        tol: stop when an update gains no more than this many nats a row, >= 0.
        max_iter: stop after this many updates.

    Attributes:
        weights_: (K,) π, sums to 1. p_: (K, d) probability of a 1 in each column of each component.
        lower_bounds_: (n_iter_ + 1,) what EM raises, at the start and after each update: the mean log-likelihood of a
            training row plus (α / n) Σ_kj (log p_kj + log(1 − p_kj)), the pseudo-counts' share, in nats.
        n_iter_: number of updates. converged_: whether the last gain was at most ``tol``.
    """

    def __init__(
        self,
        n_components: int,
        *,
        alpha: float = 0.2,
        start: np.ndarray | None = None,
        n_init: int = 1,
        tol: float = 1e-5,
        max_iter: int = 500,
    ):
        super().__init__(n_components, start, n_init, tol, max_iter)
        if not (alpha >= 0 and np.isfinite(alpha)):
            raise ValueError(f"alpha は 0 以上の有限の数にしてください（受け取ったもの: {alpha!r}）")
        self.alpha = alpha

    def steps(self, x: np.ndarray, rng: np.random.Generator | None = None) -> Iterator[Self]:
        """Run EM once and show every step: yields a fitted model for the start and one after each update.

        Arguments and errors are those of :meth:`fit`; ``x`` must hold only 0 and 1.
        """
        x = as_binary(x)
        start = self._check(x, rng)
        if start is not None and not ((start >= 0) & (start <= 1)).all():
            raise ValueError(
                f"start は確率なので 0 以上 1 以下にしてください（最小 {start.min():g}, 最大 {start.max():g}）"
            )
        return self._steps(x, start, rng)

    def _steps(self, x, start, rng) -> Iterator[Self]:
        k, columns = self.n_components, np.ascontiguousarray(x.T)
        p = 0.25 + 0.5 * kmeans_plus_plus(x, k, rng) if start is None else self._keep_inside(start)

        def e_step(weights, p):
            bound, statistics = _e_step(_bernoulli_coefficients(weights, p), columns, _bernoulli_features)
            return bound + self.alpha * (np.log(p) + np.log1p(-p)).sum() / len(x), statistics

        def m_step(statistics):
            counts = np.maximum(statistics[:, 0], SMALLEST_COUNT)
            p = (statistics[:, 1:] + self.alpha) / (counts[:, None] + 2 * self.alpha)
            return counts / counts.sum(), self._keep_inside(p)

        first_guess = np.full(k, 1 / k), p
        for parameters, bounds, converged in _em(e_step, m_step, first_guess, self.tol, self.max_iter):
            yield self._snapshot(bounds, converged, weights_=parameters[0], p_=parameters[1])

    @staticmethod
    def _keep_inside(p: np.ndarray) -> np.ndarray:
        return np.clip(p, SMALLEST_PROBABILITY, 1 - SMALLEST_PROBABILITY)

    @property
    def n_parameters(self) -> int:
        """Free parameters: K − 1 weights and K·d probabilities."""
        require_fitted(self, "p_")
        k, d = self.p_.shape
        return k - 1 + k * d

    def sample(self, n: int, rng: np.random.Generator) -> np.ndarray:
        """Draw ``n`` images: a component for each, then its pixels. (n, d) int8 of 0/1."""
        require_fitted(self, "p_")
        n, rng = as_count(n), as_rng(rng)
        label = rng.choice(len(self.weights_), size=n, p=self.weights_)
        return (rng.random((n, self.p_.shape[1])) < self.p_[label]).astype(np.int8)

    def _log_joint(self, x: np.ndarray) -> Iterator[np.ndarray]:
        require_fitted(self, "p_")
        x = as_binary(x, columns=self.p_.shape[1])
        coefficients = _bernoulli_coefficients(self.weights_, self.p_)
        for phi in _blocks(x.T, _bernoulli_features):
            yield coefficients @ phi

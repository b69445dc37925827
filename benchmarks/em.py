"""EM for Gaussian mixtures against scikit-learn's GaussianMixture, as ratios in one run.

    python benchmarks/em.py

N = 100,000 points of eight Gaussians in the plane, K = 2..8. Both run from the same weights, means and covariances to
the same tolerance (gain per row and update below 1e-6 nats); the faster of two runs counts. Exits with 1 when the
worst speed-up is under 5 or a log-likelihood differs by more than 1e-6 (relative).
"""

import os
import sys
import time

# More threads than cores slow matrix products of this size down; it must be said before NumPy is loaded.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
from sklearn.mixture import GaussianMixture as Reference

from course_utils.data import eight_gaussians
from course_utils.models.mixture import GaussianMixture

N = 100_000
SIGMA = 0.35  # the eight clusters touch, so EM has something to do
TOL = 1e-6
MAX_ITER = 1_000
LEAST_SPEED_UP = 5.0
LARGEST_DIFFERENCE = 1e-6
N_RUNS = 2


def reference_from(start: GaussianMixture) -> Reference:
    """scikit-learn's mixture that begins where ``start``, the first snapshot of ours, stands."""
    return Reference(
        n_components=start.n_components,
        weights_init=start.weights_,
        means_init=start.means_,
        precisions_init=np.linalg.inv(start.covariances_),
        reg_covar=0.0,
        tol=TOL,
        max_iter=MAX_ITER,
    )


def seconds(fit) -> float:
    begin = time.perf_counter()
    fit()
    return time.perf_counter() - begin


def main() -> int:
    x = eight_gaussians(N, np.random.default_rng(0), sigma=SIGMA)
    print(f"N = {N}, d = 2, tol = {TOL:g}, best of {N_RUNS}\n")
    print(" K  updates (sklearn)   s (sklearn)        speed-up  per update  log-likelihood  difference")
    speed_ups, differences = [], []
    for k in range(2, 9):
        chosen = next(GaussianMixture(k).steps(x, np.random.default_rng(k)))
        ours = GaussianMixture(k, start=chosen.means_, tol=TOL, max_iter=MAX_ITER)
        theirs = reference_from(next(ours.steps(x)))
        pairs = [(seconds(lambda m=ours: m.fit(x)), seconds(lambda m=theirs: m.fit(x))) for _ in range(N_RUNS)]
        t_ours, t_theirs = np.min(pairs, axis=0)
        ll_ours, ll_theirs = ours.log_prob(x).mean(), theirs.score(x)
        speed_ups.append(t_theirs / t_ours)
        differences.append(abs(ll_ours - ll_theirs) / abs(ll_theirs))
        # Each pass over the data counts: scikit-learn updates once more after its last gain was small enough.
        per_update = speed_ups[-1] * (ours.n_iter_ + 1) / theirs.n_iter_
        print(
            f"{k:2d}  {ours.n_iter_:7d} ({theirs.n_iter_:7d})  {t_ours:6.3f} ({t_theirs:7.3f}) "
            f"{speed_ups[-1]:11.1f}x {per_update:10.1f}x {ll_ours:15.9f} {differences[-1]:11.1e}",
            flush=True,
        )
    worst, largest = min(speed_ups), max(differences)
    passed = worst >= LEAST_SPEED_UP and largest <= LARGEST_DIFFERENCE
    print(f"\nworst speed-up {worst:.1f}x (bar: at least {LEAST_SPEED_UP:g}x)")
    print(f"largest difference {largest:.1e} (bar: at most {LARGEST_DIFFERENCE:g}, relative)")
    print("ok" if passed else "FAILED")
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main())

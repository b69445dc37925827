"""Independent Bernoulli pixels: the simplest model of a binary image (chapter 2)."""

from typing import Self

import numpy as np

from .base import as_binary, as_count, as_rng, require_fitted


class Bernoulli:
    """d independent coins: p_θ(x) = Π_j p_j^{x_j} (1 − p_j)^{1 − x_j}.

    The maximum-likelihood estimate is the frequency of ones of each column; ``alpha`` pseudo-counts of each
    value pull it towards 1/2 so that no probability is exactly 0 or 1
    (Bishop 2006, *Pattern Recognition and Machine Learning*, eqs. 2.7 and 2.18).

    Args:
        alpha: pseudo-count added to the zeros and to the ones of every column, >= 0. 0 is maximum likelihood.

    Attributes:
        p_: (d,) float, probability of a 1 in each column.
    """

    def __init__(self, alpha: float = 0.0):
        if not alpha >= 0:
            raise ValueError(f"alpha は 0 以上にしてください（受け取ったもの: {alpha!r}）")
        self.alpha = alpha

    def fit(self, x: np.ndarray, rng: np.random.Generator | None = None) -> Self:
        """Learn from ``x``, (n, d) of 0/1. Nothing is random here, so ``rng`` is not used.

        Raises:
            ValueError: if ``x`` is empty, not two-dimensional, or holds anything but 0 and 1.
        """
        x = as_binary(x)
        self.p_ = (x.sum(axis=0) + self.alpha) / (len(x) + 2 * self.alpha)
        return self

    def sample(self, n: int, rng: np.random.Generator) -> np.ndarray:
        """Draw ``n`` images: (n, d) int8 of 0/1."""
        require_fitted(self, "p_")
        n, rng = as_count(n), as_rng(rng)
        return (rng.random((n, len(self.p_))) < self.p_).astype(np.int8)

    def log_prob(self, x: np.ndarray) -> np.ndarray:
        """Log-probability of each row of ``x`` (n, d): (n,) nats; −inf where the model rules a row out."""
        require_fitted(self, "p_")
        x = as_binary(x, columns=len(self.p_))
        with np.errstate(divide="ignore"):
            log_p, log_q = np.log(self.p_), np.log1p(-self.p_)
        # 0·(−inf) would be NaN, so the terms that do not occur are selected away, not multiplied away.
        return np.where(x == 1, log_p, log_q).sum(axis=1)

"""The empirical distribution over binary patterns, with additive smoothing (chapter 1)."""

from typing import Self

import numpy as np

from .base import as_binary, as_count, as_rng, require_fitted


def pattern_index(x: np.ndarray) -> np.ndarray:
    """Number each binary row by reading it as a base-2 numeral, first column highest: (n, d) -> (n,) int."""
    return np.asarray(x).astype(np.int64) @ (1 << np.arange(np.shape(x)[1])[::-1])


def all_patterns(d: int) -> np.ndarray:
    """Every binary pattern of length ``d``, in the order of :func:`pattern_index`: (2**d, d) int8."""
    return ((np.arange(2**d)[:, None] >> np.arange(d)[::-1]) & 1).astype(np.int8)


class Empirical:
    """A table of one probability for each of the 2**d binary patterns.

    p_θ(x) = (count(x) + α) / (n + α 2**d). With α = 0 it memorises: what was not seen has probability 0.
    With α > 0 it is additive (Laplace, Lidstone) smoothing (Jurafsky & Martin, *Speech and Language
    Processing*, 3rd ed., eq. 3.24).

    Args:
        alpha: pseudo-count of every pattern, >= 0.

    Attributes:
        d_: number of columns. p_: (2**d,) float, in the order of :func:`pattern_index`.
    """

    MAX_COLUMNS = 20

    def __init__(self, alpha: float = 0.0):
        if not alpha >= 0:
            raise ValueError(f"alpha は 0 以上にしてください（受け取ったもの: {alpha!r}）")
        self.alpha = alpha

    def fit(self, x: np.ndarray, rng: np.random.Generator | None = None) -> Self:
        """Count the rows of ``x``, (n, d) of 0/1 with d <= 20. Nothing is random here, so ``rng`` is not used.

        Raises:
            ValueError: if ``x`` is empty, not binary, or so wide that the table would not fit.
        """
        x = as_binary(x)
        n, d = x.shape
        if d > self.MAX_COLUMNS:
            raise ValueError(
                f"x の列数は {self.MAX_COLUMNS} 以下にしてください（受け取った形: {x.shape}）。表は 2**d 行です"
            )
        counts = np.bincount(pattern_index(x), minlength=2**d)
        self.d_ = d
        self.p_ = (counts + self.alpha) / (n + self.alpha * 2**d)
        return self

    def sample(self, n: int, rng: np.random.Generator) -> np.ndarray:
        """Draw ``n`` patterns by the inverse CDF: (n, d) int8 of 0/1."""
        require_fitted(self, "p_")
        n, rng = as_count(n), as_rng(rng)
        edges = np.cumsum(self.p_)
        # Dividing by the last edge absorbs rounding, so a uniform draw below 1 always lands in a bin.
        index = np.searchsorted(edges / edges[-1], rng.random(n), side="right")
        return all_patterns(self.d_)[index]

    def log_prob(self, x: np.ndarray) -> np.ndarray:
        """Log-probability of each row of ``x`` (n, d): (n,) nats; −inf for a pattern of probability 0."""
        require_fitted(self, "p_")
        x = as_binary(x, columns=self.d_)
        with np.errstate(divide="ignore"):
            return np.log(self.p_[pattern_index(x)])

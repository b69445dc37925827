"""Four generators that are wrong on purpose, each in one way (chapter 7).

The memoriser gives back its training data. The other three wrap an honest generator and spoil it: whatever a metric
says about them beyond what it says about the honest one is the doing of that one sin.
"""

from collections.abc import Callable
from typing import Self

import numpy as np

from .base import GenerativeModel, as_count, as_matrix, as_rng, require_fitted


class Truth:
    """The true distribution as a model, where we know it: the row that every scoreboard needs for comparison.

    Args:
        draw: ``draw(n, rng) -> (n, d)``, such as :func:`course_utils.data.eight_gaussians`.
    """

    def __init__(self, draw: Callable[[int, np.random.Generator], np.ndarray]):
        if not callable(draw):
            raise TypeError(f"draw には関数 draw(n, rng) を渡してください（受け取ったもの: {type(draw).__name__}）")
        self.draw = draw

    def fit(self, x: np.ndarray, rng: np.random.Generator | None = None) -> Self:
        """Check ``x`` (n, d); there is nothing to learn."""
        as_matrix(x)
        return self

    def sample(self, n: int, rng: np.random.Generator) -> np.ndarray:
        """Draw ``n`` samples of the truth: (n, d)."""
        return self.draw(as_count(n), as_rng(rng))


class Memoriser:
    """Returns rows of its training data, drawn with replacement. It has learned nothing else.

    Attributes:
        memory_: (n, d), the training data.
    """

    def fit(self, x: np.ndarray, rng: np.random.Generator | None = None) -> Self:
        """Keep ``x``, (n, d). Nothing is random here, so ``rng`` is not used."""
        self.memory_ = as_matrix(x).copy()
        return self

    def sample(self, n: int, rng: np.random.Generator) -> np.ndarray:
        """Draw ``n`` of the training rows: (n, d)."""
        require_fitted(self, "memory_")
        n, rng = as_count(n), as_rng(rng)
        return self.memory_[rng.integers(len(self.memory_), size=n)]


class ModeDropper:
    """An honest generator that never enters one region: mode collapse, in part.

    The region is the ball around one random training row that holds ``share`` of the training data.

    Args:
        honest: the generator to spoil.
        share: of the data, to be dropped, between 0 and 1. One of eight equal modes is 1/8.

    Attributes:
        centre_: (d,) and radius_: the ball that is left out.
    """

    def __init__(self, honest: GenerativeModel, share: float = 1 / 8):
        self.honest = _as_model(honest)
        if not 0 < share < 1:
            raise ValueError(f"share は 0 より大きく 1 より小さい数にしてください（受け取ったもの: {share!r}）")
        self.share = share

    def fit(self, x: np.ndarray, rng: np.random.Generator) -> Self:
        """Fit the honest generator to ``x`` (n, d) and choose what to forget."""
        x, rng = as_matrix(x), as_rng(rng)
        self.honest.fit(x, rng)
        self.centre_ = x[rng.integers(len(x))]
        self.radius_ = float(np.quantile(np.linalg.norm(x - self.centre_, axis=1), self.share))
        return self

    def sample(self, n: int, rng: np.random.Generator) -> np.ndarray:
        """Draw ``n`` samples outside the ball, by rejection: (n, d).

        Raises:
            RuntimeError: if next to nothing that the honest generator makes lies outside.
        """
        require_fitted(self, "centre_")
        n, rng = as_count(n), as_rng(rng)
        kept = np.empty((0, len(self.centre_)))
        for _ in range(100):
            drawn = self.honest.sample(n, rng)
            outside = np.linalg.norm(drawn - self.centre_, axis=1) > self.radius_
            kept = np.concatenate([kept, drawn[outside]])
            if len(kept) >= n:
                return kept[:n]
        raise RuntimeError(f"{n} 個のうち {len(kept)} 個しか作れませんでした。share を小さくしてください")


class Blurrer:
    """An honest generator seen through a soft lens: Gaussian noise on every sample.

    Args:
        honest: the generator to spoil.
        strength: standard deviation of the noise, as a share of that of the data, >= 0.

    Attributes:
        sigma_: standard deviation of the noise, in the units of the data.
    """

    def __init__(self, honest: GenerativeModel, strength: float = 0.15):
        self.honest = _as_model(honest)
        if not 0 <= strength < np.inf:
            raise ValueError(f"strength は 0 以上の数にしてください（受け取ったもの: {strength!r}）")
        self.strength = strength

    def fit(self, x: np.ndarray, rng: np.random.Generator) -> Self:
        """Fit the honest generator to ``x`` (n, d) and measure the spread of the data."""
        x, rng = as_matrix(x), as_rng(rng)
        self.honest.fit(x, rng)
        self.sigma_ = self.strength * float(np.sqrt(x.var(axis=0).mean()))
        return self

    def sample(self, n: int, rng: np.random.Generator) -> np.ndarray:
        """Draw ``n`` blurred samples: (n, d)."""
        require_fitted(self, "sigma_")
        sharp = self.honest.sample(as_count(n), as_rng(rng))
        return sharp + self.sigma_ * rng.normal(size=sharp.shape)


class OverDisperser:
    """An honest generator that now and then goes too far: some samples are pushed away from the mean.

    Args:
        honest: the generator to spoil.
        factor: how many times as far from the mean, > 1.
        share: of the samples, to be pushed, between 0 (excluded) and 1.

    Attributes:
        mean_: (d,), mean of the data.
    """

    def __init__(self, honest: GenerativeModel, factor: float = 2.0, share: float = 0.1):
        self.honest = _as_model(honest)
        if not 1 < factor < np.inf:
            raise ValueError(f"factor は 1 より大きい数にしてください（受け取ったもの: {factor!r}）")
        if not 0 < share <= 1:
            raise ValueError(f"share は 0 より大きく 1 以下の数にしてください（受け取ったもの: {share!r}）")
        self.factor, self.share = factor, share

    def fit(self, x: np.ndarray, rng: np.random.Generator) -> Self:
        """Fit the honest generator to ``x`` (n, d) and note the mean."""
        x, rng = as_matrix(x), as_rng(rng)
        self.honest.fit(x, rng)
        self.mean_ = x.mean(axis=0)
        return self

    def sample(self, n: int, rng: np.random.Generator) -> np.ndarray:
        """Draw ``n`` samples, each pushed outwards with probability ``share``: (n, d)."""
        require_fitted(self, "mean_")
        x = self.honest.sample(as_count(n), as_rng(rng))
        pushed = rng.random((len(x), 1)) < self.share
        return np.where(pushed, self.mean_ + self.factor * (x - self.mean_), x)


def _as_model(honest) -> GenerativeModel:
    if not isinstance(honest, GenerativeModel):
        raise TypeError(
            f"honest には fit と sample を持つモデルを渡してください（受け取ったもの: {type(honest).__name__}）"
        )
    return honest

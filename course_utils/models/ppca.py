"""Probabilistic PCA: the latent variable model in which nothing has to be approximated (chapter 4)."""

from typing import Self

import numpy as np

from .base import as_count, as_matrix, as_rng, require_fitted

LOG_2PI = np.log(2 * np.pi)


class PPCA:
    """z ~ N(0, I), x ~ N(W z + μ, σ² I): a decoder that is linear, so that x is Gaussian too, N(μ, W Wᵀ + σ² I).

    The likelihood, its maximum and the posterior p(z|x) are closed forms (Tipping & Bishop 1999, *Probabilistic
    Principal Component Analysis*, eqs. 4-8), so the bound that a VAE is trained with can be held against the truth.

    Args:
        latent: number of latent variables, >= 1 and below the number of columns.

    Attributes:
        mean_: (d,) μ. weights_: (d, latent) W. noise_: float, σ², the variance that W leaves over, for each column.
    """

    def __init__(self, latent: int = 1):
        self.latent = as_count(latent, "latent", least=1)

    def fit(self, x: np.ndarray, rng: np.random.Generator | None = None) -> Self:
        """Maximum likelihood from ``x`` (n, d), by one eigendecomposition. Nothing is random, so ``rng`` is not used.

        Raises:
            ValueError: if ``x`` is empty, not finite, has too few columns, or lies within ``latent`` directions
                (then σ² = 0 and there is no density).
        """
        x = as_matrix(x)
        d = x.shape[1]
        if d <= self.latent:
            raise ValueError(f"x の列数は latent（{self.latent}）より多くしてください（受け取った形: {x.shape}）")
        mean = x.mean(axis=0)
        values, vectors = np.linalg.eigh((x - mean).T @ (x - mean) / len(x))
        values, vectors = values[::-1], vectors[:, ::-1]  # eigh sorts upwards; the largest come first here
        noise = values[self.latent :].mean()
        if noise <= 1e-12 * values[0] or values[0] <= 0:
            raise ValueError(
                f"x のばらつきが {self.latent} 方向（latent）に収まり、σ² が 0 になります（受け取った形: {x.shape}）。"
                "latent を減らすか、データを増やしてください"
            )
        self.mean_, self.noise_ = mean, float(noise)
        self.weights_ = vectors[:, : self.latent] * np.sqrt(np.maximum(values[: self.latent] - noise, 0))
        return self

    def sample(self, n: int, rng: np.random.Generator) -> np.ndarray:
        """Draw z, then x given z: (n, d) float."""
        require_fitted(self, "weights_")
        n, rng = as_count(n), as_rng(rng)
        x = self.mean_ + rng.standard_normal((n, self.latent)) @ self.weights_.T
        return x + np.sqrt(self.noise_) * rng.standard_normal(x.shape)

    def log_prob(self, x: np.ndarray) -> np.ndarray:
        """Exact log density of each row of ``x`` (n, d): (n,) nats, with z integrated out."""
        require_fitted(self, "weights_")
        centred = as_matrix(x, columns=len(self.mean_)) - self.mean_
        cov = self.weights_ @ self.weights_.T + self.noise_ * np.eye(len(self.mean_))
        distance = (centred * np.linalg.solve(cov, centred.T).T).sum(axis=1)
        return -(len(cov) * LOG_2PI + np.linalg.slogdet(cov).logabsdet + distance) / 2

    def posterior(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """p(z|x) = N(mean, cov): means (n, latent), and one covariance (latent, latent) for all rows (eq. 6).

        mean = M⁻¹ Wᵀ (x − μ) and cov = σ² M⁻¹ with M = Wᵀ W + σ² I.
        """
        require_fitted(self, "weights_")
        centred = as_matrix(x, columns=len(self.mean_)) - self.mean_
        m_inverse = np.linalg.inv(self.weights_.T @ self.weights_ + self.noise_ * np.eye(self.latent))
        return centred @ self.weights_ @ m_inverse, self.noise_ * m_inverse

    def elbo(self, x: np.ndarray, mean: np.ndarray, cov: np.ndarray) -> np.ndarray:
        """E_q[log p(x|z)] − KL(q ‖ p(z)) of each row for q(z) = N(mean, cov), exactly: (n,) nats.

        It is log p(x) − KL(q ‖ p(z|x)): below :meth:`log_prob`, and equal to it where q is :meth:`posterior`.

        Args:
            x: (n, d). mean: (n, latent). cov: (latent, latent), or (n, latent, latent) with one for each row.

        Raises:
            ValueError: if a shape does not fit or ``cov`` is not symmetric and positive definite.
        """
        require_fitted(self, "weights_")
        x = as_matrix(x, columns=len(self.mean_))
        mean = as_matrix(mean, "mean", columns=self.latent)
        if len(mean) != len(x):
            raise ValueError(f"mean の行数は x と同じ {len(x)} にしてください（受け取った形: {mean.shape}）")
        cov, square = np.asarray(cov, dtype=float), (self.latent, self.latent)
        if cov.shape not in (square, (len(x), *square)):
            raise ValueError(f"cov の形は {square} か {(len(x), *square)} にしてください（受け取った形: {cov.shape}）")
        if not np.allclose(cov, np.swapaxes(cov, -1, -2)) or not (np.linalg.eigvalsh(cov) > 0).all():
            raise ValueError("cov は対称で、固有値がすべて正の行列にしてください")
        error = ((x - self.mean_ - mean @ self.weights_.T) ** 2).sum(axis=1)
        spread = np.trace(self.weights_ @ cov @ self.weights_.T, axis1=-2, axis2=-1)
        reconstruction = -(len(self.mean_) * (LOG_2PI + np.log(self.noise_)) + (error + spread) / self.noise_) / 2
        trace = np.trace(cov, axis1=-2, axis2=-1)
        kl = (trace + (mean**2).sum(axis=1) - self.latent - np.linalg.slogdet(cov).logabsdet) / 2
        return reconstruction - kl

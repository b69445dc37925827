"""The variational autoencoder: a latent variable model trained through a lower bound (chapter 4)."""

from collections.abc import Callable
from typing import Self

import numpy as np

from .base import as_binary, as_count, as_matrix, as_rng, require_fitted
from .nn import MLP, Adam, cosine_decay, logsumexp, minibatches, sigmoid, softplus

LOG_2PI = np.log(2 * np.pi)


class VAE:
    """z ~ N(0, I), x ~ p_θ(x|z): a decoder network turns z into x, an encoder network guesses which z made x.

    log p_θ(x) = log ∫ p_θ(x|z) p(z) dz has no closed form, so there is no ``log_prob``. Training raises a lower bound,
    the ELBO E_q[log p_θ(x|z)] − β KL(q(z|x) ‖ p(z)), with q(z|x) = N(mean(x), diag(exp(log_var(x)))) and z drawn as
    mean + σ ε, so that the gradient passes through it (Kingma & Welling 2014, eqs. 3 and 10; β: Higgins et al. 2017).

    Args:
        latent: number of latent variables, >= 1.
        hidden, layers: width and number of the hidden layers (tanh) of each network.
        likelihood: "bernoulli" for 0/1 data, or "gaussian": a normal around the decoder's output, whose standard
            deviation, one for each column, is learned too.
        beta: weight of the KL term in training. 1 is the bound itself; a large one makes the posterior collapse.
        warmup: share of the steps over which the weight of the KL grows from 0 to ``beta``. Starting with all of it,
            the encoder may give up before the decoder has learned to use z (Bowman et al. 2016).
        steps, batch: number of training steps, and rows in each.
        lr: first step size of Adam; it decays to 0 along half a cosine.
        dtype: of the networks; float64 where gradients are compared with finite differences.

    Attributes:
        encoder_, decoder_: the networks, (n, d) -> (n, 2 latent) and (n, latent) -> (n, d).
        log_sigma_: (d,) log of the decoder's standard deviation in units of ``scale_``; (0,) for 0/1 data.
        params_: (p,) all of these parameters; the networks' own and ``log_sigma_`` are views into it.
        shift_, scale_: (d,) the networks see (x − shift) / scale; 0 and 1 for 0/1 data.
        history_: one dict for each pass over the data, ``{"step", "elbo", "reconstruction", "kl"}``: means over the
            rows of that pass, nats, with elbo = reconstruction − kl whatever β.
    """

    def __init__(
        self,
        latent: int = 2,
        *,
        hidden: int = 64,
        layers: int = 2,
        likelihood: str = "bernoulli",
        beta: float = 1.0,
        warmup: float = 0.1,
        steps: int = 3_000,
        batch: int = 128,
        lr: float = 1e-2,
        dtype=np.float32,
    ):
        if likelihood not in ("bernoulli", "gaussian"):
            raise ValueError(
                f"likelihood は 'bernoulli' か 'gaussian' にしてください（受け取ったもの: {likelihood!r}）"
            )
        if not 0 <= beta < np.inf:
            raise ValueError(f"beta は 0 以上の数にしてください（受け取ったもの: {beta!r}）")
        if not 0 <= warmup <= 1:
            raise ValueError(f"warmup は 0 以上 1 以下にしてください（受け取ったもの: {warmup!r}）")
        if not 0 < lr < np.inf:
            raise ValueError(f"lr は正の数にしてください（受け取ったもの: {lr!r}）")
        self.latent = as_count(latent, "latent", least=1)
        self.hidden, self.layers = as_count(hidden, "hidden", least=1), as_count(layers, "layers", least=1)
        self.steps, self.batch = as_count(steps, "steps", least=1), as_count(batch, "batch", least=1)
        self.likelihood, self.beta, self.warmup, self.lr, self.dtype = likelihood, beta, warmup, lr, dtype

    def fit(self, x: np.ndarray, rng: np.random.Generator, *, callback: Callable[[dict], None] | None = None) -> Self:
        """Learn from ``x`` (n, d). ``callback`` gets each entry of ``history_`` as it is made, to show progress.

        Raises:
            ValueError: if ``x`` is empty, not two-dimensional, not finite, or not 0/1 with the Bernoulli likelihood.
        """
        x, rng = self._checked(x), as_rng(rng)
        self._start(x, rng)
        x = self._scaled(x).astype(self.dtype)
        adam, seen = Adam(self.params_, self.lr), []
        one_pass = -(-len(x) // self.batch)
        for step, rows in enumerate(minibatches(len(x), self.batch, self.steps, rng), start=1):
            beta = self.beta * min(1, step / (self.warmup * self.steps + 1))
            eps = rng.standard_normal((len(rows), self.latent)).astype(self.dtype)
            reconstruction, kl, gradient = self._bound(x[rows], eps, beta)
            adam.lr = self.lr * cosine_decay(step - 1, self.steps)
            adam.step(gradient)
            # Data on a line or a plane would drive σ to 0 and the density to infinity.
            np.maximum(self.log_sigma_, -5, out=self.log_sigma_)
            seen.append((reconstruction, kl))
            if step % one_pass == 0 or step == self.steps:
                r, k = (float(np.concatenate(term).mean()) for term in zip(*seen, strict=True))
                r, seen = r - float(np.log(self.scale_).sum()), []
                self.history_.append({"step": step, "elbo": r - k, "reconstruction": r, "kl": k})
                if callback is not None:
                    callback(self.history_[-1])
        return self

    def _start(self, x: np.ndarray, rng: np.random.Generator) -> None:
        d, middle = x.shape[1], [self.hidden] * self.layers
        self.shift_, self.scale_, log_sigma = np.zeros(d), np.ones(d), np.zeros(0, self.dtype)
        if self.likelihood == "gaussian":
            self.shift_, log_sigma = x.mean(axis=0), np.zeros(d, self.dtype)
            self.scale_ = np.where(np.ptp(x, axis=0) > 0, x.std(axis=0), 1.0)
        self.encoder_ = MLP([d, *middle, 2 * self.latent], rng, "tanh", dtype=self.dtype)
        self.decoder_ = MLP([self.latent, *middle, d], rng, "tanh", dtype=self.dtype)
        # One vector for everything, so that there is one optimiser; the parts become views into it.
        self.params_ = np.concatenate([self.encoder_.params, self.decoder_.params, log_sigma])
        self.encoder_.params, self.decoder_.params, self.log_sigma_ = self._parts(self.params_)
        self.history_ = []

    def _parts(self, vector: np.ndarray) -> list[np.ndarray]:
        """Views of a vector laid out like ``params_``: the encoder's, the decoder's, log σ."""
        return np.split(vector, np.cumsum([self.encoder_.params.size, self.decoder_.params.size]))

    def _bound(self, x: np.ndarray, eps: np.ndarray, beta: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Reconstruction (n,) and KL (n,) of each row, and the gradient (p,) of mean(−reconstruction + β KL).

        ``x`` (n, d) is scaled already; ``eps`` (n, latent) is the noise that z is made of.
        """
        out, encoder_cache = self.encoder_.forward(x)
        mean, log_var = out[:, : self.latent], out[:, self.latent :]
        std = np.exp(log_var / 2)
        out, decoder_cache = self.decoder_.forward(mean + std * eps)
        reconstruction, kl = self._log_likelihood(x, out), gaussian_kl(mean, log_var).sum(axis=1)

        gradient = np.empty_like(self.params_)
        d_encoder, d_decoder, d_log_sigma = self._parts(gradient)
        if self.likelihood == "bernoulli":
            d_out = sigmoid(out) - x  # ∂(−log p(x|z)) / ∂ logit
        else:
            d_out = (out - x) * np.exp(-2 * self.log_sigma_)
            d_log_sigma[:] = 1 - (d_out * (out - x)).mean(axis=0)
        d_z, d_decoder[:] = self.decoder_.backward(decoder_cache, d_out / len(x))
        # z = mean + exp(log_var / 2) ε, so what reaches z reaches mean and log_var; the KL adds its own.
        d_mean = d_z + beta * mean / len(x)
        d_log_var = (d_z * std * eps + beta * (std**2 - 1) / len(x)) / 2
        d_encoder[:] = self.encoder_.backward(encoder_cache, np.concatenate([d_mean, d_log_var], axis=1))[1]
        return reconstruction, kl, gradient

    def _log_likelihood(self, x: np.ndarray, out: np.ndarray) -> np.ndarray:
        """log p_θ(x|z) of scaled rows, given the decoder's output: (..., d), (..., d) -> (...,) nats."""
        if self.likelihood == "bernoulli":
            return (x * out - softplus(out)).sum(axis=-1)  # out is a logit: x log p + (1 − x) log(1 − p)
        error = (x - out) * np.exp(-self.log_sigma_)
        return -((error**2 + LOG_2PI) / 2 + self.log_sigma_).sum(axis=-1)

    def sample(self, n: int, rng: np.random.Generator) -> np.ndarray:
        """Draw z from the prior, then x from p_θ(x|z): (n, d), int8 of 0/1 or float."""
        require_fitted(self, "params_")
        n, rng = as_count(n), as_rng(rng)
        x = self._decode(rng.standard_normal((n, self.latent)))
        if self.likelihood == "bernoulli":
            return (rng.random(x.shape) < x).astype(np.int8)
        return x + self.scale_ * np.exp(self.log_sigma_) * rng.standard_normal(x.shape)

    def encode(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Mean and log variance of q(z|x) for each row of ``x`` (n, d): (n, latent) and (n, latent)."""
        require_fitted(self, "params_")
        out = self.encoder_(self._scaled(self._checked(x, len(self.shift_)))).astype(float)
        return out[:, : self.latent], out[:, self.latent :]

    def decode(self, z: np.ndarray) -> np.ndarray:
        """Mean of p_θ(x|z) for each row of ``z`` (n, latent): (n, d), probabilities of a 1 for 0/1 data."""
        require_fitted(self, "params_")
        return self._decode(as_matrix(z, "z", columns=self.latent))

    def _decode(self, z: np.ndarray) -> np.ndarray:
        out = self.decoder_(z).astype(float)
        return sigmoid(out) if self.likelihood == "bernoulli" else self.shift_ + self.scale_ * out

    def kl(self, x: np.ndarray) -> np.ndarray:
        """KL(q(z_j|x) ‖ N(0, 1)) of each row and latent variable: (n, d) -> (n, latent) nats.

        Where a column is near 0 for every row, that latent variable has collapsed: it says nothing about x.
        """
        return gaussian_kl(*self.encode(x))

    def elbo(self, x: np.ndarray, rng: np.random.Generator, n: int = 1) -> np.ndarray:
        """Estimate of the ELBO (β = 1) of each row of ``x`` from ``n`` draws of z: (n_rows,) nats.

        Its expectation is at most log p_θ(x).
        """
        log_likelihood, _ = self._draw(x, rng, n)
        return log_likelihood.mean(axis=1) - self.kl(x).sum(axis=1)

    def log_prob_estimate(self, x: np.ndarray, rng: np.random.Generator, n: int = 200) -> np.ndarray:
        """Importance-weighted estimate of log p_θ(x) from ``n`` draws of z: (n_rows,) nats.

        log (1/n) Σ_i p_θ(x|z_i) p(z_i) / q(z_i|x). Its expectation is at most log p_θ(x), at least the ELBO, and never
        falls as ``n`` grows (Burda, Grosse & Salakhutdinov 2016, Theorem 1). So it is a bound too, but a closer one.
        """
        log_likelihood, log_ratio = self._draw(x, rng, n)
        return logsumexp(log_likelihood - log_ratio, axis=1) - np.log(n)

    def _draw(self, x: np.ndarray, rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
        """For ``n`` draws z ~ q(z|x): log p_θ(x|z) and log q(z|x) − log p(z), both (n_rows, n) nats."""
        n, rng = as_count(n, least=1), as_rng(rng)
        mean, log_var = self.encode(x)
        x = self._scaled(np.asarray(x, dtype=float))
        eps = rng.standard_normal((len(x), n, self.latent))
        z = mean[:, None] + np.exp(log_var / 2)[:, None] * eps
        # Row by row, because all of the (rows, n, d) outputs at once may not fit in memory.
        log_likelihood = np.stack(
            [self._log_likelihood(row, self.decoder_(draws)) for row, draws in zip(x, z, strict=True)]
        )
        log_ratio = (z**2 - eps**2 - log_var[:, None]).sum(axis=2) / 2
        return log_likelihood - np.log(self.scale_).sum(), log_ratio

    def _checked(self, x: np.ndarray, columns: int | None = None) -> np.ndarray:
        check = as_binary if self.likelihood == "bernoulli" else as_matrix
        return check(x, columns=columns)

    def _scaled(self, x: np.ndarray) -> np.ndarray:
        return (x - self.shift_) / self.scale_


def gaussian_kl(mean: np.ndarray, log_var: np.ndarray) -> np.ndarray:
    """KL(N(mean, exp(log_var)) ‖ N(0, 1)), elementwise, nats (Kingma & Welling 2014, appendix B)."""
    return (mean**2 + np.exp(log_var) - 1 - log_var) / 2

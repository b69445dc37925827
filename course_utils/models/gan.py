"""Generative adversarial networks: a generator learns from a critic's judgement, not from a likelihood (chapter 8)."""

from collections.abc import Callable
from typing import Self

import numpy as np

from .base import as_binary, as_count, as_matrix, as_rng, require_fitted
from .nn import MLP, Adam, Average, cosine_decay, sigmoid, softplus

PROBE = 0.02  # how far the penalty looks to either side, in standard deviations of the data


class GAN:
    """z ~ N(0, I), x = G(z). A critic D(x), a number for each row, learns to tell data from G(z); G learns to raise D.

    There is no density, so no ``log_prob``: nothing in training says how probable a given x is.

    ``loss="nonsaturating"`` (Goodfellow et al. 2014, section 3): D(x) is the log-odds that x is real. D minimises
    −log σ(D(real)) − log σ(−D(fake)), G minimises −log σ(D(fake)), plus penalty/2 · ‖∇D‖² on real rows: R1
    (Mescheder et al. 2018, eq. 9).

    ``loss="wasserstein"`` (Arjovsky et al. 2017; Gulrajani et al. 2017, eq. 3): D minimises D(fake) − D(real), G
    minimises −D(fake), plus penalty · (‖∇D‖ − 1)² on lines between real and fake rows, which keeps the slope of D
    near 1; then D(real) − D(fake) estimates the earth mover's distance.

    With ``penalty=0`` the non-saturating game is the one of 2014. Nothing then stops D from getting steep, and where
    D gets far ahead (``critic_steps=3``) G chases it from mode to mode and loses some: mode collapse.

    Args:
        latent: number of latent variables, >= 1.
        hidden, layers: width and number of the hidden layers (leaky rectifiers) of each network.
        loss: "nonsaturating" or "wasserstein".
        penalty: >= 0 (> 0 for "wasserstein"). None is 0.1, R1's and the gradient penalty's alike.
        output: "real", or "binary": G ends in a squashing function, its values are grey levels between 0 and 1, and
            :meth:`sample` cuts them at ½.
        critic_steps: steps of D for each step of G. None is 1, or 2 for "wasserstein".
        steps, batch: number of generator steps, and rows in each.
        lr: first step size of both Adams (β_1 = 0.5, β_2 = 0.9); it decays to 0 along half a cosine.
        decay: of the running mean of G's parameters, which is what samples (Yaz et al. 2019). 0 keeps the last step.
        dtype: of the networks; float64 where gradients are compared with finite differences.

    Attributes:
        generator_: (n, latent) -> (n, d). critic_: (n, d) -> (n, 1). Both live in units of (x − shift) / scale.
        shift_, scale_: (d,); ½ for 0/1 data.
        history_: 50 dicts (or one for each step), ``{"step", "generator", "critic"}``: mean losses without penalty
            since the last. They are a game's, so neither need fall.
    """

    def __init__(
        self,
        latent: int = 4,
        *,
        hidden: int = 64,
        layers: int = 2,
        loss: str = "nonsaturating",
        penalty: float | None = None,
        output: str = "real",
        critic_steps: int | None = None,
        steps: int = 4_000,
        batch: int = 256,
        lr: float = 2e-3,
        decay: float = 0.999,
        dtype=np.float32,
    ):
        if loss not in ("nonsaturating", "wasserstein"):
            raise ValueError(f"loss は 'nonsaturating' か 'wasserstein' にしてください（受け取ったもの: {loss!r}）")
        if output not in ("real", "binary"):
            raise ValueError(f"output は 'real' か 'binary' にしてください（受け取ったもの: {output!r}）")
        penalty = 0.1 if penalty is None else penalty
        if not 0 <= penalty < np.inf:
            raise ValueError(f"penalty は 0 以上の数にしてください（受け取ったもの: {penalty!r}）")
        if loss == "wasserstein" and penalty == 0:
            raise ValueError("loss='wasserstein' では penalty を正の数にしてください（0 だと D に上限がありません）")
        if not 0 < lr < np.inf:
            raise ValueError(f"lr は正の数にしてください（受け取ったもの: {lr!r}）")
        if not 0 <= decay < 1:
            raise ValueError(f"decay は 0 以上 1 未満にしてください（受け取ったもの: {decay!r}）")
        if critic_steps is None:
            critic_steps = 1 if loss == "nonsaturating" else 2
        self.latent = as_count(latent, "latent", least=1)
        self.hidden, self.layers = as_count(hidden, "hidden", least=1), as_count(layers, "layers", least=1)
        self.steps, self.batch = as_count(steps, "steps", least=1), as_count(batch, "batch", least=1)
        self.critic_steps = as_count(critic_steps, "critic_steps", least=1)
        self.loss, self.penalty, self.output = loss, penalty, output
        self.lr, self.decay, self.dtype = lr, decay, dtype

    def fit(self, x: np.ndarray, rng: np.random.Generator, *, callback: Callable[[dict], None] | None = None) -> Self:
        """Play the game on ``x`` (n, d). ``callback`` gets each entry of ``history_`` as it is made.

        Raises:
            ValueError: if ``x`` is empty, not two-dimensional, not finite, or not 0/1 with ``output="binary"``.
        """
        x, rng = as_binary(x) if self.output == "binary" else as_matrix(x), as_rng(rng)
        self._start(x, rng)
        x = ((x - self.shift_) / self.scale_).astype(self.dtype)
        adams = [Adam(net.params, self.lr, 0.5, 0.9) for net in (self.generator_, self.critic_)]
        steady, seen, every = Average(self.generator_.params, self.decay), [], max(1, self.steps // 50)
        for step in range(1, self.steps + 1):
            for adam in adams:
                adam.lr = self.lr * cosine_decay(step - 1, self.steps)
            for _ in range(self.critic_steps):
                real, fake = x[rng.integers(len(x), size=self.batch)], self._generate(self._noise(rng))
                critic_loss, gradient = self._critic_step(real, fake, rng)
                adams[1].step(gradient)
            generator_loss, gradient = self._generator_step(self._noise(rng))
            adams[0].step(gradient)
            steady.update()
            seen.append((generator_loss, critic_loss))
            if step % every == 0 or step == self.steps:
                means, seen = np.mean(seen, axis=0), []
                self.history_.append({"step": step, "generator": float(means[0]), "critic": float(means[1])})
                if callback is not None:
                    callback(self.history_[-1])
        self.generator_.params[:] = steady.average
        return self

    def _start(self, x: np.ndarray, rng: np.random.Generator) -> None:
        d, middle = x.shape[1], [self.hidden] * self.layers
        if self.output == "binary":
            self.shift_ = self.scale_ = np.full(d, 0.5)
        else:
            self.shift_, self.scale_ = x.mean(axis=0), np.where(np.ptp(x, axis=0) > 0, x.std(axis=0), 1.0)
        self.generator_ = MLP([self.latent, *middle, d], rng, "leaky_relu", dtype=self.dtype)
        self.critic_ = MLP([d, *middle, 1], rng, "leaky_relu", dtype=self.dtype)
        self.history_ = []

    def _noise(self, rng: np.random.Generator) -> np.ndarray:
        return rng.standard_normal((self.batch, self.latent))

    def _generate(self, z: np.ndarray) -> np.ndarray:
        """G(z) in the critic's units: (n, latent) -> (n, d)."""
        out = self.generator_(z)
        return np.tanh(out) if self.output == "binary" else out

    def _generator_step(self, z: np.ndarray) -> tuple[float, np.ndarray]:
        """G's loss, and its gradient with respect to G's parameters: the critic's slope, sent on through G."""
        out, cache = self.generator_.forward(z)
        fake = np.tanh(out) if self.output == "binary" else out
        score, critic_cache = self.critic_.forward(fake)
        if self.loss == "nonsaturating":
            loss, d_score = softplus(-score), -sigmoid(-score)  # −log σ(D)
        else:
            loss, d_score = -score, -np.ones_like(score)
        d_fake, _ = self.critic_.backward(critic_cache, d_score / len(z))
        d_out = d_fake * (1 - fake**2) if self.output == "binary" else d_fake
        return loss.mean(), self.generator_.backward(cache, d_out)[1]

    def _critic_step(self, real: np.ndarray, fake: np.ndarray, rng: np.random.Generator) -> tuple[float, np.ndarray]:
        """D's loss without penalty, and the gradient of all of it with respect to D's parameters."""
        n = len(real)
        score, cache = self.critic_.forward(np.concatenate([real, fake]))
        sign = np.repeat([-1, 1], n)[:, None].astype(score.dtype)  # D should be high on real rows, low on fake ones
        if self.loss == "nonsaturating":
            loss, d_score = softplus(sign * score), sign * sigmoid(sign * score)
        else:
            loss, d_score = sign * score, sign
        _, gradient = self.critic_.backward(cache, d_score / n)
        if self.penalty > 0:
            if self.loss == "wasserstein":
                share = rng.random((n, 1)).astype(real.dtype)
                real = share * real + (1 - share) * fake
            gradient += self._penalty_gradient(real)
        return loss.sum() / n, gradient

    def _penalty_gradient(self, x: np.ndarray) -> np.ndarray:
        """Gradient of the mean penalty at the rows of ``x`` (n, d) with respect to D's parameters: (p,).

        The penalty is a function of the slope ‖∇D‖, so this needs derivatives of a derivative, which ``backward`` does
        not give. But the slope is D's rise along u = ∇D / ‖∇D‖, and turning u changes it only to second order, so
        ∂‖∇D‖/∂θ = ∂/∂θ [D(x + h u) − D(x − h u)] / 2h, with u held fixed: a difference of two ordinary gradients.
        """
        score, cache = self.critic_.forward(x)
        slope, _ = self.critic_.backward(cache, np.ones_like(score))
        norm = np.sqrt((slope**2).sum(axis=1, keepdims=True))
        u = slope / (norm + np.finfo(norm.dtype).tiny)
        # Derivative of penalty/2 · ‖∇D‖², or of penalty · (‖∇D‖ − 1)², with respect to ‖∇D‖.
        outer = self.penalty * (norm if self.loss == "nonsaturating" else 2 * (norm - 1)) / (2 * PROBE * len(x))
        _, cache = self.critic_.forward(np.concatenate([x + PROBE * u, x - PROBE * u]))
        return self.critic_.backward(cache, np.concatenate([outer, -outer]))[1]

    def generate(self, z: np.ndarray) -> np.ndarray:
        """G(z) in the units of the data, (n, latent) -> (n, d) float: for 0/1 data the grey levels before the cut."""
        require_fitted(self, "generator_")
        return self._in_units(self._generate(as_matrix(z, "z", columns=self.latent)))

    def sample(self, n: int, rng: np.random.Generator) -> np.ndarray:
        """Draw z ~ N(0, I) and send it through G: (n, d) float, or int8 of 0/1."""
        require_fitted(self, "generator_")
        n, rng = as_count(n), as_rng(rng)
        x = self._in_units(self._generate(rng.standard_normal((n, self.latent))))
        return (x > 0.5).astype(np.int8) if self.output == "binary" else x

    def _in_units(self, out: np.ndarray) -> np.ndarray:
        return self.shift_ + self.scale_ * out.astype(float)

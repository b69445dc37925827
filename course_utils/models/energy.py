"""Energy-based models: any function may serve as −log density, if one can live without its normaliser (chapter 8).

p_θ(x) = exp(−E_θ(x)) / Z with Z = ∫ exp(−E_θ(x)) dx. E is free, Z is the trouble. Two ways round it:

- :class:`EnergyModel`: real columns; training by telling data from noise makes Z a parameter like any other.
- :class:`RBM`: binary columns, with so few hidden units that Z is a sum one can carry out.
"""

import math
from collections.abc import Callable
from typing import Self

import numpy as np

from .base import as_binary, as_count, as_matrix, as_rng, require_fitted
from .nn import MLP, Adam, cosine_decay, logsumexp, minibatches, sigmoid, softplus

LOG_2PI = math.log(2 * math.pi)
BASE_DRAWS = 2**17  # that Z is estimated from


class EnergyModel:
    """A Gaussian, bent by a network: p_θ(x) = q(x) exp(f_θ(x)) / Z, with q the Gaussian that fits the data.

    Noise-contrastive estimation (Gutmann & Hyvärinen 2012, eqs. 2-5): mix the data with ``noise`` times as many draws
    of q, and let a logistic regression with log-odds f_θ(x) − log noise tell which is which. Its optimum is
    f = log p_data − log q: not f up to a constant, but with the right constant, so that p_θ is normalised without Z
    having been computed. (The bias of f's last layer plays −log Z.)

    What is left of log Z after training is estimated by Z = E_q[exp f] from 2^17 draws of q. So ``log_prob`` is
    *approximately* normalised: its error, the same for every x, is ``log_z_error_`` nats (a standard error). In many
    dimensions q and the data hardly overlap, and neither this nor the training works well; the error says so.

    Sampling: draw ``pool`` times as many points from q, keep n of them with weights exp f (importance resampling),
    then move each by ``langevin`` steps up the slope of log p_θ plus noise, accepted or rejected so that p_θ stays as
    it is (Metropolis-adjusted Langevin, Roberts & Tweedie 1996). The moves part those that were drawn twice.

    Args:
        hidden, layers: width and number of the hidden layers (tanh) of f.
        noise: draws of q for each row of data, >= 1.
        steps, batch: number of training steps, and rows of data in each.
        lr: first step size of Adam; it decays to 0 along half a cosine.
        pool, langevin: see above, >= 1 and >= 0.
        step_size: of the Langevin moves, > 0, in standard deviations of q.
        dtype: of the network; float64 where gradients are compared with finite differences.

    Attributes:
        net_: f, (n, d) -> (n, 1), in the coordinates in which q is N(0, I).
        mean_: (d,). root_: (d, d), x = mean + root z has the covariance of the data when z ~ N(0, I).
        log_z_: log E_q[exp f], near 0 where the training has normalised the model. log_z_error_: its standard error.
        history_: one dict for each pass over the data, ``{"step", "loss"}``: the mean logistic loss of that pass, nats
            a row of data (and its ``noise`` draws).
    """

    def __init__(
        self,
        hidden: int = 64,
        *,
        layers: int = 2,
        noise: int = 3,
        steps: int = 7_000,
        batch: int = 256,
        lr: float = 5e-3,
        pool: int = 32,
        langevin: int = 10,
        step_size: float = 0.06,
        dtype=np.float32,
    ):
        for name, value in (("lr", lr), ("step_size", step_size)):
            if not 0 < value < np.inf:
                raise ValueError(f"{name} は正の数にしてください（受け取ったもの: {value!r}）")
        self.hidden, self.layers = as_count(hidden, "hidden", least=1), as_count(layers, "layers", least=1)
        self.steps, self.batch = as_count(steps, "steps", least=1), as_count(batch, "batch", least=1)
        self.noise, self.pool = as_count(noise, "noise", least=1), as_count(pool, "pool", least=1)
        self.langevin, self.lr, self.step_size, self.dtype = as_count(langevin, "langevin"), lr, step_size, dtype

    def fit(self, x: np.ndarray, rng: np.random.Generator, *, callback: Callable[[dict], None] | None = None) -> Self:
        """Learn from ``x`` (n, d). ``callback`` gets each entry of ``history_`` as it is made.

        Raises:
            ValueError: if ``x`` is empty, not two-dimensional or not finite.
        """
        x, rng = as_matrix(x), as_rng(rng)
        self._start(x, rng)
        z = self._whitened(x).astype(self.dtype)
        adam, seen, one_pass = Adam(self.net_.params, self.lr), [], -(-len(z) // self.batch)
        for step, rows in enumerate(minibatches(len(z), self.batch, self.steps, rng), start=1):
            drawn = rng.standard_normal((self.noise * len(rows), z.shape[1]), dtype=np.float32)
            loss, gradient = self._loss(z[rows], drawn.astype(self.dtype))
            adam.lr = self.lr * cosine_decay(step - 1, self.steps)
            adam.step(gradient)
            seen.append(loss)
            if step % one_pass == 0 or step == self.steps:
                self.history_.append({"step": step, "loss": float(np.mean(seen))})
                seen = []
                if callback is not None:
                    callback(self.history_[-1])
        self.log_z_, self.log_z_error_ = self._normaliser(rng)
        return self

    def _start(self, x: np.ndarray, rng: np.random.Generator) -> None:
        d = x.shape[1]
        self.mean_ = x.mean(axis=0)
        scale = np.where(np.ptp(x, axis=0) > 0, x.std(axis=0), 1.0)
        # Columns of one size first, so that only a direction in which they hang together (data on a line) counts as
        # flat. It gets a thousandth of the widest; or 1, where nothing varies at all.
        variances, axes = np.linalg.eigh(np.cov((x - self.mean_) / scale, rowvar=False, bias=True).reshape(d, d))
        floor = 1e-6 * variances[-1] if variances[-1] > 0.5 else 1.0
        self.root_ = scale[:, None] * axes * np.sqrt(np.maximum(variances, floor))
        # out_scale = 0: f starts as 0, the model as the Gaussian.
        self.net_ = MLP([d, *[self.hidden] * self.layers, 1], rng, "tanh", out_scale=0, dtype=self.dtype)
        self.history_ = []

    def _loss(self, real: np.ndarray, drawn: np.ndarray) -> tuple[float, np.ndarray]:
        """Logistic loss of ``real`` (n, d) and ``drawn`` (n · noise, d), a row of ``real``, and its gradient (p,)."""
        f, cache = self.net_.forward(np.concatenate([real, drawn]))
        sign = np.repeat([-1, 1], [len(real), len(drawn)])[:, None].astype(f.dtype)
        wrong = sign * (f - math.log(self.noise))  # log-odds of the wrong answer
        gradient = self.net_.backward(cache, sign * sigmoid(wrong) / len(real))[1]
        return softplus(wrong).sum() / len(real), gradient

    def _normaliser(self, rng: np.random.Generator) -> tuple[float, float]:
        """log of the mean of exp f over draws of q, and its standard error."""
        f = self.net_(rng.standard_normal((BASE_DRAWS, len(self.mean_))))[:, 0].astype(float)
        top = f.max()
        weight = np.exp(f - top)
        return float(top + np.log(weight.mean())), float(weight.std() / weight.mean() / math.sqrt(BASE_DRAWS))

    def log_prob(self, x: np.ndarray) -> np.ndarray:
        """Log density of each row of ``x`` (n, d), *approximately* normalised (see ``log_z_error_``): (n,) nats."""
        require_fitted(self, "log_z_")
        z = self._whitened(as_matrix(x, columns=len(self.mean_)))
        return self._log_p(z)[0] - self.log_z_ - np.linalg.slogdet(self.root_)[1]

    def energy(self, x: np.ndarray) -> np.ndarray:
        """E(x) = −log q(x) − f(x), that is −log p_θ(x) − log Z, of each row of ``x`` (n, d): (n,) nats."""
        return -self.log_prob(x) - self.log_z_

    def _log_p(self, z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """log N(z) + f(z), not normalised (n,), and its slope with respect to z (n, d)."""
        f, cache = self.net_.forward(z)
        slope = self.net_.backward(cache, np.ones_like(f))[0] - z
        return f[:, 0] - (z**2 + LOG_2PI).sum(axis=1) / 2, slope

    def sample(self, n: int, rng: np.random.Generator) -> np.ndarray:
        """Draw ``n`` points by importance resampling and Langevin moves: (n, d) float. They follow p_θ nearly."""
        require_fitted(self, "log_z_")
        n, rng = as_count(n), as_rng(rng)
        if n == 0:
            return np.empty((0, len(self.mean_)))
        pool = rng.standard_normal((self.pool * n, len(self.mean_)))
        f = self.net_(pool)[:, 0].astype(float)
        total = np.cumsum(np.exp(f - f.max()))
        z = pool[np.searchsorted(total, rng.random(n) * total[-1], side="right")]
        for _ in range(self.langevin):
            z = self._langevin_move(z, rng)
        return self.mean_ + z @ self.root_.T

    def _langevin_move(self, z: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """z + h²/2 ∇log p + h ε where that is accepted, else z; leaves p_θ as it is."""
        h, eps = self.step_size, rng.standard_normal(z.shape)
        log_p, slope = self._log_p(z)
        moved = z + h**2 / 2 * slope + h * eps
        log_p_moved, slope_moved = self._log_p(moved)
        eps_back = (z - moved - h**2 / 2 * slope_moved) / h  # the noise that would bring it back
        log_ratio = log_p_moved - log_p + (eps**2 - eps_back**2).sum(axis=1) / 2
        accepted = -rng.exponential(size=len(z)) < log_ratio
        return np.where(accepted[:, None], moved, z)

    def _whitened(self, x: np.ndarray) -> np.ndarray:
        return np.linalg.solve(self.root_, (x - self.mean_).T).T


MOST_HIDDEN = 20  # 2^20 terms of Z take about half a second


class RBM:
    """A restricted Boltzmann machine: E(x, h) = −aᵀx − bᵀh − xᵀW h over 0/1 pixels x and 0/1 hidden units h.

    Given x the hidden units are independent coins, and given h the pixels are (Smolensky 1986; Hinton 2002). Either
    layer can be summed out: log p(x) = aᵀx + Σ_j softplus(b_j + (xᵀW)_j) − log Z, and Z is a sum over the 2^hidden
    states of h, which is carried out: ``log_prob`` is *exact*. That is why there are at most 20 hidden units.

    ∂ log p(x)/∂θ = (statistics of x) − (their mean under the model). The second is the trouble that Z causes;
    persistent contrastive divergence (Tieleman 2008) takes it from Markov chains that go on from step to step.

    Args:
        hidden: number of hidden units, 1 to 20.
        steps, batch: number of training steps, and rows of data in each.
        chains: number of Markov chains.
        lr: first step size of plain gradient ascent; it decays to 0 along half a cosine.

    Attributes:
        weights_: (d, hidden) W. visible_bias_: (d,) a. hidden_bias_: (hidden,) b; all are views into params_ (p,).
        log_z_: log Z, exact.
        history_: 10 dicts (or one for each step), ``{"step", "nll"}``: exact NLL of the training data, nats a row.
    """

    def __init__(self, hidden: int = 16, *, steps: int = 6_000, batch: int = 100, chains: int = 400, lr: float = 0.4):
        self.hidden = as_count(hidden, "hidden", least=1)
        if hidden > MOST_HIDDEN:
            raise ValueError(
                f"hidden は {MOST_HIDDEN} 以下にしてください（受け取ったもの: {hidden}）。"
                "分配関数 Z を 2^hidden 個の和で正確に求めるためです"
            )
        if not 0 < lr < np.inf:
            raise ValueError(f"lr は正の数にしてください（受け取ったもの: {lr!r}）")
        self.steps, self.batch = as_count(steps, "steps", least=1), as_count(batch, "batch", least=1)
        self.chains, self.lr = as_count(chains, "chains", least=1), lr

    def fit(self, x: np.ndarray, rng: np.random.Generator, *, callback: Callable[[dict], None] | None = None) -> Self:
        """Learn from ``x`` (n, d) of 0/1. ``callback`` gets each entry of ``history_`` as it is made.

        Raises:
            ValueError: if ``x`` is empty, not two-dimensional, or holds anything but 0 and 1.
        """
        x, rng = as_binary(x), as_rng(rng)
        self._start(x, rng)
        chains, every = x[rng.integers(len(x), size=self.chains)], max(1, self.steps // 10)
        for step, rows in enumerate(minibatches(len(x), self.batch, self.steps, rng), start=1):
            chains = self._sweep(chains, rng)
            gradient = self._statistics(x[rows]) - self._statistics(chains)
            self.params_ += self.lr * cosine_decay(step - 1, self.steps) * gradient
            if step % every == 0 or step == self.steps:
                self.log_z_ = float(logsumexp(self._log_hidden()))
                self.history_.append({"step": step, "nll": float(self.log_z_ - self._free(x).mean())})
                if callback is not None:
                    callback(self.history_[-1])
        return self

    def _start(self, x: np.ndarray, rng: np.random.Generator) -> None:
        d, H = x.shape[1], self.hidden
        self.params_ = np.zeros(d * H + d + H)
        weights, self.visible_bias_, self.hidden_bias_ = np.split(self.params_, [d * H, d * H + d])
        self.weights_ = weights.reshape(d, H)
        self.weights_[:] = 0.1 * rng.standard_normal((d, H))
        # Start near independent pixels; a column that is constant in the data gets a large bias, not an infinite one.
        frequency = (x.sum(axis=0) + 1) / (len(x) + 2)
        self.visible_bias_[:] = np.log(frequency / (1 - frequency))
        self.history_ = []

    def _statistics(self, x: np.ndarray) -> np.ndarray:
        """Means over the rows of E[x hᵀ | x], x and E[h | x], in the order of ``params_``: (p,)."""
        h = sigmoid(self.hidden_bias_ + x @ self.weights_)
        return np.concatenate([(x.T @ h / len(x)).ravel(), x.mean(axis=0), h.mean(axis=0)])

    def _sweep(self, x: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """One Gibbs step for each row: h given x, then x given h."""
        h = rng.random((len(x), self.hidden)) < sigmoid(self.hidden_bias_ + x @ self.weights_)
        return self._draw_visible(h, rng)

    def _draw_visible(self, h: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        p = sigmoid(self.visible_bias_ + h @ self.weights_.T)
        return (rng.random(p.shape) < p).astype(float)

    def _free(self, x: np.ndarray) -> np.ndarray:
        """log Σ_h exp(−E(x, h)) of each row: (n,)."""
        return x @ self.visible_bias_ + softplus(self.hidden_bias_ + x @ self.weights_).sum(axis=1)

    def _log_hidden(self) -> np.ndarray:
        """log Σ_x exp(−E(x, h)) of every state h, h_1 the highest bit of its number: (2^hidden,)."""
        blocks = np.array_split(np.arange(2**self.hidden), max(1, 2**self.hidden // 1_024))  # stay in the cache
        states = map(self._states, blocks)
        return np.concatenate(
            [h @ self.hidden_bias_ + softplus(self.visible_bias_ + h @ self.weights_.T).sum(axis=1) for h in states]
        )

    def _states(self, numbers: np.ndarray) -> np.ndarray:
        """The bits of each number, highest first: (n,) -> (n, hidden) of 0/1."""
        return (numbers[:, None] >> np.arange(self.hidden)[::-1] & 1).astype(float)

    def log_prob(self, x: np.ndarray) -> np.ndarray:
        """Exact log-probability of each row of ``x`` (n, d) of 0/1: (n,) nats."""
        require_fitted(self, "log_z_")
        return self._free(as_binary(x, columns=len(self.visible_bias_))) - self.log_z_

    def sample(self, n: int, rng: np.random.Generator) -> np.ndarray:
        """Draw ``n`` independent images, exactly: h from all of its states, then x given h. (n, d) int8 of 0/1."""
        require_fitted(self, "log_z_")
        n, rng = as_count(n), as_rng(rng)
        total = np.cumsum(np.exp(self._log_hidden() - self.log_z_))
        h = self._states(np.searchsorted(total, rng.random(n) * total[-1], side="right"))
        return self._draw_visible(h, rng).astype(np.int8)

    def gibbs(self, x: np.ndarray, steps: int, rng: np.random.Generator) -> np.ndarray:
        """Go on from each row of ``x`` (n, d) by ``steps`` Gibbs steps: (n, d) int8 of 0/1.

        The usual way to sample an RBM, needed where h has too many states. The more steps, the less is left of x.
        """
        require_fitted(self, "log_z_")
        x, steps, rng = as_binary(x, columns=len(self.visible_bias_)), as_count(steps, "steps"), as_rng(rng)
        for _ in range(steps):
            x = self._sweep(x, rng)
        return x.astype(np.int8)

    def encode(self, x: np.ndarray) -> np.ndarray:
        """p(h_j = 1 | x) for each row of ``x`` (n, d): (n, hidden)."""
        require_fitted(self, "log_z_")
        return sigmoid(self.hidden_bias_ + as_binary(x, columns=len(self.visible_bias_)) @ self.weights_)

"""Diffusion: learn to take a little noise away, then make data out of noise alone (chapter 6).

The forward process stirs noise into the data, x_t = √(1 − β_t) x_{t−1} + √β_t ε for t = 1 … T, so that in one go

    x_t = √ᾱ_t x_0 + √(1 − ᾱ_t) ε,    ᾱ_t = Π_{s≤t} (1 − β_s),    ε ~ N(0, I)

(Ho, Jain & Abbeel 2020, *Denoising Diffusion Probabilistic Models*, eq. 4). Arrays over time have T + 1 entries and
are read with the t of the formulas: ``alpha_bar[0]`` is 1, the data itself.

All that the way back needs is ε*(x_t, t) = E[ε | x_t], the best guess at the noise in x_t. It is the score in other
units, ε* = −√(1 − ᾱ_t) ∇ log p_t(x_t). Here are two sources of it, and one way back that takes either:

- :class:`NoisedMixture`: the exact ε* of a Gaussian mixture, a closed form that needs no training,
- :class:`Diffusion`: a network that learns it from data,
- :func:`denoise`: DDPM or DDIM from noise to data, with as many or as few steps as one likes,
- :class:`Distilled`: a network that jumps the whole way in one step, learned from the paths of another.
"""

from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Self

import numpy as np

from .base import as_count, as_matrix, as_rng, require_fitted
from .nn import MLP, Adam, Average, cosine_decay, logsumexp, minibatches

LOG_2PI = np.log(2 * np.pi)

# (n, d) and t -> (n, d): the guess at the noise in every row of x_t.
NoiseGuess = Callable[[np.ndarray, int], np.ndarray]


# ---- schedules: how fast the noise goes in ----------------------------------------------------------------------


def linear_alpha_bar(n_times: int = 100) -> np.ndarray:
    """ᾱ_t for β_t that grows evenly, from 0.1/T to 20/T: (T + 1,), ᾱ_0 = 1.

    For T = 1000 these are the 1e-4 and 0.02 of Ho et al. 2020, section 4; fewer steps must be larger ones.

    Args:
        n_times: T >= 21, so that no β_t reaches 1.
    """
    n_times = as_count(n_times, "n_times", least=21)
    beta = np.linspace(0.1, 20, n_times) / n_times
    return np.concatenate([[1.0], np.cumprod(1 - beta)])


def cosine_alpha_bar(n_times: int = 100, last: float = 0.01) -> np.ndarray:
    """ᾱ_t = cos²(θ_t) with the angle θ_t growing evenly from 0: (T + 1,), ᾱ_0 = 1, ᾱ_T = ``last``.

    After Nichol & Dhariwal 2021, eq. 17, but it stops before a right angle: where ᾱ_T is almost 0, an error of ε is
    divided by √ᾱ_T on the way to x_0, and a sampler with few steps starts with that error.

    Args:
        n_times: T >= 1. last: ᾱ_T, between 0 and 1.
    """
    n_times = as_count(n_times, "n_times", least=1)
    if not 0 < last < 1:
        raise ValueError(f"last は 0 より大きく 1 より小さい数にしてください（受け取ったもの: {last!r}）")
    return np.cos(np.arange(n_times + 1) / n_times * np.arccos(np.sqrt(last))) ** 2


SCHEDULES = {"linear": linear_alpha_bar, "cosine": cosine_alpha_bar}


def diffuse(x0: np.ndarray, t: int | np.ndarray, eps: np.ndarray, alpha_bar: np.ndarray) -> np.ndarray:
    """x_t = √ᾱ_t x_0 + √(1 − ᾱ_t) ε: (n, d), with one ``t`` for all rows or one for each (n,)."""
    keep, stir = _mix(alpha_bar, t)
    return keep * x0 + stir * eps


def _mix(alpha_bar: np.ndarray, t: int | np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """√ᾱ_t and √(1 − ᾱ_t), as numbers or as columns (n, 1)."""
    a = alpha_bar[t] if np.ndim(t) == 0 else alpha_bar[t][:, None]
    return np.sqrt(a), np.sqrt(1 - a)


# ---- the way back -----------------------------------------------------------------------------------------------


def posterior(x0, xt, s: int, t: int, alpha_bar: np.ndarray) -> tuple[np.ndarray, float]:
    """Mean (n, d) and variance of q(x_s | x_t, x_0), s < t: where x_t came from, if its origin were known.

    A product of two normals (Ho et al. 2020, eqs. 6-7, with s for t − 1). At s = 0 it is x_0, without variance.
    """
    ratio = alpha_bar[t] / alpha_bar[s]  # Π (1 − β) from s + 1 to t
    from_x0 = np.sqrt(alpha_bar[s]) * (1 - ratio) / (1 - alpha_bar[t])
    from_xt = np.sqrt(ratio) * (1 - alpha_bar[s]) / (1 - alpha_bar[t])
    return from_x0 * x0 + from_xt * xt, (1 - ratio) * (1 - alpha_bar[s]) / (1 - alpha_bar[t])


def denoise(
    noise: NoiseGuess,
    x: np.ndarray,
    alpha_bar: np.ndarray,
    steps: int | None = None,
    rng: np.random.Generator | None = None,
) -> Iterator[tuple[int, np.ndarray]]:
    """Walk back from x_T to x_0; yields (t, x_t) at every stop, (T, x) first and (0, x_0) last.

    At each stop the guess at the noise gives a guess at x_0, (x_t − √(1 − ᾱ_t) ε) / √ᾱ_t. To reach the next stop,
    DDIM stirs the *same* noise back in, less of it (Song, Meng & Ermon 2021, eq. 12 with σ = 0); DDPM draws from
    :func:`posterior`, which adds fresh noise (Ho et al. 2020, algorithm 2).

    Args:
        noise: ``noise(x, t)``. x: (n, d), the start: N(0, I) for new data.
        steps: stops after the start, evenly spaced in t; ``None`` is all T.
        rng: given, DDPM; not given, DDIM.
    """
    last = len(alpha_bar) - 1
    stops = np.linspace(last, 0, (last if steps is None else steps) + 1).round().astype(int).tolist()
    yield last, x
    for t, s in pairwise(stops):
        eps = noise(x, t)
        keep, stir = _mix(alpha_bar, t)
        x0 = (x - stir * eps) / keep
        if rng is None:
            x = diffuse(x0, s, eps, alpha_bar)
        else:
            x, variance = posterior(x0, x, s, t, alpha_bar)
            x = x + np.sqrt(variance) * rng.standard_normal(x.shape)
        yield s, x


class _WayBack:
    """What follows from ``noise(x, t)``: samples and a density. Data = ``shift_`` + ``scale_`` · its units."""

    alpha_bar: np.ndarray  # (T + 1,)
    shift_: np.ndarray  # (d,)
    scale_: np.ndarray  # (d,)

    @property
    def n_times(self) -> int:
        """T, the number of steps of the forward process."""
        return len(self.alpha_bar) - 1

    def sample(self, n: int, rng: np.random.Generator, *, steps: int | None = None, method: str = "ddpm") -> np.ndarray:
        """Make ``n`` points out of noise: (n, d).

        Args:
            steps: how many times the noise is guessed, 1 to T; ``None`` is T.
            method: "ddpm" (fresh noise in every step) or "ddim" (none after the start).
        """
        require_fitted(self, "shift_")
        n, rng, steps = as_count(n), as_rng(rng), self._as_steps(steps)
        if method not in ("ddpm", "ddim"):
            raise ValueError(f"method は 'ddpm' か 'ddim' にしてください（受け取ったもの: {method!r}）")
        if n == 0:
            return np.empty((0, len(self.shift_)))
        start = rng.standard_normal((n, len(self.shift_)))
        *_, (_, x) = denoise(self.noise, start, self.alpha_bar, steps, rng if method == "ddpm" else None)
        return self.shift_ + self.scale_ * x

    def ode_log_prob(self, x: np.ndarray, *, steps: int | None = None) -> np.ndarray:
        """log density of ``x`` (n, d) under DDIM with infinitely many steps, by ``steps`` of them: (n,) nats.

        With √ᾱ = cos θ and √(1 − ᾱ) = sin θ, DDIM follows dx/dθ = v = ε cos θ − x_0 sin θ, which for the guesses at ε
        and x_0 is (ε − x sin θ) / cos θ. From x on its path to the noise: log p(x) = log N(end; 0, I) + ∫ div v dθ
        (Song et al. 2021, *Score-Based Generative Modeling through Stochastic Differential Equations*, eq. 39).
        Midpoint rule; the divergence by central differences. That p_T is N(0, I) holds as far as ᾱ_T is near 0 or the
        data have mean 0 and variance 1.

        Args:
            steps: 1 to T / 2; ``None`` is T / 2.
        """
        require_fitted(self, "shift_")
        x = (as_matrix(x, columns=len(self.shift_)) - self.shift_) / self.scale_
        steps = self.n_times // 2 if steps is None else self._as_steps(steps, self.n_times // 2)
        theta = np.arccos(np.sqrt(self.alpha_bar))
        d, h = x.shape[1], 1e-3  # in float32 a smaller h would drown in rounding

        def velocity(x, t):
            return (self.noise(x, t) - np.sin(theta[t]) * x) / np.cos(theta[t])

        def divergence(x, t):
            return sum((velocity(x + e, t) - velocity(x - e, t))[:, j] for j, e in enumerate(h * np.eye(d))) / (2 * h)

        stops = np.linspace(0, self.n_times, 2 * steps + 1).round().astype(int)
        total = np.full(len(x), -np.log(self.scale_).sum())
        for s, middle, t in zip(stops[:-2:2], stops[1::2], stops[2::2], strict=True):
            half = x + (theta[middle] - theta[s]) * velocity(x, s)
            x = x + (theta[t] - theta[s]) * velocity(half, middle)
            total += (theta[t] - theta[s]) * divergence(half, middle)
        return total - ((x**2).sum(axis=1) + d * LOG_2PI) / 2

    def _as_steps(self, steps: int | None, most: int | None = None) -> int:
        if steps is None:
            return self.n_times
        return _at_most(as_count(steps, "steps", least=1), "steps", self.n_times if most is None else most)


def _at_most(value: int, name: str, most: int) -> int:
    if value > most:
        raise ValueError(f"{name} は {most} 以下にしてください（受け取ったもの: {value}）")
    return value


def _as_alpha_bar(alpha_bar: np.ndarray) -> np.ndarray:
    a = np.asarray(alpha_bar, dtype=float)
    if a.ndim != 1 or len(a) < 2 or a[0] != 1 or not (np.diff(a) < 0).all() or not a[-1] > 0:
        raise ValueError("alpha_bar は 1 から始まり、正のまま減っていく (T + 1,) の配列にしてください")
    return a


# ---- the exact answer, for a mixture ----------------------------------------------------------------------------


class NoisedMixture(_WayBack):
    """A Gaussian mixture under the forward process: p_t, its score and ε* in closed form, nothing to learn.

    x_0 ~ Σ_k w_k N(μ_k, Σ_k) makes x_t ~ Σ_k w_k N(√ᾱ_t μ_k, ᾱ_t Σ_k + (1 − ᾱ_t) I): noise moves and blurs the
    components, and a mixture stays a mixture.

    Args:
        weights: (K,) positive; only their ratios matter. means: (K, d).
        covariances: (K, d, d), or a number σ² for round components of one width.
        alpha_bar: (T + 1,) from 1 down, as :func:`cosine_alpha_bar` makes it.
    """

    def __init__(self, weights: np.ndarray, means: np.ndarray, covariances: np.ndarray | float, alpha_bar: np.ndarray):
        self.means = as_matrix(means, "means")
        k, d = self.means.shape
        weights = np.asarray(weights, dtype=float)
        if weights.shape != (k,) or not (weights > 0).all() or not np.isfinite(weights).all():
            raise ValueError(f"weights は ({k},) の正の数の配列にしてください（受け取った形: {weights.shape}）")
        self.weights = weights / weights.sum()
        covariances = np.asarray(covariances, dtype=float)
        self.covariances = np.tile(covariances * np.eye(d), (k, 1, 1)) if covariances.ndim == 0 else covariances
        if self.covariances.shape != (k, d, d) or not np.allclose(self.covariances, self.covariances.mT):
            raise ValueError(
                f"covariances は正の数か ({k}, {d}, {d}) の対称行列にしてください（受け取った形: {covariances.shape}）"
            )
        if not (np.linalg.eigvalsh(self.covariances) > 0).all():
            raise ValueError("covariances に正定値でない行列があります。共分散行列の固有値はすべて正にしてください")
        self.alpha_bar = _as_alpha_bar(alpha_bar)
        self.shift_, self.scale_ = np.zeros(d), np.ones(d)

    def rescaled(self, shift: np.ndarray, scale: np.ndarray) -> "NoisedMixture":
        """The mixture of (x_0 − shift) / scale, (d,) each: what a model that standardises its data should learn."""
        covariances = self.covariances / np.multiply.outer(scale, scale)
        return NoisedMixture(self.weights, (self.means - shift) / scale, covariances, self.alpha_bar)

    def log_prob(self, x: np.ndarray, t: int = 0) -> np.ndarray:
        """log p_t of each row of ``x`` (n, d): (n,) nats."""
        log_joint, _, _ = self._log_joint(x, t)
        return logsumexp(log_joint)

    def score(self, x: np.ndarray, t: int = 0) -> np.ndarray:
        """∇ log p_t(x), the direction in which the density grows fastest: (n, d)."""
        log_joint, precisions, pulls = self._log_joint(x, t)
        r = np.exp(log_joint - logsumexp(log_joint)[:, None])  # which component x_t came from, (n, K)
        # Σ_k r_k P_k (m_k − x): every component pulls, each as much as it is responsible for the point.
        return r @ pulls - np.einsum("nij,nj->ni", np.tensordot(r, precisions, 1), np.asarray(x, dtype=float))

    def noise(self, x: np.ndarray, t: int) -> np.ndarray:
        """ε*(x_t, t) = E[ε | x_t] = −√(1 − ᾱ_t) ∇ log p_t(x_t): (n, d). At t = 0 there is no noise to see: 0."""
        score = self.score(x, t)
        return -np.sqrt(1 - self.alpha_bar[t]) * score

    def _log_joint(self, x: np.ndarray, t: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """log w_k N(x; m_k, C_k) (n, K) at time ``t``, the precisions P_k = C_k⁻¹ (K, d, d), and P_k m_k (K, d)."""
        x = as_matrix(x, columns=self.means.shape[1])
        a = self.alpha_bar[_at_most(as_count(t, "t"), "t", self.n_times)]
        d = x.shape[1]
        covariances, means = a * self.covariances + (1 - a) * np.eye(d), np.sqrt(a) * self.means
        precisions = np.linalg.inv(covariances)
        pulls = np.einsum("kij,kj->ki", precisions, means)
        # (x − m)ᵀ P (x − m), multiplied out: matrix products instead of an array (n, K, d).
        squares = (x[:, :, None] * x[:, None, :]).reshape(len(x), d * d)
        distance = squares @ precisions.reshape(-1, d * d).T - 2 * x @ pulls.T + (pulls * means).sum(axis=1)
        log_scale = np.log(self.weights) - (np.linalg.slogdet(covariances)[1] + d * LOG_2PI) / 2
        return log_scale - distance / 2, precisions, pulls


# ---- learned from data ------------------------------------------------------------------------------------------


def _descend(net: MLP, loss: Callable, n: int, options, rng: np.random.Generator) -> Iterator[tuple[int, float]]:
    """Train ``net`` and yield (step, loss) after every step; at the end it holds the running mean of its parameters.

    ``loss(rows)`` gives the loss of these of ``n`` rows and its gradient; ``options`` has steps, batch and lr.
    """
    adam, average = Adam(net.params, options.lr), Average(net.params)
    for step, rows in enumerate(minibatches(n, options.batch, options.steps, rng), start=1):
        value, gradient = loss(rows)
        adam.lr = options.lr * cosine_decay(step - 1, options.steps)
        adam.step(gradient)
        average.update()
        yield step, value
    net.params[:] = average.average


FREQUENCIES = np.pi * 2.0 ** np.arange(4)


def time_features(n_times: int) -> np.ndarray:
    """Sines and cosines of t / T, slow ones and fast ones, so that a network can tell times apart: (T + 1, 8)."""
    angle = np.arange(n_times + 1)[:, None] / n_times * FREQUENCIES / 2
    return np.concatenate([np.sin(angle), np.cos(angle)], axis=1)


class Diffusion(_WayBack):
    """DDPM: a network learns the noise in x_t by regression, and nothing else (Ho et al. 2020, algorithm 1).

    Draw a row x_0, a time t and noise ε, make x_t, predict, square the error. The best predictor of ε in this sense
    is E[ε | x_t], so the network learns the score of every p_t without ever seeing one (Vincent 2011).

    Args:
        n_times: T. schedule: "cosine" or "linear".
        prediction: what the network returns: "noise" ε, or "velocity" v = √ᾱ ε − √(1 − ᾱ) x_0, from which ε follows.
            Both know as much, but v stays meaningful where x_t is almost pure noise: there ε is no news (Salimans & Ho
            2022, section 4).
        hidden, layers: width and number of the hidden layers (relu).
        steps, batch, lr: number of training steps, rows in each, first step size of Adam, which decays to 0.
        dtype: of the network; float64 where the gradient is compared with finite differences.

    Attributes:
        net_: (n, d + 8) -> (n, d), the network; it sees a row and :func:`time_features`.
        shift_, scale_: (d,) the network's units are those of (x − shift) / scale, with mean 0 and variance 1.
        history_: [{"step", "loss"}, …]: mean squared error of the prediction since the entry before, per dimension.
    """

    def __init__(
        self,
        n_times: int = 100,
        *,
        schedule: str = "cosine",
        prediction: str = "velocity",
        hidden: int = 64,
        layers: int = 5,
        steps: int = 12_000,
        batch: int = 256,
        lr: float = 4e-3,
        dtype=np.float32,
    ):
        if schedule not in SCHEDULES:
            raise ValueError(f"schedule は 'cosine' か 'linear' にしてください（受け取ったもの: {schedule!r}）")
        if prediction not in ("noise", "velocity"):
            raise ValueError(f"prediction は 'noise' か 'velocity' にしてください（受け取ったもの: {prediction!r}）")
        if not 0 < lr < np.inf:
            raise ValueError(f"lr は正の数にしてください（受け取ったもの: {lr!r}）")
        self.alpha_bar = SCHEDULES[schedule](n_times)
        self.hidden, self.layers = as_count(hidden, "hidden", least=1), as_count(layers, "layers", least=1)
        self.steps, self.batch = as_count(steps, "steps", least=1), as_count(batch, "batch", least=1)
        self.schedule, self.prediction, self.lr, self.dtype = schedule, prediction, lr, dtype

    def fit(self, x: np.ndarray, rng: np.random.Generator, *, callback: Callable[[dict], None] | None = None) -> Self:
        """Learn from ``x`` (n, d). ``callback`` gets each entry of ``history_`` as it is made, 20 in all.

        Raises:
            ValueError: if ``x`` is empty, not two-dimensional or not finite.
        """
        x, rng = as_matrix(x), as_rng(rng)
        self._start(x, rng)
        x, losses = ((x - self.shift_) / self.scale_).astype(self.dtype), []

        def loss(rows):
            t = rng.integers(1, self.n_times + 1, size=len(rows))
            return self._loss(x[rows], t, rng.standard_normal((len(rows), x.shape[1]), dtype=self.dtype))

        for step, value in _descend(self.net_, loss, len(x), self, rng):
            losses.append(value)
            if step * 20 // self.steps > (step - 1) * 20 // self.steps:
                self.history_.append({"step": step, "loss": float(np.mean(losses))})
                losses = []
                if callback is not None:
                    callback(self.history_[-1])
        return self

    def _start(self, x: np.ndarray, rng: np.random.Generator) -> None:
        d = x.shape[1]
        self.shift_, self.scale_ = x.mean(axis=0), np.where(np.ptp(x, axis=0) > 0, x.std(axis=0), 1.0)
        self._features = time_features(self.n_times).astype(self.dtype)
        sizes = [d + self._features.shape[1], *[self.hidden] * self.layers, d]
        self.net_ = MLP(sizes, rng, "relu", dtype=self.dtype)
        self.history_ = []

    def _loss(self, x0: np.ndarray, t: np.ndarray, eps: np.ndarray) -> tuple[float, np.ndarray]:
        """Mean squared error of the prediction, and its gradient (p,); rows in the network's units, t (n,)."""
        keep, stir = (part.astype(self.dtype) for part in _mix(self.alpha_bar, t))
        xt = keep * x0 + stir * eps
        target = eps if self.prediction == "noise" else keep * eps - stir * x0
        out, cache = self.net_.forward(np.concatenate([xt, self._features[t]], axis=1))
        error = out - target
        _, gradient = self.net_.backward(cache, 2 / error.size * error)
        return float((error**2).mean()), gradient

    def noise(self, x: np.ndarray, t: int) -> np.ndarray:
        """The network's guess at ε in every row of x_t, in its own units: (n, d), 0 <= t <= T. At t = 0 it is 0."""
        require_fitted(self, "net_")
        x = as_matrix(x, columns=len(self.shift_))
        t = _at_most(as_count(t, "t"), "t", self.n_times)
        if t == 0:
            return np.zeros_like(x)
        out = self.net_(np.concatenate([x, np.tile(self._features[t], (len(x), 1))], axis=1)).astype(float)
        keep, stir = _mix(self.alpha_bar, t)
        return out if self.prediction == "noise" else stir * x + keep * out

    def score(self, x: np.ndarray, t: int) -> np.ndarray:
        """∇ log p_t(x) as the network sees it, −ε / √(1 − ᾱ_t), in its own units: (n, d), 1 <= t <= T."""
        as_count(t, "t", least=1)
        return -self.noise(x, t) / np.sqrt(1 - self.alpha_bar[t])


class Distilled:
    """One step instead of many: a network learns where DDIM ends from where it starts.

    DDIM makes of every z exactly one x. So pairs (z, x) can be made in any number, and learning z -> x is plain
    regression (Luhman & Luhman 2021, *Knowledge Distillation in Iterative Generative Models*). It samples in one call
    of the network and knows neither a score nor a density any more.

    Args:
        teacher: a :class:`Diffusion` or :class:`NoisedMixture`. If not fitted yet, :meth:`fit` fits it first.
        teacher_steps: of DDIM, to make the pairs. pairs: how many of them.
        hidden, layers, steps, batch, lr: as for :class:`Diffusion`.

    Attributes:
        net_: (n, d) -> (n, d), z to x in the teacher's units.
    """

    def __init__(
        self,
        teacher: _WayBack,
        *,
        teacher_steps: int = 50,
        pairs: int = 20_000,
        hidden: int = 64,
        layers: int = 5,
        steps: int = 8_000,
        batch: int = 256,
        lr: float = 4e-3,
    ):
        if not 0 < lr < np.inf:
            raise ValueError(f"lr は正の数にしてください（受け取ったもの: {lr!r}）")
        if not isinstance(teacher, _WayBack):
            raise TypeError(
                f"teacher には Diffusion か NoisedMixture を渡してください（受け取ったもの: {type(teacher).__name__}）"
            )
        self.teacher, self.lr = teacher, lr
        teacher_steps = as_count(teacher_steps, "teacher_steps", least=1)
        self.teacher_steps = _at_most(teacher_steps, "teacher_steps", teacher.n_times)
        self.pairs = as_count(pairs, "pairs", least=1)
        self.hidden, self.layers = as_count(hidden, "hidden", least=1), as_count(layers, "layers", least=1)
        self.steps, self.batch = as_count(steps, "steps", least=1), as_count(batch, "batch", least=1)

    def fit(self, x: np.ndarray | None, rng: np.random.Generator) -> Self:
        """Fit the teacher to ``x`` (n, d) if it needs that, let it make pairs, and learn them."""
        rng = as_rng(rng)
        if not hasattr(self.teacher, "shift_"):
            self.teacher.fit(x, rng)
        z = rng.standard_normal((self.pairs, len(self.teacher.shift_)))
        *_, (_, made) = denoise(self.teacher.noise, z, self.teacher.alpha_bar, self.teacher_steps)
        z, made = z.astype(np.float32), made.astype(np.float32)
        net = MLP([z.shape[1], *[self.hidden] * self.layers, z.shape[1]], rng, "relu")

        def loss(rows):
            out, cache = net.forward(z[rows])
            error = out - made[rows]
            return float((error**2).mean()), net.backward(cache, 2 / error.size * error)[1]

        for _ in _descend(net, loss, len(z), self, rng):
            pass
        self.net_ = net
        return self

    def sample(self, n: int, rng: np.random.Generator) -> np.ndarray:
        """One call of the network: (n, d)."""
        require_fitted(self, "net_")
        z = as_rng(rng).standard_normal((as_count(n), len(self.teacher.shift_)))
        return self.teacher.shift_ + self.teacher.scale_ * self.net_(z).astype(float)

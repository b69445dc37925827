"""Normalising flows: an invertible network turns noise into data, so the density is exact (chapter 8).

With z = f(x) invertible and z ~ N(0, I), the change of variables gives log p_θ(x) = log N(f(x)) + log |det ∂f/∂x|.
The whole art is an f whose inverse and determinant are cheap.

- :class:`RealNVP`: real columns; an exact density.
- :class:`BinaryFlow`: 0/1 columns, made continuous by noise; the density becomes a lower bound.
"""

import math
from collections.abc import Callable
from typing import Self

import numpy as np

from .base import as_binary, as_count, as_matrix, as_rng, require_fitted
from .nn import MLP, Adam, cosine_decay, logsumexp, minibatches

LOG_2PI = math.log(2 * math.pi)


class RealNVP:
    """A chain of affine couplings (Dinh, Sohl-Dickstein & Bengio 2017, eqs. 4-8).

    Each coupling first mixes the columns, then cuts a row in two. It keeps the first part a, and moves the second,
    b → b · exp(s(a)) + t(a), with s and t from a network. Because a is kept, the network never has to be inverted:
    b = (b' − t(a)) · exp(−s(a)), and the Jacobian is triangular, with log determinant Σ_j s_j(a).

    A kept part must be moved by another coupling. ``mixing="swap"`` shifts the columns by half, so that the two parts
    change places: the alternating masks of the paper, right where columns mean something (pixels). ``"rotate"`` turns
    space by a fixed orthogonal matrix (log determinant 0), so that the cut runs in a new direction each time: better
    in the plane, where "swap" stretches along the two axes only.

    Args:
        couplings: number of couplings, >= 1.
        hidden, layers: width and number of the hidden layers (tanh) of each coupling's network.
        mixing: "rotate" or "swap".
        limit: |s| stays below this, s = limit · tanh(out / limit): no coupling stretches more than e^limit times.
        steps, batch: number of training steps, and rows in each.
        lr: first step size of Adam; it decays to 0 along half a cosine.
        dtype: of the networks; float64 where gradients are compared with finite differences.

    Attributes:
        mixes_: list of (d, d) orthogonal matrices. nets_: list of networks, (n, d // 2) -> (n, 2 (d − d // 2)).
        params_: (p,) all parameters; the networks' own are views into it.
        shift_, scale_: (d,) the couplings see (x − shift) / scale.
        history_: one dict for each pass over the data, ``{"step", "nll"}``: the mean of that pass, nats a row.
    """

    def __init__(
        self,
        couplings: int = 20,
        *,
        hidden: int = 16,
        layers: int = 2,
        mixing: str = "rotate",
        limit: float = 2.0,
        steps: int = 3_500,
        batch: int = 256,
        lr: float = 5e-3,
        dtype=np.float32,
    ):
        if mixing not in ("rotate", "swap"):
            raise ValueError(f"mixing は 'rotate' か 'swap' にしてください（受け取ったもの: {mixing!r}）")
        for name, value in (("limit", limit), ("lr", lr)):
            if not 0 < value < np.inf:
                raise ValueError(f"{name} は正の数にしてください（受け取ったもの: {value!r}）")
        self.couplings = as_count(couplings, "couplings", least=1)
        self.hidden, self.layers = as_count(hidden, "hidden", least=1), as_count(layers, "layers", least=1)
        self.steps, self.batch = as_count(steps, "steps", least=1), as_count(batch, "batch", least=1)
        self.mixing, self.limit, self.lr, self.dtype = mixing, limit, lr, dtype

    def fit(self, x: np.ndarray, rng: np.random.Generator, *, callback: Callable[[dict], None] | None = None) -> Self:
        """Learn from ``x`` (n, d), d >= 2, by maximum likelihood. ``callback`` gets each entry of ``history_``.

        Raises:
            ValueError: if ``x`` is empty, not two-dimensional, not finite, or has a single column.
        """
        x, rng = _two_columns(as_matrix(x)), as_rng(rng)
        self._start(x, rng)
        return self._train(len(x), lambda rows: x[rows], rng, callback)

    def _start(self, x: np.ndarray, rng: np.random.Generator) -> None:
        d = x.shape[1]
        self.shift_, self.scale_ = x.mean(axis=0), np.where(np.ptp(x, axis=0) > 0, x.std(axis=0), 1.0)
        if self.mixing == "rotate":
            self.mixes_ = [_rotation(d, rng) for _ in range(self.couplings)]
        else:
            self.mixes_ = [np.roll(np.eye(d), d // 2, axis=1)] * self.couplings
        sizes = [d // 2, *[self.hidden] * self.layers, 2 * (d - d // 2)]
        # out_scale = 0: every coupling starts as the identity, and the flow as one Gaussian.
        self.nets_ = [MLP(sizes, rng, "tanh", out_scale=0, dtype=self.dtype) for _ in self.mixes_]
        self.params_ = np.concatenate([net.params for net in self.nets_])
        for net, part in zip(self.nets_, np.split(self.params_, self.couplings), strict=True):
            net.params = part
        self.history_ = []

    def _train(self, n: int, draw: Callable[[np.ndarray], np.ndarray], rng: np.random.Generator, callback) -> Self:
        """Maximum likelihood on the batches that ``draw`` makes of row numbers 0 … n − 1."""
        adam, seen, one_pass = Adam(self.params_, self.lr), [], -(-n // self.batch)
        for step, rows in enumerate(minibatches(n, self.batch, self.steps, rng), start=1):
            nll, gradient = self._loss(self._scaled(draw(rows)).astype(self.dtype))
            adam.lr = self.lr * cosine_decay(step - 1, self.steps)
            adam.step(gradient)
            seen.append(nll)
            if step % one_pass == 0 or step == self.steps:
                nll, seen = float(np.concatenate(seen).mean() + np.log(self.scale_).sum()), []
                self.history_.append({"step": step, "nll": nll})
                if callback is not None:
                    callback(self.history_[-1])
        return self

    def _forward(self, x: np.ndarray, caches: list | None = None) -> tuple[np.ndarray, np.ndarray]:
        """Scaled rows (n, d) -> z (n, d) and the log determinant (n,).

        What each coupling needs for the gradient is added to ``caches``, if there is one.
        """
        log_det, half = np.zeros(len(x), x.dtype), x.shape[1] // 2
        for mix, net in zip(self.mixes_, self.nets_, strict=True):
            x = x @ mix.astype(x.dtype)
            kept, moved = x[:, :half], x[:, half:]
            out, cache = net.forward(kept)
            s, t = self._scale_and_shift(out)
            x = np.concatenate([kept, moved * np.exp(s) + t], axis=1)
            log_det = log_det + s.sum(axis=1)
            if caches is not None:
                caches.append((cache, moved, s))
        return x, log_det

    def _scale_and_shift(self, out: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        s, t = np.split(out, 2, axis=1)
        return self.limit * np.tanh(s / self.limit), t

    def _loss(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """NLL (n,) of scaled rows, and the gradient (p,) of its mean."""
        caches = []
        z, log_det = self._forward(x, caches)
        n, half = len(x), x.shape[1] // 2
        gradient = np.empty_like(self.params_)
        parts = np.split(gradient, self.couplings)
        d_x = z / n  # the NLL is ‖z‖² / 2 − log_det + a constant
        for part, mix, net, (cache, moved, s) in zip(
            *(reversed(each) for each in (parts, self.mixes_, self.nets_, caches)), strict=True
        ):
            d_kept, d_t = d_x[:, :half], d_x[:, half:]
            d_s = d_t * moved * np.exp(s) - 1 / n  # −1/n: every s counts in log_det, too
            d_out = np.concatenate([d_s * (1 - (s / self.limit) ** 2), d_t], axis=1)
            d_in, part[:] = net.backward(cache, d_out)
            d_x = np.concatenate([d_kept + d_in, d_t * np.exp(s)], axis=1) @ mix.T.astype(x.dtype)
        return (z**2 + LOG_2PI).sum(axis=1) / 2 - log_det, gradient

    def log_prob(self, x: np.ndarray) -> np.ndarray:
        """Exact log density of each row of ``x`` (n, d): (n,) nats."""
        require_fitted(self, "params_")
        z, log_det = self._forward(self._scaled(as_matrix(x, columns=len(self.shift_))))
        return log_det - (z**2 + LOG_2PI).sum(axis=1) / 2 - np.log(self.scale_).sum()

    def encode(self, x: np.ndarray) -> np.ndarray:
        """The one z that makes each row of ``x``: (n, d) -> (n, d). :meth:`decode` undoes it."""
        require_fitted(self, "params_")
        return self._forward(self._scaled(as_matrix(x, columns=len(self.shift_))))[0]

    def decode(self, z: np.ndarray) -> np.ndarray:
        """The one x that each row of ``z`` makes: (n, d) -> (n, d)."""
        require_fitted(self, "params_")
        return self._decode(as_matrix(z, "z", columns=len(self.shift_)))

    def _decode(self, z: np.ndarray) -> np.ndarray:
        half = z.shape[1] // 2
        for mix, net in zip(reversed(self.mixes_), reversed(self.nets_), strict=True):
            kept, moved = z[:, :half], z[:, half:]
            s, t = self._scale_and_shift(net(kept))
            z = np.concatenate([kept, (moved - t) * np.exp(-s)], axis=1) @ mix.T
        return self.shift_ + self.scale_ * z

    def sample(self, n: int, rng: np.random.Generator) -> np.ndarray:
        """Draw z ~ N(0, I) and decode it: (n, d) float."""
        require_fitted(self, "params_")
        n, rng = as_count(n), as_rng(rng)
        return self._decode(rng.standard_normal((n, len(self.shift_))))

    def _scaled(self, x: np.ndarray) -> np.ndarray:
        return (x - self.shift_) / self.scale_


class BinaryFlow:
    """A flow for 0/1 data: a real vector v ~ RealNVP is drawn, and the signs of its columns are the pixels.

    P(x) is the volume of p(v) over all v with the signs of x, an integral without closed form, so there is no
    ``log_prob``. Training raises a lower bound, log P(x) >= E_q[log p(v) − log q(v|x)], with q(v|x) spread over just
    those v: dequantisation (Theis et al. 2016; Ho et al. 2019; by signs: Hoogeboom et al. 2021, *Argmax Flows*).
    Here q is N(±margin, 1), cut off at 0. Uniform noise would do as well, but its flat box is a shape that affine
    couplings, which bend nothing, cannot fit: it costs about 0.18 nats a pixel (log of a unit box against the best
    Gaussian).

    Args:
        margin: distance of the centre of q from 0, > 0. A large one leaves gaps between the signs, which the flow has
            to learn; a small one cuts the Gaussians deeply.
        couplings, hidden, layers, steps, batch, lr, dtype: of the :class:`RealNVP`, which mixes by "swap".

    Attributes:
        flow_: the fitted :class:`RealNVP` over v.
        history_: one dict for each pass over the data, ``{"step", "elbo"}``: the mean bound of that pass, nats a row.
    """

    def __init__(
        self,
        margin: float = 1.5,
        *,
        couplings: int = 8,
        hidden: int = 96,
        layers: int = 1,
        steps: int = 3_000,
        batch: int = 128,
        lr: float = 1e-3,
        dtype=np.float32,
    ):
        if not 0 < margin < 6:
            raise ValueError(f"margin は 0 より大きく 6 より小さい数にしてください（受け取ったもの: {margin!r}）")
        self.margin = margin
        settings = {"hidden": hidden, "layers": layers, "steps": steps, "batch": batch, "lr": lr, "dtype": dtype}
        self._new_flow = lambda: RealNVP(couplings, mixing="swap", **settings)
        self._new_flow()  # says now, not in fit, what is wrong with a setting

    def fit(self, x: np.ndarray, rng: np.random.Generator, *, callback: Callable[[dict], None] | None = None) -> Self:
        """Learn from ``x`` (n, d) of 0/1, d >= 2, with new noise for every batch.

        Raises:
            ValueError: if ``x`` is empty, not two-dimensional, has a single column, or holds anything but 0 and 1.
        """
        x, rng = _two_columns(as_binary(x)), as_rng(rng)
        self.history_ = []

        def draw(rows: np.ndarray) -> np.ndarray:
            return dequantise(x[rows], self.margin, rng)[0]

        def note(entry: dict) -> None:
            # −log q of the noise, which does not depend on θ, is all that separates the NLL of v from the bound.
            bound = -entry["nll"] + x.shape[1] * _entropy_of_noise(self.margin)
            self.history_.append({"step": entry["step"], "elbo": bound})
            if callback is not None:
                callback(self.history_[-1])

        flow = self._new_flow()
        flow._start(draw(np.arange(len(x))), rng)
        self.flow_ = flow._train(len(x), draw, rng, note)
        return self

    def elbo(self, x: np.ndarray, rng: np.random.Generator, n: int = 1) -> np.ndarray:
        """Estimate of the bound of each row of ``x`` from ``n`` draws of v: (n_rows,) nats.

        Its expectation is at most log P(x).
        """
        return self._log_weights(x, rng, n).mean(axis=1)

    def log_prob_estimate(self, x: np.ndarray, rng: np.random.Generator, n: int = 200) -> np.ndarray:
        """Importance-weighted estimate of log P(x), log (1/n) Σ_i p(v_i) / q(v_i|x): (n_rows,) nats.

        Its expectation is at most log P(x) and never falls as ``n`` grows (Burda et al. 2016, Theorem 1).
        """
        return logsumexp(self._log_weights(x, rng, n), axis=1) - np.log(n)

    def _log_weights(self, x: np.ndarray, rng: np.random.Generator, n: int) -> np.ndarray:
        """log p(v) − log q(v|x) for ``n`` draws v ~ q(v|x): (n_rows, n) nats."""
        require_fitted(self, "flow_")
        x, n, rng = as_binary(x, columns=len(self.flow_.shift_)), as_count(n, least=1), as_rng(rng)
        weights = np.empty((len(x), n))
        for i in range(n):  # one draw at a time, because all of them at once may not fit in memory
            v, log_q = dequantise(x, self.margin, rng)
            weights[:, i] = self.flow_.log_prob(v) - log_q
        return weights

    def encode(self, x: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """A z that makes each row of ``x`` (n, d), by one draw of v: (n, d). :meth:`decode` gives x back."""
        require_fitted(self, "flow_")
        return self.flow_.encode(dequantise(as_binary(x, columns=len(self.flow_.shift_)), self.margin, as_rng(rng))[0])

    def decode(self, z: np.ndarray) -> np.ndarray:
        """The image that each row of ``z`` (n, d) makes: (n, d) int8 of 0/1."""
        require_fitted(self, "flow_")
        return (self.flow_.decode(z) > 0).astype(np.int8)

    def sample(self, n: int, rng: np.random.Generator) -> np.ndarray:
        """Draw ``n`` images: (n, d) int8 of 0/1."""
        require_fitted(self, "flow_")
        return (self.flow_.sample(n, rng) > 0).astype(np.int8)


def dequantise(x: np.ndarray, margin: float, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Real v with the signs of 0/1 ``x`` (n, d): v ~ q(v|x) (n, d), and log q(v|x) (n,) in nats.

    q is N(+margin, 1) where x is 1 and N(−margin, 1) where x is 0, given that v has the right sign.
    """
    eps = rng.standard_normal(x.shape)
    while (wrong := eps <= -margin).any():  # across 0: draw again
        eps[wrong] = rng.standard_normal(wrong.sum())
    log_q = -(eps**2 + LOG_2PI) / 2 - math.log(_normal_cdf(margin))
    return (2 * x - 1) * (margin + eps), log_q.sum(axis=1)


def _normal_cdf(x: float) -> float:
    return (1 + math.erf(x / math.sqrt(2))) / 2


def _entropy_of_noise(margin: float) -> float:
    """−E log q of one column: a normal cut off at −margin has E ε² = 1 − margin · φ(margin) / Φ(margin)."""
    inside = _normal_cdf(margin)
    density = math.exp(-(margin**2 + LOG_2PI) / 2)
    return (1 - margin * density / inside + LOG_2PI) / 2 + math.log(inside)


def _rotation(d: int, rng: np.random.Generator) -> np.ndarray:
    """A (d, d) orthogonal matrix: in the plane a turn by the golden section of π, else a random one.

    Repeated golden turns spread the cuts evenly over all directions, where random ones leave gaps.
    """
    if d == 2:
        angle = math.pi * (math.sqrt(5) - 1) / 2
        return np.array([[math.cos(angle), math.sin(angle)], [-math.sin(angle), math.cos(angle)]])
    q, r = np.linalg.qr(rng.standard_normal((d, d)))
    return q * np.sign(np.diag(r))  # the signs make every rotation equally likely (Mezzadri 2007)


def _two_columns(x: np.ndarray) -> np.ndarray:
    if x.shape[1] < 2:
        raise ValueError(f"x の列数は 2 以上にしてください（受け取った形: {x.shape}）。残す列と動かす列が要ります")
    return x

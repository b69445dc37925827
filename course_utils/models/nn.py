"""A small dense network with its gradient, and Adam: all the deep learning that this course needs.

No automatic differentiation: :meth:`MLP.backward` is the chain rule, written out once. Every family that learns by
gradient descent (VAE, autoregressive, flow, GAN, energy-based, diffusion) is built from these pieces.

All parameters of a network lie in *one* flat vector, and weights and biases are views into it. So an optimiser, an
average or a finite-difference test handles one array, whatever the number of layers.
"""

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np


def sigmoid(x: np.ndarray) -> np.ndarray:
    """1 / (1 + e^{−x}), elementwise, without overflow."""
    e = np.exp(-np.abs(x))
    return np.where(x >= 0, 1, e) / (1 + e)


def softplus(x: np.ndarray) -> np.ndarray:
    """log(1 + e^x), elementwise, without overflow. Its derivative is :func:`sigmoid`."""
    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))


def log_sigmoid(x: np.ndarray) -> np.ndarray:
    """log sigmoid(x), elementwise, finite for every finite ``x``."""
    return -softplus(-x)


def logsumexp(x: np.ndarray, axis: int = -1) -> np.ndarray:
    """log Σ e^x along ``axis``; the maximum is taken out first, so nothing overflows. All −inf gives −inf."""
    top = np.max(x, axis=axis, keepdims=True)
    top = np.where(np.isfinite(top), top, 0)
    with np.errstate(divide="ignore"):
        return np.log(np.exp(x - top).sum(axis=axis)) + np.squeeze(top, axis)


# name -> (a = f(h), da/dh from h and a): h is the layer's sum before the activation, a what comes out of it.
ACTIVATIONS = {
    "tanh": (np.tanh, lambda h, a: 1 - a * a),
    "relu": (lambda h: np.maximum(h, 0), lambda h, a: (h > 0).astype(h.dtype)),
    "leaky_relu": (lambda h: np.maximum(h, 0.2 * h), lambda h, a: np.where(h > 0, 1, 0.2).astype(h.dtype)),
    "silu": (lambda h: h * sigmoid(h), lambda h, a: a + sigmoid(h) * (1 - a)),
}


class MLP:
    """A multilayer perceptron: a_{l+1} = f(a_l W_l + b_l), with no activation after the last layer.

    Args:
        sizes: width of every layer, input first, e.g. ``(2, 64, 64, 1)``.
        rng: draws the first weights, N(0, gain / fan-in): gain 2 before a rectifier (He et al. 2015), else 1.
        activation: "tanh", "relu", "leaky_relu" (slope 0.2) or "silu".
        masks: one array (inputs, outputs) of 0/1 for each layer, or None. Where a mask is 0 there is no connection:
            that weight starts at 0 and its gradient is 0, so no step ever moves it (MADE, Germain et al. 2015).
        out_scale: factor on the last layer's first weights. 0 makes a network that starts as the zero function.
        dtype: float32 for training; float64 where the gradient is compared with finite differences.

    Attributes:
        params: (p,) every parameter. Write into it (``net.params[:] = ...``), don't replace it: an optimiser holds it.
    """

    def __init__(
        self,
        sizes: Sequence[int],
        rng: np.random.Generator,
        activation: str = "relu",
        *,
        masks: Sequence[np.ndarray] | None = None,
        out_scale: float = 1.0,
        dtype=np.float32,
    ):
        if len(sizes) < 2 or min(sizes) < 1:
            raise ValueError(f"sizes は 1 以上の幅を 2 つ以上並べてください（受け取ったもの: {tuple(sizes)}）")
        if activation not in ACTIVATIONS:
            raise ValueError(
                f"activation は {sorted(ACTIVATIONS)} のどれかにしてください（受け取ったもの: {activation!r}）"
            )
        self.sizes, self.activation = tuple(sizes), activation
        shapes = list(pairwise(sizes))
        if masks is not None and [np.shape(m) for m in masks] != shapes:
            raise ValueError(f"masks の形は {shapes} にしてください（受け取った形: {[np.shape(m) for m in masks]}）")
        self.masks = None if masks is None else [np.asarray(m, dtype=dtype) for m in masks]
        self.params = np.zeros(sum((rows + 1) * columns for rows, columns in shapes), dtype=dtype)
        gain = 1 if activation == "tanh" else 2
        layers = self.layers()
        for i, (weight, _) in enumerate(layers):
            last = i == len(layers) - 1
            mask = np.ones(weight.shape) if masks is None else self.masks[i]
            fan_in = np.maximum(mask.sum(axis=0), 1)
            scale = out_scale * np.sqrt(1 / fan_in) if last else np.sqrt(gain / fan_in)
            weight[:] = scale * mask * rng.standard_normal(weight.shape)

    def layers(self, vector: np.ndarray | None = None) -> list[tuple[np.ndarray, np.ndarray]]:
        """[(weight (in, out), bias (out,)), ...]: views into ``params``, or a ``vector`` (p,) laid out like it."""
        vector = self.params if vector is None else vector
        views, start = [], 0
        for rows, columns in pairwise(self.sizes):
            middle, end = start + rows * columns, start + (rows + 1) * columns
            views.append((vector[start:middle].reshape(rows, columns), vector[middle:end]))
            start = end
        return views

    def __call__(self, x: np.ndarray) -> np.ndarray:
        """The output alone: (n, inputs) -> (n, outputs)."""
        return self.forward(x)[0]

    def forward(self, x: np.ndarray) -> tuple[np.ndarray, list]:
        """(n, inputs) -> output (n, outputs), and a cache for :meth:`backward`."""
        f, _ = ACTIVATIONS[self.activation]
        a, cache = np.asarray(x, dtype=self.params.dtype), []
        layers = self.layers()
        for i, (weight, bias) in enumerate(layers):
            h = a @ weight
            h += bias
            cache.append((a, h))  # what went into the layer, and the sum before its activation
            a = f(h) if i < len(layers) - 1 else h
        return a, cache

    def backward(self, cache: list, d_out: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """From ∂L/∂output (n, outputs) to ∂L/∂input (n, inputs) and ∂L/∂params (p,), which is summed over the rows."""
        _, slope = ACTIVATIONS[self.activation]
        gradient = np.empty_like(self.params)
        layers, d_layers = self.layers(), self.layers(gradient)
        d = np.asarray(d_out, dtype=self.params.dtype)
        for i in reversed(range(len(layers))):
            a, h = cache[i]
            if i < len(layers) - 1:
                d = d * slope(h, cache[i + 1][0])
            d_weight, d_bias = d_layers[i]
            np.matmul(a.T, d, out=d_weight)
            d.sum(axis=0, out=d_bias)
            if self.masks is not None:
                d_weight *= self.masks[i]
            d = d @ layers[i][0].T
        return d, gradient


class Adam:
    """Gradient descent with a step size for every parameter (Kingma & Ba 2015, Algorithm 1).

    Args:
        params: (p,) changed in place by :meth:`step`.
        lr: step size; may be changed between steps (``adam.lr = ...``).
        beta1, beta2: decay of the running means of the gradient and of its square.
    """

    def __init__(self, params: np.ndarray, lr: float = 1e-3, beta1: float = 0.9, beta2: float = 0.999):
        self.params, self.lr, self.beta1, self.beta2, self.t = params, lr, beta1, beta2, 0
        self.mean, self.square = np.zeros_like(params), np.zeros_like(params)

    def step(self, gradient: np.ndarray) -> None:
        """One step *down* ``gradient`` (p,), the gradient of what is to become small."""
        self.t += 1
        self.mean += (1 - self.beta1) * (gradient - self.mean)
        self.square += (1 - self.beta2) * (gradient * gradient - self.square)
        # Both means start at 0; dividing by 1 − β^t undoes that bias.
        size = np.sqrt(self.square / (1 - self.beta2**self.t)) + 1e-8
        self.params -= self.lr / (1 - self.beta1**self.t) * self.mean / size


class Average:
    """A running mean of parameters, steadier than the last step (GAN, diffusion): ``average`` (p,).

    The decay grows with the number of steps, min(decay, (1 + t) / (10 + t)), so that the first values are forgotten.
    """

    def __init__(self, params: np.ndarray, decay: float = 0.999):
        self.params, self.decay, self.t, self.average = params, decay, 0, params.copy()

    def update(self) -> None:
        """Take in ``params`` as it is now."""
        self.t += 1
        self.average += (1 - min(self.decay, (1 + self.t) / (10 + self.t))) * (self.params - self.average)


def cosine_decay(step: int, steps: int) -> float:
    """A factor for the step size that falls from 1 (``step`` = 0) to 0 (``step`` = ``steps``) along half a cosine."""
    return 0.5 * (1 + math.cos(math.pi * step / steps))


def minibatches(n: int, batch: int, steps: int, rng: np.random.Generator) -> Iterator[np.ndarray]:
    """``steps`` index arrays of at most ``batch`` rows out of ``n``, in a fresh order for each pass over the data.

    A pass takes ⌈n / batch⌉ steps and visits every row once; its last batch may be smaller.
    """
    order, start = rng.permutation(n), 0
    for _ in range(steps):
        if start >= n:
            order, start = rng.permutation(n), 0
        yield order[start : start + batch]
        start += batch

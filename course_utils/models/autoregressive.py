"""Autoregressive models of vectors: one column at a time, each given the columns before it (chapter 5).

The chain rule p(x) = Π_j p(x_j | x_1 … x_{j−1}) is exact, so a network that predicts column j from the columns before
it, and from nothing else, has an exact log-likelihood. Training and scoring see a whole row at once (teacher
forcing); sampling has to go column by column.

- :class:`AutoregressiveBernoulli`: binary columns, each conditional a logistic regression.
- :class:`MADE`: binary columns, all conditionals from one masked network.
- :class:`AutoregressiveMixture`: real columns, each conditional a mixture of Gaussians from one masked network.
"""

from itertools import pairwise
from typing import Self

import numpy as np

from .base import as_binary, as_count, as_matrix, as_rng, require_fitted
from .nn import MLP, Adam, Average, cosine_decay, log_sigmoid, logsumexp, minibatches, sigmoid


def made_masks(d: int, hidden: tuple[int, ...], per_column: int = 1) -> list[np.ndarray]:
    """Masks for an ``MLP`` with sizes (d, *hidden, d·per_column), so that outputs of column j see columns < j only.

    Every unit gets a number m: input j has m = j (from 1), hidden units share 1 … d − 1 evenly. A hidden unit reads
    units with a number at most its own, an output of column j reads hidden units with m < j; so no path leads from x_j
    to its own prediction (Germain et al. 2015, *MADE*, section 4). ``per_column`` outputs belong to each column.
    """
    columns = np.arange(1, d + 1)
    numbers = [columns] + [1 + np.arange(width) * max(d - 1, 1) // width for width in hidden]
    masks = [below[:, None] <= above for below, above in pairwise(numbers)]
    masks.append(numbers[-1][:, None] < np.repeat(columns, per_column))
    return [mask.astype(float) for mask in masks]


class _BinaryColumns:
    """What the two binary models share. Their ``_logits(x)`` (n, d) are log-odds of x_j = 1, from columns < j alone."""

    def log_prob(self, x: np.ndarray) -> np.ndarray:
        """Exact log-probability of each row of ``x`` (n, d) of 0/1: (n,) nats."""
        require_fitted(self, "d_")
        x = as_binary(x, columns=self.d_)
        # log p(x_j) is log sigmoid of the log-odds, with their sign turned where x_j = 0.
        return log_sigmoid(np.where(x == 1, 1, -1) * self._logits(x)).sum(axis=1)

    def conditionals(self, x: np.ndarray) -> np.ndarray:
        """p(x_j = 1 | x_1 … x_{j−1}) for each row of ``x`` (n, d), the columns before taken from ``x``: (n, d)."""
        require_fitted(self, "d_")
        return sigmoid(self._logits(as_binary(x, columns=self.d_)))

    def sample(self, n: int, rng: np.random.Generator, *, prefix: np.ndarray | None = None) -> np.ndarray:
        """Draw ``n`` rows, column by column: (n, d) int8 of 0/1.

        Args:
            prefix: (k,) or (n, k) of 0/1 with k <= d: first columns that are given and not drawn.
        """
        require_fitted(self, "d_")
        n, rng = as_count(n), as_rng(rng)
        x = np.zeros((n, self.d_))
        start = 0
        if prefix is not None:
            prefix = as_binary(np.atleast_2d(prefix), "prefix")
            start = prefix.shape[1]
            if start > self.d_ or len(prefix) not in (1, n):
                raise ValueError(
                    f"prefix の形は (k,) か ({n}, k) で k は {self.d_} 以下にしてください"
                    f"（受け取った形: {prefix.shape}）"
                )
            x[:, :start] = prefix
        for j in range(start, self.d_):
            x[:, j] = rng.random(n) < sigmoid(self._logits(x)[:, j])
        return x.astype(np.int8)


class AutoregressiveBernoulli(_BinaryColumns):
    """One logistic regression for each column: log-odds of x_j = b_j + Σ_{i<j} x_i W_ij.

    The fully visible sigmoid belief network (Frey 1998, *Graphical Models for Machine Learning and Digital
    Communication*). The penalised likelihood has one maximum, which Newton's method finds in a few steps.

    Args:
        l2: strength of the penalty l2/2 Σ W², in the units of the NLL summed over the rows, > 0.

    Attributes:
        weights_: (d, d) float, W, zero unless row < column. bias_: (d,) float. d_: number of columns.
    """

    def __init__(self, l2: float = 1.0):
        self.l2 = _positive(l2, "l2")

    def fit(self, x: np.ndarray, rng: np.random.Generator | None = None) -> Self:
        """Learn from ``x`` (n, d) of 0/1. Nothing is random here, so ``rng`` is not used.

        Raises:
            ValueError: if ``x`` is empty, not two-dimensional, or holds anything but 0 and 1.
        """
        x = as_binary(x)
        n, self.d_ = x.shape
        self.weights_, self.bias_ = np.zeros((self.d_, self.d_)), np.zeros(self.d_)
        inputs = np.c_[np.ones(n), x]
        for j in range(self.d_):
            theta = logistic_regression(inputs[:, : j + 1], x[:, j], self.l2)
            self.bias_[j], self.weights_[:j, j] = theta[0], theta[1:]
        return self

    def receptive_field(self) -> np.ndarray:
        """(d, d) float: entry (j, i) is |∂ log-odds of x_j / ∂ x_i| = |W_ij|, zero unless i < j."""
        require_fitted(self, "d_")
        return np.abs(self.weights_.T)

    def _logits(self, x: np.ndarray) -> np.ndarray:
        return x @ self.weights_ + self.bias_


def logistic_regression(inputs: np.ndarray, y: np.ndarray, l2: float) -> np.ndarray:
    """θ (k,) that minimises Σ −log p(y | inputs θ) + l2/2 |θ|²; ``inputs`` (n, k), first column 1, ``y`` (n,) of 0/1.

    Newton's method; a step that would raise the loss is halved. The first coefficient, the bias, is penalised
    only by 1e-3 of ``l2``: a ``y`` that is always 0 needs a large one, but a finite one.
    """
    penalty = np.full(inputs.shape[1], l2)
    penalty[0] = 1e-3 * l2
    sign = np.where(y == 1, 1, -1)

    def loss(theta):
        return -log_sigmoid(sign * (inputs @ theta)).sum() + 0.5 * penalty @ theta**2

    theta = np.zeros(inputs.shape[1])
    now = loss(theta)
    for _ in range(100):
        p = sigmoid(inputs @ theta)
        gradient = inputs.T @ (p - y) + penalty * theta
        hessian = (inputs * (p * (1 - p))[:, None]).T @ inputs + np.diag(penalty)
        step = np.linalg.solve(hessian, gradient)
        if gradient @ step < 1e-10:  # twice the loss that is still to be gained, to second order
            break
        while (then := loss(theta - step)) > now and gradient @ step > 1e-10:
            step = step / 2
        theta, now = theta - step, then
    return theta


class MADE(_BinaryColumns):
    """All conditionals of a binary vector from one network whose masks cut every path from x_j to its own prediction.

    Germain, Gregor, Murray & Larochelle (2015), *MADE: Masked Autoencoder for Distribution Estimation*, with the
    columns in their given order. A tenth of the training rows is held out, the parameters that score best on it are
    kept, and training ends when they have not improved for a while.

    Args:
        hidden: widths of the hidden layers; an int is one layer.
        l2: strength of the penalty l2/2 |θ|², in the units of the NLL summed over the training rows, >= 0.
        steps: the largest number of gradient steps. batch: rows a step. lr: Adam's step size.

    Attributes:
        net_: the network. d_: number of columns.
        history_: (k, 3) float: step, NLL (nats a row) of the last batches and of the held-out rows, every 20 steps.
    """

    def __init__(self, hidden: int | tuple[int, ...] = 256, *, l2=4.0, steps=4000, batch=100, lr=5e-3):
        self.hidden = _widths(hidden)
        if not 0 <= l2 < np.inf:
            raise ValueError(f"l2 は 0 以上の数にしてください（受け取ったもの: {l2!r}）")
        self.l2, self.lr = l2, _positive(lr, "lr")
        self.steps, self.batch = as_count(steps, "steps", least=1), as_count(batch, "batch", least=1)

    def fit(self, x: np.ndarray, rng: np.random.Generator) -> Self:
        """Learn from ``x`` (n, d) of 0/1 with n >= 2.

        Raises:
            ValueError: if ``x`` has fewer than two rows, is not two-dimensional, or holds anything but 0 and 1.
        """
        x, rng = _two_rows(as_binary(x)), as_rng(rng)
        train, held_out = _hold_out(x, rng)
        self.d_ = x.shape[1]
        self.net_ = MLP((self.d_, *self.hidden, self.d_), rng, "tanh", masks=made_masks(self.d_, self.hidden))
        frequency = (train.sum(axis=0) + 0.5) / (len(train) + 1)
        self.net_.layers()[-1][1][:] = np.log(frequency / (1 - frequency))  # start from chapter 2's model
        self.history_ = _train(self, train, held_out, rng, decay=self.l2 / len(train))
        return self

    def receptive_field(self, x: np.ndarray) -> np.ndarray:
        """(d, d) float: entry (j, i) is |∂ log-odds of x_j / ∂ x_i|, mean over the rows of ``x``; zero unless i < j."""
        require_fitted(self, "net_")
        _, cache = self.net_.forward(as_binary(x, columns=self.d_))
        rows = []
        for one_output in np.eye(self.d_):
            d_input, _ = self.net_.backward(cache, np.broadcast_to(one_output, (len(x), self.d_)))
            rows.append(np.abs(d_input).mean(axis=0))
        return np.array(rows)

    def _logits(self, x: np.ndarray) -> np.ndarray:
        return self.net_(x).astype(float)

    def _loss(self, x: np.ndarray) -> tuple[float, np.ndarray]:
        """Mean NLL of the rows of ``x`` (nats) and its gradient (p,)."""
        logits, cache = self.net_.forward(x)
        nll = -log_sigmoid(np.where(x == 1, 1, -1) * logits).sum(axis=1).mean()
        _, gradient = self.net_.backward(cache, (sigmoid(logits) - x) / len(x))
        return float(nll), gradient


class AutoregressiveMixture:
    """p(x_1) p(x_2 | x_1) …: each conditional a mixture of K Gaussians whose parameters a masked network computes.

    Autoregression with mixture density networks (Bishop 1994; Uria, Murray & Larochelle 2013, *RNADE*). Columns are
    standardised first. Parameters are chosen on a held-out tenth of the rows, as in :class:`MADE`.

    Args:
        n_components: K, Gaussians in each conditional.
        hidden: widths of the hidden layers; an int is one layer.
        steps: the largest number of gradient steps. batch: rows a step.
        lr: Adam's first step size, which falls to 0 along a cosine.
        min_scale: smallest standard deviation of a Gaussian, in standard deviations of its column. Without a floor
            a Gaussian on a repeated value would make the likelihood infinite.

    Attributes:
        net_: the network. mean_, scale_: (d,) of the standardisation. d_: number of columns.
        history_: as in :class:`MADE`.
    """

    def __init__(
        self,
        n_components: int = 10,
        hidden: int | tuple[int, ...] = (64, 64),
        *,
        steps: int = 3000,
        batch: int = 256,
        lr: float = 1e-2,
        min_scale: float = 1e-2,
    ):
        self.n_components, self.hidden = as_count(n_components, "n_components", least=1), _widths(hidden)
        self.steps, self.batch = as_count(steps, "steps", least=1), as_count(batch, "batch", least=1)
        self.lr, self.min_scale = _positive(lr, "lr"), _positive(min_scale, "min_scale")

    def fit(self, x: np.ndarray, rng: np.random.Generator) -> Self:
        """Learn from ``x`` (n, d) of finite numbers with n >= 2 and no constant column.

        Raises:
            ValueError: if ``x`` has fewer than two rows or a constant column, or is not two-dimensional and finite.
        """
        x, rng = _two_rows(as_matrix(x)), as_rng(rng)
        constant = np.flatnonzero(x.min(axis=0) == x.max(axis=0))
        if len(constant):
            raise ValueError(f"x の列 {constant[0]} は値がすべて同じで、密度がありません。その列を除いてください")
        self.d_, self.mean_, self.scale_ = x.shape[1], x.mean(axis=0), x.std(axis=0)
        train, held_out = _hold_out((x - self.mean_) / self.scale_, rng)
        k = self.n_components
        sizes = (self.d_, *self.hidden, self.d_ * 3 * k)
        self.net_ = MLP(sizes, rng, "silu", masks=made_masks(self.d_, self.hidden, 3 * k), out_scale=0.5)
        # The Gaussians start side by side over ±2 standard deviations, each as wide as its share.
        start = np.stack([np.zeros(k), np.linspace(-2, 2, k + 2)[1:-1], np.full(k, np.log(4 / (k + 1)))])
        self.net_.layers()[-1][1][:] = np.tile(start.ravel(), self.d_)
        self.history_ = _train(self, train, held_out, rng, cosine=True)
        return self

    def log_prob(self, x: np.ndarray) -> np.ndarray:
        """Exact log-density of each row of ``x`` (n, d): (n,) nats."""
        require_fitted(self, "net_")
        x = (as_matrix(x, columns=self.d_) - self.mean_) / self.scale_
        log_weighted, _, _ = self._weighted(self.net_(x).astype(float), x)
        return logsumexp(log_weighted).sum(axis=1) - np.log(self.scale_).sum()

    def sample(self, n: int, rng: np.random.Generator) -> np.ndarray:
        """Draw ``n`` rows, column by column: (n, d) float."""
        require_fitted(self, "net_")
        n, rng = as_count(n), as_rng(rng)
        x = np.zeros((n, self.d_))
        for j in range(self.d_):
            log_weight, mean, scale = (part[:, j] for part in self._parts(self.net_(x).astype(float)))
            below = np.cumsum(np.exp(log_weight), axis=1)
            which = (below > rng.random((n, 1)) * below[:, -1:]).argmax(axis=1)[:, None]
            picked_mean, picked_scale = (np.take_along_axis(a, which, axis=1)[:, 0] for a in (mean, scale))
            x[:, j] = picked_mean + picked_scale * rng.standard_normal(n)
        return self.mean_ + self.scale_ * x

    def _parts(self, output: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Network output (n, 3dK) -> log-weights, means, standard deviations, (n, d, K) each."""
        raw = output.reshape(len(output), self.d_, 3, self.n_components)
        log_weight = raw[:, :, 0] - logsumexp(raw[:, :, 0])[..., None]
        return log_weight, raw[:, :, 1], self.min_scale + np.exp(raw[:, :, 2])

    def _weighted(self, output: np.ndarray, x: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """log π_k + log N(x_j; μ_k, σ_k²), the deviation (x_j − μ_k)/σ_k, and σ_k: (n, d, K) each."""
        log_weight, mean, scale = self._parts(output)
        deviation = (x[..., None] - mean) / scale
        return log_weight - 0.5 * deviation**2 - np.log(scale) - 0.5 * np.log(2 * np.pi), deviation, scale

    def _loss(self, x: np.ndarray) -> tuple[float, np.ndarray]:
        """Mean NLL of the rows of standardised ``x`` (nats) and its gradient (p,)."""
        output, cache = self.net_.forward(x)
        log_weighted, deviation, scale = self._weighted(output, x)
        log_p = logsumexp(log_weighted)
        # The gradient of a mixture is that of its Gaussians, weighted by their responsibilities.
        r = np.exp(log_weighted - log_p[..., None])
        weight = np.exp(self._parts(output)[0])
        d_scale = r * (1 - deviation**2) * (scale - self.min_scale) / scale
        d_output = np.stack([weight - r, -r * deviation / scale, d_scale], axis=2) / len(x)
        _, gradient = self.net_.backward(cache, d_output.reshape(len(x), -1))
        return float(-log_p.sum(axis=1).mean()), gradient


def _two_rows(x: np.ndarray) -> np.ndarray:
    if len(x) < 2:
        raise ValueError(f"x は 2 行以上にしてください（受け取った形: {x.shape}）。一部は打ち切りの判断に使います")
    return x


def _hold_out(x: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Split the rows of ``x`` at random, nine tenths and one tenth, at least one row each."""
    x = x[rng.permutation(len(x))].astype(np.float32)
    cut = max(len(x) // 10, 1)
    return x[cut:], x[:cut]


def _train(model, train, held_out, rng, *, decay: float = 0.0, cosine: bool = False, patience: int = 20) -> np.ndarray:
    """Minimise ``model._loss`` over ``model.net_.params`` by Adam, and keep the best averaged parameters.

    Every 20 steps a running average of the parameters is scored on ``held_out``; after ``patience`` scores without a
    new best, training ends. Returns ``history_`` (k, 3).
    """
    params = model.net_.params
    adam, average = Adam(params, model.lr), Average(params, 0.99)
    best, best_params, history, recent = np.inf, params.copy(), [], []
    for step, rows in enumerate(minibatches(len(train), model.batch, model.steps, rng)):
        if cosine:
            adam.lr = model.lr * cosine_decay(step, model.steps)
        nll, gradient = model._loss(train[rows])
        recent.append(nll)
        adam.step(gradient + decay * params)
        average.update()
        if (step + 1) % 20 == 0 or step + 1 == model.steps:
            now = params.copy()
            params[:] = average.average
            score, _ = model._loss(held_out)
            history.append((step + 1, np.mean(recent), score))
            recent.clear()
            if score < best:
                best, best_params, waited = score, params.copy(), 0
            else:
                waited += 1
            params[:] = now
            if waited >= patience:
                break
    params[:] = best_params
    return np.array(history)


def _widths(hidden) -> tuple[int, ...]:
    widths = hidden if isinstance(hidden, tuple) else (hidden,)
    return tuple(as_count(width, "hidden", least=1) for width in widths)


def _positive(value, name: str) -> float:
    if not 0 < value < np.inf:
        raise ValueError(f"{name} は正の数にしてください（受け取ったもの: {value!r}）")
    return value

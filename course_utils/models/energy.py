from collections.abc import Callable
from typing import Self

import numpy as np

from .base import as_binary, as_count, as_matrix, as_rng, require_fitted
from .nn import MLP, Adam, Average, cosine_decay, logsumexp, minibatches, sigmoid, softplus

LOG_2PI = np.log(2 * np.pi)


class EnergyModel:
    def __init__(self, hidden=64, *, layers=2, noise=2, widen=1.0, steps=4000, batch=256, lr=5e-3, activation="tanh", decay=0.999, pool=20, langevin=10, step_size=0.02, dtype=np.float32):
        self.__dict__.update({k: v for k, v in locals().items() if k != "self"})

    def fit(self, x, rng):
        x = as_matrix(x); d = x.shape[1]
        self.mean_ = x.mean(0)
        cov = np.atleast_2d(np.cov(x.T)) * self.widen**2
        self.root_ = np.linalg.cholesky(cov)
        z = np.linalg.solve(self.root_, (x - self.mean_).T).T.astype(self.dtype)
        self.net_ = MLP([d] + [self.hidden] * self.layers + [1], rng, self.activation, out_scale=0., dtype=self.dtype)
        adam = Adam(self.net_.params, self.lr)
        ema = Average(self.net_.params, self.decay)
        for step, rows in enumerate(minibatches(len(z), self.batch, self.steps, rng)):
            real = z[rows]
            fake = rng.standard_normal((self.noise * len(rows), d), dtype=np.float32)
            adam.lr = self.lr * cosine_decay(step, self.steps)
            f, cache = self.net_.forward(np.concatenate([real, fake]))
            n = len(real)
            lr = np.log(self.noise)
            dd = np.concatenate([-sigmoid(-(f[:n] - lr)), sigmoid(f[n:] - lr)]) / n
            adam.step(self.net_.backward(cache, dd)[1])
        f = self.net_(rng.standard_normal((100000, d)))[:, 0]
        self.log_z_ = logsumexp(f.astype(float)) - np.log(len(f))
        self.ess_ = np.exp(f).sum()**2 / (np.exp(f)**2).sum() / len(f)
        return self

    def log_prob(self, x):
        z = np.linalg.solve(self.root_, (x - self.mean_).T).T
        return self._lp(z)  - self.log_z_ - np.log(np.diag(self.root_)).sum()
    def _lp(self, z): return self.net_(z)[:, 0] - (z**2 + LOG_2PI).sum(1) / 2
    def _grad(self, z):
        f, cache = self.net_.forward(z)
        g = self.net_.backward(cache, np.ones_like(f))[0] - z
        return f[:, 0] - (z**2 + LOG_2PI).sum(1) / 2, g
    def sample(self, n, rng):
        d = len(self.mean_)
        z = rng.standard_normal((self.pool * n, d))
        w = self.net_(z)[:, 0].astype(float)
        w = np.cumsum(np.exp(w - w.max()))
        z = z[np.searchsorted(w, rng.random(n) * w[-1])]
        h = self.step_size
        lp, g = self._grad(z)
        acc = 0
        for _ in range(self.langevin):
            eps = rng.standard_normal(z.shape)
            new = z + h**2 / 2 * g + h * eps
            lpn, gn = self._grad(new)
            back = (z - new - h**2 / 2 * gn) / h
            ok = np.log(rng.random(n)) < lpn - lp + ((eps**2).sum(1) - (back**2).sum(1)) / 2
            acc += ok.mean()
            z[ok], lp[ok], g[ok] = new[ok], lpn[ok], gn[ok]
        self.acc = acc / max(self.langevin, 1)
        return self.mean_ + z @ self.root_.T

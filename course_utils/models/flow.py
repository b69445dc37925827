"""Normalising flows: an invertible network turns noise into data, so the density is exact (chapter 8)."""

from collections.abc import Callable
from typing import Self

import numpy as np

from .base import as_binary, as_count, as_matrix, as_rng, require_fitted
from .nn import MLP, Adam, cosine_decay, logsumexp, minibatches

LOG_2PI = np.log(2 * np.pi)


class RealNVP:
    def __init__(self, couplings=12, *, hidden=32, layers=2, mixing="rotate", limit=2.0, steps=3000, batch=256, lr=5e-3, dtype=np.float32, activation="tanh"):
        self.couplings, self.hidden, self.layers, self.mixing, self.limit = couplings, hidden, layers, mixing, limit
        self.steps, self.batch, self.lr, self.dtype, self.activation = steps, batch, lr, dtype, activation

    def fit(self, x, rng, *, callback=None):
        x = as_matrix(x)
        self._start(x, rng)
        z = self._scaled(x).astype(self.dtype)
        adam = Adam(self.params_, self.lr)
        for step, rows in enumerate(minibatches(len(x), self.batch, self.steps, rng), start=1):
            nll, gradient = self._loss(z[rows])
            adam.lr = self.lr * cosine_decay(step - 1, self.steps)
            adam.step(gradient)
        return self

    def _start(self, x, rng):
        d = x.shape[1]
        self.keep_ = d // 2
        self.shift_ = x.mean(axis=0)
        self.scale_ = np.where(np.ptp(x, axis=0) > 0, x.std(axis=0), 1.0)
        if self.mixing == "rotate":
            self.mixes_ = [random_rotation(d, rng).astype(self.dtype) for _ in range(self.couplings)]
        elif self.mixing == "angle":
            th = np.pi * (np.sqrt(5) - 1) / 2
            self.mixes_ = [np.array([[np.cos(th), np.sin(th)], [-np.sin(th), np.cos(th)]]).astype(self.dtype)] * self.couplings
        else:
            self.mixes_ = [np.roll(np.eye(d), d // 2, axis=1).astype(self.dtype)] * self.couplings
        sizes = [self.keep_] + [self.hidden] * self.layers + [2 * (d - self.keep_)]
        self.nets_ = [MLP(sizes, rng, self.activation, out_scale=0.0, dtype=self.dtype) for _ in self.mixes_]
        self.params_ = np.concatenate([net.params for net in self.nets_])
        for net, part in zip(self.nets_, np.split(self.params_, self.couplings), strict=True):
            net.params = part

    def _forward(self, z):
        log_det, caches = np.zeros(len(z), z.dtype), []
        for mix, net in zip(self.mixes_, self.nets_, strict=True):
            z = z @ mix
            kept, moved = z[:, : self.keep_], z[:, self.keep_ :]
            out, cache = net.forward(kept)
            s, t = self._split(out)
            moved_out = moved * np.exp(s) + t
            caches.append((cache, s, moved))
            log_det = log_det + s.sum(axis=1)
            z = np.concatenate([kept, moved_out], axis=1)
        return z, log_det, caches

    def _split(self, out):
        m = out.shape[1] // 2
        return self.limit * np.tanh(out[:, :m] / self.limit), out[:, m:]

    def _loss(self, x):
        z, log_det, caches = self._forward(x)
        n = len(x)
        nll = (z**2 + LOG_2PI).sum(axis=1) / 2 - log_det
        gradient = np.empty_like(self.params_)
        d_z = z / n
        for part, mix, net, (cache, s, moved) in zip(
            np.split(gradient, self.couplings)[::-1], self.mixes_[::-1], self.nets_[::-1], caches[::-1], strict=True
        ):
            d_kept, d_t = d_z[:, : self.keep_], d_z[:, self.keep_ :]
            scale = np.exp(s)
            d_s = (d_t * moved * scale - 1 / n) * (1 - (s / self.limit) ** 2)
            d_in, part[:] = net.backward(cache, np.concatenate([d_s, d_t], axis=1))
            d_z = np.concatenate([d_kept + d_in, d_t * scale], axis=1) @ mix.T
        return nll, gradient

    def encode(self, x):
        return self._forward(self._scaled(x))[0]

    def decode(self, z):
        for mix, net in zip(self.mixes_[::-1], self.nets_[::-1], strict=True):
            kept, moved = z[:, : self.keep_], z[:, self.keep_ :]
            s, t = self._split(net(kept).astype(float))
            z = np.concatenate([kept, (moved - t) * np.exp(-s)], axis=1) @ mix.T
        return self.shift_ + self.scale_ * z

    def log_prob(self, x):
        z, log_det, _ = self._forward(self._scaled(x))
        return log_det - (z**2 + LOG_2PI).sum(axis=1) / 2 - np.log(self.scale_).sum()

    def sample(self, n, rng):
        return self.decode(rng.standard_normal((n, len(self.shift_))))

    def _scaled(self, x):
        return (x - self.shift_) / self.scale_


def random_rotation(d, rng):
    q, r = np.linalg.qr(rng.standard_normal((d, d)))
    return q * np.sign(np.diag(r))

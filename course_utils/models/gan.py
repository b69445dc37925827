from collections.abc import Callable
from typing import Self

import numpy as np

from .base import as_binary, as_count, as_matrix, as_rng, require_fitted
from .nn import MLP, Adam, Average, cosine_decay, sigmoid, softplus


class GAN:
    def __init__(self, latent=4, *, hidden=64, layers=2, loss="nonsaturating", penalty=None, critic_steps=None, steps=5000, batch=256, lr=1e-3, lr_d=None, beta1=0.5, beta2=0.9, decay=0.999, act="leaky_relu", dact="leaky_relu", dtype=np.float32):
        self.__dict__.update({k: v for k, v in locals().items() if k != "self"})
        if penalty is None: self.penalty = 0.1 if loss == "nonsaturating" else 10.
        if critic_steps is None: self.critic_steps = 1 if loss == "nonsaturating" else 3
        if lr_d is None: self.lr_d = lr

    def fit(self, x, rng):
        x = as_matrix(x); d = x.shape[1]
        self.shift_, self.scale_ = x.mean(0), x.std(0)
        mid = [self.hidden] * self.layers
        self.generator_ = MLP([self.latent, *mid, d], rng, self.act, dtype=self.dtype)
        self.critic_ = MLP([d, *mid, 1], rng, self.dact, dtype=self.dtype)
        x = ((x - self.shift_) / self.scale_).astype(self.dtype)
        ag, ad = Adam(self.generator_.params, self.lr, self.beta1, self.beta2), Adam(self.critic_.params, self.lr_d, self.beta1, self.beta2)
        ema = Average(self.generator_.params, self.decay)
        for step in range(self.steps):
            ag.lr, ad.lr = (l * cosine_decay(step, self.steps) for l in (self.lr, self.lr_d))
            for _ in range(self.critic_steps):
                real = x[rng.integers(len(x), size=self.batch)]
                fake = self.generator_(rng.standard_normal((self.batch, self.latent), dtype=np.float32))
                ad.step(self._critic_gradient(real, fake, rng))
            z = rng.standard_normal((self.batch, self.latent), dtype=np.float32)
            out, gc = self.generator_.forward(z)
            score, cc = self.critic_.forward(out)
            if self.loss == "nonsaturating":
                d_score = -sigmoid(-score) / len(z)
            else:
                d_score = -np.ones_like(score) / len(z)
            d_out, _ = self.critic_.backward(cc, d_score)
            ag.step(self.generator_.backward(gc, d_out)[1])
            ema.update()
        self.generator_.params[:] = ema.average
        return self

    def _critic_gradient(self, real, fake, rng):
        n = len(real)
        x = np.concatenate([real, fake])
        score, cache = self.critic_.forward(x)
        if self.loss == "nonsaturating":
            d = np.concatenate([-sigmoid(-score[:n]), sigmoid(score[n:])]) / n
        else:
            d = np.concatenate([-np.ones((n, 1)), np.ones((n, 1))]) / n
        g = self.critic_.backward(cache, d)[1]
        if self.penalty:
            if self.loss == "nonsaturating":
                at = real
                # R1 
            else:
                t = rng.random((n, 1), dtype=np.float32)
                at = t * real + (1 - t) * fake
            s, c = self.critic_.forward(at)
            slope = self.critic_.backward(c, np.ones_like(s))[0]
            norm = np.sqrt((slope**2).sum(1, keepdims=True)) + 1e-12
            u = slope / norm
            w = self.penalty * (norm if self.loss == "nonsaturating" else 2 * (norm - 1)) / n
            h = 0.02
            s, c = self.critic_.forward(np.concatenate([at + h * u, at - h * u]))
            g += self.critic_.backward(c, np.concatenate([w, -w]) / (2 * h))[1]
        return g

    def sample(self, n, rng):
        return self.generator_(rng.standard_normal((n, self.latent))).astype(float) * self.scale_ + self.shift_

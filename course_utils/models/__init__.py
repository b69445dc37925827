"""生成モデル: 1 ファイルに 1 つの族。どれも同じ 3 つの動詞 ``fit`` / ``sample`` / ``log_prob`` を持ちます。"""

from .autoregressive import MADE, AutoregressiveBernoulli, AutoregressiveMixture
from .base import ExplicitModel, GenerativeModel
from .bernoulli import Bernoulli
from .diffusion import Diffusion, Distilled, NoisedMixture
from .empirical import Empirical
from .energy import RBM, EnergyModel
from .flow import BinaryFlow, RealNVP
from .gan import GAN
from .mixture import BernoulliMixture, GaussianMixture
from .ngram import NGram
from .ppca import PPCA
from .vae import VAE

__all__ = [
    "GAN",
    "MADE",
    "PPCA",
    "RBM",
    "VAE",
    "AutoregressiveBernoulli",
    "AutoregressiveMixture",
    "Bernoulli",
    "BernoulliMixture",
    "BinaryFlow",
    "Diffusion",
    "Distilled",
    "Empirical",
    "EnergyModel",
    "ExplicitModel",
    "GaussianMixture",
    "GenerativeModel",
    "NGram",
    "NoisedMixture",
    "RealNVP",
]

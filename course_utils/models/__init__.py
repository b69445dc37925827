"""生成モデル: 1 ファイルに 1 つの族。どれも同じ 3 つの動詞 ``fit`` / ``sample`` / ``log_prob`` を持ちます。"""

from .autoregressive import MADE, AutoregressiveBernoulli, AutoregressiveMixture
from .base import ExplicitModel, GenerativeModel
from .bernoulli import Bernoulli
from .empirical import Empirical
from .mixture import BernoulliMixture, GaussianMixture
from .ngram import NGram
from .ppca import PPCA
from .vae import VAE

__all__ = [
    "MADE",
    "PPCA",
    "VAE",
    "AutoregressiveBernoulli",
    "AutoregressiveMixture",
    "Bernoulli",
    "BernoulliMixture",
    "Empirical",
    "ExplicitModel",
    "GaussianMixture",
    "GenerativeModel",
    "NGram",
]

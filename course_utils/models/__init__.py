"""生成モデル: 1 ファイルに 1 つの族。どれも同じ 3 つの動詞 ``fit`` / ``sample`` / ``log_prob`` を持ちます。"""

from .base import ExplicitModel, GenerativeModel
from .bernoulli import Bernoulli
from .empirical import Empirical
from .ppca import PPCA
from .vae import VAE

__all__ = ["PPCA", "VAE", "Bernoulli", "Empirical", "ExplicitModel", "GenerativeModel"]

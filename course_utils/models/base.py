"""What every generative model of the course can do, and how arguments are checked.

A family is one file with one class. The interface is three verbs:

- ``fit(x, rng) -> self`` learns from data,
- ``sample(n, rng) -> (n, ...)`` draws new data,
- ``log_prob(x) -> (n,)`` gives log densities in nats, only where the density is explicit.

Hyper-parameters go in the constructor; what ``fit`` learns ends in an underscore.
"""

from typing import Protocol, Self, runtime_checkable

import numpy as np


@runtime_checkable
class GenerativeModel(Protocol):
    """A model that learns from data and makes new data."""

    def fit(self, x: np.ndarray, rng: np.random.Generator) -> Self: ...

    def sample(self, n: int, rng: np.random.Generator) -> np.ndarray: ...


@runtime_checkable
class ExplicitModel(GenerativeModel, Protocol):
    """A generative model whose probability (or density) can be written down and computed."""

    def log_prob(self, x: np.ndarray) -> np.ndarray: ...


def as_matrix(x, name: str = "x", *, columns: int | None = None) -> np.ndarray:
    """Return ``x`` as a float array (n, d) of finite numbers with n >= 1, or say what is wrong.

    Raises:
        ValueError: naming the argument, what came and what was expected.
    """
    try:
        array = np.asarray(x, dtype=float)
    except (TypeError, ValueError):
        raise ValueError(f"{name} は数の配列にしてください（受け取ったもの: {type(x).__name__}）") from None
    if array.ndim != 2:
        raise ValueError(f"{name} は (n, d) の 2 次元配列にしてください（受け取った形: {array.shape}）")
    if array.shape[0] == 0 or array.shape[1] == 0:
        raise ValueError(f"{name} が空です（受け取った形: {array.shape}）。1 行以上のデータを渡してください")
    if columns is not None and array.shape[1] != columns:
        raise ValueError(f"{name} の列数は {columns} にしてください（受け取った形: {array.shape}）")
    if not np.isfinite(array).all():
        raise ValueError(f"{name} に NaN または無限大があります。取り除いてから渡してください")
    return array


def as_binary(x, name: str = "x", *, columns: int | None = None) -> np.ndarray:
    """Return ``x`` as a float array (n, d) of 0s and 1s, or raise ``ValueError`` saying what is wrong."""
    array = as_matrix(x, name, columns=columns)
    if not ((array == 0) | (array == 1)).all():
        bad = array[(array != 0) & (array != 1)][0]
        raise ValueError(f"{name} の要素は 0 か 1 にしてください（{bad:g} がありました）")
    return array


def as_count(n, name: str = "n", *, least: int = 0) -> int:
    """Return ``n`` as an int that is at least ``least``, or raise ``ValueError``."""
    if isinstance(n, bool) or not isinstance(n, (int, np.integer)) or n < least:
        raise ValueError(f"{name} は {least} 以上の整数にしてください（受け取ったもの: {n!r}）")
    return int(n)


def as_rng(rng, name: str = "rng") -> np.random.Generator:
    """Return ``rng`` if it is a NumPy generator, or raise ``TypeError``: no model draws from a hidden one."""
    if not isinstance(rng, np.random.Generator):
        raise TypeError(
            f"{name} には np.random.default_rng(種) で作った乱数生成器を渡してください"
            f"（受け取ったもの: {type(rng).__name__}）"
        )
    return rng


def require_fitted(model, attribute: str) -> None:
    """Raise ``RuntimeError`` when ``model`` has not been fitted."""
    if not hasattr(model, attribute):
        raise RuntimeError(f"{type(model).__name__} はまだ学習していません。先に fit(x, rng) を呼んでください")

"""例題のデータ。どれもパッケージに同梱してあり、ネットワークは使いません。"""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import NamedTuple

import numpy as np

# Eight pictures of four pixels: two habits (filling from the left, filling from the right), few repeats.
TOY_PATTERNS = np.array(
    [
        [1, 1, 1, 0],
        [1, 1, 0, 0],
        [1, 1, 1, 0],
        [1, 0, 0, 0],
        [1, 1, 0, 0],
        [1, 1, 1, 0],
        [0, 0, 0, 1],
        [0, 0, 1, 1],
    ],
    dtype=np.int8,
)


class Split(NamedTuple):
    """A data set cut in two: what a model may learn from, and what it is judged on."""

    train: np.ndarray
    test: np.ndarray


@cache
def digits() -> tuple[np.ndarray, np.ndarray]:
    """Handwritten digits: images (1797, 8, 8) uint8 with 0..16, labels (1797,) uint8 with 0..9, read-only.

    Source: Alpaydin & Kaynak (1998), Optical Recognition of Handwritten Digits, UCI, CC BY 4.0
    (see ``assets/README.md``).
    """
    with (files("course_utils") / "assets" / "digits.npz").open("rb") as file, np.load(file) as archive:
        images, labels = archive["images"], archive["labels"]
    # Cached and shared between callers, so nobody may write into it.
    images.flags.writeable = labels.flags.writeable = False
    return images, labels


N_TRAIN = 1_400


def binary_digits() -> Split:
    """The digits as black and white, flattened: train (1400, 64), test (397, 64), int8 of 0/1.

    A pixel is 1 where its grey level is at least 8 of 16. Rows are put in a fixed random order before the cut,
    because the archive is ordered by writer.
    """
    images, _ = digits()
    x = (images >= 8).reshape(len(images), -1).astype(np.int8)[_shuffled(len(images))]
    return Split(x[:N_TRAIN], x[N_TRAIN:])


def digit_labels() -> Split:
    """The labels that belong to the rows of :func:`binary_digits`: train (1400,), test (397,) uint8."""
    _, labels = digits()
    y = labels[_shuffled(len(labels))]
    return Split(y[:N_TRAIN], y[N_TRAIN:])


@cache
def _shuffled(n: int) -> np.ndarray:
    return np.random.default_rng(0).permutation(n)


@dataclass(frozen=True, eq=False)
class Plane:
    """A world of points in the plane whose true density is known: equal, round Gaussians of width ``sigma``.

    Attributes:
        means: (K, 2). sigma: the standard deviation of each.
    """

    name: str
    means: np.ndarray
    sigma: float

    def sample(self, n: int, rng: np.random.Generator) -> np.ndarray:
        """Draw ``n`` points: (n, 2)."""
        return self.means[rng.integers(len(self.means), size=n)] + self.sigma * rng.normal(size=(n, 2))

    def log_prob(self, x: np.ndarray) -> np.ndarray:
        """True log density of each row of ``x`` (n, 2): (n,) nats."""
        distance = ((np.asarray(x)[:, None, :] - self.means) ** 2).sum(axis=2)
        exponent = -distance / (2 * self.sigma**2)
        highest = exponent.max(axis=1, keepdims=True)
        total = np.log(np.exp(exponent - highest).mean(axis=1)) + highest[:, 0]
        return total - np.log(2 * np.pi * self.sigma**2)


def _circle(radius: float = 2.0, k: int = 8) -> np.ndarray:
    angle = np.arange(k) * (2 * np.pi / k)
    return radius * np.c_[np.cos(angle), np.sin(angle)]


def _two_arms(points: int = 150, turns: float = 1.5, inner: float = 0.2, outer: float = 2.5) -> np.ndarray:
    # Radii whose squares are evenly spaced put the centres about evenly along each arm.
    radius = np.sqrt(inner**2 + (np.arange(points) + 0.5) / points * (outer**2 - inner**2))
    angle = 2 * np.pi * turns * radius / outer
    arm = np.c_[radius * np.cos(angle), radius * np.sin(angle)]
    return np.concatenate([arm, -arm])


# Eight clusters on a circle, and a spiral with two arms: centres so close together that each arm is one band.
EIGHT = Plane("eight", _circle(), 0.15)
SPIRALS = Plane("spirals", _two_arms(), 0.1)


def eight_gaussians(n: int, rng: np.random.Generator, *, sigma: float = 0.15) -> np.ndarray:
    """``n`` points of eight equal Gaussian clusters on a circle of radius 2: (n, 2) float."""
    return Plane("eight", _circle(), sigma).sample(n, rng)


def toy_pmf() -> np.ndarray:
    """The true distribution behind the four-pixel pictures of chapter 1: (16,) float in the order 0000, 0001, …, 1111.

    Two habits, filling from the left (65 %) and from the right (25 %); the empty picture 2 %; every other picture 1 %.
    """
    p = np.full(16, 0.01)
    for pattern, probability in {
        "1000": 0.15, "1100": 0.20, "1110": 0.25, "1111": 0.05, "0001": 0.10, "0011": 0.10, "0111": 0.05, "0000": 0.02,
    }.items():  # fmt: skip
        p[int(pattern, 2)] = probability
    return p


class TextSplit(NamedTuple):
    """Strings cut in two: what a model may learn from, and what it is judged on."""

    train: list[str]
    test: list[str]


def kana_names() -> list[str]:
    """3,284 different Japanese place names in hiragana, without 都府県市区町村郡, in code-point order.

    Prefectures, counties, municipalities and wards, and the neighbourhood names found in four prefectures or more.
    Source: Japan Post's postal code data, on which Japan Post claims no copyright (see ``assets/kana_names.md``).
    """
    return (files("course_utils") / "assets" / "kana_names.txt").read_text(encoding="utf-8").split()


def kana_split() -> TextSplit:
    """The names of :func:`kana_names` in a fixed random order: 2,627 to learn from (80%), 657 held out."""
    names = kana_names()
    shuffled = [names[i] for i in _shuffled(len(names))]
    n_train = round(0.8 * len(names))
    return TextSplit(shuffled[:n_train], shuffled[n_train:])

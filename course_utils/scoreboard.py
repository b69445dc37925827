"""すべての族を、同じデータで学習し、同じ物差しで測る（第 8 章）。

:data:`FAMILIES` is the registry. Adding a family is one file in ``models/`` and one entry there: the measurements,
the tables of chapter 8, ``benchmarks/scoreboard.py`` and the tests all follow it.

:func:`measure` trains one family in one world and scores it; :func:`shipped` reads what was measured once for all
(``assets/scoreboard.json``, written by ``make scoreboard``).

Times are CPU times in units of a small workload that is timed in the same run (:func:`step_time`): they say how many
times longer something takes than something else, on any machine, and never how many seconds.
"""

import inspect
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from operator import attrgetter
from typing import NamedTuple, Self

import numpy as np

from . import data, metrics
from .models.adversaries import Truth
from .models.autoregressive import MADE, AutoregressiveMixture
from .models.base import GenerativeModel
from .models.bernoulli import Bernoulli
from .models.diffusion import Diffusion, Distilled
from .models.energy import RBM, EnergyModel
from .models.flow import BinaryFlow, RealNVP
from .models.gan import GAN
from .models.mixture import BernoulliMixture, GaussianMixture
from .models.nn import MLP, Adam
from .models.vae import VAE

# ---- the worlds -------------------------------------------------------------------------------------------------

N_PLANE = 5_000  # points to learn from, and as many of the truth to be compared with
N_NLL = 1_000  # rows of the truth on which the log-likelihood is taken
DIGIT_DRAWS = 4  # as 397 test images are few, samples are compared with them four times


@dataclass(frozen=True)
class World:
    """A data set with a fixed way of judging on it. ``plane`` is its known density, if it has one."""

    key: str
    label: str
    plane: data.Plane | None = None

    def split(self, rng: np.random.Generator) -> data.Split:
        """What a model learns from and what it is compared with: 5,000 points each, or 1,400 and 397 images."""
        if self.plane is None:
            return data.binary_digits()
        return data.Split(self.plane.sample(N_PLANE, rng), self.plane.sample(N_PLANE, rng))

    def truth(self) -> Truth:
        """The true distribution as a model; of digits, for which nobody knows it, training images drawn at random."""
        if self.plane is not None:
            return Truth(self.plane.sample)
        return Truth(lambda n, rng: rng.permutation(data.binary_digits().train)[:n])


WORLDS = {
    world.key: world
    for world in (
        World("eight", "8 つの集まり（2 次元）", data.EIGHT),
        World("spirals", "渦（2 次元）", data.SPIRALS),
        World("digits", "手書き数字（8×8）"),
    )
}

# ---- continuous families on binary images, and few steps --------------------------------------------------------


class Thresholded:
    """A family for real columns, taught 0/1 pixels as if they were real; its samples are cut at ½.

    Probabilities of images do not follow from its density: no ``log_prob``. The pixels are turned first by a random
    orthogonal matrix. A corner pixel that is black once in a thousand images would, standardised, lie 37 standard
    deviations out and rule the training; after the turn every column is a mix of all pixels and about as wide.

    Args:
        model: the family, unfitted.
        turn: (d, d) orthogonal matrix, to share that of a teacher; drawn in :meth:`fit` if not given.

    Attributes:
        model_: the fitted model. turn_: (d, d).
    """

    def __init__(self, model: GenerativeModel, turn: np.ndarray | None = None):
        self.model, self.turn = model, turn

    def fit(self, x: np.ndarray, rng: np.random.Generator, **options) -> Self:
        """Learn from ``x`` (n, d) of 0/1."""
        d = x.shape[1]
        self.turn_ = np.linalg.qr(rng.standard_normal((d, d)))[0] if self.turn is None else self.turn
        self.model_ = self.model.fit(x @ self.turn_, rng, **options)
        return self

    def sample(self, n: int, rng: np.random.Generator, **options) -> np.ndarray:
        """Draw ``n`` images: (n, d) int8 of 0/1."""
        return (self.model_.sample(n, rng, **options) @ self.turn_.T > 0.5).astype(np.int8)


class FewSteps:
    """A trained diffusion model that is sampled by DDIM with ``steps`` steps: nothing new to learn.

    Attributes:
        model_: the fitted diffusion model.
    """

    def __init__(self, teacher: Diffusion | Thresholded, steps: int):
        self.model_, self.steps = teacher, steps

    def fit(self, x: np.ndarray, rng: np.random.Generator) -> Self:
        """Nothing to learn."""
        return self

    def sample(self, n: int, rng: np.random.Generator) -> np.ndarray:
        """Draw ``n`` rows: (n, d)."""
        return self.model_.sample(n, rng, steps=self.steps, method="ddim")


def _distilled(teacher: Diffusion | Thresholded):
    """A one-step student of a trained teacher, for points or for images."""
    if isinstance(teacher, Thresholded):
        student = Distilled(teacher.model_, hidden=256, layers=3, steps=4_000, batch=128, lr=2e-3)
        return Thresholded(student, teacher.turn_)
    return Distilled(teacher)


# ---- the registry -----------------------------------------------------------------------------------------------

EXACT, BOUND, ESTIMATE, NONE = "厳密", "下界", "推定", "なし"


class Setting(NamedTuple):
    """How a family is built for one kind of data.

    Attributes:
        make: makes the model, unfitted; where the family has a teacher, from the fitted teacher.
        nll: what its NLL is: exact, bounded (log-likelihood from below), estimated, or not there.
        parameters: path to what is learned and used to sample: an array, or its size.
    """

    make: Callable[..., GenerativeModel]
    nll: str
    parameters: str


@dataclass(frozen=True)
class Family:
    """One row of the scoreboard.

    Attributes:
        plane, pixels: for points of the plane and for 0/1 images.
        control: "○", "△" or "–": whether a latent variable steers what is made; ``why`` in a few words.
        teacher: key of the family that must be trained first.
    """

    key: str
    label: str
    plane: Setting
    pixels: Setting
    control: str
    why: str
    teacher: str | None = None

    def setting(self, world: World) -> Setting:
        """The setting for ``world``."""
        return self.pixels if world.plane is None else self.plane


def _ddpm_on_pixels() -> Thresholded:
    return Thresholded(Diffusion(prediction="velocity", hidden=256, layers=3, steps=6_000, batch=128, lr=2e-3))


FAMILIES = {
    family.key: family
    for family in (
        Family(
            "baseline", "独立・正規分布 1 つ",
            Setting(lambda: GaussianMixture(1), EXACT, "n_parameters"),
            Setting(lambda: Bernoulli(1.0), EXACT, "p_"),
            "–", "潜在変数がない",
        ),
        Family(
            "mixture", "混合分布",
            Setting(lambda: GaussianMixture(20, n_init=2), EXACT, "n_parameters"),
            Setting(lambda: BernoulliMixture(30), EXACT, "n_parameters"),
            "△", "成分の番号を選べる",
        ),
        Family(
            "vae", "VAE",
            Setting(
                lambda: VAE(2, likelihood="gaussian", layers=3, batch=256, steps=6_000), BOUND, "decoder_.params"
            ),
            Setting(lambda: VAE(8), BOUND, "decoder_.params"),
            "○", "x から z へも、z から x へも行ける",
        ),
        Family(
            "autoregressive", "自己回帰",
            Setting(lambda: AutoregressiveMixture(), EXACT, "net_.params"),
            Setting(lambda: MADE(256), EXACT, "net_.params"),
            "–", "続きは書けるが、潜在変数はない",
        ),
        Family(
            "flow", "フロー",
            Setting(lambda: RealNVP(), EXACT, "params_"),
            Setting(lambda: BinaryFlow(), BOUND, "flow_.params_"),
            "○", "x と z が 1 対 1 に対応する",
        ),
        Family(
            "gan", "GAN（非飽和）",
            Setting(lambda: GAN(), NONE, "generator_.params"),
            Setting(lambda: GAN(16, output="binary"), NONE, "generator_.params"),
            "○", "z を動かせる（x から z へは戻れない）",
        ),
        Family(
            "wgan", "GAN（Wasserstein）",
            Setting(lambda: GAN(loss="wasserstein"), NONE, "generator_.params"),
            Setting(lambda: GAN(16, output="binary", loss="wasserstein"), NONE, "generator_.params"),
            "○", "z を動かせる（x から z へは戻れない）",
        ),
        Family(
            "collapsed", "GAN（罰則なし）",
            Setting(lambda: GAN(8, penalty=0, critic_steps=3), NONE, "generator_.params"),
            Setting(lambda: GAN(8, output="binary", penalty=0, critic_steps=3), NONE, "generator_.params"),
            "○", "z を動かせる（x から z へは戻れない）",
        ),
        Family(
            "energy", "エネルギー",
            Setting(lambda: EnergyModel(), ESTIMATE, "net_.params"),
            Setting(lambda: RBM(16), EXACT, "params_"),
            "–", "x の関数が 1 つあるだけ",
        ),
        Family(
            "diffusion", "拡散（100 歩）",
            Setting(lambda: Diffusion(), ESTIMATE, "net_.params"),
            Setting(_ddpm_on_pixels, NONE, "model_.net_.params"),
            "△", "z は x と同じ大きさのノイズ",
        ),
        Family(
            "ddim", "拡散（10 歩）",
            Setting(lambda teacher: FewSteps(teacher, 10), NONE, "model_.net_.params"),
            Setting(lambda teacher: FewSteps(teacher, 10), NONE, "model_.model_.net_.params"),
            "△", "z は x と同じ大きさのノイズ", teacher="diffusion",
        ),
        Family(
            "distilled", "拡散（蒸留、1 歩）",
            Setting(_distilled, NONE, "net_.params"),
            Setting(_distilled, NONE, "model_.net_.params"),
            "△", "z は x と同じ大きさのノイズ", teacher="diffusion",
        ),
    )
}  # fmt: skip
TRUTH = "truth"  # the row of the truth against itself: what a perfect model would get

# ---- measuring --------------------------------------------------------------------------------------------------

FIGURES = ("nll", "gap", "c2st", "precision", "recall", "coverage", "train", "sample", "parameters")
TIMES = ("train", "sample")
N_SHOWN = {True: 300, False: 24}  # samples kept for a picture: points, images


@dataclass(frozen=True)
class Row:
    """One family, one world, one seed. What a family does not have is NaN.

    Attributes:
        nll: mean negative log-likelihood of held-out data, nats a row; ``nll_kind`` says how exact. gap: what it
            lies above the entropy of the truth (plane only).
        c2st: accuracy of a nearest-neighbour two-sample test, ½ if nothing is told apart.
        precision, recall, coverage: by nearest neighbours, k = 5.
        train: to fit. sample: to draw 1,000 rows. Both in thousands of steps of :func:`step_time`.
        parameters: how many numbers were learned that sampling uses.
        shown: some samples, (300, 2) points or (24, 64) images.
    """

    family: str
    world: str
    seed: int
    nll: float
    gap: float
    nll_kind: str
    c2st: float
    precision: float
    recall: float
    coverage: float
    train: float
    sample: float
    parameters: int
    shown: np.ndarray


@dataclass(frozen=True)
class Trained:
    """A fitted model and what it took, its teacher included: thousands of steps of :func:`step_time`."""

    family: str
    world: World
    seed: int
    model: GenerativeModel
    cost: float


Progress = Callable[[float, str], None]


def step_time(repeats: int = 3, steps: int = 100) -> float:
    """CPU seconds of one training step of a small network (2-64-64-2, 256 rows, Adam): the unit of all times.

    The best of ``repeats`` goes at ``steps`` steps each: whatever else the machine does only adds.
    """
    rng = np.random.default_rng(0)
    x = rng.standard_normal((256, 2), dtype=np.float32)
    net = MLP([2, 64, 64, 2], rng, "tanh")
    adam, best = Adam(net.params), np.inf
    for _ in range(repeats):
        begin = time.process_time()
        for _ in range(steps):
            out, cache = net.forward(x)
            adam.step(net.backward(cache, (out - x) / len(x))[1])
        best = min(best, time.process_time() - begin)
    return best / steps


def train(
    family: str, world: str, seed: int, *, teacher: Trained | None = None, progress: Progress | None = None
) -> Trained:
    """Fit a family in a world. A teacher that it needs is trained too, unless it is given."""
    entry, where = _find(family, world)
    rng = np.random.default_rng([seed, 0])
    x = where.split(rng).train
    arguments, cost = (), 0.0
    if entry.teacher:
        teacher = teacher or train(entry.teacher, world, seed, progress=progress)
        arguments, cost = (teacher.model,), teacher.cost
    model = entry.setting(where).make(*arguments)
    options = _options(model, progress, f"{entry.label} を学習しています")
    steps, _ = _in_steps(lambda: model.fit(x, rng, **options))
    return Trained(family, where, seed, model, cost + steps / 1_000)


def _in_steps(work: Callable) -> tuple[float, object]:
    """What ``work()`` takes, in steps of :func:`step_time` timed just before and after it, and what it returns."""
    before, begin = step_time(), time.process_time()
    result = work()
    seconds = time.process_time() - begin
    return seconds / ((before + step_time()) / 2), result


def _options(model: GenerativeModel, progress: Progress | None, says: str) -> dict:
    """A callback for ``fit`` that tells ``progress`` how far it is, if the family has one."""
    inner = getattr(model, "model", model)
    if progress is None or "callback" not in inspect.signature(inner.fit).parameters:
        return {}
    steps = inner.steps if hasattr(inner, "steps") else None
    return {"callback": lambda entry: progress(0.8 * entry["step"] / steps if steps else 0.4, says)}


def score(trained: Trained, *, progress: Progress | None = None) -> Row:
    """Judge a fitted model on data that it has not seen."""
    tell = progress or (lambda share, says: None)
    entry, world = FAMILIES[trained.family], trained.world
    _, test = world.split(np.random.default_rng([trained.seed, 0]))
    rng = np.random.default_rng([trained.seed, 1])
    tell(0.8, "サンプルを作っています")
    sampling, drawn = _in_steps(lambda: _draw(world, trained.model, len(test), rng))
    tell(0.85, "NLL を求めています")
    setting = entry.setting(world)
    nll = gap = np.nan
    if setting.nll != NONE:
        log_prob = _log_prob(trained.model, test[:N_NLL], rng)
        nll = float(-log_prob.mean())
        if world.plane is not None:
            gap = float((world.plane.log_prob(test[:N_NLL]) - log_prob).mean())
    tell(0.9, "サンプルを本物と比べています")
    return Row(
        trained.family, world.key, trained.seed, nll, gap, setting.nll, **_compare(test, drawn),
        # For 1,000 rows, in thousands of steps: the thousands cancel.
        train=trained.cost, sample=sampling / sum(map(len, drawn)),
        parameters=_size(attrgetter(setting.parameters)(trained.model)),
        shown=drawn[0][: N_SHOWN[world.plane is not None]],
    )  # fmt: skip


def measure(family: str, world: str, seed: int = 0, *, progress: Progress | None = None) -> Row:
    """Train one family in one world and score it.

    Args:
        family: a key of :data:`FAMILIES`. world: a key of :data:`WORLDS`.
        seed: of the data, of training and of sampling.
        progress: called as ``progress(share, says)`` now and then, share from 0 to 1.

    Raises:
        ValueError: if there is no such family or world.
    """
    row = score(train(family, world, seed, progress=progress), progress=progress)
    if progress:
        progress(1.0, "終わりました")
    return row


def truth_row(world: str, seed: int = 0) -> dict[str, float]:
    """C2ST, precision, recall and coverage of the truth against itself: what a perfect model would get."""
    _, where = _find("baseline", world)
    _, test = where.split(np.random.default_rng([seed, 0]))
    return _compare(test, _draw(where, where.truth(), len(test), np.random.default_rng([seed, 1])))


def _find(family: str, world: str) -> tuple[Family, World]:
    for name, key, known in (("family", family, FAMILIES), ("world", world, WORLDS)):
        if key not in known:
            raise ValueError(f"{name} は {'、'.join(known)} のどれかにしてください（受け取ったもの: {key!r}）")
    return FAMILIES[family], WORLDS[world]


def _draw(world: World, model: GenerativeModel, n: int, rng: np.random.Generator) -> list[np.ndarray]:
    return [model.sample(n, rng) for _ in range(DIGIT_DRAWS if world.plane is None else 1)]


def _log_prob(model: GenerativeModel, x: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The best that a family can say of log p(x): exact, an importance-weighted bound, or along the ODE."""
    if hasattr(model, "log_prob"):
        return model.log_prob(x)
    if hasattr(model, "log_prob_estimate"):
        return model.log_prob_estimate(x, rng)
    return model.ode_log_prob(x)


def _compare(test: np.ndarray, drawn: list[np.ndarray]) -> dict[str, float]:
    """Means over the sets of samples in ``drawn``, each of which is as large as ``test``."""
    seen = []
    for fake in drawn:
        precision, recall = metrics.precision_recall(test, fake)
        coverage = metrics.density_coverage(test, fake).coverage
        seen.append((metrics.c2st_accuracy(test, fake), precision, recall, coverage))
    return dict(zip(("c2st", "precision", "recall", "coverage"), map(float, np.mean(seen, axis=0)), strict=True))


def _size(learned) -> int:
    return int(learned if isinstance(learned, int) else learned.size)


# ---- what was measured once for all ------------------------------------------------------------------------------


class Figure(NamedTuple):
    """One figure of the scoreboard over the seeds: its mean, and how far a fresh mean may lie from it."""

    mean: float
    spread: float
    values: tuple[float, ...]


# Never less than this: a spread from five seeds may be small by luck, and rounding, which differs between machines, is
# magnified by training. 1,000 points of the plane place an NLL (not the gap, a difference on the same points) to 0.03.
LEAST_SPREAD = {"nll": 0.15, "gap": 0.08, "c2st": 0.04, "precision": 0.05, "recall": 0.05, "coverage": 0.05}


def figure(name: str, values: list[float]) -> Figure:
    """Summarise the values of one figure over the seeds.

    ``spread`` is the declared tolerance: the mean of a few fresh seeds lies within it. For quality it is four
    standard deviations of a single seed (or :data:`LEAST_SPREAD`); for times, a factor of three.
    """
    mean = float(np.mean(values))
    if name in TIMES:
        return Figure(mean, 2 * mean, tuple(values))
    deviation = float(np.std(values, ddof=1)) if len(values) > 1 else 0.0
    return Figure(mean, max(4 * deviation, LEAST_SPREAD.get(name, 0.0)), tuple(values))


@dataclass(frozen=True)
class Entry:
    """What was measured of one family in one world (or of the truth): figures by name, and samples of one seed."""

    figures: dict[str, Figure]
    shown: np.ndarray

    def __getitem__(self, name: str) -> float:
        """The mean of a figure over the seeds; NaN where the family has none."""
        return self.figures[name].mean if name in self.figures else np.nan


@cache
def shipped() -> dict[str, dict[str, Entry]]:
    """The measurements that come with the course: ``shipped()[world][family]``, with the truth as last family."""
    text = (files("course_utils") / "assets" / "scoreboard.json").read_text(encoding="utf-8")
    return {
        world: {family: _read(entry, WORLDS[world]) for family, entry in entries.items()}
        for world, entries in json.loads(text)["worlds"].items()
    }


def _read(entry: dict, world: World) -> Entry:
    shown = np.array(entry["shown"], dtype=float) / 100 if world.plane else _unpacked(entry["shown"])
    figures = {name: Figure(f["mean"], f["spread"], tuple(f["values"])) for name, f in entry["figures"].items()}
    return Entry(figures, shown)


def packed(shown: np.ndarray, world: World) -> list:
    """Samples as JSON holds them: points in hundredths, images as 16 hexadecimal digits."""
    if world.plane is not None:
        return np.round(100 * shown).astype(int).tolist()
    return [np.packbits(image).tobytes().hex() for image in shown.astype(np.uint8)]


def _unpacked(shown: list[str]) -> np.ndarray:
    rows = np.array([list(bytes.fromhex(text)) for text in shown], dtype=np.uint8).reshape(len(shown), -1)
    return np.unpackbits(rows, axis=1)


NLL_SIGN = {EXACT: "", BOUND: "≤ ", ESTIMATE: "≈ ", NONE: ""}


def matrix(world: str, names: tuple[str, ...]) -> np.ndarray:
    """Shipped means of some figures: (families, len(names)), in the order of :data:`FAMILIES`; NaN where none."""
    entries = shipped()[world]
    return np.array([[entries[family][name] for name in names] for family in FAMILIES])


# ---- reading it ---------------------------------------------------------------------------------------------------


def pareto_front(costs: np.ndarray) -> np.ndarray:
    """Which rows of ``costs`` (n, m) no other row dominates: (n,) bool. Smaller is better; equal rows stay together.

    A row dominates another if it is nowhere larger and somewhere smaller.
    """
    costs = np.asarray(costs, dtype=float)
    nowhere_larger = (costs[:, None, :] <= costs[None, :, :]).all(axis=2)
    somewhere_smaller = (costs[:, None, :] < costs[None, :, :]).any(axis=2)
    return ~(nowhere_larger & somewhere_smaller).any(axis=0)


def weighted_scores(table: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Weighted means of the columns of ``table`` (n, m), each scaled to 0 … 1, larger being better: (n,).

    Missing values (NaN) leave a row's mean; a column without differences counts 0. NaN for a row without any weight.
    """
    low, high = np.nanmin(table, axis=0), np.nanmax(table, axis=0)
    unit = (table - low) / np.where(high > low, high - low, 1)
    known = ~np.isnan(unit)
    total = known @ np.asarray(weights, dtype=float)
    return np.where(known, unit, 0) @ weights / np.where(total > 0, total, np.nan)

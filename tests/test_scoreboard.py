"""The scoreboard: its registry is complete, what is shipped agrees with a fresh run, and reading it is right."""

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from course_utils import scoreboard
from course_utils.models.base import GenerativeModel
from course_utils.scoreboard import FAMILIES, FIGURES, NONE, TIMES, TRUTH, WORLDS, World

SHIPPED = scoreboard.shipped()
CHEAP = ("baseline", "mixture")
QUALITY = [name for name in FIGURES if name not in TIMES]


def disagreements(row: scoreboard.Row) -> list[str]:
    """Figures of ``row`` that lie farther from the shipped mean than declared."""
    known = SHIPPED[row.world][row.family].figures
    return [
        f"{name}: {getattr(row, name):.4g}, shipped {known[name].mean:.4g} ± {known[name].spread:.2g}"
        for name in QUALITY
        if name in known and not abs(getattr(row, name) - known[name].mean) <= known[name].spread
    ]


# What is shipped


@pytest.mark.parametrize("world", WORLDS)
def test_every_family_is_shipped_with_all_its_figures(world):
    assert list(SHIPPED[world]) == [*FAMILIES, TRUTH]
    for key, family in FAMILIES.items():
        expected = set(FIGURES)
        if family.setting(WORLDS[world]).nll == NONE:
            expected -= {"nll", "gap"}
        if world == "digits":
            expected -= {"gap"}  # nobody knows the entropy of handwriting
        assert set(SHIPPED[world][key].figures) == expected, key
        for figure in SHIPPED[world][key].figures.values():
            assert len(figure.values) == 5 and figure.mean == pytest.approx(np.mean(figure.values), rel=1e-3, abs=1e-3)


@pytest.mark.parametrize("world", WORLDS)
@pytest.mark.parametrize("family", CHEAP)
def test_shipped_figures_agree_with_a_fresh_seed(family, world):
    row = scoreboard.measure(family, world, seed=100)
    assert disagreements(row) == []


@pytest.mark.parametrize(
    ("family", "world"),
    [("vae", "digits"), ("autoregressive", "digits"), ("autoregressive", "eight"), ("energy", "digits")],
)
def test_shipped_figures_agree_with_a_measured_seed(family, world):
    assert disagreements(scoreboard.measure(family, world, seed=0)) == []


@pytest.mark.parametrize("world", WORLDS)
def test_the_truth_agrees_with_a_fresh_seed(world):
    row, known = scoreboard.truth_row(world, 100), SHIPPED[world][TRUTH].figures
    assert all(abs(row[name] - known[name].mean) <= known[name].spread for name in row)
    assert abs(row["c2st"] - 0.5) < 0.04


def test_disagreement_is_noticed():
    row = scoreboard.measure("baseline", "digits", seed=100)
    assert disagreements(replace(row, c2st=row.c2st + 0.1)) and disagreements(replace(row, nll=row.nll - 1))


@pytest.mark.parametrize("world", WORLDS)
def test_shown_samples_come_back_as_they_were_packed(world):
    rng = np.random.default_rng(0)
    where = WORLDS[world]
    shown = where.truth().sample(7, rng)
    back = scoreboard._read({"figures": {}, "shown": json.loads(json.dumps(scoreboard.packed(shown, where)))}, where)
    assert np.abs(back.shown - shown).max() <= 0.00501
    n = scoreboard.N_SHOWN[where.plane is not None]
    assert all(entry.shown.shape == (n, shown.shape[1]) for entry in SHIPPED[world].values())


# What it says: each family wins and loses where its kind does. Floors: what was once reached in prototypes.


FLOORS = {
    "eight": {
        "mixture": (0.51, 0.95, 0.02), "vae": (0.67, 0.86, 0.60), "autoregressive": (0.515, 0.95, 0.02),
        "flow": (0.577, 0.93, 0.28), "energy": (0.515, 0.95, 0.02), "gan": (0.66, 0.83, None),
        "wgan": (0.78, 0.58, None), "diffusion": (0.525, 0.95, 0.06),
    },
    "spirals": {
        "mixture": (0.54, 0.93, 0.13), "vae": (0.645, 0.88, 0.49), "autoregressive": (0.53, 0.94, 0.05),
        "flow": (0.56, 0.93, 0.20), "energy": (0.53, 0.94, 0.08), "gan": (0.62, 0.87, None),
        "wgan": (0.66, 0.58, None), "diffusion": (0.545, 0.93, 0.18),
    },
}  # fmt: skip


@pytest.mark.parametrize(("world", "family"), [(w, f) for w in FLOORS for f in FLOORS[w]])
def test_no_family_is_a_straw_man(world, family):
    c2st, coverage, gap = FLOORS[world][family]
    entry = SHIPPED[world][family]
    assert entry["c2st"] <= c2st and entry["coverage"] >= coverage
    assert gap is None or entry["gap"] <= gap


def test_a_gan_without_penalty_collapses_and_with_it_does_not():
    eight = SHIPPED["eight"]
    assert eight["collapsed"]["coverage"] < 0.6 < 0.8 < eight["gan"]["coverage"]
    assert eight["collapsed"]["precision"] > 0.9


@pytest.mark.parametrize("world", WORLDS)
def test_fewer_steps_sample_faster(world):
    many, few, one = (SHIPPED[world][key]["sample"] for key in ("diffusion", "ddim", "distilled"))
    assert many > 5 * few > 5 * one


# Measuring


class Counting:
    """A family that only remembers how it was called."""

    def __init__(self):
        self.calls, self.steps = [], 4

    def fit(self, x, rng, *, callback=None):
        self.calls.append(x.shape)
        for step in range(1, 5):
            if callback:
                callback({"step": step})
        self.mean_ = x.mean(axis=0)
        return self

    def sample(self, n, rng):
        return self.mean_ + rng.standard_normal((n, len(self.mean_)))

    def log_prob(self, x):
        return np.full(len(x), -1.5)


def test_one_entry_makes_a_family(monkeypatch):
    setting = scoreboard.Setting(Counting, scoreboard.EXACT, "mean_")
    family = scoreboard.Family("mine", "わたしの族", setting, setting, "–", "ない")
    monkeypatch.setitem(FAMILIES, "mine", family)
    told = []
    row = scoreboard.measure("mine", "eight", seed=3, progress=lambda share, says: told.append((share, says)))
    assert (row.family, row.world, row.seed, row.nll, row.nll_kind) == ("mine", "eight", 3, 1.5, "厳密")
    assert row.parameters == 2 and row.shown.shape == (300, 2)
    shares = [share for share, _ in told]
    assert shares == sorted(shares) and shares[-1] == 1.0 and len(set(shares)) > 5
    assert told[0] == (pytest.approx(0.2), "わたしの族 を学習しています")


@pytest.mark.parametrize("key", FAMILIES)
@pytest.mark.parametrize("world", WORLDS)
def test_every_setting_makes_a_model(key, world):
    family = FAMILIES[key]
    teacher = FAMILIES[family.teacher].setting(WORLDS[world]).make() if family.teacher else None
    if isinstance(teacher, scoreboard.Thresholded):
        teacher.model_, teacher.turn_ = teacher.model, np.eye(64)
    model = family.setting(WORLDS[world]).make(*([teacher] if teacher else []))
    assert isinstance(model, GenerativeModel)
    assert family.control in ("○", "△", "–") and family.why


def test_same_seed_same_row_and_other_seed_another():
    one, two, other = (scoreboard.measure("baseline", "digits", seed) for seed in (1, 1, 2))
    assert (one.nll, one.c2st, one.coverage) == (two.nll, two.c2st, two.coverage)
    assert np.array_equal(one.shown, two.shown)
    assert one.c2st != other.c2st and not np.array_equal(one.shown, other.shown)


def test_a_teacher_is_trained_once_and_its_cost_counts():
    teacher = scoreboard.Trained("diffusion", WORLDS["digits"], 0, Halves(), 12.0)
    pupil = scoreboard.train("ddim", "digits", 0, teacher=teacher)
    assert pupil.model.model_ is teacher.model
    assert 12.0 <= pupil.cost < 13.0


class Halves:
    """Stands for a diffusion model."""

    def sample(self, n, rng, *, steps, method):
        assert (steps, method) == (10, "ddim")
        return rng.integers(0, 2, size=(n, 64))


def test_few_steps_hand_the_steps_on():
    assert scoreboard.FewSteps(Halves(), 10).sample(5, np.random.default_rng(0)).shape == (5, 64)


def test_thresholded_turns_there_and_back():
    class Echo:
        def fit(self, x, rng):
            self.x = x
            return self

        def sample(self, n, rng):
            return self.x[:n]

    x = np.random.default_rng(1).integers(0, 2, size=(50, 8))
    model = scoreboard.Thresholded(Echo()).fit(x, np.random.default_rng(2))
    assert np.array_equal(model.sample(20, None), x[:20])
    assert not np.allclose(model.model_.x, x)
    assert model.model_.x.std(axis=0).min() > 0.2


@pytest.mark.parametrize(("family", "world", "named"), [("nobody", "eight", "family"), ("vae", "moon", "world")])
def test_unknown_names_are_named(family, world, named):
    with pytest.raises(ValueError, match=named):
        scoreboard.measure(family, world)


def test_worlds_split_as_declared():
    for world in WORLDS.values():
        train, test = world.split(np.random.default_rng(0))
        assert (len(train), len(test)) == ((1_400, 397) if world.plane is None else (5_000, 5_000))
    assert World("x", "x").plane is None


def test_spread_is_declared_from_the_seeds():
    assert scoreboard.figure("c2st", [0.5, 0.5]).spread == scoreboard.LEAST_SPREAD["c2st"]
    assert scoreboard.figure("nll", [1.0, 2.0, 3.0]).spread == pytest.approx(4.0)
    assert scoreboard.figure("train", [3.0, 5.0]).spread == 8.0


# Reading it

COSTS = arrays(float, st.tuples(st.integers(0, 12), st.integers(1, 3)), elements=st.integers(0, 4).map(float))


@given(COSTS)
def test_pareto_front_is_what_nothing_dominates(costs):
    front = scoreboard.pareto_front(costs)
    rows = [tuple(row) for row in costs.tolist()]
    for row, kept in zip(rows, front, strict=True):
        beaten = any(other != row and all(o <= r for o, r in zip(other, row, strict=True)) for other in rows)
        assert kept == (not beaten)
    if len(costs):
        # Every row that goes is dominated by one that stays.
        assert front.any()
        assert all((costs[front] <= row).all(axis=1).any() for row in costs)


TABLES = arrays(float, st.tuples(st.integers(2, 8), st.integers(1, 4)), elements=st.integers(-5, 5).map(float))


@given(TABLES, st.integers(1, 50), st.floats(-100, 100))
def test_weighted_scores_do_not_depend_on_a_columns_units(table, factor, offset):
    weights = 1.0 + np.arange(table.shape[1])
    moved = table.copy()
    moved[:, 0] = factor * moved[:, 0] + offset
    got = scoreboard.weighted_scores(table, weights)
    assert np.allclose(got, scoreboard.weighted_scores(moved, weights), atol=1e-6)
    assert ((got >= -1e-12) & (got <= 1 + 1e-12)).all()


def test_weighted_scores_leave_missing_values_out():
    table = np.array([[0.0, 10.0, 1.0], [4.0, np.nan, 1.0], [1.0, 30.0, 1.0]])
    assert scoreboard.weighted_scores(table, np.array([1, 3, 0])) == pytest.approx([0.0, 1.0, 0.8125])
    assert np.isnan(scoreboard.weighted_scores(table, np.array([0, 1, 0]))[1])
    assert scoreboard.weighted_scores(table, np.array([0, 0, 1])) == pytest.approx([0.0, 0.0, 0.0])


# The button


def test_remeasure_waits_for_the_button_and_then_compares(monkeypatch):
    from course_utils import remeasure

    measured = []
    real = scoreboard.measure
    monkeypatch.setattr(scoreboard, "measure", lambda *a, **k: measured.append(a) or real(*a, **k))
    widget = remeasure.remeasure("baseline", "digits")
    bundle = widget._repr_mimebundle_()
    assert bundle["text/plain"].startswith("［測り直し］") and "application/vnd.jupyter.widget-view+json" in bundle
    assert measured == []
    widget.button.click()
    assert measured == [("baseline", "digits", 100)]
    assert widget.bar.value == 100 and not widget.button.disabled
    assert "C2ST" in widget.text.value and ">○<" in widget.text.value and ">×<" not in widget.text.value
    widget.button.click()
    assert measured[-1] == ("baseline", "digits", 101)


def test_remeasure_says_when_a_figure_is_off():
    from course_utils import remeasure

    row = scoreboard.measure("baseline", "digits", 100)
    assert ">×<" in remeasure._table(replace(row, coverage=0.9), SHIPPED["digits"]["baseline"])

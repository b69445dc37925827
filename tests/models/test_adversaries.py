"""Each adversary commits its one sin, and only that; the metric that must see it does."""

import numpy as np
import pytest

from course_utils import metrics
from course_utils.data import eight_gaussians
from course_utils.models.adversaries import Blurrer, Memoriser, ModeDropper, OverDisperser, Truth
from course_utils.models.base import GenerativeModel

TRUTH = Truth(eight_gaussians)
MAKERS = {
    "truth": lambda: Truth(eight_gaussians),
    "memoriser": Memoriser,
    "mode dropper": lambda: ModeDropper(TRUTH),
    "blurrer": lambda: Blurrer(TRUTH),
    "over-disperser": lambda: OverDisperser(TRUTH),
}
every_model = pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS.keys())
N = 1500


def rng(seed=0):
    return np.random.default_rng(seed)


@pytest.fixture(scope="module")
def sets():
    """Training set, fresh test set and what each model makes of the first."""
    r = rng(7)
    train, test = eight_gaussians(N, r), eight_gaussians(N, r)
    return train, test, {name: make().fit(train, r).sample(N, r) for name, make in MAKERS.items()}


@every_model
def test_interface(make):
    x = eight_gaussians(100, rng())
    model = make()
    assert isinstance(model, GenerativeModel) and model.fit(x, rng()) is model
    assert model.sample(7, rng()).shape == (7, 2) and model.sample(0, rng()).shape == (0, 2)
    assert (model.sample(5, rng(1)) == model.sample(5, rng(1))).all()
    assert (model.sample(5, rng(1)) != model.sample(5, rng(2))).any()


@every_model
def test_bad_input(make):
    model = make()
    with pytest.raises(ValueError, match="x に NaN"):
        model.fit(np.array([[np.nan, 0.0]]), rng())
    model.fit(eight_gaussians(50, rng()), rng())
    with pytest.raises(ValueError, match="n は 0 以上の整数"):
        model.sample(-1, rng())
    with pytest.raises(TypeError, match="rng には"):
        model.sample(3, 0)


@pytest.mark.parametrize("name", [n for n in MAKERS if n != "truth"])
def test_sampling_before_fitting_says_so(name):
    with pytest.raises(RuntimeError, match="まだ学習していません"):
        MAKERS[name]().sample(1, rng())


@pytest.mark.parametrize(
    "call, error, message",
    [
        (lambda: Truth(3), TypeError, "draw には関数"),
        (lambda: ModeDropper("gan"), TypeError, "honest には.*str"),
        (lambda: Blurrer(np.ones((2, 2))), TypeError, "honest には.*ndarray"),
        (lambda: OverDisperser(None), TypeError, "honest には.*NoneType"),
        (lambda: ModeDropper(TRUTH, share=1.0), ValueError, "share は 0 より大きく 1 より"),
        (lambda: ModeDropper(TRUTH, share=0.0), ValueError, "share は 0 より大きく 1 より"),
        (lambda: Blurrer(TRUTH, strength=-0.1), ValueError, "strength は 0 以上"),
        (lambda: Blurrer(TRUTH, strength=np.nan), ValueError, "strength は 0 以上"),
        (lambda: OverDisperser(TRUTH, factor=1.0), ValueError, "factor は 1 より大きい"),
        (lambda: OverDisperser(TRUTH, share=0.0), ValueError, "share は 0 より大きく"),
        (lambda: OverDisperser(TRUTH, share=1.1), ValueError, "share は 0 より大きく"),
    ],
)
def test_bad_constructions(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_memoriser_copies_all_rows_alike_and_keeps_its_own():
    x = np.arange(20.0).reshape(10, 2)
    model = Memoriser().fit(x, rng())
    x[:] = -1
    made = model.sample(10_000, rng())
    rows, counts = np.unique(made, axis=0, return_counts=True)
    assert (rows == np.arange(20.0).reshape(10, 2)).all()
    assert abs(counts - 1000).max() < 5 * np.sqrt(900)


def test_mode_dropper_leaves_out_one_ball_and_nothing_else():
    r = rng(3)
    x = eight_gaussians(4000, r)
    model = ModeDropper(TRUTH).fit(x, r)
    assert (np.linalg.norm(x - model.centre_, axis=1) <= model.radius_).mean() == pytest.approx(1 / 8, abs=0.001)
    made, fresh = model.sample(4000, r), eight_gaussians(5000, r)
    assert (np.linalg.norm(made - model.centre_, axis=1) > model.radius_).all()
    outside = fresh[np.linalg.norm(fresh - model.centre_, axis=1) > model.radius_]
    assert metrics.c2st_accuracy(outside[:2000], made[:2000]) == pytest.approx(0.5, abs=0.05)


def test_mode_dropper_gives_up_aloud():
    model = ModeDropper(Memoriser()).fit(np.zeros((5, 2)), rng())  # everything is in the ball
    with pytest.raises(RuntimeError, match="3 個のうち 0 個しか"):
        model.sample(3, rng())


def test_blurrer_adds_its_share_of_variance():
    x = rng().normal(size=(20_000, 2)) * [3, 1] + [100, 50]  # the gap of the means is no spread
    model = Blurrer(Memoriser(), strength=2.0).fit(x, rng())
    assert model.sigma_ == pytest.approx(2 * np.sqrt(5), rel=0.02)
    made = model.sample(20_000, rng(1))
    assert made.var(axis=0) == pytest.approx([9 + 20, 1 + 20], rel=0.05)
    assert made.mean(axis=0) == pytest.approx([100, 50], abs=0.2)


def test_over_disperser_pushes_its_share_from_the_mean():
    x = np.array([[9.0, 18.0], [11.0, 22.0]])
    made = OverDisperser(Memoriser(), factor=3.0, share=0.25).fit(x, rng()).sample(8000, rng())
    assert set(map(tuple, made)) == {(7, 14), (9, 18), (11, 22), (13, 26)}  # whole rows, along the line from the mean
    assert np.isin(made[:, 0], [7, 13]).mean() == pytest.approx(0.25, abs=5 * np.sqrt(0.1875 / 8000))


def test_no_single_metric_sees_all_four(sets):
    train, test, made = sets
    precision, recall = ({name: metrics.precision_recall(test, x)[i] for name, x in made.items()} for i in (0, 1))
    coverage = {name: metrics.density_coverage(test, x).coverage for name, x in made.items()}
    copying = {name: metrics.data_copying(train, test, x) for name, x in made.items()}
    frechet = {name: metrics.frechet_distance(test, x) for name, x in made.items()}
    # Who is caught, and by what:
    assert copying["memoriser"] == 0 and copying["truth"] == pytest.approx(0.5, abs=0.05)
    assert coverage["mode dropper"] < coverage["truth"] - 0.06
    assert precision["blurrer"] < 0.93 and precision["over-disperser"] < 0.94
    # Who gets away, and from what:
    assert precision["memoriser"] > 0.97 and precision["mode dropper"] > 0.97
    assert recall["memoriser"] > 0.93 and recall["blurrer"] > 0.97 and recall["over-disperser"] > 0.97
    assert coverage["over-disperser"] > coverage["truth"] - 0.04
    assert copying["mode dropper"] == pytest.approx(0.5, abs=0.05)
    assert frechet["blurrer"] < 0.05 < frechet["mode dropper"]

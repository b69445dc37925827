"""The bounds by which a bootstrap interval is judged hold what is right and little else."""

import itertools

import numpy as np
import pytest

from course_utils.exercises.expect import BootstrapInterval, Choice, Mask, bootstrap_bounds

VALUES = np.array([3, -1, 4, 1, 5, 9, -2, 6])


def test_bounds_surround_the_exact_quantile():
    values = np.array([0, 2, 7, -3])
    means = np.sort([np.mean(draw) for draw in itertools.product(values, repeat=4)])  # every resample there is
    for tail in (0.025, 0.1, 0.5, 0.9, 0.975):
        low, high = bootstrap_bounds(values, 20_000, tail)
        assert low <= np.quantile(means, tail) <= high
        assert high - low < 0.15 * np.ptp(means)


@pytest.mark.parametrize("method", ["linear", "lower", "higher", "inverted_cdf", "weibull", "median_unbiased"])
@pytest.mark.parametrize("n_boot", [7, 50, 2_000])
def test_every_definition_of_a_quantile_is_accepted(method, n_boot):
    rng = np.random.default_rng(0)
    for level in (0.5, 0.95):
        tails = [(1 - level) / 2, (1 + level) / 2]
        for _ in range(40):
            means = rng.choice(VALUES, (n_boot, len(VALUES))).mean(axis=1)
            result = np.quantile(means, tails, method=method)
            assert BootstrapInterval().complaint(result, None, (VALUES, level, n_boot, None)) is None


def test_more_draws_make_the_bounds_narrower():
    widths = [np.subtract(*bootstrap_bounds(VALUES, n, 0.05)[::-1]) for n in (100, 1_000, 10_000, 100_000)]
    assert widths == sorted(widths, reverse=True) and widths[-1] < widths[0] / 5


@pytest.mark.parametrize("level", [0.5, 0.8, 0.9])
def test_another_level_is_noticed(level):
    rng = np.random.default_rng(1)
    means = rng.choice(VALUES, (10_000, len(VALUES))).mean(axis=1)
    result = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
    said = BootstrapInterval().complaint(result, None, (VALUES, 0.95, 10_000, None))
    assert said.startswith("下端が")


@pytest.mark.parametrize(
    ("result", "says"),
    [(None, "None"), (3.0, "2 つの数"), ([1, 2, 3], "2 つの数"), ([np.nan, 1], "NaN"), ("1, 2", "文字列")],
)
def test_other_kinds_of_results_are_named(result, says):
    assert says in BootstrapInterval().complaint(result, None, (VALUES, 0.95, 100, None))


@pytest.mark.parametrize(
    ("result", "says"),
    [(None, "None"), ([1, 0], "形"), ([0, 2, 1], "True か False"), ([True, True, True], "位置 [1]"), ({1}, "集合")],
)
def test_mask_says_what_is_wrong(result, says):
    assert says in Mask().complaint(result, np.array([True, False, True]), ())
    assert Mask().complaint([1, 0, 1.0], np.array([True, False, True]), ()) is None


def test_choice_says_what_is_wrong():
    judge = Choice(("A", "B"))
    assert judge.complaint("A", "A", ()) is None
    assert "候補にありません" in judge.complaint("C", "A", ())
    assert "正しくは 'A'" in judge.complaint("B", "A", ())
    assert "文字列を返して" in judge.complaint(1, "A", ())
    assert "return" in judge.complaint(None, "A", ())

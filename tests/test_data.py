"""The bundled data: what it holds, that it is fixed, and that known densities are densities."""

import numpy as np
import pytest

from course_utils import data
from course_utils.models.empirical import pattern_index


def test_toy_patterns_could_come_from_the_toy_truth():
    p = data.toy_pmf()
    assert p.shape == (16,) and p.sum() == pytest.approx(1) and p.min() == 0.01
    assert np.log(p[pattern_index(data.TOY_PATTERNS)]).mean() > np.log(1 / 16)


def test_digits():
    images, labels = data.digits()
    assert images.shape == (1797, 8, 8) and images.dtype == np.uint8 and images.max() == 16
    assert np.bincount(labels).tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    with pytest.raises(ValueError):
        images[0] = 0  # shared between all callers


def test_digits_are_those_of_scikit_learn():
    from sklearn.datasets import load_digits

    reference = load_digits()
    images, labels = data.digits()
    assert (images == reference.images).all() and (labels == reference.target).all()


def test_binary_digits_split_is_fixed_and_matches_the_labels():
    split, labels = data.binary_digits(), data.digit_labels()
    assert split.train.shape == (1400, 64) and split.test.shape == (397, 64)
    assert set(np.unique(split.train)) == {0, 1}
    # Images of one digit resemble their own mean more than another digit's.
    means = np.stack([split.train[labels.train == c].mean(axis=0) for c in range(10)])
    nearest = ((split.test[:, None] - means) ** 2).sum(axis=2).argmin(axis=1)
    assert (nearest == labels.test).mean() > 0.8
    assert split.train[:3].sum(axis=1).tolist() == data.binary_digits().train[:3].sum(axis=1).tolist()


@pytest.mark.parametrize("world", [data.EIGHT, data.SPIRALS], ids=lambda w: w.name)
def test_plane_density_integrates_to_one_and_fits_its_samples(world):
    axis = np.linspace(-4, 4, 321)
    grid = np.stack(np.meshgrid(axis, axis), axis=-1).reshape(-1, 2)
    mass = (
        np.exp(np.concatenate([world.log_prob(part) for part in np.array_split(grid, 20)])) * (axis[1] - axis[0]) ** 2
    )
    assert mass.sum() == pytest.approx(1, abs=1e-6)
    x = world.sample(20_000, np.random.default_rng(0))
    assert x.mean(axis=0) == pytest.approx([0, 0], abs=0.06)
    # The entropy by integration and by simulation agree.
    log_p = np.concatenate([world.log_prob(part) for part in np.array_split(grid, 20)])
    assert world.log_prob(x).mean() == pytest.approx((mass * log_p).sum(), abs=0.05)

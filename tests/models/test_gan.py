"""The GAN: the gradients of both players and of the penalty, and what the game must reach on known data."""

import numpy as np
import pytest

from course_utils.data import EIGHT, binary_digits
from course_utils.models import gan
from course_utils.models.base import ExplicitModel, GenerativeModel
from course_utils.models.gan import GAN
from course_utils.models.nn import MLP

SMALL = {"hidden": 8, "layers": 1, "steps": 30, "batch": 32}
LOSSES = ["nonsaturating", "wasserstein"]


def started(loss, output="real", penalty=0.7, seed=0):
    """A float64 GAN with smooth networks, before training: (model, real rows, fake rows, z)."""
    rng = np.random.default_rng(seed)
    x = rng.integers(2, size=(9, 3)) if output == "binary" else rng.standard_normal((9, 3)) * [0.1, 1, 40]
    model = GAN(2, loss=loss, output=output, penalty=penalty, hidden=6, layers=2, dtype=np.float64)
    model._start(x, rng)
    # A leaky rectifier has kinks, where finite differences mean nothing.
    model.generator_ = MLP([2, 6, 3], rng, "tanh", dtype=np.float64)
    model.critic_ = MLP([3, 6, 6, 1], rng, "silu", dtype=np.float64)
    z = rng.standard_normal((9, 2))
    return model, (x - model.shift_) / model.scale_, model._generate(z), z


def numeric_gradient(f, params, h=1e-6):
    out = np.empty_like(params)
    for i, kept in enumerate(params.copy()):
        params[i] = kept + h
        up = f()
        params[i] = kept - h
        out[i] = (up - f()) / (2 * h)
        params[i] = kept
    return out


def log_sigmoid(x):
    return -np.logaddexp(0, -x)


def slopes(critic, x, h=1e-5):
    """‖∇D‖ at each row by finite differences: (n,)."""
    parts = [(critic(x + h * e) - critic(x - h * e))[:, 0] / (2 * h) for e in np.eye(x.shape[1])]
    return np.sqrt(sum(p**2 for p in parts))


@pytest.mark.parametrize("output", ["real", "binary"])
@pytest.mark.parametrize("loss", LOSSES)
def test_generator_gradient_matches_finite_differences(loss, output):
    model, _, _, z = started(loss, output)

    def expected():
        score = model.critic_(model._generate(z))
        return -(log_sigmoid(score) if loss == "nonsaturating" else score).mean()

    value, gradient = model._generator_step(z)
    assert value == pytest.approx(expected())
    np.testing.assert_allclose(gradient, numeric_gradient(expected, model.generator_.params), rtol=1e-5, atol=1e-8)


@pytest.mark.parametrize("loss", LOSSES)
def test_critic_gradient_with_penalty_matches_finite_differences(loss, monkeypatch):
    monkeypatch.setattr(gan, "PROBE", 1e-4)
    model, real, fake, _ = started(loss)
    share = np.random.default_rng(5).random((9, 1))
    between = share * real + (1 - share) * fake

    def plain():
        d_real, d_fake = model.critic_(real), model.critic_(fake)
        if loss == "nonsaturating":
            return -(log_sigmoid(d_real) + log_sigmoid(-d_fake)).mean()
        return (d_fake - d_real).mean()

    def whole():
        if loss == "nonsaturating":
            return plain() + 0.7 / 2 * (slopes(model.critic_, real) ** 2).mean()
        return plain() + 0.7 * ((slopes(model.critic_, between) - 1) ** 2).mean()

    value, gradient = model._critic_step(real, fake, np.random.default_rng(5))
    assert value == pytest.approx(plain())
    np.testing.assert_allclose(
        gradient, numeric_gradient(whole, model.critic_.params, 1e-5), rtol=1e-4, atol=1e-5 * np.abs(gradient).max()
    )


@pytest.mark.parametrize("loss", LOSSES)
def test_probe_of_the_penalty_is_short_enough(loss, monkeypatch):
    model, real, _, _ = started(loss)
    usual = model._penalty_gradient(real)
    monkeypatch.setattr(gan, "PROBE", 1e-5)
    exact = model._penalty_gradient(real)
    assert np.linalg.norm(usual - exact) < 0.01 * np.linalg.norm(exact)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("loss", LOSSES)
def test_penalty_of_a_flat_critic_is_finite(loss):
    model, real, _, _ = started(loss)
    model.critic_.params[:] = 0
    assert np.isfinite(model._penalty_gradient(real)).all()


def test_no_penalty_is_the_plain_game():
    model, real, fake, _ = started("nonsaturating", penalty=0)
    rng = np.random.default_rng(0)
    gradient = model._critic_step(real, fake, rng)[1]
    model.penalty = 1e-9
    np.testing.assert_allclose(gradient, model._critic_step(real, fake, rng)[1], atol=1e-6)


def modes(x, share=0.02):
    """How many of the eight clusters hold at least ``share`` of the rows within 4 σ."""
    distance2 = ((x[:, None] - EIGHT.means) ** 2).sum(axis=2)
    near = distance2.argmin(axis=1)[distance2.min(axis=1) < (4 * EIGHT.sigma) ** 2]
    return (np.bincount(near, minlength=8) >= share * len(x)).sum()


@pytest.mark.parametrize("loss", LOSSES)
def test_short_training_finds_all_modes(loss):
    rng = np.random.default_rng(1)
    model = GAN(2, loss=loss, hidden=32, steps=900, batch=128, lr=5e-3, decay=0.99).fit(EIGHT.sample(3_000, rng), rng)
    drawn = model.sample(2_000, rng)
    assert modes(drawn) == 8
    distance2 = ((drawn[:, None] - EIGHT.means) ** 2).sum(axis=2).min(axis=1)
    assert (distance2 < (4 * EIGHT.sigma) ** 2).mean() > 0.7


@pytest.mark.parametrize("loss", LOSSES)
def test_units_of_the_data_do_not_matter(loss):
    x, factor, offset = EIGHT.sample(500, np.random.default_rng(2)), np.array([1e-3, 1e4]), np.array([1e3, -7.0])
    plain, moved = (GAN(loss=loss, **SMALL).fit(data, np.random.default_rng(3)) for data in (x, x * factor + offset))
    z = np.random.default_rng(4).standard_normal((50, 4))
    np.testing.assert_allclose(moved.generate(z), plain.generate(z) * factor + offset, rtol=1e-2, atol=0.02)


def test_digits_look_more_like_digits_than_independent_pixels():
    train, _ = binary_digits()
    model = GAN(8, output="binary", steps=500, batch=64, decay=0.99).fit(train, np.random.default_rng(5))
    rng = np.random.default_rng(6)
    drawn, z = model.sample(1_000, rng), rng.standard_normal((200, 8))
    assert drawn.shape == (1_000, 64) and drawn.dtype == np.int8 and set(np.unique(drawn)) == {0, 1}
    grey = model.generate(z)
    assert grey.min() >= 0 and grey.max() <= 1
    assert np.abs(drawn.mean(axis=0) - train.mean(axis=0)).mean() < 0.15
    # Which pixels go together: independent pixels would have covariance 0 everywhere off the diagonal.
    off = ~np.eye(64, dtype=bool)
    assert np.corrcoef(np.cov(drawn.T)[off], np.cov(train.T)[off])[0, 1] > 0.6


def test_running_mean_is_what_samples():
    x = EIGHT.sample(200, np.random.default_rng(7))
    last, mean = (GAN(**SMALL, decay=decay).fit(x, np.random.default_rng(8)) for decay in (0.0, 0.999))
    assert (last.generator_.params != mean.generator_.params).any()
    np.testing.assert_array_equal(last.critic_.params, mean.critic_.params)


@pytest.mark.parametrize("loss", LOSSES)
def test_history_holds_both_losses(loss):
    x, calls = EIGHT.sample(300, np.random.default_rng(9)), []
    model = GAN(loss=loss, hidden=8, layers=1, steps=110, batch=64).fit(
        x, np.random.default_rng(0), callback=calls.append
    )
    assert calls == model.history_ and [entry["step"] for entry in calls] == [*range(2, 111, 2)]
    if loss == "nonsaturating":  # a critic that knows nothing pays log 2 for real and for fake rows
        assert calls[-1]["critic"] == pytest.approx(2 * np.log(2), abs=0.5)
        assert calls[-1]["generator"] == pytest.approx(np.log(2), abs=0.5)


def test_interface_shapes_and_refit():
    rng = np.random.default_rng(10)
    model = GAN(3, **SMALL).fit(EIGHT.sample(100, rng), rng)
    assert isinstance(model, GenerativeModel) and not isinstance(model, ExplicitModel)
    assert model.sample(0, rng).shape == (0, 2) and model.sample(5, rng).shape == (5, 2)
    assert model.generate(np.zeros((4, 3))).shape == (4, 2)
    model.fit(rng.standard_normal((20, 5)), rng)
    assert model.sample(5, rng).shape == (5, 5)


def test_same_rng_same_model():
    x = EIGHT.sample(100, np.random.default_rng(11))
    one, two, other = (GAN(**SMALL).fit(x, np.random.default_rng(seed)) for seed in (12, 12, 13))
    np.testing.assert_array_equal(one.generator_.params, two.generator_.params)
    assert (one.generator_.params != other.generator_.params).any()
    np.testing.assert_array_equal(one.sample(9, np.random.default_rng(0)), two.sample(9, np.random.default_rng(0)))


@pytest.mark.filterwarnings("error")
def test_flat_data_gives_finite_numbers():
    rng = np.random.default_rng(14)
    model = GAN(**SMALL).fit(np.c_[rng.standard_normal(50), np.full(50, 0.1)], rng)
    assert np.isfinite(model.sample(50, rng)).all()


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ({"latent": 0}, "latent"),
        ({"hidden": 0}, "hidden"),
        ({"layers": 0}, "layers"),
        ({"steps": 0}, "steps"),
        ({"batch": 1.5}, "batch"),
        ({"critic_steps": 0}, "critic_steps"),
        ({"loss": "hinge"}, "loss"),
        ({"output": "grey"}, "output"),
        ({"penalty": -1}, "penalty"),
        ({"penalty": np.nan}, "penalty"),
        ({"loss": "wasserstein", "penalty": 0}, "penalty"),
        ({"lr": 0}, "lr"),
        ({"decay": 1}, "decay"),
    ],
)
def test_bad_hyper_parameters_are_named(arguments, named):
    with pytest.raises(ValueError, match=named):
        GAN(**arguments)


@pytest.mark.parametrize(
    ("output", "bad", "match"),
    [
        ("real", np.zeros((0, 2)), "空"),
        ("real", np.zeros(5), "2 次元"),
        ("real", np.array([[0.0, np.inf]]), "無限大"),
        ("binary", np.full((3, 4), 0.5), "0 か 1"),
    ],
)
def test_bad_data_is_named_before_any_work(output, bad, match):
    model, rng = GAN(output=output), np.random.default_rng(15)
    state = rng.bit_generator.state
    with pytest.raises(ValueError, match=match):
        model.fit(bad, rng)
    assert rng.bit_generator.state == state and not hasattr(model, "generator_")


def test_bad_calls_are_named():
    rng = np.random.default_rng(16)
    with pytest.raises(RuntimeError, match="fit"):
        GAN().sample(3, rng)
    with pytest.raises(TypeError, match="rng"):
        GAN().fit(np.zeros((3, 2)), 0)
    model = GAN(**SMALL).fit(EIGHT.sample(50, rng), rng)
    with pytest.raises(ValueError, match="z の列数"):
        model.generate(np.zeros((3, 5)))
    with pytest.raises(ValueError, match="n は"):
        model.sample(-1, rng)
    with pytest.raises(TypeError, match="rng"):
        model.sample(3, 0)

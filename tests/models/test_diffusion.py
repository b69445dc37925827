"""Diffusion against what can be computed another way: Bayes, finite differences, Monte Carlo, the truth itself."""

import numpy as np
import pytest
from scipy import stats

from course_utils import data
from course_utils.metrics import c2st_accuracy
from course_utils.models.base import ExplicitModel, GenerativeModel
from course_utils.models.diffusion import (
    Diffusion,
    Distilled,
    NoisedMixture,
    cosine_alpha_bar,
    denoise,
    diffuse,
    linear_alpha_bar,
    posterior,
    time_features,
)

COSINE = cosine_alpha_bar(100)
SMALL = {"hidden": 16, "layers": 2, "steps": 60, "batch": 32}


def plane(world, alpha_bar=COSINE):
    return NoisedMixture(np.ones(len(world.means)), world.means, world.sigma**2, alpha_bar)


def lopsided(alpha_bar=COSINE, d=2):
    """Unequal weights, means far apart, full covariances of different size."""
    rng = np.random.default_rng(0)
    roots = rng.normal(size=(3, d, d)) * np.array([0.3, 1.0, 0.6])[:, None, None]
    return NoisedMixture([1.0, 5.0, 2.0], rng.normal(size=(3, d)) * 2, roots @ roots.mT + 0.05 * np.eye(d), alpha_bar)


@pytest.fixture(scope="module")
def learned():
    """A small model of the eight clusters, trained long enough to be compared with the truth."""
    x = data.EIGHT.sample(5_000, np.random.default_rng(1))
    return Diffusion(layers=3, steps=2_500).fit(x, np.random.default_rng(2))


# the forward process


@pytest.mark.parametrize("alpha_bar", [linear_alpha_bar(40), cosine_alpha_bar(40)], ids=["linear", "cosine"])
@pytest.mark.parametrize("t", [1, 7, 40])
def test_step_by_step_and_in_one_go_agree_in_distribution(alpha_bar, t):
    rng = np.random.default_rng(3)
    start = np.array([[-1.0, 2.0]]).repeat(20_000, axis=0) * rng.choice([1, -1], size=(20_000, 1))
    beta = 1 - alpha_bar[1:] / alpha_bar[:-1]
    x = start
    for b in beta[:t]:
        x = np.sqrt(1 - b) * x + np.sqrt(b) * rng.standard_normal(x.shape)
    direct = diffuse(start, t, rng.standard_normal(x.shape), alpha_bar)
    # Each comparison fails by chance with probability 1e-6.
    for direction in ([1, 0], [0, 1], [0.6, 0.8]):
        assert stats.ks_2samp(x @ direction, direct @ direction).pvalue > 1e-6


def test_schedules():
    linear, cosine = linear_alpha_bar(1_000), cosine_alpha_bar(50, last=0.03)
    beta = 1 - linear[1:] / linear[:-1]
    assert linear.shape == (1_001,) and linear[0] == cosine[0] == 1
    np.testing.assert_allclose(beta[[0, -1]], [1e-4, 0.02])
    np.testing.assert_allclose(np.diff(beta, 2), 0, atol=1e-12)
    assert cosine[-1] == pytest.approx(0.03)
    np.testing.assert_allclose(np.diff(np.arccos(np.sqrt(cosine)), 2), 0, atol=1e-7)
    # Whatever the number of steps, the noise at the end is the same.
    np.testing.assert_allclose(np.log(linear[-1]), np.log(linear_alpha_bar(4_000)[-1]), rtol=0.02)


def test_diffuse_takes_one_time_or_one_a_row():
    rng = np.random.default_rng(4)
    x0, eps, t = rng.normal(size=(5, 3)), rng.normal(size=(5, 3)), np.array([0, 100, 3, 50, 3])
    rows = [diffuse(x0[i : i + 1], int(t[i]), eps[i : i + 1], COSINE) for i in range(5)]
    np.testing.assert_allclose(diffuse(x0, t, eps, COSINE), np.concatenate(rows))
    np.testing.assert_array_equal(diffuse(x0, 0, eps, COSINE), x0)


# the way back


@pytest.mark.parametrize(("s", "t"), [(1, 2), (3, 10), (60, 100), (0, 4)])
def test_posterior_is_bayes_rule(s, t):
    x0, xt = 0.8, -0.3
    ratio = COSINE[t] / COSINE[s]
    grid = np.linspace(-6, 6, 400_001)
    if s == 0:
        mean, variance = posterior(x0, xt, s, t, COSINE)
        assert mean == pytest.approx(x0) and variance == 0
        return
    prior = stats.norm.pdf(grid, np.sqrt(COSINE[s]) * x0, np.sqrt(1 - COSINE[s]))
    weight = prior * stats.norm.pdf(xt, np.sqrt(ratio) * grid, np.sqrt(1 - ratio))
    weight /= weight.sum()
    mean, variance = posterior(x0, xt, s, t, COSINE)
    assert mean == pytest.approx(weight @ grid, rel=1e-6)
    assert variance == pytest.approx(weight @ (grid - weight @ grid) ** 2, rel=1e-6)


def test_stops_of_the_way_back():
    def noise(x, t):
        return 0.1 * x * t

    x = np.ones((2, 1))
    assert [t for t, _ in denoise(noise, x, COSINE, 4)] == [100, 75, 50, 25, 0]
    assert [t for t, _ in denoise(noise, x, COSINE)] == list(range(100, -1, -1))
    assert [t for t, _ in denoise(noise, x, COSINE, 1)] == [100, 0]


@pytest.mark.parametrize("steps", [1, 3, 100])
def test_the_true_noise_leads_back_to_the_start(steps):
    rng = np.random.default_rng(5)
    x0, eps = rng.normal(size=(6, 2)), rng.normal(size=(6, 2))
    path = list(denoise(lambda x, t: eps, diffuse(x0, 100, eps, COSINE), COSINE, steps))
    for t, x in path:
        np.testing.assert_allclose(x, diffuse(x0, t, eps, COSINE), atol=1e-12)


@pytest.mark.parametrize("method", ["ddim", "ddpm"])
def test_one_gaussian_stays_one_gaussian(method):
    # Linear ε* and T = 1,000: the samples must have the mean and covariance of the data, to 1/√n.
    mean, covariance = np.array([[0.5, -1.0]]), np.array([[[0.5, 0.3], [0.3, 0.4]]])
    x = NoisedMixture([1.0], mean, covariance, cosine_alpha_bar(1_000, 1e-4)).sample(
        20_000, np.random.default_rng(6), method=method
    )
    np.testing.assert_allclose(x.mean(axis=0), mean[0], atol=0.025)
    np.testing.assert_allclose(np.cov(x.T), covariance[0], atol=0.025)


# the exact answer


@pytest.mark.parametrize("d", [1, 2, 3])
@pytest.mark.parametrize("t", [0, 1, 30, 100])
def test_density_of_the_noised_mixture(d, t):
    truth = lopsided(d=d)
    x = np.random.default_rng(7).normal(size=(9, d)) * 3
    a = truth.alpha_bar[t]
    density = sum(
        w * stats.multivariate_normal(np.sqrt(a) * m, a * c + (1 - a) * np.eye(d)).pdf(x)
        for w, m, c in zip([1 / 8, 5 / 8, 2 / 8], truth.means, truth.covariances, strict=True)
    )
    np.testing.assert_allclose(np.exp(truth.log_prob(x, t)), density.reshape(-1), rtol=1e-9, atol=1e-300)


def test_density_at_time_zero_is_that_of_the_plane():
    x = np.random.default_rng(8).normal(size=(40, 2)) * 2
    for world in (data.EIGHT, data.SPIRALS):
        np.testing.assert_allclose(plane(world).log_prob(x), world.log_prob(x), rtol=1e-9)


@pytest.mark.parametrize("t", [1, 10, 60, 100])
def test_exact_noise_is_the_gradient_of_the_log_density(t):
    truth, h = lopsided(), 1e-5
    x = np.random.default_rng(9).normal(size=(20, 2)) * 2
    slope = [(truth.log_prob(x + e, t) - truth.log_prob(x - e, t)) / (2 * h) for e in h * np.eye(2)]
    np.testing.assert_allclose(truth.score(x, t), np.stack(slope, axis=1), rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(truth.noise(x, t), -np.sqrt(1 - COSINE[t]) * np.stack(slope, axis=1), atol=1e-6)


def test_exact_noise_is_the_mean_noise_by_monte_carlo():
    # Importance sampling of E[ε | x_t] = ∫ ε p(ε | x_t) dε in one dimension, from many draws of x_0.
    truth, rng, t = lopsided(d=1), np.random.default_rng(10), 45
    label = rng.choice(3, p=truth.weights, size=400_000)
    x0 = truth.means[label, 0] + np.sqrt(truth.covariances[label, 0, 0]) * rng.standard_normal(len(label))
    for xt in (-1.0, 0.2, 1.5):
        eps = (xt - np.sqrt(COSINE[t]) * x0) / np.sqrt(1 - COSINE[t])
        weight = np.exp(-(eps**2) / 2)
        weight /= weight.sum()
        mean = weight @ eps
        error = np.sqrt(weight**2 @ (eps - mean) ** 2)
        assert abs(mean - truth.noise(np.array([[xt]]), t)[0, 0]) < 6 * error


def test_far_away_points_have_finite_scores():
    truth = lopsided()
    x = np.array([[1e3, -1e3], [-1e3, 1e3]])
    for t in (0, 50, 100):
        assert np.isfinite(truth.log_prob(x, t)).all()
        assert (truth.score(x, t) * x).sum(axis=1).max() < 0  # back towards the data


def test_ddim_with_the_exact_noise_converges_to_the_truth():
    truth, rng = plane(data.EIGHT), np.random.default_rng(11)
    real = data.EIGHT.sample(4_000, rng)
    accuracy = [c2st_accuracy(real, truth.sample(4_000, rng, steps=k, method="ddim")) for k in (5, 10, 20, 50)]
    assert accuracy[0] > accuracy[1] + 0.04 > accuracy[2] + 0.05
    assert accuracy[3] == pytest.approx(0.5, abs=0.03)
    assert c2st_accuracy(real, truth.sample(4_000, rng)) == pytest.approx(0.5, abs=0.03)  # DDPM, all steps


def test_density_by_the_ode_is_the_density():
    x = np.random.default_rng(12).normal(size=(300, 2))
    truth = lopsided(cosine_alpha_bar(400, 1e-8))
    error = truth.ode_log_prob(x) - truth.log_prob(x)
    assert np.abs(error).max() < 0.01
    coarse = truth.ode_log_prob(x, steps=20) - truth.log_prob(x)
    assert np.abs(coarse).mean() > 3 * np.abs(error).mean()


def test_rescaled_mixture_is_the_mixture_of_rescaled_points():
    truth, shift, scale = lopsided(), np.array([3.0, -1.0]), np.array([0.1, 7.0])
    x = np.random.default_rng(13).normal(size=(10, 2))
    moved = truth.rescaled(shift, scale)
    np.testing.assert_allclose(moved.log_prob((x - shift) / scale), truth.log_prob(x) + np.log(scale).sum())


# what is learned


@pytest.mark.parametrize("prediction", ["noise", "velocity"])
def test_gradient_of_the_loss_matches_finite_differences(prediction):
    rng = np.random.default_rng(14)
    model = Diffusion(20, prediction=prediction, hidden=6, layers=2, schedule="cosine", dtype=np.float64)
    x = rng.normal(size=(7, 3))
    model._start(x, rng)
    model.net_.params += 0.3 * rng.standard_normal(model.net_.params.shape)
    t, eps = np.array([1, 20, 3, 7, 12, 19, 1]), rng.normal(size=(7, 3))
    gradient, h = model._loss(x, t, eps)[1], 1e-6
    numeric = np.empty_like(gradient)
    for i, kept in enumerate(model.net_.params.copy()):
        model.net_.params[i] = kept + h
        up = model._loss(x, t, eps)[0]
        model.net_.params[i] = kept - h
        numeric[i] = (up - model._loss(x, t, eps)[0]) / (2 * h)
        model.net_.params[i] = kept
    np.testing.assert_allclose(gradient, numeric, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("prediction", ["noise", "velocity"])
def test_loss_is_the_error_of_the_prediction_it_is_named_after(prediction):
    rng = np.random.default_rng(15)
    model = Diffusion(30, prediction=prediction, **SMALL, dtype=np.float64).fit(rng.normal(size=(50, 2)), rng)
    x0, eps, t = rng.normal(size=(1_000, 2)), rng.normal(size=(1_000, 2)), 12
    error = model.noise(diffuse(x0, t, eps, model.alpha_bar), t) - eps
    # An error of v is one of ε divided by √ᾱ: v = (ε − √(1 − ᾱ) x) / √ᾱ.
    factor = 1 if prediction == "noise" else 1 / model.alpha_bar[t]
    assert model._loss(x0, np.full(1_000, t), eps)[0] == pytest.approx(factor * (error**2).mean(), rel=1e-9)


def test_learned_noise_is_near_the_exact_one(learned):
    truth = plane(data.EIGHT).rescaled(learned.shift_, learned.scale_)
    rng = np.random.default_rng(16)
    x0 = (data.EIGHT.sample(4_000, rng) - learned.shift_) / learned.scale_
    for t in (5, 20, 50, 90):
        eps = rng.standard_normal(x0.shape)
        xt = diffuse(x0, t, eps, COSINE)
        exact, guess = truth.noise(xt, t), learned.noise(xt, t)
        unavoidable, missed = ((exact - eps) ** 2).mean(), ((guess - exact) ** 2).mean()
        assert missed < 0.05
        # The loss splits: E(ε_θ − ε)² = E(ε_θ − ε*)² + E(ε* − ε)², because ε* is the conditional mean.
        assert ((guess - eps) ** 2).mean() == pytest.approx(unavoidable + missed, abs=0.03)
        np.testing.assert_allclose(learned.score(xt, t), -guess / np.sqrt(1 - COSINE[t]))


def test_samples_are_close_to_the_truth(learned):
    rng = np.random.default_rng(17)
    real = data.EIGHT.sample(3_000, rng)
    many = c2st_accuracy(real, learned.sample(3_000, rng))
    few = c2st_accuracy(real, learned.sample(3_000, rng, steps=5, method="ddim"))
    assert many < 0.56 < few
    assert data.EIGHT.log_prob(real).mean() - learned.ode_log_prob(real[:500]).mean() < 0.3


def test_velocity_prediction_learns_too():
    rng = np.random.default_rng(18)
    x = rng.normal(size=(2_000, 1)) * 0.2 + rng.choice([-3.0, 3.0], size=(2_000, 1), p=[0.25, 0.75])
    model = Diffusion(prediction="velocity", schedule="linear", hidden=32, layers=2, steps=1_500).fit(x, rng)
    made = model.sample(4_000, rng)
    assert (made > 0).mean() == pytest.approx(0.75, abs=0.08)
    assert np.abs(made[made > 0] - 3).mean() < 0.35


def test_units_of_the_data_do_not_matter():
    x = np.random.default_rng(19).normal(size=(100, 2))
    factor, offset = np.array([1e-3, 1e4]), np.array([1e3, -7.0])
    plain = Diffusion(**SMALL, dtype=np.float64).fit(x, np.random.default_rng(20))
    moved = Diffusion(**SMALL, dtype=np.float64).fit(x * factor + offset, np.random.default_rng(20))
    draws = [model.sample(50, np.random.default_rng(0)) for model in (plain, moved)]
    np.testing.assert_allclose(draws[0] * factor + offset, draws[1], rtol=1e-5)
    np.testing.assert_allclose(
        plain.ode_log_prob(x) - np.log(factor).sum(), moved.ode_log_prob(x * factor + offset), rtol=1e-5
    )


def test_distilled_jumps_to_where_ddim_ends():
    teacher = plane(data.EIGHT)
    student = Distilled(teacher, steps=1_500, layers=3, pairs=5_000).fit(None, np.random.default_rng(21))
    z = np.random.default_rng(22).standard_normal((2_000, 2))
    *_, (_, end) = denoise(teacher.noise, z, COSINE, 50)
    jump = student.sample(2_000, np.random.default_rng(22))  # the same z
    assert np.median(np.linalg.norm(jump - end, axis=1)) < 0.15
    assert isinstance(student, GenerativeModel)


def test_distilled_fits_its_teacher_if_need_be():
    x = np.random.default_rng(23).normal(size=(100, 3)) + 1e3
    student = Distilled(Diffusion(**SMALL), pairs=64, **SMALL).fit(x, np.random.default_rng(24))
    assert student.teacher.shift_ == pytest.approx(x.mean(axis=0))
    made = student.sample(7, np.random.default_rng(25))
    assert made.shape == (7, 3) and np.abs(made - 1e3).max() < 20


def test_same_rng_same_model():
    x = np.random.default_rng(26).normal(size=(60, 2))
    one, two, other = (Diffusion(**SMALL).fit(x, np.random.default_rng(seed)) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one.net_.params, two.net_.params)
    assert (one.net_.params != other.net_.params).any()
    for options in ({}, {"steps": 9, "method": "ddim"}):
        draws = [m.sample(5, np.random.default_rng(0), **options) for m in (one, two)]
        np.testing.assert_array_equal(*draws)


def test_interface_and_history():
    x, calls, rng = np.random.default_rng(27).normal(size=(60, 3)), [], np.random.default_rng(28)
    model = Diffusion(**SMALL).fit(x, rng, callback=calls.append)
    assert isinstance(model, GenerativeModel) and not isinstance(model, ExplicitModel)
    assert calls == model.history_ and [entry["step"] for entry in calls] == list(range(3, 61, 3))
    assert calls[-1]["loss"] < calls[0]["loss"]
    assert model.sample(0, rng).shape == (0, 3) and model.sample(4, rng, steps=1, method="ddim").shape == (4, 3)
    assert model.noise(x, 0).shape == x.shape and (model.noise(x, 0) == 0).all()
    assert model.ode_log_prob(x, steps=3).shape == (60,)
    assert model.fit(x[:, :2], rng).sample(2, rng).shape == (2, 2)
    assert np.unique(time_features(100).round(6), axis=0).shape == (101, 8)


@pytest.mark.filterwarnings("error")
def test_a_flat_column_gives_finite_numbers():
    rng = np.random.default_rng(29)
    model = Diffusion(**SMALL).fit(np.c_[rng.normal(size=50), np.full(50, 7.0)], rng)
    assert np.isfinite(model.sample(20, rng)).all() and model.scale_[1] == 1


# errors


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ({"n_times": 0}, "n_times"),
        ({"n_times": 20, "schedule": "linear"}, "n_times"),
        ({"schedule": "quadratic"}, "schedule"),
        ({"prediction": "x0"}, "prediction"),
        ({"hidden": 0}, "hidden"),
        ({"layers": 0}, "layers"),
        ({"steps": 0}, "steps"),
        ({"batch": 1.5}, "batch"),
        ({"lr": 0}, "lr"),
        ({"lr": np.nan}, "lr"),
    ],
)
def test_bad_hyper_parameters_are_named(arguments, named):
    with pytest.raises(ValueError, match=named):
        Diffusion(**arguments)


@pytest.mark.parametrize(
    ("bad", "match"),
    [(np.zeros((0, 2)), "空"), (np.array([[0.0, np.nan]]), "NaN"), (np.zeros(5), "2 次元"), ([["a"]], "数の配列")],
)
def test_bad_data_is_named_before_any_work(bad, match):
    model, rng = Diffusion(**SMALL), np.random.default_rng(30)
    state = rng.bit_generator.state
    with pytest.raises(ValueError, match=match):
        model.fit(bad, rng)
    assert rng.bit_generator.state == state and not hasattr(model, "net_")


def test_bad_calls_are_named(learned):
    rng, truth = np.random.default_rng(31), lopsided()
    for unfitted in (Diffusion(), Distilled(Diffusion())):
        with pytest.raises(RuntimeError, match="fit"):
            unfitted.sample(3, rng)
    for model in (learned, truth):
        with pytest.raises(ValueError, match="steps は 100 以下"):
            model.sample(3, rng, steps=101)
        with pytest.raises(ValueError, match="steps は 1 以上"):
            model.sample(3, rng, steps=0)
        with pytest.raises(ValueError, match="method"):
            model.sample(3, rng, method="euler")
        with pytest.raises(TypeError, match="rng"):
            model.sample(3, 0)
        with pytest.raises(ValueError, match="列数"):
            model.noise(np.zeros((3, 5)), 4)
        with pytest.raises(ValueError, match="t は 100 以下"):
            model.noise(np.zeros((3, 2)), 101)
        with pytest.raises(ValueError, match="steps は 50 以下"):
            model.ode_log_prob(np.zeros((3, 2)), steps=51)
    with pytest.raises(ValueError, match="t は 1 以上"):
        learned.score(np.zeros((3, 2)), 0)
    with pytest.raises(TypeError, match="rng"):
        Diffusion(**SMALL).fit(np.zeros((3, 2)), 0)
    with pytest.raises(TypeError, match="teacher"):
        Distilled(data.EIGHT)
    with pytest.raises(ValueError, match="teacher_steps"):
        Distilled(truth, teacher_steps=101)
    with pytest.raises(ValueError, match="lr"):
        Distilled(truth, lr=-1)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"weights": [1.0, 0.0]}, "weights"),
        ({"weights": [1.0]}, "weights"),
        ({"means": [1.0, 2.0]}, "means"),
        ({"covariances": 0.0}, "covariances"),
        ({"covariances": np.ones((2, 2))}, "covariances"),
        ({"covariances": np.array([np.eye(2), [[1.0, 2.0], [2.0, 1.0]]])}, "covariances"),
        ({"alpha_bar": [0.9, 0.5]}, "alpha_bar"),
        ({"alpha_bar": [1.0, 0.5, 0.6]}, "alpha_bar"),
        ({"alpha_bar": [1.0, 0.0]}, "alpha_bar"),
    ],
)
def test_bad_mixtures_are_named(change, named):
    good = {"weights": [1.0, 2.0], "means": np.zeros((2, 2)), "covariances": 1.0, "alpha_bar": COSINE}
    NoisedMixture(**good)
    with pytest.raises(ValueError, match=named):
        NoisedMixture(**good | change)


def test_bad_schedules_are_named():
    for last in (0, 1, np.nan):
        with pytest.raises(ValueError, match="last"):
            cosine_alpha_bar(10, last)
    with pytest.raises(ValueError, match="n_times"):
        linear_alpha_bar(True)

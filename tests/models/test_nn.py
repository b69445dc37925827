"""The network's gradient against finite differences, Adam against its algorithm, the helpers against SciPy."""

import copy
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special

from course_utils.models.nn import (
    ACTIVATIONS,
    MLP,
    Adam,
    Average,
    cosine_decay,
    log_sigmoid,
    logsumexp,
    minibatches,
    sigmoid,
    softplus,
)


def numeric_gradient(f, vector, h=1e-6):
    """Central differences of the scalar f() with respect to each entry of ``vector``, which f reads."""
    gradient = np.empty(vector.size)
    flat = vector.reshape(-1)
    for i in range(flat.size):
        kept = flat[i]
        flat[i] = kept + h
        up = f()
        flat[i] = kept - h
        down = f()
        flat[i] = kept
        gradient[i] = (up - down) / (2 * h)
    return gradient.reshape(vector.shape)


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("sizes", [(3, 2), (3, 5, 2), (2, 6, 4, 3)])
def test_gradient_matches_finite_differences(activation, sizes):
    rng = np.random.default_rng(1)
    net = MLP(sizes, rng, activation, dtype=np.float64)
    net.params += 0.3 * rng.standard_normal(net.params.shape)  # biases too
    x, upstream = rng.standard_normal((7, sizes[0])), rng.standard_normal((7, sizes[-1]))

    def loss():
        return (net(x) * upstream).sum()

    d_in, gradient = net.backward(net.forward(x)[1], upstream)
    np.testing.assert_allclose(gradient, numeric_gradient(loss, net.params), rtol=1e-6, atol=1e-7)
    np.testing.assert_allclose(d_in, numeric_gradient(loss, x), rtol=1e-6, atol=1e-7)


def test_gradient_of_a_masked_net():
    rng = np.random.default_rng(2)
    masks = [rng.integers(0, 2, (3, 6)), rng.integers(0, 2, (6, 2))]
    net = MLP((3, 6, 2), rng, "tanh", masks=masks, dtype=np.float64)
    x, upstream = rng.standard_normal((5, 3)), rng.standard_normal((5, 2))
    d_in, gradient = net.backward(net.forward(x)[1], upstream)
    numeric = numeric_gradient(lambda: (net(x) * upstream).sum(), net.params)
    for (weight, bias), (expected_weight, expected_bias), mask in zip(
        net.layers(gradient), net.layers(numeric), masks, strict=True
    ):
        np.testing.assert_allclose(weight, expected_weight * mask, rtol=1e-6, atol=1e-8)
        np.testing.assert_allclose(bias, expected_bias, rtol=1e-6, atol=1e-8)
    np.testing.assert_allclose(d_in, numeric_gradient(lambda: (net(x) * upstream).sum(), x), rtol=1e-6, atol=1e-8)


def test_masked_connections_stay_cut_while_training():
    rng = np.random.default_rng(3)
    # Output j may see only the inputs before it: the strictly triangular net of an autoregressive model.
    order = np.arange(4)
    masks = [np.repeat(order[:, None] <= order, 3, axis=1), np.repeat(order[:, None] < order, 3, axis=0)]
    net = MLP((4, 12, 4), rng, masks=masks, dtype=np.float64)
    adam, x = Adam(net.params, 0.05), rng.standard_normal((16, 4))
    before = net.params.copy()
    for _ in range(20):
        out, cache = net.forward(x)
        adam.step(net.backward(cache, out - x[:, ::-1])[1])
    assert (net.params != before).any()
    for (weight, _), mask in zip(net.layers(), masks, strict=True):
        assert (weight[mask == 0] == 0).all()
    for j in range(4):
        moved = x.copy()
        moved[:, j] += 10
        change = (net(moved) != net(x)).any(axis=0)
        assert not change[: j + 1].any()
        assert change[j + 1 :].all()


@pytest.mark.parametrize(("activation", "gain"), [("tanh", 1), ("relu", 2), ("silu", 2), ("leaky_relu", 2)])
def test_first_weights_have_the_declared_scale(activation, gain):
    net = MLP((200, 300, 100), np.random.default_rng(4), activation)
    (first, b1), (last, b2) = net.layers()
    # 60,000 and 30,000 draws: the relative error of the variance is about 0.006 and 0.008 (one sigma).
    assert first.var() * 200 == pytest.approx(gain, rel=0.05)
    assert last.var() * 300 == pytest.approx(1, rel=0.06)
    assert not b1.any() and not b2.any()


def test_masked_weights_are_scaled_by_the_connections_that_are_left():
    mask = np.zeros((400, 300))
    mask[:100] = 1
    net = MLP((400, 300), np.random.default_rng(5), masks=[mask])
    weight = net.layers()[0][0]
    assert weight[:100].var() * 100 == pytest.approx(1, rel=0.06)


def test_out_scale_zero_starts_as_the_zero_function():
    rng = np.random.default_rng(6)
    x = rng.standard_normal((5, 2))
    assert not MLP((2, 8, 3), rng, out_scale=0)(x).any()
    assert MLP((2, 8, 3), rng)(x).any()


def test_layers_are_views_of_params_also_after_a_copy():
    net = copy.deepcopy(MLP((2, 3, 1), np.random.default_rng(7)))
    assert net.params.shape == ((2 + 1) * 3 + (3 + 1) * 1,)
    net.params[:] = 0
    assert not net(np.ones((4, 2))).any()
    net.layers()[-1][1][:] = 5
    assert (net(np.ones((4, 2))) == 5).all()


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_dtype_is_kept_throughout(activation, dtype):
    net = MLP((2, 4, 3), np.random.default_rng(8), activation, dtype=dtype)
    out, cache = net.forward(np.ones((5, 2)))
    d_in, gradient = net.backward(cache, np.ones((5, 3)))
    Adam(net.params).step(gradient)
    assert {a.dtype for a in (out, d_in, gradient, net.params)} == {np.dtype(dtype)}


def test_same_rng_same_net():
    one, two = (MLP((2, 4, 1), np.random.default_rng(9)).params for _ in range(2))
    np.testing.assert_array_equal(one, two)
    assert (one != MLP((2, 4, 1), np.random.default_rng(10)).params).any()


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ({"sizes": (3,)}, "sizes"),
        ({"sizes": (3, 0, 1)}, "sizes"),
        ({"sizes": (3, 1), "activation": "step"}, "activation"),
        ({"sizes": (3, 1), "masks": [np.ones((1, 3))]}, "masks"),
        ({"sizes": (3, 4, 1), "masks": [np.ones((3, 4))]}, "masks"),
    ],
)
def test_bad_arguments_are_named(arguments, named):
    with pytest.raises(ValueError, match=named):
        MLP(rng=np.random.default_rng(0), **arguments)


def test_adam_matches_algorithm_1_by_hand():
    params = np.array([1.0, -2.0])
    adam = Adam(params, lr=0.1, beta1=0.8, beta2=0.9)
    gradients = [(0.5, -3.0), (-1.0, 2.0), (0.25, 0.0)]
    expected = []
    for start, column in zip((1.0, -2.0), zip(*gradients, strict=True), strict=True):
        theta, m, v = start, 0.0, 0.0
        for t, g in enumerate(column, start=1):
            m, v = 0.8 * m + 0.2 * g, 0.9 * v + 0.1 * g * g
            theta -= 0.1 * (m / (1 - 0.8**t)) / (math.sqrt(v / (1 - 0.9**t)) + 1e-8)
        expected.append(theta)
    for g in gradients:
        adam.step(np.array(g))
    np.testing.assert_allclose(params, expected, rtol=1e-12)


def test_adams_first_step_is_lr_in_size_and_goes_down():
    params = np.zeros(3)
    Adam(params, lr=0.01).step(np.array([1e-3, -50.0, 0.0]))
    np.testing.assert_allclose(params, [-0.01, 0.01, 0.0], rtol=1e-4)


def test_adam_takes_a_new_step_size_between_steps():
    params = np.zeros(1)
    adam = Adam(params, lr=0.01)
    adam.lr = 0.0
    adam.step(np.ones(1))
    assert params[0] == 0


def test_average_follows_the_parameters():
    params = np.array([1.0])
    average = Average(params, decay=0.3)
    expected = 1.0
    for t, value in enumerate([3.0, -1.0, 4.0, 4.0], start=1):
        params[0] = value
        average.update()
        decay = min(0.3, (1 + t) / (10 + t))
        expected = decay * expected + (1 - decay) * value
        assert average.average[0] == pytest.approx(expected)
    assert params[0] == 4.0


def test_a_net_and_adam_learn_a_function():
    rng = np.random.default_rng(11)
    x = rng.uniform(-2, 2, (256, 1))
    y = np.sin(2 * x)
    net = MLP((1, 32, 32, 1), rng, "tanh")
    adam, steps = Adam(net.params, 1e-2), 600
    first = ((net(x) - y) ** 2).mean()
    for step, rows in enumerate(minibatches(len(x), 64, steps, rng)):
        out, cache = net.forward(x[rows])
        adam.lr = 1e-2 * cosine_decay(step, steps)
        adam.step(net.backward(cache, 2 * (out - y[rows]) / len(rows))[1])
    assert ((net(x) - y) ** 2).mean() < 1e-3 < first


def test_cosine_decay_runs_from_one_to_zero():
    values = [cosine_decay(step, 10) for step in range(11)]
    assert values[0] == 1 and values[10] == pytest.approx(0) and values[5] == pytest.approx(0.5)
    assert (np.diff(values) < 0).all()


@given(n=st.integers(1, 40), batch=st.integers(1, 50), passes=st.integers(1, 3))
def test_every_pass_visits_every_row_once(n, batch, passes):
    per_pass = math.ceil(n / batch)
    batches = list(minibatches(n, batch, per_pass * passes, np.random.default_rng(n)))
    assert len(batches) == per_pass * passes
    assert max(map(len, batches)) <= batch
    for i in range(passes):
        rows = np.concatenate(batches[i * per_pass : (i + 1) * per_pass])
        np.testing.assert_array_equal(np.sort(rows), np.arange(n))


def test_minibatches_come_in_a_fresh_order():
    first, second = minibatches(100, 100, 2, np.random.default_rng(0))
    assert (first != second).any()
    assert (first != np.arange(100)).any()


@given(st.floats(-1e4, 1e4))
def test_elementwise_functions_match_scipy(value):
    x = np.array([value])
    # SciPy rounds to 0 below the smallest normal number, where ours goes on a little.
    np.testing.assert_allclose(sigmoid(x), special.expit(x), rtol=1e-13, atol=np.finfo(float).tiny)
    np.testing.assert_allclose(log_sigmoid(x), special.log_expit(x), rtol=1e-13)
    np.testing.assert_allclose(softplus(x), np.logaddexp(0, x), rtol=1e-13)


@pytest.mark.parametrize("axis", [0, 1, -1])
def test_logsumexp_matches_scipy(axis):
    x = np.array([[1000.0, 1001.0, -np.inf], [-1e4, -1e4, 3.0]])
    np.testing.assert_allclose(logsumexp(x, axis), special.logsumexp(x, axis=axis), rtol=1e-14)


def test_logsumexp_of_nothing_possible_is_minus_infinity():
    np.testing.assert_array_equal(logsumexp(np.full((2, 3), -np.inf)), [-np.inf, -np.inf])


@pytest.mark.filterwarnings("error")
def test_helpers_do_not_warn_at_extremes():
    x = np.array([-1e30, -800.0, 0.0, 800.0, 1e30], dtype=np.float32)
    for f in (sigmoid, softplus, log_sigmoid, logsumexp):
        assert np.isfinite(f(x)).all()

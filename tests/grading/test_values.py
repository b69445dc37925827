"""Values between the grader and a student's process: what arrives is what was sent, and nothing sent does harm."""

import json
import math
from collections import Counter, OrderedDict, defaultdict, namedtuple
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from course_utils.grading import values
from course_utils.grading.values import ExchangeError, Opaque, decode, encode

NUMBERS = st.none() | st.booleans() | st.integers() | st.floats() | st.complex_numbers()
KEYS = st.booleans() | st.integers() | st.text(max_size=5) | st.tuples(st.integers(), st.text(max_size=2))
PLAIN = st.recursive(
    NUMBERS | st.text(st.characters(exclude_categories=("Cs",)), max_size=8),
    lambda inside: (
        st.lists(inside, max_size=4)
        | st.tuples(inside, inside)
        | st.dictionaries(KEYS, inside, max_size=4)
        | st.sets(st.integers(), max_size=4)
    ),
    max_leaves=12,
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inside: (
        st.lists(inside, max_size=4)
        | st.dictionaries(
            st.sampled_from(["list", "tuple", "dict", "set", "array", "scalar", "complex", "generator", "opaque", "x"]),
            inside,
            max_size=2,
        )
    ),
    max_leaves=10,
)


def there_and_back(value, **options):
    return decode(json.loads(json.dumps(encode(value))), **options)


def same(a, b) -> bool:
    """Equal in type and value; NaN equals NaN."""
    if type(a) is not type(b):
        return False
    if isinstance(a, (list, tuple)):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict):
        return list(a) == list(b) and all(map(same, a.values(), b.values()))
    if isinstance(a, complex):
        return same(a.real, b.real) and same(a.imag, b.imag)
    return a == b or (isinstance(a, float) and math.isnan(a) and math.isnan(b))


@given(PLAIN)
def test_plain_values_arrive_as_they_are(value):
    assert same(there_and_back(value), value)


KINDS = hnp.boolean_dtypes() | hnp.integer_dtypes() | hnp.floating_dtypes(sizes=(16, 32, 64))


@given(hnp.arrays(KINDS, hnp.array_shapes(min_dims=0, min_side=0)))
def test_arrays_arrive_with_shape_and_kind(array):
    back = there_and_back(array)
    assert back.dtype == array.dtype.newbyteorder("=") and back.shape == array.shape
    assert np.array_equal(back, array, equal_nan=array.dtype.kind == "f") and back.flags.writeable


def test_views_are_sent_as_what_they_show():
    array = np.arange(24).reshape(4, 6)
    for view in (array.T, array[::-2, 1::3], np.broadcast_to(np.array([1.5]), (3, 2)), array.astype(">i4")):
        assert np.array_equal(there_and_back(view), view)


Pair = namedtuple("Pair", "a b")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (Fraction(1, 3), 1 / 3),
        (Decimal("0.5"), 0.5),
        (Counter("aab"), {"a": 2, "b": 1}),
        (defaultdict(int, x=1), {"x": 1}),
        (OrderedDict(x=1), {"x": 1}),
        (Pair(1, 2), (1, 2)),
        (np.str_("あ"), np.str_("あ")),
        (np.float32(0.5), np.float32(0.5)),
        (np.array([1, None], dtype=object), [1, None]),
        ("半\ud800分", "半?分"),
    ],
    ids=repr,
)
def test_subclasses_arrive_as_the_plain_thing(value, expected):
    assert same(there_and_back(value), expected)


@pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")
@pytest.mark.parametrize(
    ("make", "expected"),
    [(lambda: range(3), [0, 1, 2]), (lambda: np.matrix([[1, 2]]), [[1, 2]]), (lambda: memoryview(b"\x01"), [1])],
)
def test_what_numpy_reads_as_an_array_is_one(make, expected):
    back = there_and_back(make())
    assert type(back) is np.ndarray and back.tolist() == expected


class Always:
    def __eq__(self, other):
        return True

    def __reduce__(self):
        return (print, ("unpickled",))


@pytest.mark.parametrize("value", [Always(), lambda x: x, (x for x in ()), object, b"x", 10**4000, print])
def test_anything_else_is_only_a_name(value):
    back = there_and_back(value)
    assert isinstance(back, Opaque) and type(back).__name__ == type(value).__name__


def test_generators_go_over_with_their_seed_and_never_come_back():
    rng = np.random.default_rng([7, 8])
    rng.normal(size=3)
    (child,) = rng.spawn(1)
    for one in (rng, child):
        twin = there_and_back(one, generators=True)
        assert twin.bit_generator.state == one.bit_generator.state
        assert isinstance(there_and_back(one), Opaque)
    twin = there_and_back(rng, generators=True)
    assert twin.random() == rng.random()
    assert twin.spawn(1)[0].random() == rng.spawn(1)[0].random()


def test_what_is_too_much_is_refused_on_both_sides():
    loop: list = []
    loop.append(loop)
    for value in (loop, np.zeros(values.BYTES // 8 + 1), list(range(values.ELEMENTS + 1)), "x" * (values.BYTES + 1)):
        with pytest.raises(ExchangeError):
            encode(value)
    with pytest.raises(ExchangeError):
        decode({"dict": [[k, 0] for k in range(values.KEYS + 1)]})
    many = {"dict": [[k, 0] for k in range(values.KEYS // 2)]}
    with pytest.raises(ExchangeError):
        decode({"list": [many, many, many]})


@given(JSON)
def test_reading_anything_gives_a_value_or_a_clear_error(data):
    try:
        decode(data)
    except ExchangeError as error:
        assert str(error)


@pytest.mark.parametrize(
    "data",
    [
        {"array": ["|O", [1], "AAAAAAAAAAA="]},
        {"array": ["<f8", [2], "AAAAAAAAAAA="]},
        {"array": ["<f8", [-1], ""]},
        {"array": ["<U0", [10**12], ""]},
        {"array": ["<f8", [True], "AAAAAAAAAAA="]},
        {"dict": [[{"list": []}, 1]]},
        {"generator": [{"dict": []}, {"dict": []}]},
        {"list": 5},
        {"pickle": "gASVAAAAAAAAAC4="},
        {"list": [], "tuple": []},
        [],
    ],
)
def test_forged_values_are_refused(data):
    with pytest.raises(ExchangeError):
        decode(data, generators=True)

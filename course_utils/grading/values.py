"""Values on the way between the grader and a student's process: JSON, by value, never code.

What is known goes over as what it is: None, bool, int, float, complex, str, list, tuple, dict, set, NumPy arrays and
scalars, ``np.random.Generator`` (its state). Subclasses become their plain base, so that no method of the student's
comes along. Anything else arrives as an :class:`Opaque` that knows only the name of its type. Reading never runs
what was sent: no pickle, no import, no look-up of a name.
"""

import base64
import binascii
import math
import numbers
import re
from functools import partial

import numpy as np

# Deep enough for any answer; a list that contains itself ends here.
DEPTH = 50
# Elements of one value, beside those inside arrays.
ELEMENTS = 2_000_000
BYTES = 32_000_000
# Keys of all dicts and sets of one value: many that share a hash would keep the reader busy for minutes.
KEYS = 10_000

_KINDS = "biufcU"


class ExchangeError(Exception):
    """A value that cannot be sent or read; the message says why, in Japanese."""


class Opaque:
    """Stands for an object that was not sent: only the name of its type is known."""

    def __repr__(self):
        return f"<{type(self).__name__} オブジェクト>"


def opaque(name: object) -> Opaque:
    """An object whose type has this name, and nothing else."""
    plain = re.sub(r"\W", "_", str(name))[:60] or "object"
    return type(plain, (Opaque,), {})()


def encode(value) -> object:
    """``value`` as JSON-ready data.

    Raises:
        ExchangeError: if it is too large or too deep. Whatever the value's own methods raise comes through.
    """
    return _encode(value, DEPTH, [ELEMENTS, BYTES])


def _encode(value, depth: int, left: list[int]) -> object:
    kind = type(value)
    if value is None or kind is bool or kind is float:
        return value
    if kind is int:
        # Python refuses to read numbers of more than 4,300 digits.
        return value if value.bit_length() < 10_000 else {"opaque": "int"}
    if kind is str:
        _spend(left, 0, len(value))
        return value
    if depth == 0:
        raise ExchangeError("入れ子が深すぎます")
    if isinstance(value, np.random.Generator):
        return {"generator": [_encode(one, depth - 1, left) for one in _generator_state(value)]}
    if isinstance(value, (np.ndarray, np.generic)):
        return _encode_array(np.asarray(value), isinstance(value, np.generic), depth, left)
    if isinstance(value, str):
        return _encode(str.__str__(value), depth - 1, left)
    if isinstance(value, dict):
        _spend(left, len(value), 0)
        return {"dict": [[_encode(k, depth - 1, left), _encode(v, depth - 1, left)] for k, v in dict.items(value)]}
    for base in (list, tuple, set):
        if isinstance(value, base):
            _spend(left, len(value), 0)
            return {base.__name__: [_encode(one, depth - 1, left) for one in base.__iter__(value)]}
    if isinstance(value, numbers.Number):
        return _encode_number(value, left)
    return _encode_other(value, kind, depth, left)


def _generator_state(generator: np.random.Generator) -> tuple[dict, dict]:
    """Where a generator is, and the seed that its ``spawn`` starts from."""
    bits = generator.bit_generator
    seed = bits.seed_seq
    kept = {name: getattr(seed, name) for name in ("entropy", "spawn_key", "pool_size", "n_children_spawned")}
    return bits.state, kept


def _encode_number(value, left: list[int]) -> object:
    """Subclasses of the built-in numbers, Fraction, Decimal: as the plain number that they are."""
    if isinstance(value, numbers.Integral):
        return _encode(int(value), 1, left)
    if isinstance(value, numbers.Complex) and not isinstance(value, numbers.Real):
        plain = complex(value)
        return {"complex": [plain.real, plain.imag]}
    return float(value)


def _encode_array(array: np.ndarray, is_scalar: bool, depth: int, left: list[int]) -> object:
    if array.dtype.kind not in _KINDS:  # objects, dates, records: as lists of what they hold
        _spend(left, array.size, 0)
        return _encode(array.tolist(), depth - 1, left) if array.dtype.kind in "OmM" else {"opaque": "ndarray"}
    _spend(left, 0, array.nbytes)
    # Not native byte order or not contiguous: the bytes that go over are the plain ones.
    plain = np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<")).reshape(array.shape)
    data = base64.b64encode(plain.tobytes()).decode("ascii")
    return {"scalar" if is_scalar else "array": [plain.dtype.str, list(array.shape), data]}


def _encode_other(value, kind: type, depth: int, left: list[int]) -> object:
    """What NumPy reads as an array of numbers (a range, a memoryview, __array__) is one; the rest is opaque."""
    name = kind.__name__
    if callable(value) or isinstance(value, (bytes, frozenset)) or hasattr(value, "__next__"):
        return {"opaque": name}
    try:
        array = np.asarray(value)
    except Exception:
        return {"opaque": name}
    if array.dtype.kind not in _KINDS:
        return {"opaque": name}
    return _encode_array(array, False, depth, left)


def _spend(left: list[int], elements: int, size: int) -> None:
    left[0] -= elements
    left[1] -= size
    if min(left) < 0:
        raise ExchangeError("値が大きすぎます")


def decode(data: object, *, generators: bool = False) -> object:
    """The value that :func:`encode` sent. ``data`` may come from anybody.

    Args:
        generators: whether to make random generators, which only the student's side has a use for: making one
            from numbers of a stranger's choice can take for ever.

    Raises:
        ExchangeError: if it is not what encode makes.
    """
    try:
        return _decode(data, DEPTH + 2, [KEYS], generators)
    except ExchangeError:
        raise
    except (TypeError, ValueError, KeyError, IndexError, OverflowError, MemoryError, binascii.Error) as error:
        raise ExchangeError(f"値として読めません（{type(error).__name__}）") from None


def _decode(data: object, depth: int, keys: list[int], generators: bool) -> object:
    if data is None or isinstance(data, (bool, int, float)):
        return data
    if isinstance(data, str):
        return data.encode("utf-8", "replace").decode()  # half a surrogate pair could not be written to any file
    if depth == 0 or not isinstance(data, dict) or len(data) != 1:
        raise ExchangeError("値として読めません")
    ((tag, body),) = data.items()
    inside = partial(_decode, depth=depth - 1, keys=keys, generators=generators)
    if tag in ("set", "dict"):
        keys[0] -= len(body)
        if keys[0] < 0:
            raise ExchangeError("値が大きすぎます")
    if tag == "list":
        return [inside(one) for one in body]
    if tag == "tuple":
        return tuple(inside(one) for one in body)
    if tag == "set":
        return {inside(one) for one in body}
    if tag == "dict":
        return {inside(key): inside(value) for key, value in body}
    if tag == "complex":
        return complex(float(body[0]), float(body[1]))
    if tag in ("array", "scalar"):
        array = _decode_array(*body)
        return array if tag == "array" else array[()]
    if tag == "generator":
        return _generator(*(inside(one) for one in body)) if generators else opaque("Generator")
    if tag == "opaque":
        return opaque(body)
    raise ExchangeError("値として読めません")


def _generator(state: dict, seed: dict) -> np.random.Generator:
    bits = np.random.PCG64(np.random.SeedSequence(**seed))
    bits.state = state
    return np.random.Generator(bits)


def _decode_array(dtype: str, shape: list[int], data: str) -> np.ndarray:
    kind = np.dtype(dtype)
    if kind.kind not in _KINDS or not all(type(n) is int and n >= 0 for n in shape):
        raise ExchangeError("配列として読めません")
    raw = base64.b64decode(data, validate=True)
    if kind.itemsize and math.prod(shape) * kind.itemsize != len(raw):
        raise ExchangeError("配列の大きさが合いません")
    if not kind.itemsize:  # empty strings have no bytes to count
        if math.prod(shape) > ELEMENTS:
            raise ExchangeError("値が大きすぎます")
        return np.zeros(shape, dtype=kind)
    # In this machine's byte order, and writable as any array that a function returns.
    return np.frombuffer(raw, dtype=kind).reshape(shape).astype(kind.newbyteorder("="))

"""Messages over a socket: four bytes of length, then JSON. Both ends of the sandbox speak it."""

import json
import socket
import struct
import time

LARGEST = 64_000_000
# Of commas and braces: what is small as text can be large once it is read.
PARTS = 6_000_000


class ClosedError(Exception):
    """The other end is gone."""


class LateError(Exception):
    """Nothing came in time."""


class GarbledError(Exception):
    """What came is no message."""


def send(sock: socket.socket, message: dict) -> None:
    """Send one message.

    Raises:
        ClosedError: if nobody listens any more.
    """
    body = json.dumps(message).encode()
    try:
        sock.sendall(struct.pack("!I", len(body)) + body)
    except TimeoutError:
        raise LateError from None
    except OSError:
        raise ClosedError from None


def receive(sock: socket.socket, deadline: float | None = None) -> dict:
    """Wait for one message, until ``time.monotonic()`` is ``deadline``.

    Raises:
        ClosedError, LateError, GarbledError.
    """
    (length,) = struct.unpack("!I", _exactly(sock, 4, deadline))
    if length > LARGEST:
        raise GarbledError
    body = _exactly(sock, length, deadline)
    if body.count(b",") > PARTS or body.count(b"{") > PARTS // 4:
        raise GarbledError
    try:
        message = json.loads(body)
    except (ValueError, RecursionError):
        raise GarbledError from None
    if not isinstance(message, dict):
        raise GarbledError
    return message


def _exactly(sock: socket.socket, count: int, deadline: float | None) -> bytes:
    parts = bytearray()
    while len(parts) < count:
        if deadline is not None:
            left = deadline - time.monotonic()
            if left <= 0:
                raise LateError
            sock.settimeout(left)
        try:
            part = sock.recv(min(count - len(parts), 1 << 20))
        except TimeoutError:
            raise LateError from None
        except OSError:
            raise ClosedError from None
        if not part:
            raise ClosedError
        parts += part
    return bytes(parts)

"""Messages over a socket: four bytes of length, then JSON. Both ends of the sandbox speak it."""

import json
import socket
import struct
import time

LARGEST = 64_000_000


class Closed(Exception):
    """The other end is gone."""


class Late(Exception):
    """Nothing came in time."""


class Garbled(Exception):
    """What came is no message."""


def send(sock: socket.socket, message: dict) -> None:
    """Send one message.

    Raises:
        Closed: if nobody listens any more.
    """
    body = json.dumps(message).encode()
    try:
        sock.sendall(struct.pack("!I", len(body)) + body)
    except TimeoutError:
        raise Late from None
    except OSError:
        raise Closed from None


def receive(sock: socket.socket, deadline: float | None = None) -> dict:
    """Wait for one message, until ``time.monotonic()`` is ``deadline``.

    Raises:
        Closed, Late, Garbled.
    """
    (length,) = struct.unpack("!I", _exactly(sock, 4, deadline))
    if length > LARGEST:
        raise Garbled
    try:
        message = json.loads(_exactly(sock, length, deadline))
    except (ValueError, RecursionError):
        raise Garbled from None
    if not isinstance(message, dict):
        raise Garbled
    return message


def _exactly(sock: socket.socket, count: int, deadline: float | None) -> bytes:
    parts = bytearray()
    while len(parts) < count:
        if deadline is not None:
            left = deadline - time.monotonic()
            if left <= 0:
                raise Late
            sock.settimeout(left)
        try:
            part = sock.recv(min(count - len(parts), 1 << 20))
        except TimeoutError:
            raise Late from None
        except OSError:
            raise Closed from None
        if not part:
            raise Closed
        parts += part
    return bytes(parts)

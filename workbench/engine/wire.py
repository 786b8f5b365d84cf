"""How engine and client speak: one JSON header with raw arrays behind it, never pickle.

A client sends a greeting first: 4 bytes of magic and a digest of the token, of fixed length. A
message is 8 bytes of magic and header length, the header as UTF-8 JSON, then the bytes of the
arrays one after another. The header's ``arrays`` lists name, dtype and shape of each.
"""

from __future__ import annotations

import hashlib
import json
import math
import socket
import struct
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from workbench.errors import EngineError

MAGIC_BYTES = 4
GREETING_BYTES = MAGIC_BYTES + hashlib.sha256().digest_size

_HELLO = b"WBT2"
_MAGIC = b"WBE2"
_MOST_HEADER = 64 << 20
_MOST_ARRAYS = 2 << 30
_MOST_DIMENSIONS = 32
_PIECE = 16 << 20
_DTYPES = frozenset(("uint8", "int32", "int64", "float16", "float32", "bool"))

Arrays = Mapping[str, npt.NDArray[Any]]


@dataclass(frozen=True)
class Message:
    """values: anything JSON can hold. arrays: numpy arrays of plain numbers, by name."""

    values: Mapping[str, Any]
    arrays: Arrays = field(default_factory=dict)


def greeting(token: str) -> bytes:
    """What a connection begins with: ``GREETING_BYTES`` bytes, whatever the token's length."""
    return _HELLO + hashlib.sha256(token.encode()).digest()


def send(connection: socket.socket, message: Message) -> None:
    """Write one message."""
    plain = {name: np.ascontiguousarray(array) for name, array in message.arrays.items()}
    described = [[name, a.dtype.name, list(a.shape)] for name, a in plain.items()]
    header = json.dumps({"values": dict(message.values), "arrays": described}).encode()
    connection.sendall(_MAGIC + struct.pack(">I", len(header)) + header)
    for array in plain.values():
        connection.sendall(array.reshape(-1).view(np.uint8).data)


def receive(connection: socket.socket, seconds: float | None = None) -> Message:
    """Read one message. Raises EngineError for anything that is not one.

    seconds: for the whole message; None leaves the connection's own limit, which is one a read.
    """
    until = None if seconds is None else time.monotonic() + seconds
    start = _exactly(connection, 8, until)
    (length,) = struct.unpack(">I", start[4:])
    if start[:4] != _MAGIC or length > _MOST_HEADER:
        raise EngineError("what came is no message of the engine.")
    values, described = _header(_exactly(connection, length, until))
    arrays, left = {}, _MOST_ARRAYS
    for name, dtype, shape in described:
        if dtype not in _DTYPES or not _is_shape(shape):
            raise EngineError(f"the engine does not send arrays of {dtype} and shape {shape}.")
        size = math.prod(shape) * np.dtype(dtype).itemsize
        left -= size
        if left < 0:
            raise EngineError("the message is too large.", remedy="Ask for fewer samples.")
        raw = _exactly(connection, size, until)
        arrays[name] = np.frombuffer(raw, np.dtype(dtype)).reshape(shape)
    return Message(values, arrays)


def _header(raw: bytearray) -> tuple[dict[str, Any], list[tuple[str, str, list[Any]]]]:
    try:
        header = json.loads(raw)
        values = dict(header["values"])
        described = [
            (str(name), str(dtype), list(shape)) for name, dtype, shape in header["arrays"]
        ]
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise EngineError("what came is no message of the engine.") from error
    return values, described


def _is_shape(shape: list[Any]) -> bool:
    """Whether NumPy takes it. In Python, true and false of JSON would count as whole numbers."""
    return len(shape) <= _MOST_DIMENSIONS and all(
        type(n) is int and 0 <= n <= _MOST_ARRAYS for n in shape
    )


def _exactly(connection: socket.socket, size: int, until: float | None) -> bytearray:
    """The next ``size`` bytes. Memory grows with what has come, not with what was announced.

    until: on the monotonic clock.
    """
    buffer = bytearray()
    while len(buffer) < size:
        start = len(buffer)
        buffer.extend(bytes(min(_PIECE, size - start)))
        with memoryview(buffer) as whole:
            while start < len(whole):
                if until is not None:
                    connection.settimeout(max(0.001, until - time.monotonic()))
                count = connection.recv_into(whole[start:])
                if count == 0:
                    raise EngineError("the connection was closed in the middle of a message.")
                start += count
    return buffer

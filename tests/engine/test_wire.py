"""Messages between engine and client: what goes in comes out, and rubbish is refused."""

from __future__ import annotations

import json
import socket
import struct
import threading
import time
import tracemalloc

import numpy as np
import pytest

from workbench.engine.wire import Message, receive, send
from workbench.errors import EngineError


def exchange(message: Message) -> Message:
    left, right = socket.socketpair()
    with left, right:
        sender = threading.Thread(target=send, args=(left, message))
        sender.start()
        out = receive(right)
        sender.join()
    return out


@pytest.mark.parametrize("dtype", ["uint8", "int64", "float16", "float32", "bool"])
@pytest.mark.parametrize("shape", [(3, 4, 5), (0, 7), (1,), ()])
def test_arrays_arrive_as_they_were(dtype: str, shape: tuple[int, ...]) -> None:
    array = (np.arange(np.prod(shape, dtype=int)) % 2).reshape(shape).astype(dtype)
    out = exchange(Message({"a": [1, None, "ü"]}, {"x": array, "y": array[..., None]}))
    assert out.values == {"a": [1, None, "ü"]}
    np.testing.assert_array_equal(out.arrays["x"], array)
    assert out.arrays["y"].shape == (*shape, 1)


def test_a_view_that_is_not_contiguous_arrives_whole() -> None:
    array = np.arange(12, dtype=np.float32).reshape(3, 4).T
    np.testing.assert_array_equal(exchange(Message({}, {"x": array})).arrays["x"], array)


@pytest.mark.parametrize(
    "raw",
    [
        b"GET / HTTP/1.1\r\n",
        b"WBE2" + struct.pack(">I", 2**31),
        b"WBE2"
        + struct.pack(">I", 60)
        + b'{"values": {}, "arrays": [["x", "object", [1]]]}'
        + b" " * 12,
        b"WBE2"
        + struct.pack(">I", 62)
        + b'{"values": {}, "arrays": [["x", "uint8", [-1]]]}'
        + b" " * 14,
        b"WBE2" + struct.pack(">I", 100) + b"{}",
    ],
)
def test_rubbish_is_refused(raw: bytes) -> None:
    left, right = socket.socketpair()
    with right:
        with left:
            left.sendall(raw)
        with pytest.raises(EngineError):
            receive(right)


@pytest.mark.parametrize(
    "shape", [[True, 2], [1.0], ["1"], [None], [[1]], [0, 2**63], [1] * 65, [0, -1]]
)
def test_a_shape_that_is_none_is_refused(shape: list[object]) -> None:
    header = json.dumps({"values": {}, "arrays": [["x", "uint8", shape]]}).encode()
    left, right = socket.socketpair()
    with right:
        with left:
            left.sendall(b"WBE2" + struct.pack(">I", len(header)) + header + bytes(4))
        with pytest.raises(EngineError, match="shape"):
            receive(right)


def test_a_message_that_drips_ends_at_its_limit_and_takes_no_memory_ahead() -> None:
    left, right = socket.socketpair()
    header = b'{"values": {}, "arrays": [["x", "uint8", [1073741824]]]}'
    ended = threading.Event()

    def drip() -> None:
        left.sendall(b"WBE2" + struct.pack(">I", len(header)) + header)
        while not ended.wait(0.02):
            left.send(b"x")

    sender = threading.Thread(target=drip)
    tracemalloc.start()
    began = time.monotonic()
    with left, right:
        sender.start()
        with pytest.raises(TimeoutError):
            receive(right, 0.3)
        ended.set()
        sender.join()
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert time.monotonic() - began < 5
    assert most < 100 << 20, "a gigabyte was announced, some bytes came"

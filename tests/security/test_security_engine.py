"""The engine and strangers on its port: a real engine process, and many bad connections at once."""

from __future__ import annotations

import random
import socket
import struct
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest
from run_making import processes

from workbench.engine import address, listener
from workbench.engine.client import EngineClient
from workbench.engine.listener import Listener
from workbench.engine.wire import Message, greeting, receive, send
from workbench.errors import EngineError

OPEN = 500
# What an idle connection may cost the engine, whatever it announces.
MOST_MEMORY = 40 << 20


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    home = tmp_path_factory.mktemp("engine")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WORKBENCH_WARM_UP", "0")
        EngineClient(home).ping()
    yield home
    for process in processes(home, "engine.server"):
        process.kill()


def _port(home: Path) -> int:
    found = address.address(home)
    assert found is not None
    return found.port


def _memory(home: Path) -> int:
    return sum(process.memory_info().rss for process in processes(home, "engine.server"))


@pytest.mark.skipif(sys.platform == "win32", reason="a process may have fewer sockets there")
def test_500_open_connections_take_no_place_and_no_memory(engine: Path) -> None:
    pid, before = EngineClient(engine).ping()["pid"], _memory(engine)
    # What each says: nothing, a piece of a greeting, rubbish, and a header of 64 MB without token.
    says = [
        b"",
        greeting("x")[:20],
        random.Random(0).randbytes(64),
        b"WBE2" + struct.pack(">I", 64 << 20),
    ]
    connections = []
    try:
        for number in range(OPEN):
            connection = socket.create_connection(("127.0.0.1", _port(engine)), 10)
            connections.append(connection)
            with suppress(OSError):  # It may be closed already.
                connection.sendall(says[number % len(says)])
        began = time.monotonic()
        assert EngineClient(engine).ping()["pid"] == pid
        assert time.monotonic() - began < 5
        process = psutil.Process(pid)
        assert process.num_threads() < listener.MOST_SERVED, "strangers have no threads"
        assert _memory(engine) - before < MOST_MEMORY
    finally:
        for connection in connections:
            connection.close()
    assert EngineClient(engine).ping()["pid"] == pid


def test_who_sends_a_byte_a_second_is_cut_off(engine: Path) -> None:
    EngineClient(engine).ping()
    raw, began = greeting("x"), time.monotonic()
    with socket.create_connection(("127.0.0.1", _port(engine)), 30) as connection:
        connection.settimeout(0.5)
        for position in range(len(raw)):
            try:
                connection.send(raw[position : position + 1])
                if connection.recv(1) == b"":
                    break
            except TimeoutError:
                continue
            except OSError:
                break
    assert time.monotonic() - began < listener.GREETING_SECONDS + 5


def test_over_the_most_at_once_some_wait_and_some_are_refused_in_words(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(listener, "MOST_SERVED", 2)
    monkeypatch.setattr(listener, "MOST_WAITING", 3)
    go_on = threading.Event()

    def answer(message: Message) -> Message:
        go_on.wait(20)
        return Message({"got": message.values["n"]})

    def failed(error: EngineError) -> Message:
        return Message({"failed": str(error)})

    there = Listener("token", answer, failed)
    threading.Thread(target=there.serve, daemon=True).start()
    connections = []
    for number in range(6):
        connection = socket.create_connection(("127.0.0.1", there.port), 20)
        connection.sendall(greeting("token"))
        send(connection, Message({"n": number}))
        connections.append(connection)
        time.sleep(0.05)
    refused = receive(connections[5]).values["failed"]
    assert "2 requests at work and 3 in line" in refused
    assert "Ask again" in refused
    go_on.set()
    assert [receive(one).values["got"] for one in connections[:5]] == [0, 1, 2, 3, 4]
    there.close()
    for connection in connections:
        connection.close()


def test_the_log_of_dropped_requests_does_not_grow_with_them(engine: Path) -> None:
    EngineClient(engine).ping()
    log = engine / "engine.log"
    before = log.stat().st_size
    for _ in range(100):
        with socket.create_connection(("127.0.0.1", _port(engine)), 10) as connection:
            connection.sendall(b"GET / HTTP/1.1\r\n\r\n")
    EngineClient(engine).ping()
    assert log.stat().st_size - before < 2000

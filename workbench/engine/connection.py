"""One request to the engine of a home over its socket. The engine is started when none lives."""

from __future__ import annotations

import shutil
import socket
import time
from pathlib import Path

from workbench import __version__
from workbench.engine.address import Address, address, ensure
from workbench.engine.requests import EngineRequest
from workbench.engine.wire import Message, greeting, receive, send
from workbench.errors import EngineError, RequestError
from workbench.jobs.processes import Process, kill

_START_SECONDS = 60.0
_REPLY_SECONDS = 120.0
_POLL_SECONDS = 0.1
# An engine that starts writes where it listens.
_LEAST_BYTES = 16_384


def exchange(home: Path, request: EngineRequest) -> Message:
    """The engine's reply to ``request``.

    Raises EngineError if no engine answers or it fails, RequestError if it refuses the request.
    """
    outgoing = request.message()
    connection, token = _connect(home)
    with connection:
        try:
            header = {"what": request.NAME, **outgoing.values}
            connection.sendall(greeting(token))
            send(connection, Message(header, outgoing.arrays))
            reply = receive(connection)
        except OSError as error:
            raise EngineError(
                f"the engine did not answer: {error}.",
                remedy=f"Ask again; if that does not help, see {home / 'engine.log'}.",
            ) from error
    failure = reply.values.get("failed")
    if failure is not None:
        kind = RequestError if failure.pop("request") else EngineError
        raise kind(**failure)
    return reply


def _connect(home: Path) -> tuple[socket.socket, str]:
    """A connection to the engine, and its token. Waits for an engine that is starting."""
    deadline = time.monotonic() + _START_SECONDS
    retired: Process | None = None
    while True:
        engine = address(home)
        if engine is not None and engine.version != __version__:
            retired = _retire(engine, retired)
        elif engine is not None:
            try:
                place = ("127.0.0.1", engine.port)
                return socket.create_connection(place, _REPLY_SECONDS), engine.token
            except OSError:
                # It is about to end, or has announced itself a moment too early.
                pass
        if engine is None and shutil.disk_usage(home).free < _LEAST_BYTES:
            raise EngineError(
                f"the engine does not start: the disk of '{home}' is full.",
                remedy="Make room, then try again.",
            )
        if time.monotonic() > deadline:
            raise EngineError("the engine did not start.", remedy=f"See {home / 'engine.log'}.")
        ensure(home)
        time.sleep(_POLL_SECONDS)


def _retire(engine: Address, retired: Process | None) -> Process:
    """End an engine of another version; returns its process.

    retired: the one that was ended before, which may take a moment to be gone. Raises EngineError
    if it is another one: then something else starts old engines.
    """
    if retired not in (None, engine.process):
        raise EngineError(
            f"the engine is of version {engine.version}, and this is {__version__}.",
            remedy="Start the app or the notebook again after an update.",
        )
    kill(engine.process)
    return engine.process

"""The engine's socket: who may speak, how long a message may take, and how many are served at once.

A connection begins with a greeting of fixed length: magic and token. Until the token was right, a
connection costs 36 bytes, no thread, and at most a few seconds; nothing that it says is parsed.
Strangers take no place from those who know the token: of many that wait, the oldest is closed.
"""

from __future__ import annotations

import hmac
import selectors
import socket
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

from workbench.engine.wire import GREETING_BYTES, MAGIC_BYTES, Message, greeting, receive, send
from workbench.errors import EngineError

# Served at once, each by a thread of its own; a class that opens one page at once waits in line.
MOST_SERVED = 64
MOST_WAITING = 256
# Connections whose token has not come yet.
MOST_STRANGERS = 200
GREETING_SECONDS = 5.0
READ_SECONDS = 60.0
_REFUSED_SECONDS = 1.0
_DISCARDED_BYTES = 1 << 16
_TICK = 0.5
_BACKLOG = 256


@dataclass
class _Stranger:
    """A connection whose greeting is not whole, or that was refused and still sends.

    until: when it is closed, on the monotonic clock.
    """

    connection: socket.socket
    until: float
    raw: bytearray = field(default_factory=bytearray)
    refused: bool = False


class Listener:
    """Takes connections on a loopback port and gives each message with the right token to
    ``answer``. failed: the reply that tells an error."""

    def __init__(
        self,
        token: str,
        answer: Callable[[Message], Message],
        failed: Callable[[EngineError], Message],
    ):
        self._greeting = greeting(token)
        self._answer, self._failed = answer, failed
        self._strangers: dict[int, _Stranger] = {}
        self._lock = threading.Lock()
        self._served = 0
        self._waiting: deque[socket.socket] = deque()
        self._ended = threading.Event()
        self._selector = selectors.DefaultSelector()
        self._door = socket.create_server(("127.0.0.1", 0), backlog=_BACKLOG)
        self._door.setblocking(False)
        self._selector.register(self._door, selectors.EVENT_READ)
        self.port = int(self._door.getsockname()[1])

    def serve(self) -> None:
        """Take connections until ``close``."""
        while not self._ended.is_set():
            for key, _ in self._selector.select(_TICK):
                if key.fileobj is self._door:
                    self._accept()
                elif key.fd in self._strangers:
                    self._read(self._strangers[key.fd])
            now = time.monotonic()
            for stranger in [one for one in self._strangers.values() if one.until < now]:
                self._drop(stranger, "" if stranger.refused else "its greeting took too long")

    def close(self) -> None:
        """End ``serve``, and take no more connections."""
        self._ended.set()
        self._door.close()

    def _accept(self) -> None:
        if len(self._strangers) >= MOST_STRANGERS:
            self._drop(self._oldest(), "others wait")
        try:
            connection, _ = self._door.accept()
        except OSError as error:
            # The other side has gone already, or the process has no file handle left.
            _report(str(error))
            if self._strangers:
                self._drop(self._oldest(), "others wait")
            else:
                time.sleep(_TICK)
            return
        # A greeting that has come already is read at once: its connection is never the oldest.
        self._read(self._expect(connection, GREETING_SECONDS))

    def _expect(
        self, connection: socket.socket, seconds: float, *, refused: bool = False
    ) -> _Stranger:
        connection.setblocking(False)
        stranger = _Stranger(connection, time.monotonic() + seconds, refused=refused)
        self._strangers[connection.fileno()] = stranger
        self._selector.register(connection, selectors.EVENT_READ)
        return stranger

    def _oldest(self) -> _Stranger:
        return next(iter(self._strangers.values()))

    def _read(self, stranger: _Stranger) -> None:
        wanted = _DISCARDED_BYTES if stranger.refused else GREETING_BYTES - len(stranger.raw)
        try:
            piece = stranger.connection.recv(wanted)
        except (BlockingIOError, InterruptedError):
            return
        except OSError as error:
            self._drop(stranger, str(error))
            return
        if stranger.refused:
            if not piece:
                self._drop(stranger)
            return
        stranger.raw += piece
        if not piece or not _is_greeting(stranger.raw, self._greeting):
            self._drop(stranger, "it is no greeting of the engine")
        elif len(stranger.raw) == GREETING_BYTES:
            self._forget(stranger)
            if hmac.compare_digest(bytes(stranger.raw), self._greeting):
                self._admit(stranger.connection)
            else:
                self._refuse(stranger.connection, EngineError("the token is wrong."))

    def _admit(self, connection: socket.socket) -> None:
        connection.setblocking(True)
        with self._lock:
            if self._served < MOST_SERVED:
                self._served += 1
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()
                return
            if len(self._waiting) < MOST_WAITING:
                self._waiting.append(connection)
                return
        busy = f"the engine has {MOST_SERVED} requests at work and {MOST_WAITING} in line."
        self._refuse(connection, EngineError(busy, remedy="Ask again in a minute."))

    def _serve(self, connection: socket.socket) -> None:
        """Answer one request, then those that wait."""
        after: socket.socket | None = connection
        while after is not None:
            with after:
                self._exchange(after)
            with self._lock:
                after = self._waiting.popleft() if self._waiting else None
                if after is None:
                    self._served -= 1

    def _exchange(self, connection: socket.socket) -> None:
        try:
            reply = self._answer(receive(connection, READ_SECONDS))
            connection.settimeout(READ_SECONDS)
            send(connection, reply)
        except (EngineError, OSError, ValueError) as error:
            _report(str(error))

    def _refuse(self, connection: socket.socket, error: EngineError) -> None:
        """Tell why, to whoever reads it; nobody is waited for."""
        _report(str(error))
        connection.setblocking(False)
        try:
            send(connection, self._failed(error))
            connection.shutdown(socket.SHUT_WR)
        except OSError as lost:
            _report(str(lost))
            connection.close()
            return
        # With unread bytes behind it, a closed connection would lose the reply.
        self._expect(connection, _REFUSED_SECONDS, refused=True)

    def _drop(self, stranger: _Stranger, why: str = "") -> None:
        self._forget(stranger)
        stranger.connection.close()
        if why:
            _report(why)

    def _forget(self, stranger: _Stranger) -> None:
        del self._strangers[stranger.connection.fileno()]
        self._selector.unregister(stranger.connection)


def _is_greeting(raw: bytearray, whole: bytes) -> bool:
    """Whether ``raw`` begins with the magic, as far as it has come. The token is compared later."""
    return whole[:MAGIC_BYTES].startswith(bytes(raw[:MAGIC_BYTES]))


_reported = 0.0


def _report(why: str) -> None:
    """A line in the engine's log, at most one a second: strangers must not fill the disk."""
    global _reported
    now = time.monotonic()
    if now - _reported >= 1.0:
        _reported = now
        # On a full disk there is nowhere to tell it; requests are answered all the same.
        with suppress(OSError):
            sys.stderr.write(f"a request was dropped: {why}\n")

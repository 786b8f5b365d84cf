"""One process a home, started on demand and gone when idle, that keeps torch and umap warm.

It speaks JSON and arrays over a loopback socket, and only to those who know the token in the home
(``listener.py``).
Requests are answered in threads of their own, so that previews never wait for a map; maps are
taken one by one from the store's queue, when no run has the processor to itself.
"""

from __future__ import annotations

import dataclasses
import json
import os
import secrets
import sys
import threading
import time
import traceback
from collections.abc import Callable
from pathlib import Path

from filelock import FileLock, Timeout

from workbench import __version__
from workbench.engine import dispatch, map_fitting
from workbench.engine.address import FILE
from workbench.engine.listener import Listener
from workbench.engine.preparation import Preparations, error_record
from workbench.engine.requests import JobRequest, PingRequest, PrepareRequest
from workbench.engine.warm_up import WarmUp
from workbench.engine.wire import Message
from workbench.errors import EngineError, StoreError, WorkbenchError
from workbench.jobs import log_output
from workbench.jobs.processes import identify, step_back
from workbench.store.store import LIVE

IDLE_SECONDS = 600.0
_TICK = 0.3
# A client that looks for an engine may hold its lock for a moment.
_LOCK_SECONDS = 2.0


class Engine:
    """The state of one engine: its token, its preparations, and when it was last of use."""

    def __init__(self, home: Path):
        self.home = home
        self.token = secrets.token_urlsafe(24)
        self.last_used = time.monotonic()
        self._preparations = Preparations(home)
        self._answering: set[int] = set()

    def answer(self, message: Message) -> Message:
        """The reply to one request; an error of ours becomes ``failed`` in it."""
        thread = threading.get_ident()
        self._answering.add(thread)
        try:
            return self._answer(message)
        except WorkbenchError as error:
            return _failed(error)
        except Exception as error:  # noqa: BLE001  one bad request must not end the engine
            traceback.print_exc()
            return _failed(EngineError(f"{type(error).__name__}: {error}"))
        finally:
            self._answering.discard(thread)
            self.last_used = time.monotonic()

    def _answer(self, message: Message) -> Message:
        match message.values.get("what"):
            case PingRequest.NAME:
                return Message({"version": __version__, "pid": os.getpid()})
            case PrepareRequest.NAME:
                job = self._preparations.start(PrepareRequest.read(message))
                return Message(dataclasses.asdict(job))
            case JobRequest.NAME:
                job = self._preparations.job(JobRequest.read(message).job)
                return Message(dataclasses.asdict(job))
        return dispatch.answer(message, self.home)

    def idle_for(self) -> float:
        """Seconds since the last request or job."""
        if self._answering or self._preparations.busy:
            self.last_used = time.monotonic()
        return time.monotonic() - self.last_used


def _failed(error: WorkbenchError) -> Message:
    by_request = not isinstance(error, EngineError)
    return Message({"failed": {**error_record(error), "request": by_request}})


def _announce(home: Path, port: int, token: str) -> None:
    """Write address and token where only this user can read them."""
    document = {
        "port": port,
        "token": token,
        "process": dataclasses.asdict(identify(os.getpid())),
        "version": __version__,
    }
    temporary = home / f".{FILE}.part"
    temporary.unlink(missing_ok=True)
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(document, file)
    temporary.replace(home / FILE)


def _fitted(mapper: map_fitting.Mapper, warming: WarmUp) -> bool:
    """Fit the next map, if there is one and UMAP is compiled. A fit holds the processor: if it had
    to compile first, a new run would wait for both."""
    try:
        return not warming.maps_wait() and mapper.fit_next()
    except (StoreError, OSError) as error:
        sys.stderr.write(f"a map is tried again: {error}\n")
        time.sleep(1.0)
        return False


def main(arguments: list[str], before_maps: Callable[[], None] = lambda: None) -> int:
    """Serve the home ``HOME`` until nothing has been asked for ``IDLE`` seconds.

    before_maps: called in the thread that fits maps, when those that answer have started.
    """
    home = Path(arguments[0])
    idle = float(arguments[1]) if len(arguments) > 1 else IDLE_SECONDS
    try:
        with FileLock(home / "engine.lock").acquire(timeout=_LOCK_SECONDS):
            engine = Engine(home)
            listener = Listener(engine.token, engine.answer, _failed)
            threading.Thread(target=listener.serve, daemon=True).start()
            _announce(home, listener.port, engine.token)
            before_maps()
            mapper = map_fitting.Mapper(home)
            warming = WarmUp(engine.idle_for, lambda: mapper.store.count(LIVE))
            try:
                while engine.idle_for() < idle:
                    if _fitted(mapper, warming):
                        engine.last_used = time.monotonic()
                    else:
                        time.sleep(_TICK)
            finally:
                (home / FILE).unlink(missing_ok=True)
                listener.close()
    except Timeout:
        return 0
    return 0


if __name__ == "__main__":
    log_output.protect()
    # A map waits for a page's previews, and for a run that trains.
    sys.exit(main(sys.argv[1:], step_back))

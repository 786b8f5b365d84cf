"""One process a home, started on demand and gone when idle, that keeps torch and umap warm.

It speaks JSON and arrays over a loopback socket, and only to who knows the token in the home.
Requests are answered in threads of their own, so that previews never wait for a map; maps are
taken one by one from the store's queue, when no run has the processor to itself.
"""

from __future__ import annotations

import dataclasses
import hmac
import json
import os
import secrets
import socketserver
import sys
import threading
import time
import traceback
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from workbench import __version__
from workbench.config import DataConfig
from workbench.engine import dispatch, map_fitting
from workbench.engine.address import FILE
from workbench.engine.handlers import source
from workbench.engine.wire import Message, receive, send
from workbench.errors import EngineError, StoreError, WorkbenchError
from workbench.jobs.processes import identify

IDLE_SECONDS = 600.0
# Compiling UMAP takes some twenty seconds of a processor. At "0" it waits for the first map: for
# machines that are small, and for tests, which start many engines and seldom want a map.
WARM_UP = "WORKBENCH_WARM_UP"
_TICK = 0.3
_READ_SECONDS = 60.0
# A client that looks for an engine may hold its lock for a moment.
_LOCK_SECONDS = 2.0


class Engine:
    """The state of one engine: jobs, and when it was last of use."""

    def __init__(self, home: Path):
        self.home = home
        self.token = secrets.token_urlsafe(24)
        self.last_used = time.monotonic()
        self._jobs: dict[str, dict[str, Any]] = {}
        self._busy = threading.Lock()
        self._answering: set[int] = set()

    def answer(self, request: Message) -> Message:
        """One request answered; an error of ours becomes ``failed`` in the answer."""
        token = str(request.values.get("token"))
        if not hmac.compare_digest(token.encode(), self.token.encode()):
            return _failed(EngineError("the token is wrong."))
        me = threading.get_ident()
        self._answering.add(me)
        try:
            return self._answer(request)
        finally:
            self._answering.discard(me)
            self.last_used = time.monotonic()

    def _answer(self, request: Message) -> Message:
        what = request.values.get("what")
        try:
            if what == "ping":
                return Message({"version": __version__, "pid": os.getpid()})
            if what == "prepare":
                return Message(self._start_prepare(*source.source(request)))
            if what == "job":
                return Message(self._jobs.get(str(request.values["job"]), _LOST))
            if what == "inspect":
                return dispatch.inspect(*source.source(request), self.home)
            handler = dispatch.HANDLERS.get(str(what))
            if handler is None:
                return _failed(EngineError(f"the engine knows no '{what}'."))
            with self._busy:
                return handler(request, self.home)
        except WorkbenchError as error:
            return _failed(error)
        except Exception as error:  # noqa: BLE001  one bad request must not end the engine
            traceback.print_exc()
            return _failed(EngineError(f"{type(error).__name__}: {error}"))

    def idle_for(self) -> float:
        """Seconds since the last request or job."""
        if self._answering or any(job["state"] == "running" for job in list(self._jobs.values())):
            self.last_used = time.monotonic()
        return time.monotonic() - self.last_used

    def _start_prepare(self, config: DataConfig, within: Path | None) -> dict[str, Any]:
        job: dict[str, Any] = {
            "id": secrets.token_hex(8),
            "state": "running",
            "text": "reading",
            "share": 0.0,
            "fingerprint": None,
            "error": None,
        }
        self._jobs[job["id"]] = job
        threading.Thread(target=self._prepare, args=(job, config, within), daemon=True).start()
        return dict(job)

    def _prepare(self, job: dict[str, Any], config: DataConfig, within: Path | None) -> None:
        from workbench.data import prepare

        def progress(text: str, share: float) -> None:
            job.update(text=text, share=share)

        try:
            dataset = prepare(config, self.home, progress, within=within)
        except WorkbenchError as error:
            job.update(state="failed", error=_said(error))
        except Exception as error:  # noqa: BLE001  the page that waits must hear of it
            traceback.print_exc()
            job.update(state="failed", error=_said(EngineError(f"{type(error).__name__}: {error}")))
        else:
            job.update(state="done", share=1.0, fingerprint=dataset.info.fingerprint)


_LOST: dict[str, Any] = {
    "id": "",
    "state": "failed",
    "text": "",
    "share": 0.0,
    "fingerprint": None,
    "error": {
        "message": "the engine was started anew in between.",
        "field": None,
        "remedy": "Ask again.",
    },
}


def _said(error: WorkbenchError) -> dict[str, Any]:
    return {"message": error.message, "field": error.field, "remedy": error.remedy}


def _failed(error: WorkbenchError) -> Message:
    return Message({"failed": {**_said(error), "request": not isinstance(error, EngineError)}})


def _server(engine: Engine) -> socketserver.ThreadingTCPServer:
    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            self.request.settimeout(_READ_SECONDS)
            try:
                send(self.request, engine.answer(receive(self.request)))
            except (EngineError, OSError, ValueError) as error:
                sys.stderr.write(f"a request was dropped: {error}\n")

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
        # A class that opens the same page at once waits in line and not for a retry.
        request_queue_size = 64

    return Server(("127.0.0.1", 0), Handler)


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


def _fitted(mapper: map_fitting.Mapper) -> bool:
    try:
        return mapper.fit_next()
    except (StoreError, OSError) as error:
        sys.stderr.write(f"a map is tried again: {error}\n")
        time.sleep(1.0)
        return False


def main(arguments: list[str]) -> int:
    """Serve the home ``HOME`` until nothing has been asked for ``IDLE`` seconds."""
    home = Path(arguments[0])
    idle = float(arguments[1]) if len(arguments) > 1 else IDLE_SECONDS
    try:
        with FileLock(home / "engine.lock").acquire(timeout=_LOCK_SECONDS):
            engine = Engine(home)
            server = _server(engine)
            threading.Thread(target=server.serve_forever, daemon=True).start()
            _announce(home, server.server_address[1], engine.token)
            mapper = map_fitting.Mapper(home)
            warming = threading.Thread(target=dispatch.warm_up, daemon=True)
            if os.environ.get(WARM_UP) != "0":
                warming.start()
            try:
                while engine.idle_for() < idle:
                    # Compiling takes longer than a fit: with the processor held meanwhile, a run
                    # that was just launched would wait for both.
                    if not warming.is_alive() and _fitted(mapper):
                        engine.last_used = time.monotonic()
                    else:
                        time.sleep(_TICK)
            finally:
                (home / FILE).unlink(missing_ok=True)
                server.shutdown()
    except Timeout:
        return 0
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

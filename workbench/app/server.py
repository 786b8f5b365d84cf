"""``workbench app``: this process is the Streamlit server. It imports nothing heavy.

Streamlit's garbage collection after every script run is switched off: it costs more than most ticks
of a live page. A task of the server collects every half minute instead.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import secrets
import socket
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from workbench import __version__
from workbench.app import room_code, settings
from workbench.app.hosts import AllowedHosts
from workbench.engine import address
from workbench.errors import RequestError, StoreError
from workbench.jobs import launch, log_output
from workbench.store import limits
from workbench.store.store import Store

_COLLECT_SECONDS = 30.0
_ATTEND_SECONDS = 5.0
# The engine takes two cores for some seconds when it starts, so the first page comes before it.
_ENGINE_AFTER_SECONDS = 3.0
_UPLOAD_MB = 500
# Streamlit keeps three handles for each session, and up to 128 sessions for two minutes after their
# tab was closed. macOS allows a process 256 handles unless it asks for more.
_HANDLES = 4096

THEME = {
    # Captions are drawn at 60 % of the text colour, chosen pills in primary on a tint of primary.
    # With these colours both have a contrast above 4.5.
    "theme.primaryColor": "#2d5ab8",
    "theme.light.textColor": "#121212",
    "theme.baseRadius": "0.5rem",
    "theme.dark.primaryColor": "#86a9f2",
}


def serve(
    *,
    home: Path,
    host: str,
    port: int,
    data_root: Path | None,
    browser: bool,
    allow_hosts: Sequence[str] = (),
    room: str | None = None,
    limit_values: Mapping[str, float | None] | None = None,
) -> None:
    """Run the app until it is interrupted. allow_hosts: further names of the app, as behind a
    proxy; the app is then shared. room: the code for visitors from other machines, ``auto`` to make
    one. limit_values: limits that the store keeps from now on (``store/limits.py``).

    Raises RequestError if it cannot start.
    """
    hosts = AllowedHosts.of(host, allow_hosts)
    if data_root is not None and not data_root.expanduser().is_dir():
        raise RequestError(
            f"'{data_root}' is no folder.", field="--data-root", remedy="Give a folder."
        )
    _check_port(host, port)
    token, code = secrets.token_urlsafe(9), room_code.parse(room)
    chosen = settings.AppSettings(
        home.resolve(), host, data_root, token, code, proxied=bool(allow_hosts)
    )
    store = Store.open(chosen.home)
    for name, value in (limit_values or {}).items():
        limits.put(store, name, value)
    settings.use(chosen)
    log_output.protect()
    allow_handles()

    from workbench.app.border import GuardedApp

    app = GuardedApp(
        Path(__file__).with_name("entry.py"),
        hosts,
        lifespan=_lifespan,
        routes=[Route("/workbench/health", _health)],
    )
    sys.stderr.write(_greeting(chosen, port))
    # Streamlit would take these as arguments of the script. They are parsed already.
    sys.argv = sys.argv[:1]
    app.run(config=server_config(host, port, browser=browser))


def server_config(host: str, port: int, *, browser: bool) -> dict[str, Any]:
    """Streamlit's options for the app."""
    return {
        "server.address": host,
        "server.port": port,
        "server.headless": not browser,
        "server.fileWatcherType": "none",
        # A file of settings or the environment must not open what border.py and Streamlit close.
        "server.enableCORS": True,
        "server.enableXsrfProtection": True,
        "server.enableAgentApi": False,
        "server.maxUploadSize": _UPLOAD_MB,
        "browser.gatherUsageStats": False,
        "client.toolbarMode": "viewer",
        "client.showErrorDetails": "type",
        "client.showErrorLinks": "false",
        "runner.postScriptGC": False,
        # A slider and its exact field have a default value, and set each other's value later.
        "global.disableWidgetStateDuplicationWarning": True,
        "logger.level": "warning",
        # The app has its own greeting, and Streamlit's advice to developers would cover the page.
        "logger.hideWelcomeMessage": True,
        **THEME,
    }


@asynccontextmanager
async def _lifespan(_app: Any) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(task()) for task in (_collect, _start_helpers, _attend)]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


async def _collect() -> None:
    while True:
        await asyncio.sleep(_COLLECT_SECONDS)
        await asyncio.to_thread(gc.collect)


async def _start_helpers() -> None:
    await asyncio.sleep(_ENGINE_AFTER_SECONDS)
    try:
        await asyncio.to_thread(address.ensure, settings.current().home)
    except OSError as error:
        sys.stderr.write(f"The engine starts when it is needed: {error}\n")


async def _attend() -> None:
    """See to it that live and queued runs have a supervisor, whether a page is open or not."""
    home = settings.current().home
    while True:
        try:
            await asyncio.to_thread(launch.attend, home)
        except (StoreError, OSError) as error:
            sys.stderr.write(f"Runs are looked after again in a moment: {error}\n")
        await asyncio.sleep(_ATTEND_SECONDS)


async def _health(_request: Request) -> JSONResponse:
    return JSONResponse({"status": "ok", "version": __version__})


def allow_handles(wanted: int = _HANDLES) -> None:
    """Let this process open ``wanted`` files, or as many as the system lets it."""
    if sys.platform == "win32":
        return
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < most:
        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


def _check_port(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
    except (OSError, OverflowError) as error:
        raise RequestError(
            f"port {port} on {host} cannot be used: {error}.",
            field="--port",
            remedy="Give another --port, or end what listens there.",
        ) from error


def _greeting(chosen: settings.AppSettings, port: int) -> str:
    shown = f"[{chosen.host}]" if ":" in chosen.host else chosen.host
    lines = [
        f"SSL Workbench: http://{shown}:{port}",
        f"Runs live in {chosen.home}",
        f"Teacher's token (leads a class, stops all runs): {chosen.token}",
    ]
    if chosen.room:
        lines.append(f"Room code for visitors from other machines: {chosen.room}")
    if chosen.shared:
        where = f"below {chosen.data_root}" if chosen.data_root else "from uploads only"
        lines.append(f"Others can reach this app. They read data {where}.")
    logging.getLogger("streamlit").setLevel(logging.WARNING)
    return "\n".join(lines) + "\n"

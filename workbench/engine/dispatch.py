"""Finds the handlers: the modules of ``handlers/``, each by the name of the request it answers.

To add a request is to add a file there. It declares ``REQUEST``, a class of ``requests.py``, and
``handle(request, home) -> Message``. One handler works at a time; with ``PARALLEL = True`` it does
not wait for the others.
"""

from __future__ import annotations

import importlib
import pkgutil
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from workbench.engine import handlers
from workbench.engine.requests import EngineRequest
from workbench.engine.wire import Message
from workbench.errors import EngineError

_turn = threading.Lock()


@dataclass(frozen=True)
class Handler:
    """What one file of ``handlers/`` declares."""

    request: type[EngineRequest]
    handle: Callable[[Any, Path], Message]
    parallel: bool


@cache
def all_handlers() -> Mapping[str, Handler]:
    """Every handler by the name of its request. Raises ValueError if two have one name."""
    by_name: dict[str, Handler] = {}
    for info in pkgutil.iter_modules(handlers.__path__):
        if info.ispkg:
            continue
        module = importlib.import_module(f"{handlers.__name__}.{info.name}")
        handler = Handler(module.REQUEST, module.handle, getattr(module, "PARALLEL", False))
        if handler.request.NAME in by_name:
            raise ValueError(f"two handlers answer '{handler.request.NAME}': see {info.name}.py")
        by_name[handler.request.NAME] = handler
    return by_name


def answer(message: Message, home: Path) -> Message:
    """The reply to a request that a handler answers. Raises EngineError for an unknown one."""
    name = str(message.values.get("what"))
    handler = all_handlers().get(name)
    if handler is None:
        raise EngineError(f"the engine knows no '{name}'.")
    request = handler.request.read(message)
    if handler.parallel:
        return handler.handle(request, home)
    with _turn:
        return handler.handle(request, home)

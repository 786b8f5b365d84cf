"""Modules bound by name now and imported on first use.

A declaration file (a task, an encoder, an augmentation) is read by the app's server, which must
not import torch. It binds torch so:

    if TYPE_CHECKING:
        import torch
    else:
        torch = lazy("torch")

``importlib.util.LazyLoader`` would put an empty ``torch`` into ``sys.modules``, which other
packages take as a sign that torch is loaded; this proxy leaves ``sys.modules`` alone.
"""

from __future__ import annotations

import importlib
from types import ModuleType
from typing import Any


class _LazyModule(ModuleType):
    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        value = getattr(importlib.import_module(self.__name__), name)
        self.__dict__[name] = value
        return value


def lazy(name: str) -> Any:
    """A stand-in for module ``name`` that imports it when an attribute is first read."""
    return _LazyModule(name)

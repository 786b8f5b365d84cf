"""Modules that are bound to a name now and imported when they are first used.

A declaration file (a task, an encoder, an augmentation) is read by the app's server, which must
not import torch. It takes torch from here:

    from workbench.lazy import F, nn, torch

A type checker sees the real modules. Any other module is bound by ``lazy("package.module")``.

``importlib.util.LazyLoader`` would put an empty ``torch`` into ``sys.modules``, which other
packages take as a sign that torch is loaded; this proxy leaves ``sys.modules`` alone.
"""

from __future__ import annotations

import importlib
from types import ModuleType
from typing import TYPE_CHECKING, Any

__all__ = ("F", "lazy", "nn", "torch")


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


if TYPE_CHECKING:
    import torch
    import torch.nn.functional as F
    from torch import nn
else:
    torch = lazy("torch")
    nn = lazy("torch.nn")
    F = lazy("torch.nn.functional")

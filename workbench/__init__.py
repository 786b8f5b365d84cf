"""SSL Workbench: see what a self-supervised pretext task does to your data.

    import workbench as wb
    data = wb.load("sample:shapes")
    run = wb.pretrain(data, task="simclr", seconds=30)

The names in ``__all__`` are imported from ``workbench.api.notebook`` on first use, so that ``import
workbench`` stays light: the app's server must not import torch, umap, sklearn or datasets.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"
__all__ = ["Data", "Run", "__version__", "compare", "list_runs", "load", "load_plugin", "pretrain"]

if TYPE_CHECKING:
    from workbench.api.notebook import Data, Run, compare, list_runs, load, load_plugin, pretrain


def __getattr__(name: str) -> Any:
    if name in __all__:
        return getattr(importlib.import_module("workbench.api.notebook"), name)
    raise AttributeError(f"module 'workbench' has no attribute {name!r}")

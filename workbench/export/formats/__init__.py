"""The formats that a run's encoder is exported in: one a file, declared by a ``FORMAT``.

To add one, add a file here that defines ``FORMAT`` (docs/how-to/add-an-export-format.md). The
declarations load without torch, so that pages and the command line can list them.
"""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from workbench.errors import RequestError
from workbench.export.formats.base import ExportFormat


@cache
def formats() -> dict[str, ExportFormat]:
    """All formats by name, in their order."""
    declared = []
    for module in pkgutil.iter_modules(__path__):
        entry = getattr(importlib.import_module(f"{__name__}.{module.name}"), "FORMAT", None)
        if isinstance(entry, ExportFormat):
            declared.append(entry)
    return {entry.name: entry for entry in sorted(declared, key=lambda one: (one.place, one.name))}


def get_format(name: str) -> ExportFormat:
    """Raises RequestError for an unknown format."""
    if name not in formats():
        raise RequestError(
            f"'{name}' is not a format.",
            field="--format",
            remedy=f"Give one of {', '.join(formats())}.",
        )
    return formats()[name]

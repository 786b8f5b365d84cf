"""What commands check before they begin something long."""

from __future__ import annotations

import os
from pathlib import Path

from workbench.errors import RequestError


def check_writable(path: Path | None, field: str) -> None:
    """Raise RequestError if no file can be written at ``path``. None, for no file, passes."""
    if path is None:
        return
    folder = path.absolute().parent
    if path.is_dir():
        problem, remedy = f"'{path}' is a folder.", "Give the name of a file."
    elif not folder.is_dir():
        problem, remedy = f"there is no folder '{folder}'.", "Make it first, or give another file."
    elif not os.access(path if path.exists() else folder, os.W_OK):
        problem, remedy = f"'{path}' cannot be written.", "Give another file."
    else:
        return
    raise RequestError(problem, field=field, remedy=remedy)

"""A limit for sources that strangers name: the files they lead to must lie below one folder.

An app that other machines reach reads below its data folder only. A table may name image files
anywhere, a tree or a saved data set may hold links: each is followed to its end before it is read.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from workbench.errors import RequestError


def inside(path: Path, *roots: Path | None) -> Path:
    """``path`` if it lies below one of ``roots``, links resolved, or if one of them is None.

    Raises RequestError, without telling whether there is such a file.
    """
    if None in roots:
        return path
    resolved = path.expanduser().resolve()
    if not any(resolved.is_relative_to(root.resolve()) for root in roots if root is not None):
        raise RequestError(
            f"'{path.name}' leads out of the folder that this app reads.",
            field="--data",
            remedy="Put all files of the data, and what it names or links to, below that folder.",
        )
    return path


def all_inside(files: Sequence[tuple[str, Path]], root: Path | None) -> None:
    """Raises RequestError if one of ``files``, a name and a path each, is not below ``root``."""
    for _, path in files:
        inside(path, root)

"""A limit for sources that other people choose: all files must lie below one folder.

An app that other machines can reach reads files below its data folder only. A table may name image
files anywhere, and a tree or a saved data set may hold links: each is resolved before it is read.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from workbench.errors import RequestError


def inside(path: Path, *roots: Path | None) -> Path:
    """``path`` if it lies below one of ``roots``, links resolved, or if one of them is None.

    Raises RequestError, which does not reveal whether the file exists.
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
    """Raise RequestError if one of ``files``, pairs of a name and a path, is not below ``root``."""
    if root is None:
        return
    # Most files are no links, so that one of them stands for all in its folder.
    checked: set[Path] = set()
    for _, path in files:
        folder = path.parent
        link = path.name == ".." or path.is_symlink()
        if link or folder not in checked:
            inside(path, root)
        if not link:
            checked.add(folder)

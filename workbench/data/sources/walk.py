"""All files below a folder, links followed.

Each folder is read once, by its own name before any link's, so that a loop of links ends. Links
that lead nowhere, or to a folder that is read anyhow, are counted.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from workbench.data.safety import limits
from workbench.data.sources import confine
from workbench.data.sources.file_kinds import is_hidden

NOWHERE = "linked to nothing"
AGAIN = "links to folders that are read anyhow"
NO_FILE = "not a regular file"


@dataclass
class Walk:
    """names: paths of the files below the folder, with slashes, in no order. links: those among
    them that are links or lie behind one. odd: how many entries are no files, by reason (of this
    module). folder_links: names of the linked folders that were followed. closed: names of folders
    that cannot be opened."""

    names: list[str] = field(default_factory=list)
    links: set[str] = field(default_factory=set)
    odd: dict[str, int] = field(default_factory=dict)
    folder_links: list[str] = field(default_factory=list)
    closed: list[str] = field(default_factory=list)

    def count(self, reason: str) -> None:
        """Count an entry that is no file."""
        self.odd[reason] = self.odd.get(reason, 0) + 1


@dataclass(frozen=True)
class _Folder:
    """path: of a folder to read. name: within the source, with a slash at its end or "". linked:
    whether it lies behind a link. hidden: whether its files are only counted."""

    path: str
    name: str
    linked: bool = False
    hidden: bool = False


def walk(root: Path, within: Path | None = None) -> Walk:
    """All files below ``root``.

    within: the folder to which all links have to lead, None for no limit. Raises RequestError if
    one leads out of it, whether its target exists or not.
    """
    out = Walk()
    seen: set[tuple[int, int]] = set()
    links: deque[_Folder] = deque([_Folder(str(root), "")])
    while links:
        top = links.popleft()
        if top.linked and _identity(top.path) in seen:
            out.count(AGAIN)
            continue
        if top.linked:
            out.folder_links.append(top.name.rstrip("/"))
        folders = [top]
        while folders:
            folder = folders.pop()
            identity = _identity(folder.path)
            if identity is None or identity in seen:
                continue
            seen.add(identity)
            below, behind = _read(folder, out, within)
            _check(folder, out, root)
            folders += reversed(below)
            links += behind
    return out


def _check(folder: _Folder, out: Walk, root: Path) -> None:
    """Raise RequestError if the folders hold too many files, lie too deep, or take too long."""
    limits.check_time()
    limits.check("files", len(out.names), f"'{root.name}' holds {len(out.names):,} files or more")
    depth = folder.name.count("/")
    limits.check("depth", depth, f"folders of '{root.name}' lie {depth} deep within each other")


def _identity(path: str) -> tuple[int, int] | None:
    """Device and number of a folder, None if it cannot be reached."""
    try:
        found = Path(path).stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _read(folder: _Folder, out: Walk, within: Path | None) -> tuple[list[_Folder], list[_Folder]]:
    """Add the files of one folder to ``out``; the folders in it, and those behind links in it."""
    below, behind = [], []
    for entry in _entries(folder, out):
        name = folder.name + entry.name
        hidden = folder.hidden or is_hidden(entry.name)
        if entry.is_symlink() and not hidden:
            confine.inside(Path(entry.path), within)
            kind = _kind_behind(entry)
            if kind == "folder":
                behind.append(_Folder(entry.path, f"{name}/", linked=True))
            elif kind == "file":
                out.names.append(name)
                out.links.add(name)
            else:
                out.count(kind)
        elif entry.is_dir(follow_symlinks=False):
            below.append(_Folder(entry.path, f"{name}/", folder.linked, hidden))
        elif hidden or entry.is_file(follow_symlinks=False):
            out.names.append(name)
            if folder.linked:
                out.links.add(name)
        else:
            out.count(NO_FILE)
    return below, behind


def _entries(folder: _Folder, out: Walk) -> Iterator[os.DirEntry[str]]:
    """The entries of a folder by name, none of one that cannot be opened."""
    try:
        with os.scandir(folder.path) as entries:
            yield from sorted(entries, key=lambda entry: entry.name)
    except OSError:
        out.closed.append(folder.name.rstrip("/") or ".")


def _kind_behind(link: os.DirEntry[str]) -> str:
    """What a link leads to: "folder", "file", or the reason for which it is left out."""
    try:
        if link.is_dir():
            return "folder"
        # A link that leads to nothing, or in a circle, is no file and raises nothing.
        if link.is_file():
            return "file"
        return NO_FILE if Path(link.path).exists() else NOWHERE
    except OSError:
        return NOWHERE

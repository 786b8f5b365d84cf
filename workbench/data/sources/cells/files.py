"""The files that cells name.

A file is found also where its name is spelled in the other Unicode form or with other capitals, if
that is unambiguous. Folders are listed once, so that a million names cost a few listings and no
name is too long.
"""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from workbench.data import given_names
from workbench.data.sources import confine
from workbench.data.sources.cells.content import (
    Content,
    first_of,
    is_address,
    is_bytes,
    is_embedded,
)
from workbench.data.sources.part import Part

Roots = Sequence[Path | None]
# The path that a cell gives, and the path of the file that it means, None if there is none.
_Place = tuple[str, str | None]


@dataclass(frozen=True)
class NamedFiles:
    """The files that a column names.

    missing: bool (n,), rows whose file does not exist. web: bool (n,), rows that name a web address
    instead. other: the path of a file by the path that
    its cell gives, where the two differ. paths: the existing files by the name in the cell.
    example: cell and path of the first missing file. notes: on names that were read differently.
    """

    missing: npt.NDArray[np.bool_]
    web: npt.NDArray[np.bool_]
    other: Mapping[str, str] = field(default_factory=dict)
    paths: Mapping[str, str] = field(default_factory=dict)
    example: tuple[str, Path] | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Cells:
    """The names in a column of a part. codes: int64 (rows,), position in names, -1 for none."""

    part: Part
    codes: npt.NDArray[np.int64]
    names: list[str]


def locator(base: Path | None) -> Callable[[str], str]:
    """A function from the name in a cell to the path of its file, relative to the folder ``base``
    of the table.

    In an upload it is the file to which that name was given.
    """
    given = None if base is None else given_names.read(base)
    if given is not None:
        return lambda value: str(given.named(value))
    folder = "" if base is None else str(base)

    def located(value: str) -> str:
        name = value.strip().removeprefix("file://").replace("\\", "/")
        return os.path.join(folder, name)  # noqa: PTH118  a million path objects take long

    return located


def name_in(cell: Any, content: Content) -> str | None:
    """The name of a file in a cell; None if it holds the image itself, or nothing."""
    cell = first_of(cell)
    if isinstance(cell, Mapping):
        path = cell.get("path")
        return path if cell.get("bytes") is None and isinstance(path, str) and path else None
    if isinstance(cell, bytes) and content.holds == "files":
        cell = cell.decode("utf-8", "surrogateescape")
    if not isinstance(cell, str) or not cell.strip() or is_embedded(cell):
        return None
    return cell


def named(parts: Sequence[Part], column: str, content: Content, within: Roots) -> NamedFiles:
    """The files that the cells of ``column`` name. content: what it holds.

    within: folders, of which one must contain each file; None among them: no limit. Raises
    RequestError for a file elsewhere, whether it exists or not.
    """
    cells = [_cells(part, column, content) for part in parts]
    finder = _Finder()
    found = [_search(one, finder.find, within) for one in cells]
    uploaded = any(one.base is not None and given_names.read(one.base) for one in parts)
    if any(one.names for one in cells) and not any(map(_any, found)) and not uploaded:
        # Uploaded files lose their folders.
        beside = [_search(one, finder.beside(one.part.base), within) for one in cells]
        if any(map(_any, beside)):
            note = "Files lie beside the table; the folders in their names were left out."
            return _together(cells, beside, note)
    return _together(cells, found, None)


def _cells(part: Part, column: str, content: Content) -> _Cells:
    codes = np.full(part.rows, -1, np.int64)
    table: dict[str, int] = {}
    encoded = is_bytes(content.kind) and content.holds != "files"
    if column in part.types and not encoded and not part.embeds(column):
        for row, cell in enumerate(part.cells(column, np.arange(part.rows))):
            name = name_in(cell, content)
            if name is not None:
                codes[row] = table.setdefault(name, len(table))
    return _Cells(part, codes, list(table))


def _search(cells: _Cells, find: Callable[[str], str | None], within: Roots) -> list[_Place]:
    """The place of each name of ``cells``, and the path of the file, None where there is none."""
    found: list[_Place] = []
    located = locator(cells.part.base)
    checked: set[str] = set()
    for name in cells.names:
        if is_address(name):
            found.append((name, None))
            continue
        path = located(name)
        try:
            _check_inside(path, within, checked)
            found.append((path, find(path)))
        except (OSError, RuntimeError, ValueError):
            # Too long a name, an unknown user, or a letter that no name may have.
            found.append((path, None))
    return found


def _check_inside(path: str, within: Roots, checked: set[str]) -> None:
    """Raise RequestError if ``path`` is not below one of ``within``. checked: folders that are.

    Most files are no links, so that their folders are resolved only, each once.
    """
    if None in within:
        return
    folder, name = os.path.split(path)
    if folder not in checked:
        confine.inside(Path(path), *within)
        confine.inside(Path(folder), *within)
        checked.add(folder)
    if name == ".." or Path(path).is_symlink():
        confine.inside(Path(path), *within)


def _any(found: Sequence[_Place]) -> bool:
    return any(path is not None for _, path in found)


def _together(
    cells: Sequence[_Cells], found: Sequence[Sequence[_Place]], note: str | None
) -> NamedFiles:
    missing, web, other, paths = [], [], {}, {}
    example: tuple[str, Path] | None = None
    for one, files in zip(cells, found, strict=True):
        addresses = [is_address(name) for name in one.names]
        gone = [p is None and not a for (_, p), a in zip(files, addresses, strict=True)]
        missing.append(np.array([*gone, False], np.bool_)[one.codes])
        web.append(np.array([*addresses, False], np.bool_)[one.codes])
        for name, (place, path) in zip(one.names, files, strict=True):
            if path is not None:
                paths[name] = path
                if path != place:
                    other[place] = path
            elif example is None and not is_address(name):
                example = name, Path(place)
    notes = () if note is None else (note,)
    if other and note is None:
        what = "name is" if len(other) == 1 else "names are"
        notes = (
            f"{len(other):,} file {what} spelled differently in the table (capitals, or the Unicode"
            " form of letters); the files were found.",
        )
    return NamedFiles(np.concatenate(missing), np.concatenate(web), other, paths, example, notes)


class _Finder:
    """Looks names up in the listings of folders."""

    def __init__(self) -> None:
        self._folders: dict[str, str | None] = {}
        self._entries: dict[str, _Entries] = {}

    def find(self, path: str) -> str | None:
        """The path of the file that ``path`` means, None if there is none."""
        folder, name = os.path.split(path)
        actual = self._folder(folder)
        if actual is None:
            return None
        match = self._listed(actual).files.match(name)
        if match is None:
            return None
        return path if (actual, match) == (folder, name) else str(Path(actual, match))

    def beside(self, base: Path | None) -> Callable[[str], str | None]:
        """A search by the last part of a path alone, in the folder ``base``."""
        return lambda path: self.find(str(Path(base or ".", Path(path).name)))

    def _folder(self, path: str) -> str | None:
        if path not in self._folders:
            self._folders[path] = self._find_folder(path)
        return self._folders[path]

    def _find_folder(self, path: str) -> str | None:
        if Path(path or ".").is_dir():
            return path
        above, name = os.path.split(path)
        if above == path or not name:
            return None
        actual = self._folder(above)
        match = None if actual is None else self._listed(actual).folders.match(name)
        return None if actual is None or match is None else str(Path(actual, match))

    def _listed(self, folder: str) -> _Entries:
        if folder not in self._entries:
            self._entries[folder] = _Entries.of(folder)
        return self._entries[folder]


@dataclass(frozen=True)
class _Entries:
    """The files and the folders in a folder."""

    files: _Names
    folders: _Names

    @classmethod
    def of(cls, folder: str) -> _Entries:
        files, folders = [], []
        with os.scandir(folder or ".") as entries:
            for entry in entries:
                # A link to nowhere is neither.
                if entry.is_file():
                    files.append(entry.name)
                elif entry.is_dir():
                    folders.append(entry.name)
        return cls(_Names(files), _Names(folders))


class _Names:
    """Names of one folder, found by their spelling, else by their letters."""

    def __init__(self, names: Sequence[str]):
        self._names = frozenset(names)
        self._alike: tuple[dict[str, list[str]], ...] | None = None

    def match(self, name: str) -> str | None:
        """The name that ``name`` means: itself, else the only one of equal letters, else the only
        one that differs in capitals alone."""
        if name in self._names:
            return name
        if self._alike is None:
            self._alike = (_grouped(self._names, _form), _grouped(self._names, _folded))
        for spelled, groups in zip((_form, _folded), self._alike, strict=True):
            alike = groups.get(spelled(name), [])
            if len(alike) == 1:
                return alike[0]
        return None


def _grouped(names: frozenset[str], spelled: Callable[[str], str]) -> dict[str, list[str]]:
    groups: dict[str, list[str]] = {}
    for name in names:
        groups.setdefault(spelled(name), []).append(name)
    return groups


def _form(name: str) -> str:
    return unicodedata.normalize("NFC", name)


def _folded(name: str) -> str:
    return _form(name).casefold()

"""The names that people gave to uploaded files, which may be called otherwise on the disk.

A browser sends files one by one: those of folders lie side by side in an upload, and some names are
none on every disk. The list beside the files keeps the names as they were given. Names of samples,
classes in folders and the references of tables go by it.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

LIST = ".names.json"
# No upload has this folder: files lie side by side there.
_NO_FILE = "not uploaded"


@dataclass(frozen=True)
class GivenNames:
    """The files of one upload. given: by name on the disk, the name that was given: a relative path
    with slashes."""

    folder: Path
    given: Mapping[str, str]

    def named(self, reference: str) -> Path:
        """The file that ``reference`` means, such as a cell of a table.

        It may have more folders before the name than the upload, or fewer, and other forms of the
        same letters. Where no file fits, or several fit equally well, the path is that of no file.
        """
        parts = _parts(reference)
        candidates = self._by_last.get(parts[-1].casefold(), ()) if parts else ()
        lengths = [_common_end(parts, _parts(given)) for _, given in candidates]
        best = [disk for (disk, _), n in zip(candidates, lengths, strict=True) if n == max(lengths)]
        return self.folder / (best[0] if len(best) == 1 else Path(_NO_FILE, *parts))

    def on_disk(self, given: str) -> Path:
        """The file with exactly this given name."""
        return self.folder / self._by_given.get(given, given)

    @cached_property
    def _by_given(self) -> dict[str, str]:
        return {given: disk for disk, given in self.given.items()}

    @cached_property
    def _by_last(self) -> dict[str, list[tuple[str, str]]]:
        """Names on the disk with given names, by the last part of these."""
        found: dict[str, list[tuple[str, str]]] = {}
        for disk, given in self.given.items():
            found.setdefault(_parts(given)[-1].casefold(), []).append((disk, given))
        return found


def read(folder: Path) -> GivenNames | None:
    """The given names of the uploaded files in ``folder``; None where there are none, as for every
    folder that is no upload."""
    for place in (folder, folder.parent):
        path = place / LIST
        try:
            stamp = path.stat().st_mtime_ns
        except OSError:
            continue
        names = _read(path, stamp)
        if names is not None and names.folder == folder:
            return names
    return None


def write(upload: Path, below: str, given: Mapping[str, str]) -> None:
    """Keep the given names of the files in the folder ``below`` of an upload ("": in the upload
    itself), by name on the disk."""
    document = {"folder": below, "given": dict(given)}
    (upload / LIST).write_text(json.dumps(document, ensure_ascii=False), "utf-8")


@lru_cache(maxsize=32)
def _read(path: Path, _stamp: int) -> GivenNames | None:
    try:
        document = json.loads(path.read_text("utf-8"))
        return GivenNames(path.parent / document["folder"], dict(document["given"]))
    except (OSError, ValueError, KeyError, TypeError):
        # A file of this name in a folder of somebody's own.
        return None


def _parts(name: str) -> tuple[str, ...]:
    """The parts of a path. Points and spaces before a name are no part of it in an upload."""
    whole = unicodedata.normalize("NFC", name).replace("\\", "/")
    parts = (part.rstrip().lstrip(". ") for part in whole.split("/"))
    return tuple(part for part in parts if part)


def _common_end(a: tuple[str, ...], b: tuple[str, ...]) -> tuple[int, int]:
    """How many last parts two names have in common, and how many of these letter by letter."""
    same = exact = 0
    for one, other in zip(reversed(a), reversed(b), strict=False):
        if one.casefold() != other.casefold():
            break
        same += 1
        exact += one == other
    return same, exact

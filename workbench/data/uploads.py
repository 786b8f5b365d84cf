"""Uploaded files as a source in the home, named by their content, so that equal uploads are one.

Files lie side by side under names that any disk takes. The names that people gave stand in a list
beside them where they differ, or where a table may name them (``given_names.py``).
"""

from __future__ import annotations

import hashlib
import re
import shutil
import sys
import tempfile
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from workbench import paths
from workbench.data import given_names
from workbench.data.decoding.decode import BrokenImage, header
from workbench.data.sources.part import IMAGE_SUFFIXES
from workbench.errors import RequestError

TABLES = (".csv", ".tsv", ".jsonl", ".ndjson", ".json", ".parquet")
ARCHIVE = ".zip"
_IMAGES, _TABLES = "uploaded images", "uploaded tables"
# Letters that end a name, or that no name may hold on some systems.
_CONTROL = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]+")
_UNSAFE = re.compile(r'[<>:"|?*]+') if sys.platform == "win32" else re.compile(r"[/]+")
# Most disks take 255 bytes; a number and the mark of another writer are added.
_MOST_BYTES = 230
_MOST_NAMES = 10

File = tuple[str, bytes | memoryview]


@dataclass(frozen=True)
class _Upload:
    """One file. given: the name for people, a relative path with slashes. disk: its name there."""

    given: str
    disk: str
    data: bytes | memoryview


def store(files: Sequence[File], root: Path) -> Path:
    """Write ``files`` (names and contents) below ``root``; returns the path that is their source.

    One archive or table is the source itself, also a table that is uploaded with the images it
    names. Several images, or several tables, become a folder. Raises RequestError without files,
    for kinds that do not go together, and where they cannot be written.
    """
    try:
        return _stored(_named(files), root)
    except OSError as error:
        raise RequestError(
            f"the files cannot be kept in '{root}' ({error.strerror or error}).",
            field="Upload",
            remedy="Free some space there, or start the app with a home on a larger disk (--home).",
        ) from error


def _stored(named: Sequence[_Upload], root: Path) -> Path:
    source = _source([one.disk for one in named])
    below = "" if source in {one.disk for one in named} else source
    given = _given_names(named)
    folder = root / _folder_name(named)
    if not folder.exists():
        paths.make_folder(root)
        unfinished = Path(tempfile.mkdtemp(prefix=".making-", dir=root))
        try:
            inside = unfinished / below
            inside.mkdir(exist_ok=True)
            for one in named:
                (inside / one.disk).write_bytes(one.data)
            if given:
                given_names.write(unfinished, below, given)
            unfinished.rename(folder)
        except OSError:
            # Another tab stored the same files in the meantime.
            if not folder.exists():
                raise
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)
    elif given and given_names.read(folder / below) is None:
        # An upload of an older version.
        given_names.write(folder, below, given)
    return folder / source


def folder_name(files: Sequence[File]) -> str:
    """The name of the folder that ``store`` puts these files into: equal files have one."""
    return _folder_name(_named(files))


def _folder_name(named: Sequence[_Upload]) -> str:
    digest = hashlib.sha256()
    for one in sorted(named, key=lambda one: one.given):
        digest.update(f"{one.given}\0{len(one.data)}\0".encode())
        digest.update(one.data)
    return digest.hexdigest()[:16]


def _given_names(named: Sequence[_Upload]) -> Mapping[str, str]:
    """The given names by names on the disk, where somebody may look for them; else none."""
    moved = any(one.given != one.disk for one in named)
    table = len(named) > 1 and any(Path(one.disk).suffix.lower() in TABLES for one in named)
    images = any(Path(one.disk).suffix.lower() in IMAGE_SUFFIXES for one in named)
    return {one.disk: one.given for one in named} if moved or (table and images) else {}


def unreadable(files: Sequence[File]) -> list[str]:
    """Names of the image files that cannot be decoded, each with the reason; at most ten."""
    reasons: list[str] = []
    for name, data in files:
        if PurePosixPath(name).suffix.lower() not in IMAGE_SUFFIXES:
            continue
        try:
            header(bytes(data))
        except BrokenImage as error:
            if len(reasons) == _MOST_NAMES:
                return [*reasons, "..."]
            reasons.append(f"{name}: {error}")
    return reasons


def folder_of(root: Path, source: str) -> Path | None:
    """The folder of the upload below ``root`` that contains ``source``, or None."""
    base = root.resolve()
    try:
        path = Path(source).expanduser().resolve()
    except (OSError, RuntimeError, ValueError):
        # A loop of links, the home of an unknown user, or a character that no name may have.
        return None
    inside = path.is_relative_to(base) and path != base
    return base / path.relative_to(base).parts[0] if inside else None


def _named(files: Sequence[File]) -> list[_Upload]:
    """The files with given names and names on the disk; equal ones of either are numbered.

    The order of ``files`` does not matter.
    """
    named: list[_Upload] = []
    given_ones: set[str] = set()
    disk_ones: set[str] = set()
    times = Counter(name for name, _ in files)

    def key(file: File) -> tuple[str, bytes]:
        name, data = file
        return name, hashlib.sha256(data).digest() if times[name] > 1 else b""

    for name, data in sorted(files, key=key):
        given = _free(_given(name), given_ones)
        disk = _free(_on_disk(given), disk_ones)
        named.append(_Upload(given, disk, data))
    return named


def _given(name: str) -> str:
    """The given name as a path inside the upload. Of a path that leads out of it the last part."""
    parts = re.split(r"[\\/]", _CONTROL.sub("_", name))
    outside = parts[0] == "" or ".." in parts or parts[0].endswith(":")
    kept = [part.lstrip(". ") for part in (parts[-1:] if outside else parts)]
    last = kept[-1]
    # Only the ending is left of ".png".
    if f".{last.lower()}" in (*IMAGE_SUFFIXES, *TABLES, ARCHIVE):
        last = f"file.{last}"
    return "/".join([*(part for part in kept[:-1] if part), last or "file"])


def _on_disk(given: str) -> str:
    """A name that the disk takes, of one part."""
    last = _UNSAFE.sub("_", given.rpartition("/")[2]).rstrip(". ") or "file"
    stem, ending = _split(last)
    while len(f"{stem}{ending}".encode()) > _MOST_BYTES and stem:
        stem = stem[:-1]
    return f"{stem or 'file'}{ending}"


def _free(name: str, taken: set[str]) -> str:
    """``name``, with a number if it is in ``taken``, where it is put. Some disks do not tell
    capitals or forms of letters apart."""
    stem, ending = _split(name)
    number = 1
    while (key := unicodedata.normalize("NFC", name).casefold()) in taken:
        number += 1
        name = f"{stem} ({number}){ending}"
    taken.add(key)
    return name


def _split(name: str) -> tuple[str, str]:
    """``name`` before its ending, and the ending with its dot."""
    ending = PurePosixPath(name).suffix
    return (name.removesuffix(ending), ending) if len(ending) < _MOST_BYTES // 2 else (name, "")


def _source(names: Sequence[str]) -> str:
    """The name of the file, or of the folder, that is the source."""
    if not names:
        raise RequestError("no file is given.", field="Upload", remedy="Choose files.")
    kinds = {name: Path(name).suffix.lower() for name in names}
    archives = [name for name, kind in kinds.items() if kind == ARCHIVE]
    tables = [name for name, kind in kinds.items() if kind in TABLES]
    images = [name for name, kind in kinds.items() if kind in IMAGE_SUFFIXES]
    if archives and len(names) > 1:
        raise RequestError(
            f"'{archives[0]}' was given with other files.",
            field="Upload",
            remedy="Give one zip alone, or put everything into it.",
        )
    if len(tables) > 1 and (images or len({kinds[name] for name in tables}) > 1):
        raise RequestError(
            f"{len(tables)} tables were given with images, or of several kinds.",
            field="Upload",
            remedy="Give one table with its images, or tables of one kind named train and test.",
        )
    if not archives and not tables and not images:
        raise RequestError(
            f"'{names[0]}' is no kind of file that can be read.",
            field="Upload",
            remedy="Give images, a zip of images, or a CSV, JSONL or Parquet table.",
        )
    if len(tables) > 1:
        return _TABLES
    return next(iter([*archives, *tables]), _IMAGES)

"""Uploaded files as a source in the home, named by their content, so that equal uploads are one."""

from __future__ import annotations

import hashlib
import re
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from workbench.data.decoding.decode import BrokenImage, header
from workbench.data.sources.part import IMAGE_SUFFIXES
from workbench.errors import RequestError

TABLES = (".csv", ".tsv", ".jsonl", ".ndjson", ".json", ".parquet")
ARCHIVE = ".zip"
_IMAGES, _TABLES = "uploaded images", "uploaded tables"
_UNSAFE = re.compile(r"[^\w.\- ()+]+")
_LONGEST = 120
_MOST_NAMES = 10

File = tuple[str, bytes | memoryview]


def store(files: Sequence[File], root: Path) -> Path:
    """Write ``files`` (names and contents) below ``root``; returns the path that is their source.

    One archive or table is the source itself, also a table that is uploaded with the images it
    names. Several images, or several tables, become a folder. Raises RequestError without files,
    or for kinds that do not go together.
    """
    named = _names(files)
    source = _source(list(named))
    below = "" if source in named else source
    digest = hashlib.sha256()
    for name in sorted(named):
        digest.update(f"{name}\0{len(named[name])}\0".encode())
        digest.update(named[name])
    folder = root / digest.hexdigest()[:16]
    if not folder.exists():
        root.mkdir(parents=True, exist_ok=True)
        unfinished = Path(tempfile.mkdtemp(prefix=".making-", dir=root))
        try:
            inside = unfinished / below
            inside.mkdir(exist_ok=True)
            for name, data in named.items():
                (inside / name).write_bytes(data)
            unfinished.rename(folder)
        except OSError:
            # Another tab stored the same files in the meantime.
            if not folder.exists():
                raise
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)
    return folder / source


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
    base, path = root.resolve(), Path(source).expanduser().resolve()
    inside = path.is_relative_to(base) and path != base
    return base / path.relative_to(base).parts[0] if inside else None


def _names(files: Sequence[File]) -> dict[str, bytes | memoryview]:
    """Contents by names that are safe on any disk; equal names are numbered."""
    named: dict[str, bytes | memoryview] = {}
    for given, data in sorted(files, key=lambda file: file[0]):
        last = re.split(r"[\\/]", given)[-1]
        stem, dot, suffix = _UNSAFE.sub("_", last).lstrip(". ").rpartition(".")
        stem, ending = (stem, f"{dot}{suffix}") if dot else (suffix, "")
        stem = stem[:_LONGEST] or "file"
        name, number = f"{stem}{ending}", 2
        while name in named:
            name, number = f"{stem} ({number}){ending}", number + 1
        named[name] = data
    return named


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

"""Caches of prepared data: each is made once, under a lock, whole or not at all.

Whether a cache is whole is seen from the sizes and headers of its files, in about a millisecond. A
value that was changed inside a file is not noticed.

A trimmed cache, such as those of the demo runs, has a part of these files on purpose. It names the
others in ``trimmed.json``; those of older workbenches are known by what they lack. It is not
damaged, and is prepared again where all of it is needed.
"""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import numpy as np

from workbench import damage, paths
from workbench.data.dataset import DataInfo, Dataset
from workbench.errors import DamageError
from workbench.run_folder import THUMBNAILS

TEMPORARY = ".making-"
TRIMMED = "trimmed.json"
_DAMAGED = "-damaged"
# The files that every cache has had from the first version on. Others are checked if they are
# there.
_ALWAYS = ("targets.parquet", "digests.npy")
_IMAGES = ("images.npy",)
_TEXTS = (
    "tokens.npy",
    "offsets.npy",
    "sentences.npy",
    "sentence_offsets.npy",
    "texts.parquet",
    "tokenizer.json",
)
_NEVER_IN_DEMO = ("digests.npy", "request.json", "reading.json")
# How many rows more than samples an array has.
_ROWS = {
    "images.npy": 0,
    "masks.npy": 0,
    "digests.npy": 0,
    "offsets.npy": 1,
    "sentence_offsets.npy": 1,
}


def find(home: Path, fingerprint: str) -> Dataset | None:
    """The complete cache ``fingerprint``; None if it is not there or trimmed. Raises DamageError if
    one of its files was cut off, overwritten or removed."""
    folder = paths.cache_dir(home) / fingerprint
    # A fingerprint may come from a file that people wrote.
    if Path(fingerprint).name != fingerprint or not folder.is_dir():
        return None
    _check(folder)
    if any(not (folder / name).exists() for name in left_out(folder)):
        return None
    return Dataset.open(folder)


def open_or_make(home: Path, fingerprint: str, make: Callable[[Path], None]) -> Dataset:
    """The cache ``fingerprint``, made by ``make(folder)`` if it is not there or is damaged.

    ``make`` writes into a temporary folder that is renamed when it returns. When it raises, nothing
    new is left. Two processes that need it at the same time make it once. A cache that took the
    place of a damaged one says so in its notes.
    """
    dataset, _ = _look(home, fingerprint)
    if dataset is not None:
        return dataset
    # The lock's library takes as long to import as all the rest of opening a cache.
    from filelock import FileLock

    root = paths.cache_dir(home)
    fresh = [folder for folder in (root, *root.parents) if not folder.exists()]
    paths.make_folder(root)
    try:
        with FileLock(_lock(root, fingerprint)):
            try:
                dataset, trouble = _look(home, fingerprint)
                if dataset is not None:
                    return dataset
                _sweep(root, fingerprint)
                _make(root, fingerprint, make, trouble)
            finally:
                _unlink(root, fingerprint)
    except BaseException:
        for folder in fresh:
            with suppress(OSError):
                folder.rmdir()
        raise
    return Dataset.open(root / fingerprint)


def _look(home: Path, fingerprint: str) -> tuple[Dataset | None, DamageError | None]:
    """The cache if it is there and whole, else what is damaged in it, if it is there."""
    try:
        return find(home, fingerprint), None
    except DamageError as error:
        return None, error


def _make(
    root: Path, fingerprint: str, make: Callable[[Path], None], trouble: DamageError | None
) -> None:
    """trouble: what is damaged in the cache whose place the new one takes; None for none."""
    folder, target = root / f"{TEMPORARY}{fingerprint}", root / fingerprint
    aside = root / f"{TEMPORARY}{fingerprint}{_DAMAGED}"
    folder.mkdir()
    try:
        make(folder)
        if target.exists():
            _take_over(target, folder, trouble)
            target.rename(aside)
        folder.rename(target)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        shutil.rmtree(aside, ignore_errors=True)


def _take_over(damaged: Path, folder: Path, trouble: DamageError | None) -> None:
    """Copy what is made from no source (names, thumbnails, baselines) from a damaged or trimmed
    cache to the new one, and note there why it was made."""
    for path in (*damaged.glob("*.json"), *damaged.glob(THUMBNAILS)):
        known = path.name == TRIMMED or (folder / path.name).exists()
        if not known and damage.fault(path) is None:
            shutil.copyfile(path, folder / path.name)
    if (damaged / "baselines").is_dir():
        shutil.copytree(damaged / "baselines", folder / "baselines", dirs_exist_ok=True)
    info = folder / "info.json"
    document = json.loads(info.read_text("utf-8"))
    reason = trouble.message if trouble is not None else "the cache was not complete."
    day = time.strftime("%Y-%m-%d")
    document["notes"] = [*document["notes"], f"Prepared again on {day}, because {reason}"]
    info.write_text(json.dumps(document), "utf-8")


def _unlink(root: Path, fingerprint: str) -> None:
    """Remove the file of a lock that we hold. A process that waits for the lock sees that its file
    is gone and takes a new one. Where an open file cannot be removed (Windows) it stays."""
    with suppress(OSError):
        Path(_lock(root, fingerprint)).unlink()


def _sweep(root: Path, mine: str) -> None:
    """Remove the folders of processes that were killed while they made a cache."""
    from filelock import FileLock, Timeout

    for folder in root.glob(f"{TEMPORARY}*"):
        fingerprint = folder.name.removeprefix(TEMPORARY)
        if fingerprint == mine:
            shutil.rmtree(folder)
            continue
        try:
            with FileLock(_lock(root, fingerprint), timeout=0):
                shutil.rmtree(folder, ignore_errors=True)
                _unlink(root, fingerprint)
        except Timeout:
            continue


def _lock(root: Path, fingerprint: str) -> str:
    return os.fspath(root / f".{fingerprint}.lock")


def faults(folder: Path) -> dict[str, str]:
    """What is wrong with the files of the cache in ``folder``, by the file's name; {} if nothing.

    A file that a trimmed cache lacks on purpose is no fault. Baselines are not looked at: a damaged
    one is made again when it is needed.
    """
    try:
        info = DataInfo.read(folder)
    except DamageError:
        reason = damage.fault(folder / "info.json")
        return {"info.json": reason or "it describes no data set"}
    trimmed = left_out(folder)
    wanted = (*_ALWAYS, *(_IMAGES if info.modality == "image" else _TEXTS))
    wanted = tuple(name for name in wanted if name not in trimmed)
    present = [path.name for path in folder.iterdir() if path.is_file()]
    found = {}
    for name in dict.fromkeys((*wanted, *sorted(present))):
        reason = damage.fault(folder / name) or _length_fault(folder / name, info.total)
        if reason and not name.startswith("."):
            found[name] = reason
    return found


def left_out(folder: Path) -> frozenset[str]:
    """The files that were left out of the cache in ``folder`` on purpose; empty for a whole one."""
    path = folder / TRIMMED
    if not path.exists():
        return _left_out_unnamed(folder)
    try:
        names = damage.read_json(path).get("left_out")
    except DamageError:
        return frozenset()
    return frozenset(map(str, names)) if isinstance(names, list) else frozenset()


def _left_out_unnamed(folder: Path) -> frozenset[str]:
    """The files that the demo home of an older workbench lacks: it named none of them.

    All its data sets lack the digests, the request and how the source was read, together.
    """
    if any((folder / name).exists() for name in _NEVER_IN_DEMO):
        return frozenset()
    wanted = ("digests.npy", *_IMAGES, *_TEXTS)
    return frozenset(name for name in wanted if not (folder / name).exists())


def _check(folder: Path) -> None:
    """Raise DamageError, which names the first damaged file of the cache in ``folder``."""
    for name, reason in faults(folder).items():
        raise damage.error(folder / name, f"is damaged: {reason}")


def _length_fault(path: Path, samples: int) -> str | None:
    more = _ROWS.get(path.name)
    if more is None:
        return None
    rows = int(np.load(path, mmap_mode="r").shape[0])
    return None if rows == samples + more else f"it has {rows:,} rows of {samples + more:,}"

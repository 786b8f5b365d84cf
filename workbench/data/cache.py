"""Caches of prepared data: each is made once, under a lock, whole or not at all."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from workbench import paths
from workbench.data.dataset import Dataset

TEMPORARY = ".making-"


def find(home: Path, fingerprint: str) -> Dataset | None:
    """The complete cache ``fingerprint``, or None."""
    folder = paths.cache_dir(home) / fingerprint
    return Dataset.open(folder) if (folder / "info.json").exists() else None


def open_or_make(home: Path, fingerprint: str, make: Callable[[Path], None]) -> Dataset:
    """The cache ``fingerprint``, made by ``make(folder)`` if it is not there.

    ``make`` writes into a temporary folder that is renamed when it returns. When it raises, nothing
    new is left. Two processes that need it at the same time make it once.
    """
    dataset = find(home, fingerprint)
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
                dataset = find(home, fingerprint)
                if dataset is not None:
                    return dataset
                _sweep(root, fingerprint)
                _make(root, fingerprint, make)
            finally:
                _unlink(root, fingerprint)
    except BaseException:
        for folder in fresh:
            with suppress(OSError):
                folder.rmdir()
        raise
    return Dataset.open(root / fingerprint)


def _make(root: Path, fingerprint: str, make: Callable[[Path], None]) -> None:
    folder = root / f"{TEMPORARY}{fingerprint}"
    folder.mkdir()
    try:
        make(folder)
        folder.rename(root / fingerprint)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


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

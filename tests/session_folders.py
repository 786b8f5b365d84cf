"""Folders that all processes of a test session share: what is in them is made once."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock


def shared_folder(factory: pytest.TempPathFactory) -> Path:
    """The folder of this session that all its processes share (pytest-xdist has several)."""
    base = factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        base = base.parent
    folder = base / "shared"
    folder.mkdir(exist_ok=True)
    return folder


def made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """The folder ``name`` that the first process which needs it has made, for all processes.

    Whoever reads it leaves it as it is.
    """
    folder = shared_folder(factory) / name
    done = folder.with_suffix(".done")
    with FileLock(folder.with_suffix(".lock")):
        if not done.exists():
            # What a failed attempt left.
            shutil.rmtree(folder, ignore_errors=True)
            make(folder)
            done.touch()
    return folder

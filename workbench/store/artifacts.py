"""Writing files into the folder of a run. A file is there whole, or not at all."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

# Windows refuses to replace a file while somebody reads it. Reading takes moments.
_RENAME_TRIES = 40


class FolderArtifacts:
    """The folder of a run. Files are written under a temporary name, then renamed."""

    def __init__(self, folder: Path):
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def put(self, name: str, write: Callable[[Path], object]) -> Path:
        """Write the file ``name`` by ``write``; see ``workbench.training.ports.Artifacts``."""
        target = self.path(name)
        # The suffix stays last: numpy and others append their own where it is missing.
        temporary = self.folder / f".{target.stem}.{os.getpid()}.part{target.suffix}"
        try:
            write(temporary)
            _rename(temporary, target)
        finally:
            temporary.unlink(missing_ok=True)
        return target

    def path(self, name: str) -> Path:
        return self.folder / name

    def sweep(self) -> None:
        """Remove half-written files of killed writers. Only the run's worker may call it."""
        for path in self.folder.glob(".*.part*"):
            path.unlink(missing_ok=True)


def _rename(temporary: Path, target: Path) -> None:
    for _ in range(_RENAME_TRIES if sys.platform == "win32" else 0):
        try:
            temporary.replace(target)
        except PermissionError:
            time.sleep(0.05)
        else:
            return
    temporary.replace(target)

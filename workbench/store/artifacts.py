"""Writing files into the folder of a run: each is whole or not there."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

# On Windows nothing is renamed onto a file that is being read; readers take moments.
_RENAME_TRIES = 40


class FolderArtifacts:
    """The folder of a run: files are written under a temporary name, then renamed."""

    def __init__(self, folder: Path):
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def put(self, name: str, write: Callable[[Path], object]) -> Path:
        """See ``workbench.training.ports.Artifacts``."""
        target = self.path(name)
        # The suffix stays last: some writers (numpy's) append theirs if it is missing.
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
        """Remove what writers left half-written when they were killed. For the only writer."""
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

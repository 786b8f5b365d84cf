"""One run in depth: where it lies, and what of it can be read with numpy alone.

Stored demo runs lie in a home of their own that is only read. Nothing here meets the test split.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from safetensors import safe_open

from workbench import paths
from workbench.data.dataset import Dataset
from workbench.errors import RequestError
from workbench.store.store import ENDED, RunRow, Store
from workbench.stored_runs import feature_spaces

Rows = npt.NDArray[np.int64]
SPACES = ("h", "z")
ENCODER = "encoder.safetensors"


@dataclass(frozen=True)
class Inspected:
    """A run and the home it lies in. read_only: nothing may be kept in its folder."""

    home: Path
    row: RunRow
    read_only: bool

    @property
    def folder(self) -> Path:
        return paths.run_dir(self.home, self.row.id)

    @property
    def keeps(self) -> bool:
        """Whether what is computed from the run's files may be kept beside them: not while they
        are still being written."""
        return not self.read_only and self.row.state in ENDED


def find(home: Path, run_id: str) -> Inspected:
    """The run ``run_id`` of this home or of the stored demo runs. Raises RequestError."""
    row = Store.open(home).find(run_id)
    if row is not None:
        return Inspected(home, row, read_only=False)
    demo = paths.demo_home()
    if (demo / "store.db").exists():
        row = Store.open(demo, read_only=True).find(run_id)
    if row is None:
        raise RequestError(
            f"there is no run '{run_id}'.",
            field="RUN",
            remedy="It may have been deleted; see the list of runs.",
        )
    return Inspected(demo, row, read_only=True)


def check_files(folder: Path) -> list[tuple[int, Path]]:
    """The stored checks of a run, (step, file), oldest first."""
    found = folder.glob("check_*.safetensors")
    return sorted((int(path.stem.removeprefix("check_")), path) for path in found)


def stored_spaces(check: Path) -> tuple[str, ...]:
    """Which of ``SPACES`` a stored check holds: a task without a projection has no z."""
    with safe_open(str(check), framework="numpy") as file:
        return tuple(space for space in SPACES if space in file.keys())  # noqa: SIM118


def data_of(row: RunRow, home: Path) -> Dataset | None:
    """What is known of a run's data (its samples may be gone, as those of demo runs are); None if
    its cache is gone."""
    folder = paths.cache_dir(home) / feature_spaces.fingerprint(row)
    return Dataset.open(folder) if (folder / "info.json").exists() else None

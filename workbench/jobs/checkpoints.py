"""The checkpoint of a run that is to be resumed: looked at before the run is queued. No torch here.

A byte that was changed inside the file is noticed by the worker, which reads it whole.
"""

from __future__ import annotations

from pathlib import Path

from workbench import damage, paths
from workbench.errors import DamageError
from workbench.run_folder import CHECKPOINT
from workbench.store.rows import RunRow


def check(home: Path, run_id: str) -> None:
    """Raise DamageError, with the way on, if the run's checkpoint was cut off or overwritten."""
    path = paths.run_dir(home, run_id) / CHECKPOINT
    reason = damage.fault(path) if path.exists() else None
    if reason:
        again = damage.command(home, f"resume {run_id} --from-start")
        raise damage.error(
            path, f"is damaged: {reason}", remedy=f"Train it from the start: {again}"
        )


def check_row(home: Path, row: RunRow) -> None:
    """Raise DamageError for a run whose configuration is damaged: nothing can be run by it."""
    if row.damage:
        repair = damage.command(home, "doctor --repair")
        raise DamageError(f"run '{row.id}' is damaged: {row.damage}.", remedy=f"Mend it: {repair}")


def remove(home: Path, run_id: str) -> None:
    """Remove the run's checkpoint, so that it starts from nothing."""
    (paths.run_dir(home, run_id) / CHECKPOINT).unlink(missing_ok=True)

"""Having a run's UMAP map made (again) by the engine, also after it was given up."""

from __future__ import annotations

from workbench.errors import RequestError
from workbench.run_folder import PCA_MAP
from workbench.store.rows import MapState
from workbench.stored_runs.stored_run import StoredRun

_WAITING: tuple[MapState, ...] = ("queued", "running")


def request(run: StoredRun) -> None:
    """Put the run's map into the queue again, with all its tries.

    Raises RequestError for a run that was not scored, one that comes with the workbench, or a map
    that is waited for already.
    """
    if run.demo or not run.has_embeddings or not (run.files / PCA_MAP).exists():
        raise RequestError(
            f"run '{run.id}' ({run.row.state}) has nothing to make a map of.",
            field="RUN",
            remedy="A map needs a run that was scored here; take another one.",
        )
    if run.row.map_state in _WAITING:
        raise RequestError(
            f"the map of '{run.id}' is {run.row.map_state} already.",
            field="RUN",
            remedy="It is made while no run trains; wait for it.",
        )
    run.store.request_map(run.id)

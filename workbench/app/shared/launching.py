"""Enqueue runs from a page."""

from __future__ import annotations

from collections.abc import Sequence

from workbench.app.shared import session, source_access
from workbench.app.shared.messages import show_error
from workbench.config import RunConfig
from workbench.errors import StoreError, WorkbenchError
from workbench.jobs import launch, room
from workbench.jobs.launch import Launch


def enqueue(
    configs: Sequence[RunConfig], names: Sequence[str] = (), *, experiment: str | None = None
) -> dict[str, str] | None:
    """Enqueue one run for each configuration; several are one experiment.

    names: one for each run, or none. experiment: one that they join.
    Returns the address's parameters with which the Runs page shows them; None after an error, which
    is shown.
    """
    if experiment is None and len(configs) > 1:
        experiment = launch.new_experiment()
    launched = launch_all(configs, experiment=experiment, names=names)
    if launched is None:
        return None
    if experiment is not None:
        return {"experiment": experiment}
    return {"run": launched[0].run_id, **({"equal": "1"} if launched[0].reused else {})}


def launch_all(
    configs: Sequence[RunConfig], *, experiment: str | None, names: Sequence[str] = ()
) -> list[Launch] | None:
    """Enqueue one run of the viewer for each configuration, if the limits allow all of them.

    names: one for each run, or none. Returns None after an error, which is shown.
    """
    home, viewer = session.home(), session.viewer()
    try:
        for config in configs:
            source_access.check_config(config)
        launch.check_limit(home, configs, viewer.owner, viewer=viewer)
        return [
            launch.launch(
                home, config, owner=viewer.owner, name=name, experiment=experiment, viewer=viewer
            )
            for config, name in zip(configs, names or [""] * len(configs), strict=True)
        ]
    except WorkbenchError as error:
        # The page has better words for a full disk (shared/damaged.py).
        if isinstance(error, StoreError) and room.is_full(error):
            raise
        show_error(error)
        return None

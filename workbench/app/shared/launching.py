"""Enqueue runs from a page."""

from __future__ import annotations

from collections.abc import Sequence

from workbench.app.shared import session
from workbench.app.shared.messages import show_error
from workbench.config import RunConfig
from workbench.errors import RequestError
from workbench.jobs import launch


def enqueue(configs: Sequence[RunConfig]) -> dict[str, str] | None:
    """Enqueue one run for each configuration; several are one experiment.

    Returns the address's parameters with which the Runs page shows them; None after an error, which
    is shown.
    """
    experiment = launch.new_experiment() if len(configs) > 1 else None
    viewer = session.viewer()
    try:
        launch.check_limit(session.home(), configs, viewer.owner, viewer=viewer)
        launched = [
            launch.launch(
                session.home(),
                config,
                owner=viewer.owner,
                experiment=experiment,
                viewer=viewer,
            )
            for config in configs
        ]
    except RequestError as error:
        show_error(error)
        return None
    if experiment is not None:
        return {"experiment": experiment}
    return {"run": launched[0].run_id, **({"equal": "1"} if launched[0].reused else {})}

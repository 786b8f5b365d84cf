"""The engine's ``beside``: embeddings from elsewhere as a column beside runs, checked and scored.

Asked of the engine because scoring needs what the app's server does not load.
"""

from __future__ import annotations

from pathlib import Path

from workbench.engine.wire import Message
from workbench.store.store import Store
from workbench.stored_runs.stored_run import StoredRun


def beside(request: Message, home: Path) -> Message:
    """``document``: a run object with the status ``outside``; arrays ``rows`` and ``features``: its
    training and validation samples. See ``stored_runs/external_scores.py``."""
    from workbench.stored_runs.external_scores import columns

    asked = request.values
    store = Store.open(home)
    runs = [StoredRun(home, store.run(str(run_id))) for run_id in asked["runs"]]
    (record,), (space,) = columns(runs, [f"{asked['name']}={asked['file']}"], {})
    return Message({"document": record}, {"rows": space.rows, "features": space.features})

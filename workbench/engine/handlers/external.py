"""The engine's ``beside``: embeddings from elsewhere as a column beside runs, checked and scored.

Asked of the engine because scoring needs what the app's server does not load.
"""

from __future__ import annotations

from pathlib import Path

from workbench.engine.replies import ExternalColumn
from workbench.engine.requests import ExternalRequest
from workbench.engine.wire import Message
from workbench.store.store import Store
from workbench.stored_runs.stored_run import StoredRun

REQUEST = ExternalRequest


def handle(request: ExternalRequest, home: Path) -> Message:
    """An ``ExternalColumn``. See ``stored_runs/external_scores.py``."""
    from workbench.stored_runs.external_scores import columns

    store = Store.open(home)
    runs = [StoredRun(home, store.run(run_id)) for run_id in request.runs]
    (record,), (space,) = columns(runs, [f"{request.name}={request.file}"], {})
    return ExternalColumn(record, space.rows, space.features).message()

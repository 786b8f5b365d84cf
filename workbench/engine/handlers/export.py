"""The engine's ``export``: a run's encoder and what belongs to it, packed into one zip."""

from __future__ import annotations

import os
import tempfile
import zipfile
from pathlib import Path

from workbench import paths
from workbench.engine.wire import Message
from workbench.stored_runs import stored_run

_FOLDER = "export"


def export(request: Message, home: Path) -> Message:
    """Write ``export/NAME.zip`` into the run's folder, removed with it; gives path and bytes."""
    from workbench.export.encoder import export_run

    run_id, form = str(request.values["run"]), str(request.values["format"])
    folder = paths.run_dir(home, run_id) / _FOLDER
    with tempfile.TemporaryDirectory(dir=paths.run_dir(home, run_id), prefix=".export-") as made:
        names = export_run(stored_run.get(home, run_id), Path(made), form)
        folder.mkdir(exist_ok=True)
        target = folder / f"{run_id}-{form}.zip"
        unfinished = folder / f".{target.name}.{os.getpid()}"
        with zipfile.ZipFile(unfinished, "w", zipfile.ZIP_DEFLATED) as archive:
            for name in names:
                archive.write(name, f"{run_id}/{Path(name).name}")
        unfinished.replace(target)
    return Message({"path": str(target), "bytes": target.stat().st_size})

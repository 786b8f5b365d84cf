"""The engine's ``export``: a run's encoder and what belongs to it, packed into one zip."""

from __future__ import annotations

import os
import tempfile
import zipfile
from pathlib import Path

from workbench import paths
from workbench.engine.requests import ExportRequest
from workbench.engine.wire import Message
from workbench.stored_runs import stored_run

REQUEST = ExportRequest
_FOLDER = "export"


def handle(request: ExportRequest, home: Path) -> Message:
    """Write ``export/NAME.zip`` into the run's folder, removed with it; ``path`` and ``bytes``."""
    from workbench.export.encoder import export_run

    run_id, run_folder = request.run, paths.run_dir(home, request.run)
    folder = run_folder / _FOLDER
    with tempfile.TemporaryDirectory(dir=run_folder, prefix=".export-") as unpacked:
        names = export_run(stored_run.get(home, run_id), Path(unpacked), request.format)
        folder.mkdir(exist_ok=True)
        target = folder / f"{run_id}-{request.format}.zip"
        unfinished = folder / f".{target.name}.{os.getpid()}"
        with zipfile.ZipFile(unfinished, "w", zipfile.ZIP_DEFLATED) as archive:
            for name in names:
                archive.write(name, f"{run_id}/{Path(name).name}")
        unfinished.replace(target)
    return Message({"path": str(target), "bytes": target.stat().st_size})

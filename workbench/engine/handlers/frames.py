"""The engine's answer to ``frames``: the maps of all checks of a run, made once and kept."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from safetensors import safe_open
from safetensors.numpy import load_file, save_file

from workbench.engine.wire import Message
from workbench.errors import RequestError
from workbench.maps.frames import CheckMaps, check_maps
from workbench.run_folder import RunFolder, frames_name
from workbench.store.artifacts import FolderArtifacts
from workbench.stored_runs import stored_run
from workbench.stored_runs.checks import SPACES
from workbench.stored_runs.stored_run import StoredRun

_NAMES = ("steps", "xy", "explained", "moved", "spectra")


def frames(request: Message, home: Path) -> Message:
    """run: its id; space: ``h`` or ``z``. Answers with the arrays of ``CheckMaps``."""
    run = stored_run.get(home, str(request.values["run"]))
    found = of_run(run, str(request.values.get("space", "h")))
    return Message({}, {name: getattr(found, name) for name in _NAMES})


def of_run(run: StoredRun, space: str = "h") -> CheckMaps:
    """The maps of the run's checks: read, or made and kept in its folder unless that is only read
    or still written to. Raises RequestError where no check holds embeddings of this space."""
    files = run.files.checks()
    if space not in SPACES or not files:
        raise _no_checks(run, space)
    found = kept(run.files, space)
    if found is not None:
        return found
    found = _made(run, files, space)
    if run.may_keep_results:
        arrays = {name: np.ascontiguousarray(getattr(found, name)) for name in _NAMES}
        stamp = _stamp(files)
        FolderArtifacts(run.folder).put(
            frames_name(space), lambda path: save_file(arrays, str(path), metadata={"checks": stamp})
        )
    return found


def kept(files: RunFolder, space: str) -> CheckMaps | None:
    """What was kept in a run's folder, if it is of these very checks: a resumed run has made some
    anew. With numpy alone, so that the app's server need not ask for what is there."""
    path = files.frames(space)
    if not path.exists():
        return None
    with safe_open(str(path), framework="numpy") as stored:
        if (stored.metadata() or {}).get("checks") != _stamp(files.checks()):
            return None
        return CheckMaps(**{name: stored.get_tensor(name) for name in _NAMES})


def _made(run: StoredRun, files: Sequence[tuple[int, Path]], space: str) -> CheckMaps:
    steps, embeddings = [], []
    for step, path in files:
        stored = load_file(str(path))
        if space in stored:
            steps.append(step)
            embeddings.append(stored[space])
    if not steps:
        raise _no_checks(run, space)
    return check_maps(steps, embeddings)


def _stamp(files: Sequence[tuple[int, Path]]) -> str:
    facts = [(path.name, path.stat().st_mtime_ns, path.stat().st_size) for _, path in files]
    return hashlib.sha256(repr(facts).encode()).hexdigest()


def _no_checks(run: StoredRun, space: str) -> RequestError:
    what = "a projection" if space == "z" else "embeddings"
    return RequestError(
        f"run '{run.id}' ({run.row.state}) has no checks with {what}.",
        field="RUN",
        remedy="Show the representation h."
        if space == "z"
        else "Wait for its first check, or run it again.",
    )

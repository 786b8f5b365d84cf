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
from workbench.jobs.recorder import FolderArtifacts
from workbench.maps.frames import CheckMaps, check_maps
from workbench.stored_runs import inspected
from workbench.stored_runs.inspected import Inspected

_NAMES = ("steps", "xy", "explained", "moved", "spectra")


def frames(request: Message, home: Path) -> Message:
    """run: its id; space: ``h`` or ``z``. Answers with the arrays of ``CheckMaps``."""
    place = inspected.find(home, str(request.values["run"]))
    found = of_run(place, str(request.values.get("space", "h")))
    return Message({}, {name: getattr(found, name) for name in _NAMES})


def of_run(place: Inspected, space: str = "h") -> CheckMaps:
    """The maps of the run's checks: read, or made and kept in its folder unless that is only read
    or still written to. Raises RequestError where no check holds embeddings of this space."""
    files = inspected.check_files(place.folder)
    if space not in inspected.SPACES or not files:
        raise _nothing(place, space)
    found = kept(place.folder, space)
    if found is not None:
        return found
    found = _made(place, files, space)
    if place.keeps:
        arrays = {name: np.ascontiguousarray(getattr(found, name)) for name in _NAMES}
        stamp = _stamp(files)
        FolderArtifacts(place.folder).put(
            _file(space), lambda path: save_file(arrays, str(path), metadata={"checks": stamp})
        )
    return found


def kept(folder: Path, space: str) -> CheckMaps | None:
    """What was kept in a run's folder, if it is of these very checks: a resumed run has made some
    anew. With numpy alone, so that the app's server need not ask for what is there."""
    path = folder / _file(space)
    if not path.exists():
        return None
    with safe_open(str(path), framework="numpy") as stored:
        if (stored.metadata() or {}).get("checks") != _stamp(inspected.check_files(folder)):
            return None
        return CheckMaps(**{name: stored.get_tensor(name) for name in _NAMES})


def _file(space: str) -> str:
    return f"frames_{space}.safetensors"


def _made(place: Inspected, files: Sequence[tuple[int, Path]], space: str) -> CheckMaps:
    steps, embeddings = [], []
    for step, path in files:
        stored = load_file(str(path))
        if space in stored:
            steps.append(step)
            embeddings.append(stored[space])
    if not steps:
        raise _nothing(place, space)
    return check_maps(steps, embeddings)


def _stamp(files: Sequence[tuple[int, Path]]) -> str:
    told = [(path.name, path.stat().st_mtime_ns, path.stat().st_size) for _, path in files]
    return hashlib.sha256(repr(told).encode()).hexdigest()


def _nothing(place: Inspected, space: str) -> RequestError:
    what = "a projection" if space == "z" else "embeddings"
    return RequestError(
        f"run '{place.row.id}' ({place.row.state}) has no checks with {what}.",
        field="RUN",
        remedy="Show the representation h."
        if space == "z"
        else "Wait for its first check, or run it again.",
    )

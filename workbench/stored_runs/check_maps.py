"""The maps of all checks of a run in one frame of reference: made once, and kept in its folder.

With numpy alone, so that the app's server can read what is kept.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import load_file, save_file

from workbench import damage
from workbench.errors import RequestError
from workbench.maps.frames import CheckMaps, check_maps
from workbench.run_folder import RunFolder, frames_name
from workbench.store.artifacts import FolderArtifacts
from workbench.stored_runs.checks import SPACES
from workbench.stored_runs.stored_run import StoredRun

_ARRAYS = tuple(field.name for field in dataclasses.fields(CheckMaps))


def of_run(run: StoredRun, space: str = "h") -> CheckMaps:
    """The maps of the run's checks: read, or made and kept in its folder unless that is only read
    or still written to. Raises RequestError where no check holds embeddings of this space."""
    checks = run.files.checks()
    if space not in SPACES or not checks:
        raise _no_checks(run, space)
    maps = read(run.files, space)
    if maps is not None:
        return maps
    maps = _make(run, checks, space)
    if run.may_keep_results:
        arrays = {name: np.ascontiguousarray(getattr(maps, name)) for name in _ARRAYS}
        stamp = {"checks": _stamp(checks)}
        FolderArtifacts(run.folder).put(
            frames_name(space), lambda path: save_file(arrays, str(path), metadata=stamp)
        )
    return maps


def read(files: RunFolder, space: str) -> CheckMaps | None:
    """The maps that are kept in a run's folder, if they are of the checks that lie there now: a
    resumed run has made some anew. None for a damaged file: it is made again from the checks."""
    path = files.frames(space)
    if not path.exists():
        return None
    try:
        with safe_open(str(path), framework="numpy") as stored:
            if (stored.metadata() or {}).get("checks") != _stamp(files.checks()):
                return None
            return CheckMaps(**{name: stored.get_tensor(name) for name in _ARRAYS})
    except (SafetensorError, OSError, ValueError):
        return None


def _make(run: StoredRun, checks: Sequence[tuple[int, Path]], space: str) -> CheckMaps:
    steps, embeddings = [], []
    for step, path in checks:
        with damage.reading(path):
            stored = load_file(str(path))
        if space in stored:
            steps.append(step)
            embeddings.append(stored[space])
    if not steps:
        raise _no_checks(run, space)
    return check_maps(steps, embeddings)


def _stamp(checks: Sequence[tuple[int, Path]]) -> str:
    facts = [(path.name, path.stat().st_mtime_ns, path.stat().st_size) for _, path in checks]
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

"""Embeddings from elsewhere beside the runs of a comparison: uploaded, checked and scored."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st

from workbench import paths
from workbench.app.shared import session
from workbench.errors import WorkbenchError
from workbench.stored_runs.feature_spaces import Space, fingerprint
from workbench.stored_runs.stored_run import StoredRun

_PARAMETER, _TURN = "beside", "outside-turn"
_ENDINGS = (".npy", ".parquet")
_MOST_MB = 200
_STORED = re.compile(r"^([0-9a-f]{16})~([\w.\- ]{1,60})$")


@dataclass(frozen=True)
class Beside:
    """What was uploaded. document: a run object of status ``outside``; space: for the agreement."""

    document: dict[str, Any]
    space: Space


def found(located: Sequence[StoredRun]) -> list[Beside]:
    """What the address names as uploaded, as far as it can be read; draws nothing but errors."""
    path = _path(st.query_params.get(_PARAMETER, ""))
    own = _own(located)
    if path is None or not own:
        return []
    try:
        return [_asked(str(session.home()), tuple(place.row.id for place in own), str(path))]
    except WorkbenchError as error:
        st.error(f"{path.name}: {error!s}".replace("\n", "  \n"))
        return []


def show(located: Sequence[StoredRun]) -> None:
    """The upload, and what is there already."""
    own = _own(located)
    if not own:
        st.caption("Stored demo runs have no samples here that a file could be matched with.")
        return
    if len({fingerprint(place.row) for place in own}) > 1:
        st.caption("The runs saw different data: it is not known which samples are meant.")
        return
    st.write(
        "Representations by any other model, of the same samples: a Parquet table with a column "
        "`id` (file names, as `workbench embed` writes them) or `row`, or a .npy array of all "
        "samples in order. They are checked and scored as the runs are, and join the agreement."
    )
    shown = st.query_params.get(_PARAMETER)
    turn = int(st.session_state.get(_TURN, 0))
    if shown and st.button("Take it out"):
        st.query_params.pop(_PARAMETER, None)
        # Another field: the old one still holds the file.
        st.session_state[_TURN] = turn + 1
        st.rerun()
    file = st.file_uploader(
        "File of embeddings",
        [ending.lstrip(".") for ending in _ENDINGS],
        max_upload_size=_MOST_MB,
        key=f"outside-file-{turn}",
    )
    if file is None:
        return
    handle = _store(file.name, file.getvalue())
    if handle != shown:
        st.query_params[_PARAMETER] = handle
        st.rerun()


def _own(located: Sequence[StoredRun]) -> list[StoredRun]:
    return [place for place in located if not place.demo and place.row.state == "finished"]


def _store(name: str, content: bytes) -> str:
    """Keep the file in this home under its content's name; what the address calls it."""
    path = Path(name)
    stem = re.sub(r"[^\w\- ]+", "-", path.stem)[:40].strip("- ") or "embeddings"
    digest = hashlib.sha256(content).hexdigest()[:16]
    folder = paths.uploads_dir(session.home()) / digest
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{stem}{path.suffix.lower()}"
    if not target.exists():
        target.write_bytes(content)
    return f"{digest}~{target.name}"


def _path(handle: str) -> Path | None:
    """The uploaded file that the address means; None for anything else."""
    parts = _STORED.match(handle)
    if parts is None or not parts[2].endswith(_ENDINGS):
        return None
    path = paths.uploads_dir(session.home()) / parts[1] / parts[2]
    return path if path.is_file() else None


@st.cache_data(max_entries=8, show_spinner="Scoring the embeddings beside the runs")
def _asked(home: str, run_ids: tuple[str, ...], file: str) -> Beside:
    name = Path(file).stem
    document, rows, features = session.engine().beside(run_ids, name, Path(file))
    space = Space(f"outside {name}", name, "outside", np.asarray(rows), np.asarray(features))
    return Beside(document, space)

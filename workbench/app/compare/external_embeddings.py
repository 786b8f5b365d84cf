"""Embeddings from elsewhere in a comparison of runs: uploaded, checked and scored."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from workbench import paths
from workbench.app.plain import plain
from workbench.app.shared import messages, own_uploads, session, source_access
from workbench.errors import WorkbenchError
from workbench.records import RunRecord
from workbench.stored_runs.feature_spaces import Space
from workbench.stored_runs.stored_run import StoredRun

_PARAMETER, _UPLOADS = "beside", "outside-turn"
_ENDINGS = (".npy", ".parquet", ".csv")
_MOST_MB = 200
_STORED = re.compile(r"^([0-9a-f]{16})~([\w.\- ]{1,60})$")


@dataclass(frozen=True)
class ExternalEmbeddings:
    """An uploaded file of embeddings. record: as of a run, with status ``outside``. space: for the
    agreement."""

    record: RunRecord
    space: Space


def in_address(runs: Sequence[StoredRun]) -> list[ExternalEmbeddings]:
    """The uploaded file that the address names, scored; empty without one. Draws only errors."""
    path = _path(st.query_params.get(_PARAMETER, ""))
    own = _own_finished(runs)
    if path is None or not own:
        return []
    try:
        return [_scored(str(session.home()), tuple(run.id for run in own), str(path))]
    except WorkbenchError as error:
        st.error(f"{plain(path.name)}: {messages.error_words(error)}")
        return []


def show(runs: Sequence[StoredRun]) -> None:
    """Draw the field for the upload, and a button that takes the file out."""
    own = _own_finished(runs)
    if not own:
        st.caption("Stored demo runs have no samples here that a file could be matched with.")
        return
    if len({run.fingerprint for run in own}) > 1:
        st.caption("The runs saw different data, so the samples cannot be matched.")
        return
    st.write(
        "Representations of the same samples by any other model. Give a Parquet or CSV table with "
        "a column `id` (file names, as `workbench embed` writes them) or `row`. Or give a .npy "
        "array of all samples. Its order is assumed and checked. They are checked and scored as "
        "the runs are, and join the agreement."
    )
    current = st.query_params.get(_PARAMETER)
    uploads = int(st.session_state.get(_UPLOADS, 0))
    if current and st.button("Take it out"):
        st.query_params.pop(_PARAMETER, None)
        # A new widget: the old one still holds the file.
        st.session_state[_UPLOADS] = uploads + 1
        st.rerun()
    file = st.file_uploader(
        "File of embeddings",
        [ending.lstrip(".") for ending in _ENDINGS],
        max_upload_size=_MOST_MB,
        key=f"outside-file-{uploads}",
    )
    if file is None:
        return
    try:
        handle = _store(file.name, file.getvalue())
    except WorkbenchError as error:
        messages.show_error(error)
        return
    if handle != current:
        st.query_params[_PARAMETER] = handle
        st.rerun()


def _own_finished(runs: Sequence[StoredRun]) -> list[StoredRun]:
    return [run for run in runs if run.finished and not run.demo]


def _store(name: str, content: bytes) -> str:
    """Store the file in a folder named by its content; returns its name in the address."""
    path = Path(name)
    stem = re.sub(r"[^\w\- ]+", "-", path.stem)[:40].strip("- ") or "embeddings"
    digest = hashlib.sha256(content).hexdigest()[:16]
    folder = paths.uploads_dir(session.home()) / digest
    target = folder / f"{stem}{path.suffix.lower()}"

    def write() -> Path:
        paths.make_folder(folder)
        if not target.exists():
            target.write_bytes(content)
        return target

    own_uploads.keep(digest, len(content), write)
    return f"{digest}~{target.name}"


def _path(handle: str) -> Path | None:
    """The uploaded file with this name in the address; None if there is none."""
    parts = _STORED.match(handle)
    if parts is None or not parts[2].endswith(_ENDINGS):
        return None
    path = paths.uploads_dir(session.home()) / parts[1] / parts[2]
    return path if path.is_file() and source_access.may_open(str(path)) else None


@st.cache_data(max_entries=8, show_spinner="Scoring the embeddings beside the runs")
def _scored(home: str, run_ids: tuple[str, ...], file: str) -> ExternalEmbeddings:
    name = Path(file).stem
    column = session.engine().score_external(run_ids, name, Path(file))
    space = Space(f"outside {name}", name, "outside", column.rows, column.features)
    return ExternalEmbeddings(column.record, space)

"""What all parts of the Inspect page draw in one way: problems, samples, and their names."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import streamlit as st

from workbench.app.plain import plain
from workbench.app.shared.linked_map import Sheet, sheet_of
from workbench.data.dataset import Dataset
from workbench.data.thumbnails import thumbnails
from workbench.errors import EngineError, WorkbenchError
from workbench.stored_runs.stored_run import StoredRun

SIDE = 48

Rows = npt.NDArray[np.int64]


def show_problem(error: WorkbenchError) -> None:
    """Draw what is wrong and what to do about it; an error of the engine is a warning."""
    sentence = error.message[:1].upper() + error.message[1:]
    text = " ".join(part for part in (sentence, error.remedy) if part)
    (st.warning if isinstance(error, EngineError) else st.info)(plain(text))


def noun(data: Dataset | None) -> str:
    """The word for one sample."""
    if data is None:
        return "sample"
    return "text" if data.info.modality == "text" else "image"


def sheet(run: StoredRun, rows: Rows, data: Dataset) -> Sheet | None:
    """The pictures at ``rows`` as one picture, None for texts."""
    if data.info.modality == "text":
        return None
    return _sheet(data.folder, run.fingerprint, rows.tobytes())


@st.cache_data(max_entries=8, show_spinner=False)
def _sheet(folder: Path, fingerprint: str, rows: bytes) -> Sheet:
    data = Dataset.open(folder)
    side = min(SIDE, max(data.info.size or (SIDE,)))
    return sheet_of(thumbnails(data, np.frombuffer(rows, np.int64), side=side))

"""What all parts of the Inspect page say and show in one way: problems, samples, their names."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import streamlit as st

from workbench.app.shared.linked_map import Sheet, sheet_of
from workbench.app.shared.session import Located
from workbench.data.dataset import Dataset
from workbench.data.thumbnails import thumbnails
from workbench.errors import EngineError, WorkbenchError
from workbench.stored_runs import feature_spaces

SIDE = 48

Rows = npt.NDArray[np.int64]


def problem(error: WorkbenchError) -> None:
    """What is missing, and what can be done about it; a fault of the engine is a warning."""
    said = " ".join(part for part in (_sentence(error.message), error.remedy) if part)
    (st.warning if isinstance(error, EngineError) else st.info)(said)


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def plain(text: str) -> str:
    """A name from the data in Markdown, where it is no markup."""
    return "".join(f"\\{c}" if c in r"\`*_{}[]()<>#+-!|$:~" else c for c in text)


def noun(data: Dataset | None) -> str:
    """What people call one sample."""
    if data is None:
        return "sample"
    return "text" if data.info.modality == "text" else "image"


def texts(data: Dataset | None, rows: Rows) -> list[str] | None:
    """The texts at ``rows``, None for images or where they are gone."""
    if data is None or data.info.modality != "text":
        return None
    found = data.texts
    return [found[row] for row in rows]


def sheet(place: Located, rows: Rows, data: Dataset) -> Sheet | None:
    """The pictures at ``rows`` in one, None for texts."""
    if data.info.modality == "text":
        return None
    return _sheet(data.folder, feature_spaces.fingerprint(place.row), rows.tobytes())


@st.cache_data(max_entries=8, show_spinner=False)
def _sheet(folder: Path, fingerprint: str, rows: bytes) -> Sheet:
    data = Dataset.open(folder)
    side = min(SIDE, max(data.info.size or (SIDE,)))
    return sheet_of(thumbnails(data, np.frombuffer(rows, np.int64), side=side))

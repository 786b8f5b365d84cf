"""The samples that are least like all others to one run."""

from __future__ import annotations

import numpy as np
import streamlit as st

from workbench.app.shared import sample_cells
from workbench.maps.neighbours import closeness
from workbench.plots import cards
from workbench.stored_runs import feature_spaces
from workbench.stored_runs.feature_spaces import Stamps
from workbench.stored_runs.stored_run import StoredRun

_SHOWN, _NEIGHBOURS = 8, 5


def show(run: StoredRun) -> None:
    """Draw them with the names of their files, if the run's samples are on this machine."""
    text = _html(feature_spaces.stamps([run]), _run=run)
    if not text:
        return
    st.subheader("What is least like the rest?", anchor=False)
    st.html(text)
    st.caption(
        f"Of all training and validation samples on the map, these have the lowest mean cosine to "
        f"their {_NEIGHBOURS} nearest neighbours. The least similar is first."
    )


@st.cache_data(max_entries=16, show_spinner="Looking for unusual samples")
def _html(stamps: Stamps, *, _run: StoredRun) -> str:
    data = _run.samples
    if data is None:
        return ""
    (space,) = feature_spaces.of_runs([_run], plain=False)[-1:]
    if len(space.rows) <= _SHOWN:
        return ""
    least = np.argsort(closeness(space.features, _NEIGHBOURS), kind="stable")[:_SHOWN]
    return cards.grid(sample_cells.cells(data, space.rows[least].tolist()))

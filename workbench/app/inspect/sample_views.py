"""The augmented views of one sample as the run's training makes them, with their distances."""

from __future__ import annotations

import numpy as np
import streamlit as st

from workbench.app.inspect import display
from workbench.app.plain import plain
from workbench.app.shared import session
from workbench.engine.replies import SampleViews
from workbench.errors import WorkbenchError
from workbench.maps.neighbours import unit_rows
from workbench.plots import sheets as html
from workbench.stored_runs.stored_run import StoredRun

COUNT = 8
_SIDE = 64
_SEED = "inspect-draw"


def show(run: StoredRun, row: int) -> SampleViews | None:
    """Draw the views of the sample at ``row`` of the cache; None if there are none to show."""
    st.markdown("**Its augmented views**")
    steps = run.config.get("augment")
    if not steps:
        st.caption(
            "This run was trained without augmentations: what its model sees is made by the "
            "pretext task alone."
        )
        return None
    if not run.files.encoder.exists():
        why = (
            "The stored demo runs keep no encoder"
            if run.demo
            else f"This run ({run.row.state}) has no trained encoder yet"
        )
        st.caption(f"{why}, so it cannot be asked where augmented views lie.")
        return None
    seed = int(st.session_state.get(_SEED, 0))
    try:
        stamp = run.files.encoder.stat().st_mtime_ns
        views = _views(str(session.home()), run.id, stamp, row, seed)
    except WorkbenchError as error:
        display.show_problem(error)
        return None
    st.html(_sheet(views))
    names = ", ".join(step["name"].replace("_", " ") for step in steps)
    st.caption(
        f"Made by this run's augmentations ({plain(names)}). Below each: its cosine distance from "
        "the sample as it is, in the run's representation; 0 is the same place."
    )
    if st.button("Other views", icon=":material/shuffle:"):
        st.session_state[_SEED] = seed + 1
        st.rerun()
    return views


@st.cache_data(max_entries=32, show_spinner="Making augmented views")
def _views(home: str, run_id: str, stamp: int, row: int, seed: int) -> SampleViews:
    return session.engine().sample_views(run_id, row, views=COUNT, seed=seed)


def _sheet(views: SampleViews) -> str:
    unit = unit_rows(views.h)
    distances = np.maximum(0.0, 1.0 - unit @ unit[0])
    cells = [
        html.captioned(_cell(views, i), "as it is" if i == 0 else f"{distance:.3f}")
        for i, distance in enumerate(distances)
    ]
    return html.row(cells, wrap=True)


def _cell(views: SampleViews, i: int) -> str:
    if isinstance(views.shown, list):
        return html.card(views.shown[i])
    alt = "the sample as it is" if i == 0 else f"augmented view {i}"
    return html.picture(views.shown[i], alt, side=_SIDE)

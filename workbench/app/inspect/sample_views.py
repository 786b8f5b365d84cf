"""The augmented views of one sample as the run's training makes them, and how far each lies off."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import streamlit as st

from workbench.app.inspect import display
from workbench.app.shared import session
from workbench.app.shared.session import Located
from workbench.errors import WorkbenchError
from workbench.maps.neighbours import unit_rows
from workbench.plots import sheets as html
from workbench.stored_runs.inspected import ENCODER

COUNT = 8
_SIDE = 64


@dataclass(frozen=True)
class Views:
    """The sample as it is, then its views. h: float32 (1 + k, dim); pictures: uint8 (1 + k, H, W,
    3), or texts."""

    h: npt.NDArray[np.float32]
    pictures: Any
    texts: list[str] | None


def show(place: Located, row: int) -> Views | None:
    """Draw the views of the sample at ``row`` of the cache; None if there are none to show."""
    st.markdown("**Its augmented views**")
    if not place.row.config.get("augment"):
        st.caption(
            "This run was trained without augmentations: what its model sees is made by the "
            "pretext task alone."
        )
        return None
    path = place.folder / ENCODER
    if not path.exists():
        why = (
            "The stored demo runs keep no encoder"
            if place.demo
            else f"This run ({place.row.state}) has no trained encoder yet"
        )
        st.caption(f"{why}, so it cannot be asked where augmented views lie.")
        return None
    seed = int(st.session_state.get("inspect-draw", 0))
    try:
        views = _views(str(session.home()), place.row.id, path.stat().st_mtime_ns, row, seed)
    except WorkbenchError as error:
        display.problem(error)
        return None
    st.html(_sheet(views))
    names = ", ".join(step["name"].replace("_", " ") for step in place.row.config["augment"])
    st.caption(
        f"Made by this run's augmentations ({names}). Below each: its cosine distance from the "
        "sample as it is, in the run's representation; 0 is the same place."
    )
    if st.button("Other views", icon=":material/shuffle:"):
        st.session_state["inspect-draw"] = seed + 1
        st.rerun()
    return views


@st.cache_data(max_entries=32, show_spinner="Making augmented views")
def _views(home: str, run_id: str, stamp: int, row: int, seed: int) -> Views:
    h, shown = session.engine().sample_views(run_id, row, views=COUNT, seed=seed)
    texts = [str(text) for text in shown] if isinstance(shown, list) else None
    return Views(h, None if texts is not None else np.asarray(shown), texts)


def _sheet(views: Views) -> str:
    unit = unit_rows(views.h)
    far = np.maximum(0.0, 1.0 - unit @ unit[0])
    cells = [
        html.captioned(_cell(views, i), "as it is" if i == 0 else f"{far[i]:.3f}")
        for i in range(len(far))
    ]
    return html.row(cells, wrap=True)


def _cell(views: Views, i: int) -> str:
    if views.texts is not None:
        return html.card(views.texts[i])
    told = "the sample as it is" if i == 0 else f"augmented view {i}"
    return html.picture(views.pictures[i], told, side=_SIDE)

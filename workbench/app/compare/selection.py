"""The samples that are selected on linked maps: what they are, and how each run sees them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd
import streamlit as st

from workbench.app.compare import cohesion
from workbench.app.shared.maps import Shown
from workbench.maps.map_files import read_thumbnails

_SHOWN = 24


def show(shown: Shown) -> None:
    """Pictures or texts of the selection below its map, their classes, and how well each run keeps
    them together."""
    if not len(shown.selected):
        named = "" if shown.located[0].demo else ", and give it a name to keep it"
        st.caption(
            f"Draw a lasso around points to see them here{named}; hover to see one sample on every "
            "map."
        )
        return
    index = np.flatnonzero(np.isin(shown.rows, shown.selected))
    names = _names(shown, index)
    one = len(index) == 1
    st.markdown(f"**{len(index)} {'sample' if one else 'samples'} selected**")
    if shown.labels is not None:
        counts = pd.Series(names).value_counts()
        st.caption(", ".join(f"{name or 'no label'} {count}" for name, count in counts.items()))
    if shown.texts is not None:
        frame = pd.DataFrame({"text": [shown.texts[int(i)] for i in index], "label": names})
        st.dataframe(frame, hide_index=True, width="stretch", height=280)
    else:
        _pictures(shown, index, names)
    cohesion.lines(shown.located, shown.selected, "this selection")


def _names(shown: Shown, index: npt.NDArray[np.int64]) -> list[str]:
    if shown.labels is None:
        return [""] * len(index)
    return [shown.classes[label] if label >= 0 else "" for label in shown.labels[index]]


def _pictures(shown: Shown, index: npt.NDArray[np.int64], names: Sequence[str]) -> None:
    found = (read_thumbnails(place.home, place.row.id) for place in shown.located)
    pictures = next((kept for kept in found if kept is not None), None)
    if pictures is None:
        return
    with st.container(horizontal=True, gap="small"):
        for i, name in list(zip(index, names, strict=True))[:_SHOWN]:
            st.image(np.asarray(pictures[i]), caption=name or f"sample {shown.rows[i]}", width=72)
    if len(index) > _SHOWN:
        st.caption(f"The first {_SHOWN} are shown.")

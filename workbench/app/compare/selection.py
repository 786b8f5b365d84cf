"""The samples that are selected on linked maps: texts, classes and cohesion. The map itself shows
their pictures."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
import streamlit as st

from workbench.app import tables
from workbench.app.compare import cohesion
from workbench.app.plain import plain
from workbench.app.shared.maps import DrawnMaps


def show(maps: DrawnMaps) -> None:
    """Draw the selected samples, their classes, and how well each run keeps them together."""
    if not len(maps.selected):
        naming = "" if maps.runs[0].demo else ", and give it a name to keep it"
        st.caption(
            f"Draw a lasso around points to see them here{naming}; hover to see one sample on "
            "every map."
        )
        return
    index = np.flatnonzero(np.isin(maps.rows, maps.selected))
    labels = _labels(maps, index)
    st.markdown(f"**{len(index)} {'sample' if len(index) == 1 else 'samples'} selected**")
    if maps.labels is not None:
        counts = pd.Series(labels).value_counts()
        st.caption(
            ", ".join(f"{plain(name) or 'no label'} {count}" for name, count in counts.items())
        )
    if maps.texts is not None:
        frame = pd.DataFrame({"text": [maps.texts[int(i)] for i in index], "label": labels})
        help_of = tables.column_help(frame.columns)
        st.dataframe(frame, hide_index=True, width="stretch", height=280, column_config=help_of)
    cohesion.show(maps.runs, maps.selected, "this selection")


def _labels(maps: DrawnMaps, index: npt.NDArray[np.int64]) -> list[str]:
    """The class of each sample at ``index`` of the map, "" without one."""
    if maps.labels is None:
        return [""] * len(index)
    return [maps.classes[label] if label >= 0 else "" for label in maps.labels[index]]

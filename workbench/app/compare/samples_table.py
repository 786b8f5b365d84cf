"""The samples of linked maps as a table: choosing rows selects the samples on the maps.

For those who cannot use the picture.
"""

from __future__ import annotations

from functools import partial

import pandas as pd
import streamlit as st

from workbench.app import tables
from workbench.app.shared import map_colours, map_selection
from workbench.app.shared.maps import DrawnMaps
from workbench.store import named_groups

_KEY = "samples-table"
_LONGEST = 200


def show(maps: DrawnMaps) -> None:
    """Draw one row a sample, with a search and a box that leaves only the selected samples."""
    frame = _frame(maps)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        # A page has one table for each data set.
        own = f"{_KEY}-{maps.key}"
        text = st.text_input("Search", key=f"{own}-search", placeholder="file name, text, label")
        only = st.checkbox("Only selected samples", key=f"{own}-only")
    if only:
        frame = frame[frame["sample"].isin(maps.selected.tolist())]
    if text:
        matches = frame.astype(str).apply(
            lambda column: column.str.contains(text, False, regex=False)
        )
        frame = frame[matches.any(axis=1)]
    key = f"{_KEY}-{maps.key}-{only}-{text}"
    st.dataframe(
        frame,
        hide_index=True,
        width="stretch",
        height=320,
        on_select=partial(_select, key, maps.key, frame["sample"].tolist()),
        selection_mode="multi-row",
        key=key,
        column_config=tables.column_help(frame.columns),
        alt="Samples of the maps; choosing rows selects them on the maps",
    )
    st.caption(f"{len(frame):,} of {len(maps.rows):,} samples. Choose rows to select them above.")


def _select(key: str, map_key: str, ids: list[int]) -> None:
    """Select the samples of the chosen rows on the map. ids: of the rows."""
    table = st.session_state.get(key)
    rows = table.selection.rows if table is not None else []
    map_selection.choose(map_key, [ids[i] for i in rows if i < len(ids)])


def _frame(maps: DrawnMaps) -> pd.DataFrame:
    run = maps.runs[0]
    columns: dict[str, list[int] | list[str]] = {"sample": maps.rows.tolist()}
    if maps.texts is not None:
        columns["text"] = [text[:_LONGEST] for text in maps.texts]
    elif run.data is not None:
        ids = run.data.ids
        columns["name"] = [ids[row] for row in maps.rows]
    if maps.labels is not None:
        columns["label"] = [maps.classes[label] if label >= 0 else "" for label in maps.labels]
    columns["split"] = map_colours.splits_of(run)
    groups = map_colours.groups_of(run)
    if groups:
        labels = named_groups.as_labels(groups, maps.rows)
        columns["group"] = [groups[label].name if label >= 0 else "" for label in labels]
    return pd.DataFrame(columns)

"""The samples of linked maps as a table, for those who cannot use the picture: choosing rows
selects on the map."""

from __future__ import annotations

from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from workbench.app.shared import map_colours, map_selection, session
from workbench.app.shared.maps import Shown
from workbench.store import named_groups
from workbench.stored_runs import feature_spaces

_KEY = "samples-table"
_LONGEST = 200


def show(shown: Shown) -> None:
    """One row a sample; a search narrows it; a box shows the selected ones alone."""
    frame = _frame(shown)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        asked = st.text_input("Search", key=f"{_KEY}-search", placeholder="file name, text, label")
        only = st.checkbox("Only selected samples", key=f"{_KEY}-only")
    if only:
        frame = frame[frame["sample"].isin(shown.selected.tolist())]
    if asked:
        told = frame.astype(str).apply(
            lambda column: column.str.contains(asked, False, regex=False)
        )
        frame = frame[told.any(axis=1)]
    ids = frame["sample"].tolist()
    key = f"{_KEY}-{shown.key}-{only}-{asked}"
    st.dataframe(
        frame,
        hide_index=True,
        width="stretch",
        height=320,
        on_select=partial(_choose, key, shown.key, ids),
        selection_mode="multi-row",
        key=key,
        alt="Samples of the maps; choosing rows selects them on the maps",
    )
    st.caption(f"{len(frame):,} of {len(shown.rows):,} samples. Choose rows to select them above.")


def _choose(key: str, map_key: str, ids: list[int]) -> None:
    state: Any = st.session_state.get(key)
    rows = state.selection.rows if state is not None else []
    map_selection.choose(map_key, [ids[i] for i in rows if i < len(ids)])


def _frame(shown: Shown) -> pd.DataFrame:
    place = shown.located[0]
    data = map_colours.data_of(place)
    columns: dict[str, Any] = {"sample": shown.rows.tolist()}
    if shown.texts is not None:
        columns["text"] = [text[:_LONGEST] for text in shown.texts]
    elif data is not None:
        ids = data.ids
        columns["name"] = [ids[row] for row in shown.rows]
    if shown.labels is not None:
        names = [shown.classes[label] if label >= 0 else "" for label in shown.labels]
        columns["label"] = names
    columns["split"] = map_colours.splits_of(place.folder)
    groups = (
        []
        if place.demo
        else named_groups.kept(session.store(), feature_spaces.fingerprint(place.row))
    )
    if groups:
        labels = named_groups.as_labels(groups, shown.rows)
        columns["group"] = [groups[label].name if label >= 0 else "" for label in labels]
    return pd.DataFrame(columns)

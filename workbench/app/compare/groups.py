"""Named groups of samples: how well each run keeps them together, and their buttons."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import pandas as pd
import streamlit as st

from workbench.app import tables
from workbench.app.compare import cohesion, groups_export
from workbench.app.plain import plain
from workbench.app.shared import map_selection, messages, session
from workbench.app.shared.maps import DrawnMaps
from workbench.errors import WorkbenchError
from workbench.store import named_groups, owners
from workbench.store.named_groups import NamedGroup
from workbench.stored_runs.stored_run import StoredRun


def show(runs: Sequence[StoredRun], maps: Sequence[DrawnMaps]) -> None:
    """Draw the groups of each data set that these runs saw. maps: those on the page."""
    own = [run for run in runs if not run.demo]
    any_group = False
    for fingerprint in dict.fromkeys(run.fingerprint for run in own):
        groups = named_groups.groups_of(session.store(), fingerprint)
        if groups:
            any_group = True
            same_data = [run for run in own if run.fingerprint == fingerprint]
            ids = {run.id for run in same_data}
            of_data = (drawn for drawn in maps if drawn.runs[0].id in ids)
            _groups(fingerprint, same_data, groups, next(of_data, None))
    if not any_group:
        st.caption(
            "There are no named groups of these data. Draw a lasso on a map above and give it a "
            "name. Everybody who uses this app sees the group, and maps can be coloured by it."
            if own
            else "Samples of the stored demo runs cannot be named. Train a run of your own."
        )


def _groups(
    fingerprint: str,
    runs: Sequence[StoredRun],
    groups: Sequence[NamedGroup],
    maps: DrawnMaps | None,
) -> None:
    st.dataframe(
        pd.DataFrame([_row(runs, group) for group in groups]),
        hide_index=True,
        width="stretch",
        column_config=tables.column_help(["group", "samples", "named by", "by chance"]),
    )
    st.caption(
        "How many of the nearest neighbours of a group's samples are in the group too, in "
        "percent, with the 95 % interval. Neighbours are by cosine in the representations "
        "themselves. 'By chance' is what as many samples drawn at random reach."
    )
    for group in groups:
        _buttons(fingerprint, group, maps)
    groups_export.show(runs, groups)


def _row(runs: Sequence[StoredRun], group: NamedGroup) -> dict[str, str | int]:
    cohesions = cohesion.cohesions_of(runs, group.rows)
    row: dict[str, str | int] = {"group": group.name, "samples": len(group.rows)}
    if group.owner:
        row["named by"] = owners.in_words(group.owner)
    for title, c in cohesions:
        row[title] = f"{100 * c.share:.0f} [{100 * c.low:.0f}, {100 * c.high:.0f}]"
    if cohesions:
        row["by chance"] = f"{100 * cohesions[0][1].base:.0f}"
    return row


def _buttons(fingerprint: str, group: NamedGroup, maps: DrawnMaps | None) -> None:
    may = named_groups.may_change(session.viewer(), group)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{plain(group.name)}**")
        if maps is not None:
            st.button(
                "Select on the map",
                key=f"select-{fingerprint}-{group.name}",
                type="tertiary",
                icon=":material/lasso_select:",
                on_click=partial(map_selection.choose, maps.key, group.rows),
            )
        with st.popover("Delete", disabled=not may, key=f"ask-{fingerprint}-{group.name}"):
            st.write(
                f"The name '{plain(group.name)}' is forgotten for everybody. The samples stay "
                "where they are."
            )
            if st.button(
                f"Delete the group {plain(group.name)}", key=f"delete-{fingerprint}-{group.name}"
            ):
                _delete(fingerprint, group)


def _delete(fingerprint: str, group: NamedGroup) -> None:
    try:
        named_groups.delete(session.store(), fingerprint, group.name, viewer=session.viewer())
    except WorkbenchError as error:
        messages.show_error(error)
    else:
        st.rerun()

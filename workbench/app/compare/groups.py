"""Named groups of samples: how well each run keeps them together, and what to do with them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import pandas as pd
import streamlit as st

from workbench.app.compare import cohesion, groups_export
from workbench.app.shared import map_selection, messages, session
from workbench.app.shared.maps import Shown
from workbench.app.shared.session import Located
from workbench.errors import WorkbenchError
from workbench.store import named_groups
from workbench.store.named_groups import NamedGroup
from workbench.stored_runs import feature_spaces


def show(located: Sequence[Located], shown: Sequence[Shown]) -> None:
    """The groups of each data set that these runs are of."""
    own = [place for place in located if not place.demo]
    prints = dict.fromkeys(feature_spaces.fingerprint(place.row) for place in own)
    drawn = False
    for fingerprint in prints:
        places = [place for place in own if feature_spaces.fingerprint(place.row) == fingerprint]
        groups = named_groups.kept(session.store(), fingerprint)
        if groups:
            drawn = True
            of_data = (one for one in shown if one.located[0].row.id in _ids(places))
            _groups(fingerprint, places, groups, next(of_data, None))
    if not drawn:
        st.caption(
            "There are no named groups of these data. Draw a lasso on a map above and give it a "
            "name: it is kept for everybody who uses this app, and is a colour of the maps."
            if own
            else "Samples of the stored demo runs cannot be named. Train a run of your own."
        )


def _groups(
    fingerprint: str, places: Sequence[Located], groups: Sequence[NamedGroup], shown: Shown | None
) -> None:
    st.dataframe(
        pd.DataFrame([_row(places, group) for group in groups]), hide_index=True, width="stretch"
    )
    st.caption(
        "Per cent of the nearest neighbours of a group's samples that are in the group too, by "
        "cosine in the representations themselves, with the 95 % interval; 'by chance' is what as "
        "many samples drawn at random reach."
    )
    for group in groups:
        _actions(fingerprint, group, shown)
    groups_export.show(places, groups)


def _row(places: Sequence[Located], group: NamedGroup) -> dict[str, str | int]:
    found = cohesion.of(places, group.rows)
    out: dict[str, str | int] = {"group": group.name, "samples": len(group.rows)}
    if group.owner:
        out["named by"] = group.owner
    for title, one in found:
        out[title] = f"{100 * one.share:.0f} [{100 * one.low:.0f}, {100 * one.high:.0f}]"
    if found:
        out["by chance"] = f"{100 * found[0][1].base:.0f}"
    return out


def _actions(fingerprint: str, group: NamedGroup, shown: Shown | None) -> None:
    may = named_groups.may_change(session.viewer(), group)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{group.name}**")
        if shown is not None:
            st.button(
                "Select on the map",
                key=f"select-{fingerprint}-{group.name}",
                type="tertiary",
                icon=":material/lasso_select:",
                on_click=partial(map_selection.choose, shown.key, group.rows),
            )
        with st.popover("Delete", disabled=not may, key=f"ask-{fingerprint}-{group.name}"):
            st.write(
                f"The name '{group.name}' is forgotten for everybody. The samples stay where they "
                "are."
            )
            if st.button(
                f"Delete the group {group.name}", key=f"delete-{fingerprint}-{group.name}"
            ):
                _delete(fingerprint, group)


def _delete(fingerprint: str, group: NamedGroup) -> None:
    try:
        named_groups.delete(session.store(), fingerprint, group.name, viewer=session.viewer())
    except WorkbenchError as error:
        messages.tell(error)
    else:
        st.rerun()


def _ids(places: Sequence[Located]) -> set[str]:
    return {place.row.id for place in places}

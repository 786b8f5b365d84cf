"""Which runs are shown: by words, state, data, tag and owner. All of it stands in the address."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from workbench.store.rows import State
from workbench.store.runs import Facets
from workbench.store.store import RunFilter

ANY = "any"
_STATES: dict[str, tuple[State, ...]] = {
    "in the queue": ("queued",),
    "running": ("running", "stopping"),
    "finished": ("finished",),
    "stopped": ("stopped",),
    "failed": ("failed",),
}
_WIDGETS = ("find", "state", "data", "tag", "owner")


@dataclass(frozen=True)
class Asked:
    """wanted: the filter. view: cards or table. filtered: whether anything is left out by it."""

    wanted: RunFilter
    view: str
    filtered: bool


def show(facets: Facets, experiment: str | None) -> Asked:
    """Draw the filters; returns what they say."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        text = st.text_input(
            "Find",
            key="find",
            bind="query-params",
            placeholder="name, task, note or id",
            max_chars=60,
            width=260,
        )
        with st.popover("Filter", icon=":material/filter_list:"):
            state = _choice("State", list(_STATES), "state")
            data = _choice("Data", facets.data, "data", _short)
            tag = _choice("Tag", facets.tags, "tag")
            owner = _choice("Owner", facets.owners, "owner")
        view = st.segmented_control(
            "View",
            ["cards", "table"],
            default="cards",
            required=True,
            key="view",
            bind="query-params",
            format_func=str.capitalize,
        )
        wanted = RunFilter(
            owner=owner,
            states=_STATES[state] if state else (),
            experiment=experiment,
            tag=tag,
            data=data,
            text=text.strip(),
        )
        filtered = wanted != RunFilter(experiment=experiment)
        if filtered:
            st.button("Show all", icon=":material/filter_list_off:", on_click=_clear)
    told = [part for part in (state, _short(data or ""), tag and f"tag {tag}", owner) if part]
    if told:
        st.caption(f"Only: {', '.join(told)}.")
    return Asked(wanted, str(view), filtered)


def _choice(label: str, values: Sequence[str], key: str, shown: Any = str) -> str | None:
    found = st.selectbox(label, [ANY, *values], key=key, bind="query-params", format_func=shown)
    return None if found in (None, ANY) else str(found)


def _short(source: str) -> str:
    return source.removeprefix("sample:")


def _clear() -> None:
    for name in _WIDGETS:
        st.session_state[name] = "" if name == "find" else ANY

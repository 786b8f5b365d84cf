"""The filters of the list of runs: text, state, data, tag and owner. All are in the address."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import streamlit as st

from workbench.app.plain import plain
from workbench.app.shared import source_access
from workbench.store import owners
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
class ListChoice:
    """The runs to list. view: ``cards`` or ``table``. filtered: whether the filter leaves out any
    run of this home or experiment."""

    filter: RunFilter
    view: str
    filtered: bool


def show(facets: Facets, experiment: str | None) -> ListChoice:
    """Draw the filters; returns the choice. experiment: the only one to list, None for all runs."""
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
            owner = _choice("Owner", facets.owners, "owner", owners.in_words)
        view = st.segmented_control(
            "View",
            ["cards", "table"],
            default="cards",
            required=True,
            key="view",
            bind="query-params",
            format_func=str.capitalize,
        )
        run_filter = RunFilter(
            owner=owner,
            states=_STATES[state] if state else (),
            experiment=experiment,
            tag=tag,
            data=data,
            text=text.strip(),
        )
        filtered = run_filter != RunFilter(experiment=experiment)
        if filtered:
            st.button("Show all", icon=":material/filter_list_off:", on_click=_clear)
    parts = [
        part
        for part in (state, _short(data or ""), tag and f"tag {tag}", owners.in_words(owner or ""))
        if part
    ]
    if parts:
        st.caption(f"Only: {plain(', '.join(parts))}.")
    return ListChoice(run_filter, str(view), filtered)


def _choice(
    label: str, values: Sequence[str], key: str, format_func: Callable[[str], str] = str
) -> str | None:
    chosen = st.selectbox(
        label, [ANY, *values], key=key, bind="query-params", format_func=format_func
    )
    return None if chosen in (None, ANY) else str(chosen)


def _short(source: str) -> str:
    if source_access.shown(source) != source:
        # Each option is another one, and none tells the path.
        return f"{source_access.FOREIGN}, {hashlib.sha256(source.encode()).hexdigest()[:4]}"
    return source.removeprefix("sample:")


def _clear() -> None:
    for name in _WIDGETS:
        st.session_state[name] = "" if name == "find" else ANY

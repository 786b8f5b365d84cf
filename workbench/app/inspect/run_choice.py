"""Which run the Inspect page is about: the address says it, the chooser writes it there."""

from __future__ import annotations

import streamlit as st

from workbench.app.inspect import neighbours
from workbench.app.shared import run_words, session
from workbench.app.shared.session import Located
from workbench.store.store import RunRow

_KEY = "inspect-run"
_OFFERED = 200
# What else stands in the address is about one run.
_OF_ONE_RUN = ("sample", "step", "cell", "space")


def chosen() -> Located | None:
    """The run to inspect; draws the chooser. Without one in the address: the newest finished run
    here, else the first stored demo run. None if there is none, which is said."""
    asked = str(st.query_params.get("run", ""))
    place = session.locate(asked) if asked else None
    if asked and place is None:
        st.error(
            "There is no run of this id here. It may have been deleted. Choose another one below."
        )
    offered = {row.id: row for row in (*session.store().runs(limit=_OFFERED), *session.demo_runs())}
    if not offered:
        st.write("There are no runs yet.")
        if st.button("Start one", icon=":material/play_arrow:"):
            session.go("pretrain")
        return None
    if place is None and not asked:
        place = session.locate(_first(list(offered.values())))
    if place is not None:
        offered.setdefault(place.row.id, place.row)
        if asked != place.row.id:
            st.query_params["run"] = place.row.id
    st.session_state[_KEY] = None if place is None else place.row.id
    st.selectbox(
        "Run",
        list(offered),
        format_func=lambda run_id: _named(offered[run_id]),
        placeholder="Choose a run",
        key=_KEY,
        on_change=_follow,
    )
    return place


def _follow() -> None:
    for name in _OF_ONE_RUN:
        st.query_params.pop(name, None)
    st.session_state.pop(neighbours.KEY, None)
    st.query_params["run"] = str(st.session_state[_KEY])


def _first(rows: list[RunRow]) -> str:
    return next((row.id for row in rows if row.state == "finished"), rows[0].id)


def _named(row: RunRow) -> str:
    state = "" if row.state == "finished" else f", {row.state}"
    return f"{run_words.title(row)} on {run_words.data_name(row.config)}{state} · {row.id}"

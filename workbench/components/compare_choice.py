"""Which runs the Compare page is about: from the URL, from an experiment, or chosen here."""

from __future__ import annotations

from collections.abc import MutableMapping

import streamlit as st

from workbench.components import session, words
from workbench.components.session import Located
from workbench.runs.store import RunRow

_MOST = 12
_OFFERED = 100


def chosen(query: MutableMapping[str, str]) -> list[Located]:
    """The runs to compare, finished ones only; draws the chooser."""
    offered = {row.id: Located(session.home(), row) for row in _finished()}
    offered |= {row.id: Located(session.demo_home(), row) for row in session.demo_runs()}
    if not offered:
        st.write("No run has finished yet.")
        return []
    asked = [run_id for run_id in query.get("runs", "").split(",") if run_id]
    if not asked and query.get("experiment"):
        asked = [
            run_id
            for run_id, place in reversed(offered.items())
            if place.row.experiment == query["experiment"]
        ]
    if not asked and not query.get("runs"):
        asked = [row.id for row in session.demo_runs()] or list(offered)[:1]
    missing = [run_id for run_id in asked if run_id not in offered]
    if missing:
        st.warning(f"Not here, or not finished yet: {', '.join(missing)[:200]}")
    ids = st.multiselect(
        "Runs",
        list(offered),
        [run_id for run_id in asked if run_id in offered][:_MOST],
        format_func=lambda run_id: _name(offered[run_id]),
        max_selections=_MOST,
        placeholder="Choose runs",
    )
    if ids:
        query["runs"] = ",".join(ids)
        query.pop("experiment", None)
    return [offered[run_id] for run_id in ids]


def _finished() -> list[RunRow]:
    return session.store().runs(states=("finished",), limit=_OFFERED)


def _name(place: Located) -> str:
    row = place.row
    demo = "demo: " if place.demo else ""
    return f"{demo}{words.title(row)} on {words.data_name(row.config)} · {row.id}"

"""The runs of this home, or of one experiment, kept fresh while any of them lives."""

from __future__ import annotations

import streamlit as st

from workbench.components import run_table, session
from workbench.runs.store import ENDED, RunRow

_MOST = 200
_TICK = "3s"


def show(experiment: str | None) -> list[str]:
    """Draw the list; returns the ids of the chosen runs."""
    rows = _rows(experiment)
    if not rows:
        st.write("No runs yet.")
        if st.button("Start one", icon=":material/play_arrow:"):
            session.go("pretrain")
        return []
    if experiment is not None:
        _experiment(rows, experiment)
    live = any(row.state not in ENDED for row in rows)
    if live:
        _watch(experiment, _signature(rows))
    return run_table.table(rows, _progress(rows))


@st.fragment(run_every=_TICK)
def _watch(experiment: str | None, seen: tuple[str, ...]) -> None:
    """Draw the page anew when a run has changed its state; costs one query a tick."""
    if _signature(_rows(experiment)) != seen:
        st.rerun()


def _rows(experiment: str | None) -> list[RunRow]:
    rows = session.store().runs(experiment=experiment, limit=_MOST)
    # The runs of a pilot stand in the order in which they run.
    return rows if experiment is None else rows[::-1]


def _signature(rows: list[RunRow]) -> tuple[str, ...]:
    return tuple(f"{row.id}:{row.state}" for row in rows)


def _progress(rows: list[RunRow]) -> dict[str, float]:
    store = session.store()
    beats = {row.id: store.last_heartbeat(row.id) for row in rows if row.state not in ENDED}
    return {run_id: beat.progress for run_id, beat in beats.items() if beat is not None}


def _experiment(rows: list[RunRow], experiment: str) -> None:
    ended = sum(row.state in ENDED for row in rows)
    finished = [row.id for row in rows if row.state == "finished"]
    left, middle, right = st.columns([3, 1, 1], vertical_alignment="center")
    left.progress(ended / len(rows), f"{ended} of {len(rows)} runs of this pilot have ended")
    if middle.button("Compare them", type="primary", disabled=not finished, width="stretch"):
        session.go("compare", {"experiment": experiment})
    if right.button("Show all runs", width="stretch"):
        st.query_params.pop("experiment", None)
        st.rerun()

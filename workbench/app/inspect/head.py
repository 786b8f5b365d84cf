"""The head of the Inspect page: the run's title, state, verdict and gain, and links to pages."""

from __future__ import annotations

import streamlit as st

from workbench.app.plain import plain
from workbench.app.shared import damaged, run_result, run_words, session
from workbench.store.rows import ENDED
from workbench.stored_runs.stored_run import StoredRun

_TICK = "2s"
_LINKS = (
    ("compare", "runs", "Compare", ":material/compare:"),
    ("runs", "run", "Runs", ":material/list:"),
    ("try", "run", "Try", ":material/image_search:"),
)


def show(run: StoredRun) -> None:
    """Draw the head, every two seconds while the run is live; when it ends, the page runs again."""
    live = run.row.state not in ENDED
    st.fragment(_body, run_every=_TICK if live else None)(run.id, live)


def _body(run_id: str, was_live: bool) -> None:
    run = session.find_run(run_id)
    if run is None or (was_live and run.row.state in ENDED):
        st.rerun()
    row, store = run.row, run.store
    st.subheader(plain(run_words.title(row)), anchor=False)
    st.caption(plain(run_words.facts(run)))
    damaged.show_row(row)
    if not run.finished:
        beat = store.last_heartbeat(row.id)
        state = run_words.state(row, beat, None if run.demo else store.queue_position(row.id))
        (st.error if row.state == "failed" else st.write)(plain(state))
        if row.state in ("running", "stopping"):
            st.progress(min(1.0, beat.progress) if beat else 0.0)
    run_result.show_verdict(run)
    run_result.show_gain(run)
    damaged.offer_map(run)
    _links(row.id)


def _links(run_id: str) -> None:
    with st.container(horizontal=True):
        for page, name, label, icon in _LINKS:
            if st.button(label, icon=icon, key=f"inspect-go-{page}"):
                session.go(page, {name: run_id})

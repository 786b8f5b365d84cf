"""One run, live: its state, its verdict, its curves, its notes and its log."""

from __future__ import annotations

import streamlit as st

from workbench.app.plain import plain
from workbench.app.runs import actions, card, charts
from workbench.app.shared import damaged, run_result, run_words, session
from workbench.app.shared.figure import Theme, theme
from workbench.store.rows import ENDED
from workbench.stored_runs.stored_run import StoredRun

_TICK = "2s"
_LOG_BYTES = 6000


def show(run_id: str) -> None:
    """Draw the run, every two seconds while it is live; when it ends, the page runs again."""
    if st.button("All runs", icon=":material/arrow_back:", type="tertiary"):
        st.query_params.pop("run", None)
        st.query_params.pop("equal", None)
        st.rerun()
    run = session.find_run(run_id)
    if run is None:
        st.error("There is no run of this id here. It may have been deleted.")
        return
    _head(run)
    live = run.row.state not in ENDED
    st.fragment(_live, run_every=_TICK if live else None)(run_id, run.row.state, theme())
    _notes(run)


def _head(run: StoredRun) -> None:
    row = run.row
    st.subheader(plain(run_words.title(row)), anchor=False)
    st.caption(plain(run_words.facts(run)))
    if row.tags:
        st.html(card.STYLE + "".join(card.chip(tag) for tag in row.tags))
    if row.note:
        st.text(row.note)
    damaged.show_row(row)
    actions.show(run)
    damaged.offer_map(run)


def _live(run_id: str, state: str, page_theme: Theme) -> None:
    """Draw what changes while a run is live. state: the state that the rest of the page shows."""
    run = session.find_run(run_id)
    if run is None or run.row.state != state:
        st.rerun()
    row, store = run.row, run.store
    live = row.state not in ENDED
    beat = store.last_heartbeat(row.id) if live else None
    position = store.queue_position(row.id) if row.state == "queued" else None
    st.write(plain(run_words.state(row, beat, position)))
    if row.state in ("running", "stopping"):
        st.progress(min(1.0, beat.progress) if beat else 0.0)
    run_result.show_verdict(run)
    if run.finished and not run_result.show_gain(run) and run_words.no_score(row.summary):
        st.write(
            f"{run_words.no_score(row.summary)} Inspect shows what the model finds similar, and "
            "Compare its map."
        )
    charts.show(run, page_theme)


def _notes(run: StoredRun) -> None:
    notes = run.row.summary.get("notes", [])
    if notes:
        with st.expander("What was decided"):
            st.markdown("\n".join(f"- {plain(note)}" for note in notes))
    log = run.files.log
    if log.exists():
        with st.expander("Log"):
            text = log.read_bytes()[-_LOG_BYTES:].decode("utf-8", "replace")
            st.code("\n".join(text.splitlines()[-40:]), language=None)

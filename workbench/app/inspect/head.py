"""What a run is, in a few lines: its state, its verdict with the reason, its gain, its budget."""

from __future__ import annotations

import streamlit as st

from workbench import comparison
from workbench.app.shared import run_words, session
from workbench.app.shared.session import Located
from workbench.store import hidden_test
from workbench.store.store import ENDED, Store

_TICK = "2s"
_BAD = ("complete collapse", "dimensional collapse", "not learning")
_LINKS = (
    ("compare", "runs", "Compare", ":material/compare:"),
    ("runs", "run", "Runs", ":material/list:"),
    ("try_it", "run", "Try", ":material/image_search:"),
)


def show(place: Located) -> None:
    """The head, ticking while the run lives; the whole page runs once more when it has ended."""
    live = place.row.state not in ENDED
    st.fragment(_body, run_every=_TICK if live else None)(place.row.id, live)


def _body(run_id: str, was_live: bool) -> None:
    place = session.locate(run_id)
    if place is None or (was_live and place.row.state in ENDED):
        st.rerun()
    row = place.row
    st.subheader(run_words.title(row))
    st.caption(run_words.facts(row, demo=place.demo))
    store = Store.open(place.home, read_only=place.demo)
    if row.state != "finished":
        beat = store.last_heartbeat(row.id)
        said = run_words.state(row, beat, None if place.demo else store.queue_position(row.id))
        (st.error if row.state == "failed" else st.write)(said.replace("\n", "  \n"))
        if row.state in ("running", "stopping"):
            st.progress(min(1.0, beat.progress) if beat else 0.0)
    _verdict(place)
    _links(row.id)


def _verdict(place: Located) -> None:
    summary = place.row.summary
    verdict = summary.get("verdict")
    if verdict:
        label = run_words.verdict(summary)
        text = f"{run_words.verdict_icon(summary)} **{label[0].upper()}{label[1:]}.** "
        text += " ".join(part for part in (verdict["reason"], verdict.get("advice")) if part)
        (st.warning if verdict["label"] in _BAD else st.info)(text)
    closed = not place.demo and bool(hidden_test.closed(session.store(), [place.row]))
    gained = comparison.gain(hidden_test.shown(summary, closed))
    if gained is not None:
        split = " (validation samples; the test is kept closed)" if closed else ""
        st.write(f"Nearest neighbours share the label: {comparison.gain_words(gained)}{split}.")


def _links(run_id: str) -> None:
    with st.container(horizontal=True):
        for page, name, label, icon in _LINKS:
            if st.button(label, icon=icon, key=f"inspect-go-{page}"):
                session.go(page, {name: run_id})

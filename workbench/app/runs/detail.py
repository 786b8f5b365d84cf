"""One run on the screen, live: what it does, its verdict, its curves, and what was decided."""

from __future__ import annotations

from typing import Literal

import streamlit as st

from workbench import comparison
from workbench.app.runs import actions, card, charts
from workbench.app.shared import run_words, session
from workbench.app.shared.session import Located
from workbench.store import hidden_test
from workbench.store.rows import ENDED
from workbench.store.store import Store

_TICK = "2s"
_LOG_BYTES = 6000
_BAD = ("complete collapse", "dimensional collapse", "not learning")


def theme() -> Literal["light", "dark"]:
    """The page's theme, for figures."""
    return "dark" if st.context.theme.type == "dark" else "light"


def show(run_id: str) -> None:
    """The run, ticking while it lives; the whole page runs once more when it has ended."""
    if st.button("All runs", icon=":material/arrow_back:", type="tertiary"):
        st.query_params.pop("run", None)
        st.query_params.pop("equal", None)
        st.rerun()
    located = session.locate(run_id)
    if located is None:
        st.error("There is no run of this id here. It may have been deleted.")
        return
    row = located.row
    _head(located)
    live = row.state not in ENDED
    st.fragment(_live, run_every=_TICK if live else None)(run_id, row.state, theme())
    _notes(located)


def _head(located: Located) -> None:
    row = located.row
    st.subheader(run_words.title(row))
    st.caption(run_words.facts(row, demo=located.demo))
    if row.tags:
        st.html(card.STYLE + "".join(card.chip(tag) for tag in row.tags))
    if row.note:
        st.text(row.note)
    actions.show(located)


def _live(run_id: str, state: str, shade: Literal["light", "dark"]) -> None:
    """What changes while a run lives. state: what the page around it was drawn for."""
    located = session.locate(run_id)
    if located is None or located.row.state != state:
        st.rerun()
    row = located.row
    store = Store.open(located.home, read_only=located.demo)
    live = row.state not in ENDED
    beat = store.last_heartbeat(row.id) if live else None
    position = store.queue_position(row.id) if row.state == "queued" else None
    st.write(run_words.state(row, beat, position))
    if row.state in ("running", "stopping"):
        st.progress(min(1.0, beat.progress) if beat else 0.0)
    _result(located, store)
    charts.show(located, shade)


def _result(located: Located, store: Store) -> None:
    row = located.row
    verdict = row.summary.get("verdict")
    if verdict:
        label = run_words.verdict(row.summary)
        text = f"{run_words.verdict_icon(row.summary)} **{label[0].upper()}{label[1:]}.** "
        text += verdict["reason"]
        if verdict.get("advice"):
            text += f" {verdict['advice']}"
        (st.warning if verdict["label"] in _BAD else st.info)(text)
    if row.state != "finished":
        return
    closed = not located.demo and bool(hidden_test.closed(store, [row]))
    gained = comparison.gain(hidden_test.shown(row.summary, closed))
    if gained is not None:
        split = " (validation samples; the test is kept closed)" if closed else ""
        st.write(f"Nearest neighbours share the label: {comparison.gain_words(gained)}{split}.")
    elif not row.summary.get("scores"):
        st.write(
            "The data have no labels, so there is no score. The map and what lies near what, on "
            "Compare and Inspect, need none."
        )


def _notes(located: Located) -> None:
    notes = located.row.summary.get("notes", [])
    if notes:
        with st.expander("What was decided"):
            st.markdown("\n".join(f"- {note}" for note in notes))
    log = located.folder / "log.txt"
    if log.exists():
        with st.expander("Log"):
            text = log.read_bytes()[-_LOG_BYTES:].decode("utf-8", "replace")
            st.code("\n".join(text.splitlines()[-40:]), language=None)

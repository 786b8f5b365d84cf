"""The head of an experiment: how many of its runs have ended, how long the others take, and
buttons to compare them."""

from __future__ import annotations

import statistics
import time
from collections.abc import Sequence

import streamlit as st

from workbench.app.plain import plain
from workbench.app.shared import run_words, session
from workbench.store.rows import ENDED, RunRow

_TICK = "2s"
# The head stays below Streamlit's header while the cards or curves under it are scrolled.
_STAYS = """<style>
[data-testid="stLayoutWrapper"]:has(> .st-key-pilot) { position: sticky; top: 3.75rem; z-index: 9;
  padding: 0.4rem 0; background: light-dark(#fff, #171614); }
[data-testid="stMain"] { scroll-padding-top: 11rem; }
</style>"""


def rows_of(experiment: str) -> list[RunRow]:
    """The runs of an experiment in the order in which they run, without their summaries; empty if
    there is none."""
    return session.store().runs(experiment=experiment, summaries=False)[::-1]


def show(experiment: str, rows: list[RunRow], run_id: str | None) -> None:
    """Draw the head. run_id: the run of the experiment that is shown below, if there is one."""
    live = any(row.state not in ENDED for row in rows)
    st.html(_STAYS)
    with st.container(key="pilot"):
        st.fragment(_head, run_every=_TICK if live else None)(experiment)
    if run_id is not None:
        _run_choice(rows, run_id)


def _head(experiment: str) -> None:
    """Draw progress and buttons. It never runs the page again by itself: the runs below do that,
    and where two fragments ask for it at once, the page is empty for a moment and jumps."""
    rows = rows_of(experiment)
    ended = sum(row.state in ENDED for row in rows)
    words = f"{ended} of {len(rows)} runs of this pilot have ended"
    seconds = _seconds_left(rows)
    if seconds:
        words += f", about {run_words.duration(seconds)} left"
    finished = any(row.state == "finished" for row in rows)
    with st.container(horizontal=True, vertical_alignment="center"):
        with st.container(width="stretch"):
            st.progress(ended / max(1, len(rows)), words)
        if st.button(
            "Compare them",
            type="primary",
            disabled=not finished,
            help=None if finished else "Waits for the first run to finish.",
        ):
            session.go("compare", {"experiment": experiment})
        if st.button("Show all runs"):
            st.query_params.pop("experiment", None)
            st.query_params.pop("run", None)
            st.rerun()


def _seconds_left(rows: Sequence[RunRow]) -> float | None:
    """Seconds until all have ended, if each takes as long as those that have finished here, with
    start, checks and scores; None before the first, and at the end."""
    took = [
        row.ended - row.started
        for row in rows
        if row.state == "finished" and row.ended and row.started
    ]
    left = [row for row in rows if row.state not in ENDED]
    if not took or not left:
        return None
    usual = statistics.median(took)
    now = time.time()
    return sum(max(0.0, usual - (now - row.started if row.started else 0.0)) for row in left)


def _run_choice(rows: list[RunRow], run_id: str) -> None:
    ids = [row.id for row in rows]
    if run_id not in ids:
        return
    titles = {run: plain(title) for run, title in run_words.unique_row_titles(rows).items()}
    chosen = st.pills(
        "Runs of this pilot", ids, default=run_id, required=True, format_func=titles.__getitem__
    )
    if chosen is not None and chosen != run_id:
        st.query_params["run"] = str(chosen)
        st.rerun()

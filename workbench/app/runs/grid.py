"""Runs as cards in a grid. Cards of runs that train are drawn again every two seconds.

A queued run says nothing new until its state or its place in the queue changes.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Collection, Mapping, Sequence

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from workbench.app.runs import card, pictures
from workbench.app.runs.card import CardExtras
from workbench.app.shared import session
from workbench.store.rows import ENDED, RunRow
from workbench.store.store import Store
from workbench.stored_runs import hidden_test
from workbench.stored_runs.stored_run import StoredRun

MOST_CHOSEN = 6
_TICK = "2s"
_MAP_WAITS = ("queued", "running")
_TRAINING = ("running", "stopping")


def show(rows: Sequence[RunRow], chosen: Collection[str], toggle: Callable[[str], None]) -> None:
    """Draw the cards. chosen: ids of the chosen runs. toggle: called with an id to choose the run,
    or to choose it no longer."""
    st.html(card.STYLE)
    store = session.store()
    runs = [StoredRun(session.home(), row) for row in rows]
    extras = pictures.card_extras(runs, hidden_test.hidden_runs(store, rows))
    places = _places(store, _states(rows))
    training = [row for row in rows if row.state in _TRAINING]
    beats = store.heartbeats([row.id for row in training])
    grid = st.grid(min_column_width=240, border=True)
    slots = {}
    for row in rows:
        with grid.cell():
            # A card is drawn at once. A slot that is filled later is empty for a moment, and then
            # the page is short and the browser scrolls up.
            html = card.card(row, extras[row.id], beats.get(row.id), places.get(row.id))
            slots[row.id] = st.html(html)
            _widgets(row, chosen, toggle)
    if _changes(rows):
        _watch(training, _states(rows), places, extras, slots)


def _widgets(row: RunRow, chosen: Collection[str], toggle: Callable[[str], None]) -> None:
    is_chosen = row.id in chosen
    key = f"pick-{row.id}"
    # The address decides, also for a card that was off the page in between.
    st.session_state[key] = is_chosen
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button("Open", key=f"open-{row.id}"):
            st.query_params["run"] = row.id
            st.rerun()
        st.checkbox(
            "Choose",
            key=key,
            on_change=toggle,
            args=(row.id,),
            disabled=not is_chosen and len(chosen) >= MOST_CHOSEN,
        )


def watch_states(rows: Sequence[RunRow]) -> None:
    """Run the page again when one of these runs, or its map, has changed its state."""
    if _changes(rows):
        _watch([], _states(rows), {}, {}, {})


def _changes(rows: Sequence[RunRow]) -> bool:
    """Whether the state of one of these runs, or of its map, will change by itself."""
    return any(row.state not in ENDED or row.map_state in _MAP_WAITS for row in rows)


def _states(rows: Sequence[RunRow]) -> dict[str, tuple[str, str]]:
    """State and map state of each run, as ``Store.states`` gives them."""
    return {row.id: (row.state, row.map_state) for row in rows}


def _places(store: Store, ids: Collection[str]) -> dict[str, int]:
    """The place in the queue of those of these runs that wait in it."""
    return {run_id: at + 1 for at, run_id in enumerate(store.queue()) if run_id in ids}


@st.fragment(run_every=_TICK)
def _watch(
    training: Sequence[RunRow],
    states: Mapping[str, tuple[str, str]],
    places: Mapping[str, int],
    extras: Mapping[str, CardExtras],
    slots: Mapping[str, DeltaGenerator],
) -> None:
    """Draw the runs that train; run the page again when a state is no longer as in ``states``, or
    a place in the queue no longer as in ``places``."""
    store = session.store()
    if store.states(list(states)) != states:
        st.rerun()
    if places and _places(store, places) != places:
        st.rerun()
    if not training:
        return
    ids = [row.id for row in training]
    beats = store.heartbeats(ids)
    losses = pictures.live_losses(store, ids)
    for row in training:
        now = dataclasses.replace(extras[row.id], loss=losses.get(row.id, ()))
        slots[row.id].html(card.card(row, now, beats.get(row.id)))

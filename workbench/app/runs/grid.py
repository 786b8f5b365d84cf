"""Runs as cards in a grid. What lives is drawn anew every two seconds; nothing else is."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import streamlit as st

from workbench.app.runs import card, pictures
from workbench.app.runs.card import Drawn
from workbench.app.shared import session
from workbench.app.shared.session import Located
from workbench.store import hidden_test
from workbench.store.rows import ENDED, RunRow

MOST_PICKED = 6
_TICK = "2s"
_MAP_WAITS = ("queued", "running")
_TRAINING = ("running", "stopping")


def show(rows: Sequence[RunRow], picked: Collection[str], pick: Any) -> None:
    """Draw the cards. picked: the chosen ids; pick: called with an id to move its choice."""
    st.html(card.STYLE)
    places = [Located(session.home(), row) for row in rows]
    drawn = pictures.drawn(places, hidden_test.closed(session.store(), rows))
    grid = st.grid(min_column_width=240, border=True)
    slots = {}
    for row in rows:
        with grid.cell():
            slots[row.id] = st.empty()
            _widgets(row, picked, pick)
    live = [row for row in rows if row.state not in ENDED]
    for row in rows:
        if row.state in ENDED:
            slots[row.id].html(card.card(row, drawn[row.id]))
    if live or any(row.map_state in _MAP_WAITS for row in rows):
        _watch(live, _seen(rows), drawn, slots)


def _widgets(row: RunRow, picked: Collection[str], pick: Any) -> None:
    chosen = row.id in picked
    key = f"pick-{row.id}"
    # The address says what is chosen, also after a card was left and came back.
    st.session_state[key] = chosen
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button("Open", key=f"open-{row.id}"):
            st.query_params["run"] = row.id
            st.rerun()
        st.checkbox(
            "Choose",
            key=key,
            on_change=pick,
            args=(row.id,),
            disabled=not chosen and len(picked) >= MOST_PICKED,
        )


def watch_states(rows: Sequence[RunRow]) -> None:
    """Draw the whole page once more when one of these runs, or its map, has changed its state."""
    if any(row.state not in ENDED or row.map_state in _MAP_WAITS for row in rows):
        _watch([], _seen(rows), {}, {})


def _seen(rows: Sequence[RunRow]) -> dict[str, tuple[str, str]]:
    return {row.id: (row.state, row.map_state) for row in rows}


@st.fragment(run_every=_TICK)
def _watch(
    live: Sequence[RunRow],
    seen: Mapping[str, tuple[str, str]],
    drawn: Mapping[str, Drawn],
    slots: Mapping[str, Any],
) -> None:
    """Draw what lives, and the whole page once more when a run or a map has changed its state."""
    store = session.store()
    if store.states(list(seen)) != seen:
        st.rerun()
    if not live:
        return
    ids = [row.id for row in live]
    beats = store.heartbeats(ids)
    queue = {run_id: at + 1 for at, run_id in enumerate(store.queue())}
    training = [row.id for row in live if row.state in _TRAINING]
    losses = pictures.live_losses(store, training) if training else {}
    for row in live:
        now = dataclasses.replace(drawn[row.id], loss=losses.get(row.id, ()))
        slots[row.id].html(card.card(row, now, beats.get(row.id), queue.get(row.id)))

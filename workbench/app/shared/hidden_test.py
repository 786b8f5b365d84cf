"""Keeping the test closed, on the screen: how often it was open, the switch, and confirming."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from workbench import comparison
from workbench.app.shared import run_words, session
from workbench.app.shared.session import Located
from workbench.data.dataset import DataInfo
from workbench.errors import WorkbenchError
from workbench.store import hidden_test, owners
from workbench.store.store import RunRow

_HELP = (
    "Every score of these data is then of validation samples, on all pages and in all commands, "
    "until runs that you choose are confirmed on test. Switching it off opens the test scores of "
    "all runs."
)


def show(located: Sequence[Located]) -> None:
    """The switch of each data set that the runs are of; none for stored demo runs."""
    sets: dict[str, list[RunRow]] = {}
    for place in located:
        fingerprint = place.row.config["data"].get("fingerprint")
        if fingerprint and not place.demo:
            sets.setdefault(str(fingerprint), []).append(place.row)
    for fingerprint, rows in sets.items():
        _one(fingerprint, rows, named=len(sets) > 1)


def for_data(info: DataInfo) -> None:
    """The switch of one data set, before and after there are runs on it."""
    rows = session.store().runs_on(info.fingerprint)
    if rows:
        _one(info.fingerprint, rows, named=False)
    else:
        _switch(info.fingerprint, "", may=True)


def _one(fingerprint: str, rows: Sequence[RunRow], *, named: bool) -> None:
    store = session.store()
    hold = hidden_test.hold(store, fingerprint)
    viewer = session.viewer()
    may = all(owners.may_change(viewer, row) for row in rows)
    closed = [row for row in rows if hold.closes(row.id)]
    looks = hidden_test.looks(store, rows[0].config)
    if looks.runs:
        st.caption(comparison.looks_sentence(looks))

    with st.container(horizontal=True, vertical_alignment="center"):
        name = f" for {run_words.data_name(rows[0].config)}" if named else ""
        _switch(fingerprint, name, may=may)
        if closed:
            _confirm(fingerprint, closed, may=may)


def _switch(fingerprint: str, name: str, *, may: bool) -> None:
    store = session.store()
    on = hidden_test.hold(store, fingerprint).on

    def move() -> None:
        hidden_test.switch(store, fingerprint, not on)

    st.toggle(
        f"Keep the test closed{name}",
        value=on,
        # A switch that was moved elsewhere is another widget: it shows what is stored.
        key=f"hold-{fingerprint}-{on}",
        on_change=move,
        disabled=not may,
        help=_HELP,
    )


def _confirm(fingerprint: str, closed: Sequence[RunRow], *, may: bool) -> None:
    with st.popover("Confirm on test", disabled=not may):
        runs = "this run" if len(closed) == 1 else f"these {len(closed)} runs"
        st.write(
            f"Opens the test scores of {runs}, for good, and keeps that they were opened. Choose "
            "first, by the validation scores; then look once."
        )
        if st.button("Open the test scores", key=f"confirm-{fingerprint}", disabled=not may):
            try:
                hidden_test.confirm(session.store(), closed)
            except WorkbenchError as error:
                st.error(str(error))
            else:
                st.rerun()

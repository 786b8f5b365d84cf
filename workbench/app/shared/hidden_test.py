"""Hiding test scores: how often they were seen, the switch, and the button that confirms runs."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from workbench import comparison
from workbench.app.plain import plain
from workbench.app.shared import messages, session
from workbench.comparison.run_fields import data_name
from workbench.data.dataset import DataInfo
from workbench.errors import WorkbenchError
from workbench.store import owners
from workbench.store.rows import RunRow
from workbench.stored_runs import hidden_test
from workbench.stored_runs.stored_run import StoredRun

_HELP = (
    "All pages and commands then show scores of validation samples. Confirm the runs that you "
    "choose to see their test scores. Switching it off shows the test scores of all runs."
)


def show(runs: Sequence[StoredRun]) -> None:
    """Draw the switch of each data set that the runs saw; none for stored demo runs."""
    by_data: dict[str, list[RunRow]] = {}
    for run in runs:
        if run.fingerprint and not run.demo:
            by_data.setdefault(run.fingerprint, []).append(run.row)
    for fingerprint, rows in by_data.items():
        _of_data(fingerprint, rows, named=len(by_data) > 1)


def for_data(info: DataInfo) -> None:
    """Draw the switch of one data set, whether or not there are runs on it.

    Without labels there are no test scores to hide, and no switch.
    """
    if info.label is None:
        return
    rows = session.store().finished_on(info.fingerprint)
    if rows:
        _of_data(info.fingerprint, rows, named=False)
    else:
        # The switch is for all who use these data: a visitor has no say where nobody has runs yet.
        _switch(info.fingerprint, "", may=session.viewer().trusted)


def _of_data(fingerprint: str, rows: Sequence[RunRow], *, named: bool) -> None:
    store = session.store()
    hold = hidden_test.visibility(store, fingerprint)
    viewer = session.viewer()
    may = all(owners.may_change(viewer, row) for row in rows)
    closed = [row for row in rows if hold.hides(row.id)]
    looks = hidden_test.looks(store, rows[0].config)
    if looks.runs:
        st.caption(plain(comparison.looks_sentence(looks)))

    with st.container(horizontal=True, vertical_alignment="center"):
        name = f" for {plain(data_name(rows[0].config['data']))}" if named else ""
        _switch(fingerprint, name, may=may)
        if closed:
            _confirm(fingerprint, closed, may=may)


def _switch(fingerprint: str, name: str, *, may: bool) -> None:
    store = session.store()
    on = hidden_test.visibility(store, fingerprint).hidden

    def move() -> None:
        if not may:
            return
        hidden_test.switch(store, fingerprint, not on)

    st.toggle(
        f"Hide test scores{name}",
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
            f"Shows the test scores of {runs}, for good, and records that they were seen. Choose "
            "first, by the validation scores."
        )
        if st.button("Show test scores", key=f"confirm-{fingerprint}", disabled=not may):
            if not may:
                return
            try:
                hidden_test.confirm(session.store(), closed)
            except WorkbenchError as error:
                messages.show_error(error)
            else:
                st.rerun()

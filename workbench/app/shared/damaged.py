"""Damaged files and rows on the screen: what is damaged and what to do, instead of an exception."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from workbench import damage
from workbench.app.shared import session
from workbench.app.shared.messages import show_error, words
from workbench.engine import address, map_requests
from workbench.errors import DamageError, StoreError, WorkbenchError
from workbench.jobs import room
from workbench.store import owners
from workbench.store.rows import RunRow
from workbench.store.store_damage import DamagedStoreError
from workbench.stored_runs.stored_run import StoredRun


@contextmanager
def shown_as_error() -> Iterator[None]:
    """A damaged file or store that is met inside is shown as an error; the rest is left out.

    So is a full disk. Another error of the system or of the store goes on.
    """
    try:
        yield
    except (DamageError, DamagedStoreError) as error:
        show_error(error)
    except (StoreError, OSError) as error:
        if not room.is_full(error):
            raise
        show_error(room.of_page(session.home(), error))


def show_row(row: RunRow) -> None:
    """Say what of the run's row is damaged; nothing for a whole row."""
    if row.damage:
        repair = damage.command(session.home(), "doctor --repair")
        st.error(
            f"This run is damaged: {words(row.damage)}. Defaults are shown in its place.  \n"
            f"See what can be mended: {words(repair)}"
        )


def offer_map(run: StoredRun) -> None:
    """For a run whose UMAP could not be made: say so, with a button that has it made again."""
    if run.demo or run.row.map_state != "failed":
        return
    may = owners.may_change(session.viewer(), run.row)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption("The UMAP map could not be made.")
        if st.button(
            "Make it again",
            icon=":material/refresh:",
            key=f"map-again-{run.id}",
            disabled=not may,
            help="Puts the map into the queue again." if may else "Only the run's owner does.",
        ):
            try:
                map_requests.request(run)
                address.ensure(session.home())
            except WorkbenchError as error:
                show_error(error)
            else:
                st.rerun()

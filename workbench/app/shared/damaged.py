"""Damaged files and rows, and a full disk, on the screen: a message in place of an exception."""

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
    """Show a damaged file, a damaged store or a full disk as an error, and leave out the rest.

    Any other error of the system or of the store passes through.
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
    """Draw what is damaged in the run's row; nothing for a whole row."""
    if row.damage:
        repair = damage.command(session.home(), "doctor --repair")
        st.error(
            f"This run's record is damaged: {words(row.damage)}. Defaults are shown instead.  \n"
            f"To mend what can be mended: {words(repair)}"
        )


def offer_map(run: StoredRun) -> None:
    """Draw a button that queues the map again, for a run whose UMAP failed."""
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
            help="Puts the map into the queue again." if may else "Only the run's owner may.",
        ):
            try:
                owners.check_may_change(session.viewer(), run.row)
                map_requests.request(run)
                address.ensure(session.home())
            except WorkbenchError as error:
                show_error(error)
            else:
                st.rerun()

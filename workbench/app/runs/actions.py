"""The buttons of a run: stop, resume, run again, clone, compare, inspect, edit, delete."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from workbench.app.plain import plain
from workbench.app.runs import edit
from workbench.app.shared import session, source_access
from workbench.app.shared.messages import show_error
from workbench.config import RunConfig
from workbench.errors import WorkbenchError
from workbench.jobs import checkpoints, launch
from workbench.store import owners
from workbench.store.rows import ENDED, RunRow
from workbench.stored_runs.stored_run import StoredRun


def show(run: StoredRun) -> None:
    """Draw the buttons that the run's state allows. What only its owner may do is disabled for
    others."""
    row = run.row
    may = not run.demo and owners.may_change(session.viewer(), row)
    with st.container(horizontal=True):
        if not run.demo:
            _stop_or_resume(row, may)
        if (
            row.state in ENDED
            and not run.demo
            and st.button(
                "Run again", icon=":material/refresh:", help="The same configuration once more."
            )
        ):
            attempt(lambda: _run_again(row))
        if st.button(
            "Clone",
            icon=":material/content_copy:",
            help="Opens Pretrain with this run's settings, to change some.",
        ):
            session.go("pretrain", {"clone": row.id})
        if row.state == "finished":
            if st.button("Compare", icon=":material/compare:"):
                session.go("compare", {"runs": row.id})
            if st.button("Inspect", icon=":material/search:"):
                session.go("inspect", {"run": row.id})
        if not run.demo:
            edit.show(row, may=may)
            if row.state in (*ENDED, "queued"):
                _delete(row, may)
    if not may and not run.demo:
        st.caption(
            f"This is {owner}'s run: only {owner} stops, edits or deletes it."
            if (owner := plain(owners.in_words(row.owner)))
            else "This run has no owner: it is stopped, edited and deleted at the machine itself."
        )


def attempt(act: Callable[[], object]) -> None:
    """Call ``act`` and run the page again; an error is shown instead."""
    try:
        act()
    except WorkbenchError as error:
        show_error(error)
    else:
        st.rerun()


def _stop_or_resume(row: RunRow, may: bool) -> None:
    if row.state in ("queued", "running") and st.button(
        "Stop", icon=":material/stop:", disabled=not may, help="Writes a checkpoint."
    ):
        attempt(lambda: launch.stop(session.home(), row.id, viewer=session.viewer()))
    if row.state in ("stopped", "failed") and st.button(
        "Resume", icon=":material/play_arrow:", disabled=not may
    ):
        attempt(lambda: launch.resume(session.home(), row.id, viewer=session.viewer()))


def _run_again(row: RunRow) -> None:
    checkpoints.check_row(session.home(), row)
    viewer, config = session.viewer(), RunConfig.from_json(row.config)
    source_access.check_config(config)
    launched = launch.launch(
        session.home(), config, owner=viewer.owner, name=row.name, again=True, viewer=viewer
    )
    st.query_params["run"] = launched.run_id


def _delete(row: RunRow, may: bool) -> None:
    with st.popover("Delete", icon=":material/delete:", disabled=not may):
        st.write("The run and its files are removed for good.")
        if st.button("Delete this run", key=f"delete-{row.id}", disabled=not may):

            def act() -> None:
                launch.delete(session.home(), row.id, viewer=session.viewer())
                st.query_params.pop("run", None)

            attempt(act)

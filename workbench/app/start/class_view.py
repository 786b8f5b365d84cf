"""The class for admins: runs of each person, limits, "stop all", and a clean-up of the home."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from pathlib import Path

import pandas as pd
import streamlit as st

from workbench import paths
from workbench.app import tables
from workbench.app.shared import messages, session
from workbench.errors import RequestError, WorkbenchError
from workbench.jobs import launch
from workbench.store import limits, owners, upload_owners
from workbench.store.artifacts import folder_bytes
from workbench.store.store import Store
from workbench.stored_runs.removal import cleaning
from workbench.stored_runs.removal.cleaning import Leftover

_ALL = 100_000
_LEFTOVERS = "leftovers"
_DAYS = 30
_MEASURE_SECONDS = 60


def show() -> None:
    """Draw it for an admin; nothing for others."""
    if not session.viewer().admin:
        return
    st.divider()
    st.subheader("Your class")
    _people()
    _stop_all()
    _limits()
    _clean_up()


def _people() -> None:
    store = session.store()
    states = defaultdict(Counter, store.counts_by_owner())
    disk = _run_bytes(session.home())
    uploads: dict[str, float] = defaultdict(float)
    for record in upload_owners.records(store):
        uploads[record.owner] += record.megabytes
    rows = [
        {
            "who": owners.in_words(owner) or "at this machine",
            "queued": states[owner]["queued"],
            "running": states[owner]["running"] + states[owner]["stopping"],
            "finished": states[owner]["finished"],
            "stopped or failed": states[owner]["stopped"] + states[owner]["failed"],
            "MB of runs": round(disk.get(owner, 0) / 1e6, 1),
            "MB of uploads": round(uploads[owner], 1),
        }
        for owner in sorted({*states, *uploads})
    ]
    if rows:
        frame = pd.DataFrame(rows)
        help_of = tables.column_help(frame.columns)
        st.dataframe(frame, hide_index=True, width="stretch", column_config=help_of)
        st.caption("The files of runs are measured once a minute.")
    else:
        st.caption("Nobody has started a run or brought data yet.")


@st.cache_resource(ttl=_MEASURE_SECONDS, max_entries=4, show_spinner=False)
def _run_bytes(home: Path) -> dict[str, int]:
    """The bytes of each owner's runs. With 300 runs, measuring them takes 0.4 s."""
    total: Counter[str] = Counter()
    for row in Store.open(home).runs(limit=_ALL, summaries=False):
        total[row.owner] += folder_bytes(paths.run_dir(home, row.id))
    return dict(total)


def _stop_all() -> None:
    with st.popover("Stop all runs", icon=":material/stop:"):
        count = session.store().count(("queued", "running"))
        st.write(f"{count} queued and running runs are asked to stop. They can be resumed.")
        if st.button("Stop them all", disabled=not count, key="class-stop-all"):
            _attempt_stop()


def _attempt_stop() -> None:
    try:
        launch.stop_all(session.home(), viewer=session.viewer())
    except WorkbenchError as error:
        messages.show_error(error)
    else:
        st.rerun()


def _limits() -> None:
    store = session.store()
    with st.expander("What each visitor may have"), st.form("limits", border=False):
        st.caption(
            "Limits hold for visitors from now on, not for you. 'none' lifts a limit. For visitors "
            "without a name each browser counts by itself."
        )
        texts = {
            name: st.text_input(
                f"{name}: {limits.LIMITS[name].help}",
                "none" if math.isinf(value) else f"{value:g}",
                max_chars=20,
            )
            for name, value in limits.values(store).items()
        }
        if st.form_submit_button("Set the limits"):
            try:
                _check_admin()
                parsed = [limits.parse(f"{name}={text}") for name, text in texts.items()]
            except RequestError as error:
                messages.show_error(error)
                return
            for name, number in parsed:
                limits.put(store, name, number)
            st.success("The limits are set.")


def _clean_up() -> None:
    with st.expander("Clean up"):
        st.caption(
            "Checkpoints of finished runs, prepared data and uploads that no run uses, and files "
            "of deleted runs. Runs keep their scores, maps and encoders."
        )
        days = st.number_input("Unchanged for so many days", 0, 36_500, _DAYS)
        if st.button("List what is not needed"):
            st.session_state[_LEFTOVERS] = cleaning.leftovers(session.home(), float(days))
        found: list[Leftover] | None = st.session_state.get(_LEFTOVERS)
        if found is None:
            return
        if not found:
            st.write("There is nothing to remove.")
            return
        frame = pd.DataFrame(
            {
                "kind": [one.kind for one in found],
                "name": [one.name for one in found],
                "MB": [round(one.bytes / 1e6, 2) for one in found],
                "days unchanged": [round(one.days, 1) for one in found],
            }
        )
        help_of = tables.column_help(frame.columns)
        st.dataframe(frame, hide_index=True, width="stretch", column_config=help_of)
        megabytes = sum(one.bytes for one in found) / 1e6
        with st.popover("Remove these", icon=":material/delete:"):
            st.write(f"{len(found)} entries with {megabytes:,.1f} MB are removed for good.")
            if st.button("Remove them", type="primary"):
                _remove(found)


def _remove(found: list[Leftover]) -> None:
    try:
        _check_admin()
        freed = cleaning.remove(session.home(), found)
    except WorkbenchError as error:
        messages.show_error(error)
        return
    _run_bytes.clear()
    st.session_state.pop(_LEFTOVERS, None)
    st.toast(f"{freed / 1e6:,.1f} MB are free again.")
    st.rerun()


def _check_admin() -> None:
    """Raise RequestError if the token was not given in this visit."""
    if not session.viewer().admin:
        raise RequestError(
            "only admins may do this.", field="Token", remedy="Enter the token in the sidebar."
        )

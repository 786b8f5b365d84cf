"""The settings of a run, its notes, its log, and the run as JSON."""

from __future__ import annotations

import json

import pandas as pd
import streamlit as st

from workbench.app import tables
from workbench.app.plain import plain
from workbench.store.rows import ENDED
from workbench.stored_runs.config_table import Setting, settings
from workbench.stored_runs.stored_run import StoredRun

_LOG_BYTES, _LOG_LINES = 16_000, 60
_TICK = "2s"


def show(run: StoredRun) -> None:
    """Draw them; the log is drawn every two seconds while the run is live."""
    _settings(run)
    _notes(run)
    live = run.row.state not in ENDED
    st.fragment(_log, run_every=_TICK if live else None)(run)
    st.download_button(
        "Download the run as JSON",
        json.dumps(run.record(), indent=2),
        file_name=f"{run.id}.json",
        mime="application/json",
        icon=":material/download:",
        on_click="ignore",
    )


def _settings(run: StoredRun) -> None:
    data = run.data
    rows = settings(run.config, None if data is None else data.info)
    chosen = [row for row in rows if row.chosen]
    st.markdown("**Settings that differ from the defaults**")
    if data is None:
        st.caption("The data are not prepared here any more, so defaults that follow from them are "
                   "not known, and all settings are listed.")  # fmt: skip
    if chosen:
        _table(chosen)
    else:
        st.write("None: this is what data and task alone give.")
    defaults = [row for row in rows if not row.chosen]
    if defaults:
        with st.expander(f"{len(defaults)} settings as they are by default"):
            _table(defaults)


def _table(rows: list[Setting]) -> None:
    columns = {"setting": [row.field for row in rows], "value": [row.value for row in rows]}
    if any(row.chosen and row.default is not None for row in rows):
        columns["default"] = [row.default or "" for row in rows]
    frame = pd.DataFrame(columns)
    help_of = tables.column_help(frame.columns)
    st.dataframe(frame, hide_index=True, width="stretch", column_config=help_of)


def _notes(run: StoredRun) -> None:
    notes = run.row.summary.get("notes", [])
    if notes:
        st.markdown("**What was decided**")
        st.markdown("\n".join(f"- {plain(note)}" for note in notes))


def _log(run: StoredRun) -> None:
    st.markdown("**Log**")
    path = run.files.log
    if not path.exists():
        st.caption("The stored demo runs keep no log." if run.demo else "There is no log (yet).")
        return
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - _LOG_BYTES))
        lines = file.read().decode("utf-8", "replace").splitlines()
    st.code("\n".join(lines[-_LOG_LINES:]) or "(empty)", language=None, wrap_lines=True)

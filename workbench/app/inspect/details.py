"""A run's settings, what was decided for the user, its log, and the run as JSON."""

from __future__ import annotations

import json

import pandas as pd
import streamlit as st

from workbench.app.shared.session import Located
from workbench.stored_runs import inspected
from workbench.stored_runs.config_table import Setting, settings

_LOG_BYTES, _LOG_LINES = 16_000, 60
_TICK = "2s"


def show(place: Located) -> None:
    """Tables and texts; the log goes on by itself while the run lives."""
    _settings(place)
    _notes(place)
    live = place.row.state in ("queued", "running", "stopping")
    st.fragment(_log, run_every=_TICK if live else None)(place)
    st.download_button(
        "Download the run as JSON",
        json.dumps(place.json(), indent=2),
        file_name=f"{place.row.id}.json",
        mime="application/json",
        icon=":material/download:",
        on_click="ignore",
    )


def _settings(place: Located) -> None:
    data = inspected.data_of(place.row, place.home)
    found = settings(place.row.config, None if data is None else data.info)
    chosen = [one for one in found if one.chosen]
    st.markdown("**Settings that differ from the defaults**")
    if data is None:
        st.caption("The data are not prepared here any more, so defaults that follow from them are "
                   "not known, and all settings are listed.")  # fmt: skip
    if chosen:
        _table(chosen)
    else:
        st.write("None: this is what data and task alone give.")
    rest = [one for one in found if not one.chosen]
    if rest:
        with st.expander(f"{len(rest)} settings as they are by default"):
            _table(rest)


def _table(found: list[Setting]) -> None:
    columns = {"setting": [one.field for one in found], "value": [one.value for one in found]}
    if any(one.chosen and one.default is not None for one in found):
        columns["default"] = [one.default or "" for one in found]
    st.dataframe(pd.DataFrame(columns), hide_index=True, width="stretch")


def _notes(place: Located) -> None:
    notes = place.row.summary.get("notes", [])
    if notes:
        st.markdown("**What was decided**")
        st.markdown("\n".join(f"- {note}" for note in notes))


def _log(place: Located) -> None:
    st.markdown("**Log**")
    path = place.folder / "log.txt"
    if not path.exists():
        st.caption("The stored demo runs keep no log." if place.demo else "There is no log (yet).")
        return
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - _LOG_BYTES))
        lines = file.read().decode("utf-8", "replace").splitlines()
    st.code("\n".join(lines[-_LOG_LINES:]) or "(empty)", language=None, wrap_lines=True)

"""The run of the Inspect page: read from the address, chosen with a widget that writes it there."""

from __future__ import annotations

import streamlit as st

from workbench.app.inspect import neighbours
from workbench.app.shared import current_data, run_words, session
from workbench.comparison.run_fields import data_name
from workbench.store.rows import RunRow
from workbench.stored_runs.stored_run import StoredRun

_KEY = "inspect-run"
_OFFERED = 200
# Parameters of the address that belong to one run.
_OF_ONE_RUN = ("sample", "step", "cell", "space")


def choose() -> StoredRun | None:
    """Draw the choice; returns the chosen run, None if there is none.

    Without a run in the address: the newest finished run on the current data, else on any, else the
    first stored demo run.
    """
    address = str(st.query_params.get("run", ""))
    run = session.find_run(address) if address else None
    if address and run is None:
        st.error(
            "There is no run of this id here. It may have been deleted. Choose another one below."
        )
    runs = current_data.runs_first([*session.newest_runs(_OFFERED), *session.demo_runs()])
    offered = {offer.id: offer for offer in runs}
    if not offered:
        st.write("There are no runs yet.")
        if st.button("Start one", icon=":material/play_arrow:"):
            session.go("pretrain")
        return None
    if run is None and not address:
        run = session.find_run(_first(list(offered.values())).id)
    if run is not None:
        offered.setdefault(run.id, run)
        if address != run.id:
            st.query_params["run"] = run.id
    st.session_state[_KEY] = None if run is None else run.id
    st.selectbox(
        "Run",
        list(offered),
        format_func=lambda run_id: _title(offered[run_id].row),
        placeholder="Choose a run",
        key=_KEY,
        on_change=_write_address,
    )
    current_data.show_missing_runs(runs, [] if run is None else [run])
    return run


def _write_address() -> None:
    for name in _OF_ONE_RUN:
        st.query_params.pop(name, None)
    st.session_state.pop(neighbours.KEY, None)
    st.query_params["run"] = str(st.session_state[_KEY])


def _first(runs: list[StoredRun]) -> StoredRun:
    return next((run for run in runs if run.finished), runs[0])


def _title(row: RunRow) -> str:
    state = "" if row.state == "finished" else f", {row.state}"
    return f"{run_words.title(row)} on {data_name(row.config['data'])}{state} · {row.id}"

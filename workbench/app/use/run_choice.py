"""The run of the page: read from the address or chosen here; and why one cannot be tried."""

from __future__ import annotations

from collections.abc import MutableMapping

import streamlit as st

from workbench import registry
from workbench.app.shared import current_data, data_choice, messages, run_words, session
from workbench.comparison.run_fields import data_name
from workbench.config import RunConfig
from workbench.data.dataset import Dataset
from workbench.errors import RequestError
from workbench.stored_runs import reference_samples
from workbench.stored_runs.stored_run import StoredRun

_OFFERED = 200
_KEY = "try-run"


def choose(query: MutableMapping[str, str]) -> StoredRun | None:
    """Draw the choice; returns the chosen run, None if there is none or none is chosen."""
    rows = session.store().runs(states=("finished", "stopped"), limit=_OFFERED, summaries=False)
    runs = current_data.runs_first([StoredRun(session.home(), row) for row in rows])
    offered = {run.id: run for run in runs}
    address = query.get("run", "")
    named = session.find_run(address) if address else None
    if address and named is None:
        st.error("There is no run of this id here. It may have been deleted.")
    if named is not None:
        offered.setdefault(named.id, named)
    if not offered:
        st.write("No run has finished here yet. A run of half a minute is enough to try one.")
        if st.button("Start one", icon=":material/play_arrow:"):
            session.go("pretrain")
        return None
    ids = list(offered)
    # The address decides, also after Back. Without a key, a choice that is made before the last one
    # has changed the widget's default would be lost.
    st.session_state[_KEY] = named.id if named is not None else None if address else ids[0]
    chosen = st.selectbox(
        "Run",
        ids,
        None,
        format_func=lambda run_id: _title(offered[run_id]),
        placeholder="Choose a run",
        key=_KEY,
        on_change=lambda: query.update(run=str(st.session_state[_KEY])),
    )
    current_data.show_missing_runs(runs, [] if chosen is None else [offered[chosen]])
    if chosen is None:
        return None
    if address != chosen:
        query["run"] = chosen
    return session.find_run(chosen)


def data_to_try(run: StoredRun) -> Dataset | None:
    """The run's data; None, with a message and buttons, if new samples cannot be tried on it."""
    if run.demo:
        st.info(
            "This is a stored demo run: it shows its maps and checks, and keeps no encoder, so "
            "that new samples cannot be tried on it. The same can be run here."
        )
        _run_again_button(run)
        return None
    problem = reference_samples.why_not(run)
    if problem is not None:
        st.warning(messages.error_words(problem))
        left, right = st.columns(2)
        if left.button("Show it on the Runs page", icon=":material/arrow_forward:"):
            session.go("runs", {"run": run.id})
        with right:
            _run_again_button(run)
        return None
    data = run.samples
    if data is None:
        st.warning(
            "The prepared data of this run are no longer here, so that its neighbours cannot be "
            "shown. They can be prepared again, as long as their source is there and the same."
        )
        if st.button("Prepare them again", type="primary"):
            data = _prepare_again(run)
    return data


def modality(run: StoredRun) -> str:
    """What the run learned from, ``image`` or ``text``, by the kind of its encoder."""
    encoder = registry.encoders().get(str(run.config.get("encoder")))
    return "image" if encoder is None else str(encoder.modalities[0])


def _prepare_again(run: StoredRun) -> Dataset | None:
    try:
        config = RunConfig.from_json(run.config).data
    except RequestError as error:
        messages.show_error(error)
        return None
    return data_choice.prepare(config)


def _run_again_button(run: StoredRun) -> None:
    config = run.config
    if st.button("Run it here", icon=":material/play_arrow:"):
        session.go("pretrain", {"data": config["data"]["source"], "tasks": config["task"]})


def _title(run: StoredRun) -> str:
    row = run.row
    state = "" if row.state == "finished" else f" ({row.state})"
    demo = "demo: " if run.demo else ""
    return f"{demo}{run_words.title(row)} on {data_name(row.config['data'])}{state} · {row.id}"

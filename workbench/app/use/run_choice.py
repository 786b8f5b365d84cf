"""Which run is tried or exported: from the address, or chosen here; and why one cannot be tried."""

from __future__ import annotations

from collections.abc import MutableMapping

import streamlit as st

from workbench import registry
from workbench.app.shared import data_choice, messages, run_words, session
from workbench.app.shared.session import Located
from workbench.config import RunConfig
from workbench.data.dataset import Dataset
from workbench.errors import RequestError
from workbench.stored_runs import reference_samples

_OFFERED = 200


def choose(query: MutableMapping[str, str]) -> Located | None:
    """The chosen run; draws the chooser. None if there is none to choose, or none is chosen."""
    rows = session.store().runs(states=("finished", "stopped"), limit=_OFFERED)
    offered = {row.id: Located(session.home(), row) for row in rows}
    asked = query.get("run", "")
    found = session.locate(asked) if asked else None
    if asked and found is None:
        st.error("There is no run of this id here. It may have been deleted.")
    if found is not None:
        offered.setdefault(found.row.id, found)
    if not offered:
        st.write("No run has finished here yet. A run of half a minute is enough to try one.")
        if st.button("Start one", icon=":material/play_arrow:"):
            session.go("pretrain")
        return None
    ids = list(offered)
    start = ids.index(found.row.id) if found is not None else None if asked else 0
    chosen = st.selectbox(
        "Run", ids, start, format_func=lambda one: _name(offered[one]), placeholder="Choose a run"
    )
    if chosen is None:
        return None
    query["run"] = chosen
    return offered[chosen]


def data_of(place: Located) -> Dataset | None:
    """The run's data, None where they or its neighbours are not there: what can be done is said."""
    if place.demo:
        st.info(
            "This is a stored demo run: it shows its maps and checks, and keeps no encoder, so "
            "that new samples cannot be tried on it. The same can be run here."
        )
        _again(place)
        return None
    problem = reference_samples.why_not(place.home, place.row)
    if problem is not None:
        st.warning(messages.error_words(problem))
        left, right = st.columns(2)
        if left.button("Show it on the Runs page", icon=":material/arrow_forward:"):
            session.go("runs", {"run": place.row.id})
        with right:
            _again(place)
        return None
    data = reference_samples.dataset(place.home, place.row)
    if data is None:
        st.warning(
            "The prepared data of this run are no longer here, so that its neighbours cannot be "
            "shown. They can be prepared again, as long as their source is there and the same."
        )
        if st.button("Prepare them again", type="primary"):
            data = _prepared_again(place)
    return data


def modality(place: Located) -> str:
    """What the run learned from, ``image`` or ``text``, by the kind of its encoder."""
    encoder = registry.encoders().get(str(place.row.config.get("encoder")))
    return "image" if encoder is None else str(encoder.modalities[0])


def _prepared_again(place: Located) -> Dataset | None:
    try:
        config = RunConfig.from_json(place.row.config).data
    except RequestError as error:
        messages.tell(error)
        return None
    return data_choice.prepared(config)


def _again(place: Located) -> None:
    config = place.row.config
    if st.button("Run it here", icon=":material/play_arrow:"):
        session.go("pretrain", {"data": config["data"]["source"], "tasks": config["task"]})


def _name(place: Located) -> str:
    row = place.row
    state = "" if row.state == "finished" else f" ({row.state})"
    demo = "demo: " if place.demo else ""
    return f"{demo}{run_words.title(row)} on {run_words.data_name(row.config)}{state} · {row.id}"

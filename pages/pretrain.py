"""Pretrain: pick tasks, see what the model sees and must answer, set the time, launch."""

import streamlit as st

from workbench.app.pretrain import (
    address,
    clone,
    details,
    estimate,
    form,
    form_state,
    pictures,
    task_cards,
)
from workbench.app.shared import current_data, data_choice, hidden_test

st.title("Pretrain")
st.write(
    "Pick one pretext task. Or pick several for a pilot: short runs, compared after equal training "
    "time."
)

given = details.restored_query(st.query_params)
cloned = clone.config_of(given.get("clone"))
# The run whose settings the form began with; names of new runs say what was changed.
origin = given.get("clone") or given.get("cloned")
data_config = clone.data_of(cloned) if cloned else current_data.current(given).config
current_data.select(data_config, key="pretrain-source", leave=details.leave_data)
data = current_data.prepare(data_config)
if data is None:
    st.stop()
current_data.warn_of_few_samples(data)

draft = clone.draft_of(cloned, data.info) if cloned else form_state.from_query(given)
fitting = task_cards.fitting(data.info)
if not fitting:
    st.info("No task can learn from these data. Choose others, or more of them.")
    st.stop()
tasks, placeholders = task_cards.choose(fitting, draft.tasks, data.info)
query = data_choice.to_query(data_config)
if st.query_params.get("show") == "all":
    query["show"] = "all"
if tasks:
    details.offer_back(data.info)
    request = form.form(data_config, data.info, tasks, draft)
    if origin:
        query["cloned"] = origin
    written = form_state.to_query(request.draft)
    if not draft.tasks:
        # Nobody has chosen: a page that adds to its address on arrival would keep Back on it.
        written.pop("tasks")
    address.put({**query, **written})
    if request.configs:
        estimate.show(request.configs, data.info, seeds=request.draft.seeds)
        hidden_test.for_data(data.info)
        form.launch(request, clone.names(origin, request.configs))
else:
    st.info("Pick at least one task.")
    request = None
pictures.fill(placeholders, data.info)
if request is not None and request.configs:
    pictures.large(request.configs[0], data)

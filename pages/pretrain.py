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
from workbench.app.shared import data_choice, hidden_test, source_access
from workbench.config import DataConfig

st.title("Pretrain")
st.write("Pick one pretext task, or several to compare them after equal training time.")

given = details.restored_query(st.query_params)
cloned = clone.config_of(given.get("clone"))
sources = data_choice.known_sources()
data_config = clone.data_of(cloned) if cloned else data_choice.from_query(given)
if data_config is not None:
    sources.setdefault(data_config.source, source_access.shown(data_config.source))
names = list(sources)
default = names.index(data_config.source) if data_config is not None else 0
source = st.selectbox("Data", names, default, format_func=sources.get)
if data_config is None or data_config.source != source:
    data_config = DataConfig(source)
data = data_choice.prepare(data_config)
if data is None:
    st.stop()

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
    request = form.form(data_config, data.info, tasks, draft)
    address.put({**query, **form_state.to_query(request.draft)})
    if request.configs:
        estimate.show(request.configs, data.info, seeds=request.draft.seeds)
        hidden_test.for_data(data.info)
        form.launch(request)
else:
    st.info("Pick at least one task.")
    request = None
pictures.fill(placeholders, data.info)
if request is not None and request.configs:
    pictures.large(request.configs[0], data)

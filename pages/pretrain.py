"""Pretrain: pick a task, see what the model sees and must answer, set the time, launch."""

import streamlit as st

from workbench.components import (
    address,
    data_choice,
    held_view,
    pretrain_clone,
    pretrain_details,
    pretrain_estimate,
    pretrain_form,
    pretrain_pictures,
    pretrain_query,
    pretrain_tasks,
)
from workbench.config import DataConfig

st.title("Pretrain")
st.write("Pick one pretext task, or several to compare them after equal training time.")

given = pretrain_details.returned(st.query_params)
cloned = pretrain_clone.asked(given.get("clone"))
sources = data_choice.known_sources()
asked = pretrain_clone.data_of(cloned) if cloned else data_choice.from_query(given)
if asked is not None:
    sources.setdefault(asked.source, asked.source)
names = list(sources)
default = names.index(asked.source) if asked is not None else 0
source = st.selectbox("Data", names, default, format_func=sources.get)
if asked is None or asked.source != source:
    asked = DataConfig(source)
data = data_choice.prepared(asked)
if data is None:
    st.stop()

draft = pretrain_clone.draft_of(cloned, data.info) if cloned else pretrain_query.from_query(given)
fitting = pretrain_tasks.fitting(data.info)
if not fitting:
    st.info("No task can learn from these data. Choose others, or more of them.")
    st.stop()
tasks, places = pretrain_tasks.choose(fitting, draft.tasks, data.info)
query = data_choice.to_query(asked)
if st.query_params.get("show") == "all":
    query["show"] = "all"
if tasks:
    filled = pretrain_form.form(asked, data.info, tasks, draft)
    address.put({**query, **pretrain_query.to_query(filled.draft)})
    if filled.configs:
        pretrain_estimate.show(filled.configs, data.info, seeds=filled.draft.seeds)
        held_view.for_data(data.info)
        pretrain_form.launch(filled)
else:
    st.info("Pick at least one task.")
    filled = None
pretrain_pictures.fill(places, data.info)
if filled is not None and filled.configs:
    pretrain_pictures.large(filled.configs[0], data)

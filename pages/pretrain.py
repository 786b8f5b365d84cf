"""Pretrain: pick a task, see what the model sees and must answer, set the time, launch."""

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
from workbench.app.shared import data_choice, hidden_test
from workbench.config import DataConfig

st.title("Pretrain")
st.write("Pick one pretext task, or several to compare them after equal training time.")

given = details.returned(st.query_params)
cloned = clone.asked(given.get("clone"))
sources = data_choice.known_sources()
asked = clone.data_of(cloned) if cloned else data_choice.from_query(given)
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

draft = clone.draft_of(cloned, data.info) if cloned else form_state.from_query(given)
fitting = task_cards.fitting(data.info)
if not fitting:
    st.info("No task can learn from these data. Choose others, or more of them.")
    st.stop()
tasks, places = task_cards.choose(fitting, draft.tasks, data.info)
query = data_choice.to_query(asked)
if st.query_params.get("show") == "all":
    query["show"] = "all"
if tasks:
    filled = form.form(asked, data.info, tasks, draft)
    address.put({**query, **form_state.to_query(filled.draft)})
    if filled.configs:
        estimate.show(filled.configs, data.info, seeds=filled.draft.seeds)
        hidden_test.for_data(data.info)
        form.launch(filled)
else:
    st.info("Pick at least one task.")
    filled = None
pictures.fill(places, data.info)
if filled is not None and filled.configs:
    pictures.large(filled.configs[0], data)

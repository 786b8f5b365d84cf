"""Pretrain: pick a task, see what the model sees and must answer, set the time, launch."""

import streamlit as st

from workbench import registry
from workbench.components import data_choice, pretrain_form
from workbench.config import DataConfig

# What a newcomer is shown first, where it fits the data.
FIRST = ("simclr", "mlm")

st.title("Pretrain")
st.write("Pick one pretext task, or several to compare them after equal training time.")

sources = data_choice.known_sources()
asked = data_choice.from_query(st.query_params)
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

fitting = pretrain_form.fitting_tasks(data.info)
wanted = [name for name in st.query_params.get("tasks", "").split(",") if name in fitting]
tasks = st.pills(
    "Pretext tasks",
    list(fitting),
    selection_mode="multi",
    default=wanted or [next((name for name in FIRST if name in fitting), next(iter(fitting)))],
    format_func=lambda name: fitting[name].title,
)
if not tasks:
    st.info("Pick at least one task.")
    st.stop()
for name in list(st.query_params):
    del st.query_params[name]
st.query_params.update({**data_choice.to_query(asked), "tasks": ",".join(tasks)})
for name in tasks:
    task = registry.task(name)
    st.caption(f"**{task.title}**: {task.summary} {task.caution}")

asked_for = pretrain_form.settings(asked, data.info, tasks)
if asked_for is None:
    st.stop()
pretrain_form.launch(asked_for)
pretrain_form.picture(asked_for.configs[0], data)

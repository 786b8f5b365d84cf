"""Data: look at samples, classes, sizes and copies; bring your own, and see how it is read."""

import streamlit as st

from workbench.components import data_choice, data_reading, data_source, data_view, session

st.title("Data")
st.write("What will the model learn from? Choose a sample set, or bring your own images or texts.")

asked = data_choice.from_query(st.query_params)
config = data_source.choose(st.query_params, asked)
if config is None:
    st.info("Nothing is uploaded to anyone: the data stays on the machine that runs this app.")
    st.stop()

data_choice.into_query(st.query_params, config)
data = data_reading.ask(config)
if data is None:
    st.stop()

data_view.overview(data)
if st.button("Pretrain on this", type="primary", icon=":material/play_arrow:"):
    session.go("pretrain", data_choice.to_query(config))
data_view.looks(data, config)
data_view.notes(data)

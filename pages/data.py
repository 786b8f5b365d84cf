"""Data: look at samples, classes, sizes and copies; bring your own, and see how they are read."""

import streamlit as st

from workbench.app import scroll
from workbench.app.data import overview, reading, source
from workbench.app.shared import current_data, data_choice, session

st.title("Data")
st.write("What will the model learn from? Choose a sample set, or bring your own images or texts.")

config = source.choose(current_data.current(st.query_params))
if config is None:
    st.stop()

data_choice.write_query(st.query_params, config)
data = reading.show(config)
if data is None:
    scroll.follow("")
    st.stop()

current_data.choose(config, data)
overview.overview(data, config)
scroll.follow("prepared data", overview.ANCHOR)
current_data.warn_of_few_samples(data)
if st.button("Pretrain on this", type="primary", icon=":material/play_arrow:"):
    session.go("pretrain", data_choice.to_query(config))
overview.views(data, config)
overview.notes(data)

"""Try and export: new images or texts through a run's encoder; and its files to take along."""

import streamlit as st

from workbench.app.use import export, result, run_choice, samples

TRY, TAKE = "Try it", "Take it with you"

st.title("Try and export")
st.write(
    "What does a trained encoder make of something new? Look it up, or take the encoder along."
)

run = run_choice.choose(st.query_params)
if run is None:
    st.stop()
part = st.segmented_control(
    "Part",
    [TRY, TAKE],
    default=TRY,
    required=True,
    key="part",
    bind="query-params",
    label_visibility="collapsed",
)
if part == TAKE:
    export.show(run)
    st.stop()
data = run_choice.data_to_try(run)
if data is None:
    st.stop()
tried = samples.choose(run, data)
if tried is not None:
    result.show(run, data, tried)

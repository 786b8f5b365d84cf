"""Try and export: new images or texts through a run's encoder; its files to take along."""

import streamlit as st

from workbench.components import try_export, try_input, try_result, try_run

TRY, TAKE = "Try it", "Take it with you"

st.title("Try and export")
st.write(
    "What does a trained encoder make of something new? Look it up, or take the encoder along."
)

place = try_run.choose(st.query_params)
if place is None:
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
    try_export.show(place)
    st.stop()
data = try_run.data_of(place)
if data is None:
    st.stop()
tried = try_input.ask(place, data)
if tried is not None:
    try_result.show(place, data, tried)

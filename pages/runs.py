"""Runs: what is queued, what trains, what came out; one run in full, or all of them as cards."""

import streamlit as st

from workbench.components import run_view, runs_list, runs_pilot

st.title("Runs")

if st.query_params.get("equal"):
    st.info("An equal request has finished before, and its run is shown. 'Run again' runs it anew.")

run_id = st.query_params.get("run")
experiment = st.query_params.get("experiment")
together = runs_pilot.rows_of(experiment) if experiment else []
if experiment and together:
    runs_pilot.show(experiment, together, run_id)
if run_id:
    run_view.show(run_id)
else:
    runs_list.show(experiment)

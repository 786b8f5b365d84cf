"""Runs: what is queued, what trains, what came out; one run in full, or all of them as cards."""

import streamlit as st

from workbench.app import scroll
from workbench.app.runs import detail, overview, pilot

st.title("Runs")

if st.query_params.get("equal"):
    st.info("An equal request has finished before, and its run is shown. 'Run again' runs it anew.")

run_id = st.query_params.get("run")
experiment = st.query_params.get("experiment")
together = pilot.rows_of(experiment) if experiment else []
if experiment and together:
    pilot.show(experiment, together, run_id)
if run_id:
    detail.show(run_id)
else:
    overview.show(experiment)
# A run opens at its top. The list stays where it is while its runs go on.
scroll.follow(f"run {run_id}" if run_id else "")

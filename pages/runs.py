"""Runs: the queue and what each run does, live; stop, resume, run again, delete."""

import streamlit as st

from workbench.components import run_view, runs_list, session

st.title("Runs")

if st.query_params.get("equal"):
    st.info("An equal request has finished before, and its run is shown. 'Run again' runs it anew.")

chosen = runs_list.show(st.query_params.get("experiment"))
if len(chosen) > 1 and st.button(
    f"Compare {len(chosen)} runs", type="primary", icon=":material/compare:"
):
    session.go("compare", {"runs": ",".join(chosen)})
if len(chosen) == 1:
    st.query_params["run"] = chosen[0]
    st.query_params.pop("equal", None)

run_id = st.query_params.get("run")
if run_id:
    st.divider()
    run_view.show(run_id)

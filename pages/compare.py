"""Compare: what was and was not shown, gains, what next, maps side by side, checks, scores."""

import streamlit as st

from workbench.components import compare_choice, comparison_view, held_view, maps_view, near

st.title("Compare")

located = compare_choice.chosen(st.query_params)
if not located:
    st.stop()
documents = [place.json() for place in located]

found = comparison_view.compared(located, documents)
comparison_view.sentences(found)
held_view.show(located)
comparison_view.gains(documents, found)
comparison_view.decisions(documents, found)
with_map = [place for place in located if (place.folder / "map_pca.parquet").exists()]
if with_map:
    maps_view.show(with_map[: maps_view.MOST], key="compare")
    if len(with_map) > maps_view.MOST:
        st.caption(f"The maps of the first {maps_view.MOST} runs are shown.")
near.show(located)
comparison_view.checks(located, documents)
comparison_view.scores(documents)
comparison_view.differences(documents)

"""Inspect: one run in depth, from its first check to the mistakes it makes."""

import streamlit as st

from workbench.components import (
    inspect_choice,
    inspect_details,
    inspect_errors,
    inspect_head,
    inspect_invariance,
    inspect_samples,
    inspect_training,
)

VIEWS = {
    "training": ("Over training", inspect_training.show),
    "samples": ("Samples", inspect_samples.show),
    "augmentations": ("Augmentations", inspect_invariance.show),
    "mistakes": ("Mistakes", inspect_errors.show),
    "details": ("Settings and log", inspect_details.show),
}

st.title("Inspect")

place = inspect_choice.chosen()
if place is None:
    st.stop()
inspect_head.show(place)
view = st.segmented_control(
    "Look at",
    list(VIEWS),
    default="training",
    required=True,
    format_func=lambda name: VIEWS[name][0],
    key="view",
    bind="query-params",
)
VIEWS[str(view)][1](place)

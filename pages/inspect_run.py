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

# The names stand in the address as they stand on the screen.
VIEWS = {
    "Training": inspect_training.show,
    "Samples": inspect_samples.show,
    "Augmentations": inspect_invariance.show,
    "Mistakes": inspect_errors.show,
    "Settings": inspect_details.show,
}

st.title("Inspect")

place = inspect_choice.chosen()
if place is None:
    st.stop()
inspect_head.show(place)
look = st.segmented_control(
    "Look at",
    list(VIEWS),
    default="Training",
    required=True,
    key="look",
    bind="query-params",
)
VIEWS[str(look)](place)

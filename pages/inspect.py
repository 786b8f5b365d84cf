"""Inspect: one run in depth, from its first check to the mistakes it makes."""

import streamlit as st

from workbench.app.inspect import details, errors, head, invariance, run_choice, samples, scrubber
from workbench.app.shared.neighbours import sheet, unusual

# The names are in the address as they are on the screen.
VIEWS = {
    "Training": scrubber.show,
    "Samples": samples.show,
    "Augmentations": invariance.show,
    "Mistakes": errors.show,
    "Settings": details.show,
}

st.title("Inspect")

run = run_choice.choose()
if run is None:
    st.stop()
head.show(run)
if run.has_embeddings and sheet.unlabelled([run]):
    st.subheader("What does it find similar?", anchor=False)
    sheet.show([run], brief=True)
    unusual.show(run)
view = st.segmented_control(
    "Look at",
    list(VIEWS),
    default="Training",
    required=True,
    key="look",
    bind="query-params",
)
VIEWS[str(view)](run)

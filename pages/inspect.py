"""Inspect: one run in depth, from its first check to the mistakes it makes."""

import streamlit as st

from workbench.app.inspect import details, errors, head, invariance, run_choice, samples, scrubber
from workbench.app.shared.neighbours import sheet, unusual

# The names are in the address as they are on the screen.
MISTAKES = "Mistakes"
VIEWS = {
    "Training": scrubber.show,
    "Samples": samples.show,
    "Augmentations": invariance.show,
    MISTAKES: errors.show,
    "Settings": details.show,
}

st.title("Inspect")

run = run_choice.choose()
if run is None:
    st.stop()
head.show(run)
unlabelled = sheet.unlabelled([run])
if unlabelled and run.has_embeddings:
    st.subheader("What does it find similar?", anchor=False)
    sheet.show([run], brief=True)
    unusual.show(run)
view = st.segmented_control(
    "Look at",
    [name for name in VIEWS if not (unlabelled and name == MISTAKES)],
    default="Training",
    required=True,
    key="look",
    bind="query-params",
)
VIEWS[str(view)](run)

"""Start: what a pretext task does, seen on stored runs at once; then on your own machine."""

import streamlit as st

from workbench.app.start import class_view, first_steps, quiz

st.title("What does a pretext task teach a model about your data?")
st.write("Train briefly without labels. See what it learned, what it missed, and whether it broke.")
quiz.show()
first_steps.show()
class_view.show()

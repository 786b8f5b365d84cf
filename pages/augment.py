"""Augment: compose how samples are changed, and see what training would see."""

import streamlit as st

from workbench.app.augment import composer, pictures, share, state
from workbench.app.shared import current_data, messages
from workbench.errors import RequestError

st.title("Augment")
st.write(
    "Choose how each sample is changed before the model sees it. What you change here, the model "
    "learns to overlook."
)

top = st.container(horizontal=True, vertical_alignment="bottom")
with top:
    config = share.choose_data()
data = current_data.prepare(config)
if data is None:
    st.stop()
try:
    rows = state.rows(data.info)
except RequestError as error:
    share.show_unusable(error, data.info)
    st.stop()

left, right = st.columns([3, 2], gap="large")
with right:
    share.offer_back(data.info)
    composer.show(rows, data.info)
share.write_address(config, rows, data.info)
try:
    steps = state.steps_of(rows)
except RequestError as error:
    with left:
        messages.show_error(error)
    st.stop()
with top:
    share.pretrain_button(config, steps)
with left:
    preview = pictures.show_views(data.info, steps)
with right:
    share.command(config, steps)
if preview is not None and steps:
    with left:
        pictures.show_cost(data.info, steps)
    pictures.show_each_step(preview, data.info, rows, steps)

"""Augment: compose how samples are changed, and see at once what training would see."""

import streamlit as st

from workbench.components import (
    augment_pictures,
    augment_policy,
    augment_share,
    augment_state,
    data_choice,
    said,
)
from workbench.errors import RequestError

st.title("Augment")
st.write(
    "Compose how samples are changed before the model sees them. Many tasks learn to recognise "
    "two augmented views as one and the same: what you change here, the model learns to overlook."
)

top = st.container(horizontal=True, vertical_alignment="bottom")
with top:
    asked = augment_share.data_asked()
data = data_choice.prepared(asked)
if data is None:
    st.stop()
try:
    rows = augment_state.rows(data.info)
except RequestError as error:
    augment_share.not_understood(error, data.info)
    st.stop()

pictures, composer = st.columns([3, 2], gap="large")
with composer:
    augment_policy.show(rows, data.info)
augment_share.keep(asked, rows)
try:
    steps = augment_state.steps_of(rows)
except RequestError as error:
    with pictures:
        said.tell(error)
    st.stop()
with top:
    augment_share.pretrain(asked, steps)
with pictures:
    drawn = augment_pictures.whole(data.info, steps)
with composer:
    augment_share.command(asked, steps)
if drawn is not None and steps:
    augment_pictures.apart(drawn, data.info, rows, steps)

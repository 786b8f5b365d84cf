"""Augment: compose how samples are changed, and see at once what training would see."""

import streamlit as st

from workbench.app.augment import composer as augment_policy
from workbench.app.augment import pictures as augment_pictures
from workbench.app.augment import share, state
from workbench.app.shared import data_choice, messages
from workbench.errors import RequestError

st.title("Augment")
st.write(
    "Compose how samples are changed before the model sees them. Many tasks learn to recognise "
    "two augmented views as one and the same: what you change here, the model learns to overlook."
)

top = st.container(horizontal=True, vertical_alignment="bottom")
with top:
    asked = share.data_asked()
data = data_choice.prepared(asked)
if data is None:
    st.stop()
try:
    rows = state.rows(data.info)
except RequestError as error:
    share.not_understood(error, data.info)
    st.stop()

pictures, composer = st.columns([3, 2], gap="large")
with composer:
    augment_policy.show(rows, data.info)
share.keep(asked, rows)
try:
    steps = state.steps_of(rows)
except RequestError as error:
    with pictures:
        messages.tell(error)
    st.stop()
with top:
    share.pretrain(asked, steps)
with pictures:
    drawn = augment_pictures.whole(data.info, steps)
with composer:
    share.command(asked, steps)
if drawn is not None and steps:
    augment_pictures.apart(drawn, data.info, rows, steps)

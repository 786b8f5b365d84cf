"""A data set on the screen: its main numbers, and one view of it at a time."""

from __future__ import annotations

import streamlit as st

from workbench.app.data import account, classes, copies, faults, originals, samples, sizes
from workbench.app.shared import messages, run_words
from workbench.config import DataConfig
from workbench.data import estimate, library
from workbench.data.account import Account
from workbench.data.dataset import SPLITS, Dataset

# Where the page scrolls when data have been prepared.
ANCHOR = "prepared"

_VIEWS = {
    "Samples": samples.show,
    "Classes": classes.show,
    "Sizes": sizes.show,
    "Copies and blanks": faults.show,
    "What the encoder gets": originals.show,
}
# Notes with one of these words are shown at once; the others can be opened.
_AT_ONCE = (
    "skipped",
    "left out",
    "dropped",
    "There is no ",
    "no training split",
    "not taken as the label",
)


def overview(data: Dataset, config: DataConfig) -> None:
    """Draw title, main numbers, and what was read."""
    info, gets = data.info, ""
    st.subheader(messages.words(info.title), anchor=ANCHOR)
    what = "images" if info.modality == "image" else "texts"
    label = info.label
    with st.container(horizontal=True, gap="medium"):
        for split in SPLITS:
            name = f"{run_words.SPLIT_NAMES[split]} {what}"
            st.metric(name, f"{info.counts.get(split, 0):,}", width="content")
        st.metric("classes", len(label.classes) if label else "no labels", width="content")
    if info.size is not None:
        colour = {1: "gray", 3: "colour"}.get(info.channels or 0, f"{info.channels} channels")
        gets = f"{info.size[1]} x {info.size[0]} pixels, {colour}"
    elif info.vocabulary is not None:
        gets = (
            f"at most {info.length} tokens of a vocabulary of {info.vocabulary:,}, learned from "
            "the training texts"
        )
    taken = estimate.in_words(library.bytes_of(data.folder))
    before = f"The encoder gets {gets}. " if gets else ""
    st.caption(f"{before}The prepared data take {taken} on disk.")
    shown: tuple[str, ...] = ()
    if info.found is not None:
        account.show(info.found, info.left_out, info.unit)
        shown = Account(info.found, info.left_out, info.unit).notes()
    copies.show(data, config)
    for note in info.notes:
        if note not in shown and any(sign in note for sign in _AT_ONCE):
            st.warning(messages.words(note))


def views(data: Dataset, config: DataConfig) -> None:
    """Draw the chosen view; the choice is in the address."""
    look = st.segmented_control(
        "Look at",
        list(_VIEWS),
        default=next(iter(_VIEWS)),
        required=True,
        key="look",
        bind="query-params",
        label_visibility="collapsed",
    )
    _VIEWS[str(look)](data, config)


def notes(data: Dataset) -> None:
    """Draw what was decided or noticed while the data were prepared."""
    if data.info.notes:
        with st.expander("What was decided and noticed"):
            st.markdown("\n".join(f"- {messages.words(note)}" for note in data.info.notes))

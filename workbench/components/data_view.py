"""A data set on the screen: counts, samples as the encoder gets them, classes, what was decided."""

from __future__ import annotations

import dataclasses

import numpy as np
import numpy.typing as npt
import pandas as pd
import streamlit as st

from workbench.config import DataConfig
from workbench.data.dataset import SPLITS, Dataset, SplitName
from workbench.data.thumbnails import thumbnails

_SHOWN = 24
_TEXTS_SHOWN = 12
_NAMES = {"train": "training", "validation": "validation", "test": "test"}


def reading_form(config: DataConfig) -> DataConfig:
    """How the source is read: columns, folders, size. Returns what was asked for."""
    with st.expander("How it is read"), st.form("reading", border=False):
        left, right = st.columns(2)
        label = left.text_input("Label column", config.label or "", placeholder="guessed")
        group = right.text_input(
            "Group column",
            config.group or "",
            placeholder="none",
            help="Patient, plate or customer: samples of one group stay in one split.",
        )
        text = left.text_input("Text columns", ",".join(config.text or ()), placeholder="guessed")
        image = right.text_input("Image column", config.image or "", placeholder="guessed")
        kinds = ("label", "group", "none")
        folders = left.selectbox(
            "Folder names are", kinds, kinds.index(config.folders), help="In a tree of images."
        )
        size = right.number_input(
            "Image side in pixels",
            value=config.size,
            min_value=8,
            max_value=512,
            placeholder="auto",
            help="Auto: the images' own side if all are equal and at most 64, else 64.",
        )
        samples = left.number_input(
            "At most this many samples", value=config.samples, min_value=10, placeholder="all"
        )
        st.form_submit_button("Read it so")
    return dataclasses.replace(
        config,
        label=label.strip() or None,
        group=group.strip() or None,
        text=tuple(part.strip() for part in text.split(",") if part.strip()) or None,
        image=image.strip() or None,
        folders=folders,
        size=int(size) if size else None,
        samples=int(samples) if samples else None,
    )


def overview(data: Dataset) -> None:
    """Title and the numbers that matter first."""
    info = data.info
    st.subheader(info.title)
    what = "images" if info.modality == "image" else "texts"
    columns = st.columns(4)
    for column, split in zip(columns, SPLITS, strict=False):
        column.metric(f"{_NAMES[split]} {what}", f"{info.counts.get(split, 0):,}")
    label = info.label
    columns[3].metric("classes", len(label.classes) if label else "no labels")
    if info.size is not None:
        colour = "gray" if info.channels == 1 else "colour"
        st.caption(f"The encoder gets {info.size[1]} x {info.size[0]} pixels, {colour}.")
    elif info.vocabulary is not None:
        st.caption(
            f"The encoder gets at most {info.length} tokens of a vocabulary of "
            f"{info.vocabulary:,}, learned from the training texts."
        )


def samples(data: Dataset) -> None:
    """Some samples, drawn by a seed that a button changes."""
    head, button = st.columns([4, 1], vertical_alignment="bottom")
    split: SplitName = head.segmented_control(
        "Split",
        [name for name in SPLITS if data.info.counts.get(name)],
        default="train",
        format_func=_NAMES.__getitem__,
        required=True,
        label_visibility="collapsed",
    )
    if button.button("Show others", width="stretch"):
        st.session_state["data-seed"] = st.session_state.get("data-seed", 0) + 1
    rows = _draw(data, split, st.session_state.get("data-seed", 0))
    names = label_names(data, rows)
    if data.info.modality == "text":
        st.dataframe(
            pd.DataFrame({"text": [data.texts[row] for row in rows], "label": names}),
            hide_index=True,
            width="stretch",
            row_height=60,
        )
        return
    pictures = thumbnails(data, rows, side=96)
    for start in range(0, len(rows), 12):
        for column, picture, name in zip(
            st.columns(12), pictures[start : start + 12], names[start : start + 12], strict=False
        ):
            column.image(picture, caption=name or None, width="stretch")


def classes(data: Dataset) -> None:
    """How often each class occurs, split by split."""
    label = data.info.label
    if label is None:
        st.write(
            "There are no labels. Pretraining never uses them; without them there are maps and "
            "collapse checks, but no scores."
        )
        return
    values = data.target(label.name)
    counts = {
        _NAMES[split]: np.bincount(
            values[data.rows(split)][values[data.rows(split)] >= 0], minlength=len(label.classes)
        )
        for split in SPLITS
        if data.info.counts.get(split)
    }
    with st.expander(f"Classes of '{label.name}'", expanded=len(label.classes) <= 20):
        st.dataframe(pd.DataFrame({"class": label.classes, **counts}), hide_index=True)
    factors = [target for target in data.info.targets if target.role == "factor"]
    if factors:
        named = ", ".join(f"{target.name} ({len(target.classes)})" for target in factors)
        st.caption(f"Further label columns: {named}.")


def notes(data: Dataset) -> None:
    """What was decided or noticed while preparing."""
    if data.info.notes:
        with st.expander("What was decided and noticed"):
            st.markdown("\n".join(f"- {note}" for note in data.info.notes))


def label_names(data: Dataset, rows: npt.NDArray[np.int64]) -> list[str]:
    """The class names of samples, empty where there is none."""
    label = data.info.label
    if label is None:
        return [""] * len(rows)
    values = data.target(label.name)[rows]
    return [label.classes[value] if value >= 0 else "" for value in values]


def _draw(data: Dataset, split: SplitName, seed: int) -> npt.NDArray[np.int64]:
    where = data.rows(split)
    count = where.stop - where.start
    shown = min(count, _SHOWN if data.info.modality == "image" else _TEXTS_SHOWN)
    chosen = np.random.default_rng(seed).choice(count, shown, replace=False)
    rows: npt.NDArray[np.int64] = np.sort(chosen) + where.start
    return rows

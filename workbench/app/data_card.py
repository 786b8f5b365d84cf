"""The current data set in the sidebar: a picture or the first words, name, counts, "Change"."""

from __future__ import annotations

import io
from html import escape
from pathlib import Path

import numpy as np
import streamlit as st
from PIL import Image
from pyarrow.parquet import ParquetFile

from workbench import paths
from workbench.app.plain import plain
from workbench.app.shared import current_data, data_choice, session
from workbench.app.shared.current_data import CurrentData
from workbench.config import DataConfig
from workbench.data.thumbnails import thumbnails
from workbench.plots.sheets import picture
from workbench.requests import catalogue

_SIDE = 44
_LONGEST_TEXT = 40


def show(now: CurrentData, *, on_data: bool) -> None:
    """Draw the card. on_data: Data is the open page, to which "Change" would lead."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.html(_html(session.home(), now), width="stretch")
        if not on_data:
            st.page_link(
                paths.pages_dir() / "data.py",
                label="Change",
                help="Opens Data.",
                query_params=data_choice.to_query(now.config),
            )
    if now.gone:
        st.caption(f"{plain(now.gone)}, chosen last, is not here now. It was removed or moved.")


def _html(home: Path, now: CurrentData) -> str:
    """The card as HTML. The viewer's right to see the data is checked before a cache is read."""
    data = current_data.prepared(now)
    name = current_data.title(now)
    if data is None:
        if now.config.source.startswith("sample:"):
            return _of_sample(now.config)
        return _card("", name, "not prepared yet" if current_data.is_here(now) else "not here")
    return _of_prepared(home, data.info.fingerprint, name, now)


@st.cache_data(max_entries=64, show_spinner=False)
def _of_prepared(home: Path, fingerprint: str, name: str, _now: CurrentData) -> str:
    data = current_data.prepared(_now)
    if data is None:
        return _card("", name, "")
    info = data.info
    classes = len(info.label.classes) if info.label else None
    counts = _counts(info.total, info.modality, classes)
    if info.modality == "image":
        pixels = thumbnails(data, np.arange(1), side=_SIDE)[0]
        return _card(picture(pixels, f"the first image of {name}", _SIDE), name, counts)
    return _card("", name, counts, _first_words(data.texts[0]))


@st.cache_data(max_entries=32, show_spinner=False)
def _of_sample(config: DataConfig) -> str:
    """A sample set that is not prepared yet: from its own files, which are part of the app."""
    name = config.source.removeprefix("sample:")
    card = next((one for one in catalogue.sample_cards() if one["name"] == name), None)
    if card is None:
        return _card("", name, "not here")
    title, counts = card["title"], "not prepared yet"
    if config == DataConfig(config.source):
        counts = _counts(sum(card["splits"].values()), card["modality"], len(card["classes"]))
    file = ParquetFile(paths.sample_data_dir() / name / "train.parquet")
    row = next(file.iter_batches(batch_size=1)).to_pylist()[0]
    if card["modality"] == "text":
        return _card("", title, counts, _first_words(row["text"]))
    with Image.open(io.BytesIO(row["image"]["bytes"])) as image:
        pixels = np.asarray(image.convert("RGB"))
    return _card(picture(pixels, f"the first image of {title}", _SIDE), title, counts)


def _counts(total: int, modality: str, classes: int | None) -> str:
    what = "images" if modality == "image" else "texts"
    return f"{total:,} {what}, {'no labels' if classes is None else f'{classes} classes'}"


def _first_words(text: str) -> str:
    words = " ".join(text.split())
    return f"“{words[:_LONGEST_TEXT]}{'…' if len(words) > _LONGEST_TEXT else ''}”"


def _card(image: str, name: str, counts: str, first: str = "") -> str:
    """picture: HTML. The other texts are escaped."""
    lines = [f"<strong>{escape(name)}</strong>", escape(counts), f"<em>{escape(first)}</em>"]
    below = "".join(f"<div>{line}</div>" for line in lines[: 3 if first else 2])
    return (
        '<div style="display:flex;gap:8px;align-items:center;font-size:0.8rem;line-height:1.25;'
        f'overflow-wrap:anywhere;">{image}<div style="min-width:0;">{below}</div></div>'
    )

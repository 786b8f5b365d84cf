"""Copies across splits in one sentence, and the check box that leaves them out."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import streamlit as st

from workbench.app.shared import data_choice, run_words
from workbench.app.shared.messages import FIELDS
from workbench.config import DataConfig
from workbench.data import quality
from workbench.data.dataset import Dataset


def show(data: Dataset, config: DataConfig) -> None:
    """Draw both if samples of other splits equal a training sample, or if copies were left out."""
    across, within = _copies(data.folder)
    total = sum(across.values()) + sum(within.values())
    if not sum(across.values()) and not config.dedupe:
        return
    if sum(across.values()):
        st.warning(sentence(data, across))
    count = f" ({total:,})" if total else ""
    wanted = st.checkbox(
        f"{FIELDS['dedupe']}{count}",
        config.dedupe,
        help="Samples of other splits that equal a training sample, and repeats within a split. "
        "The data are prepared anew.",
    )
    if wanted != config.dedupe:
        changed = dataclasses.replace(config, dedupe=wanted, fingerprint=None)
        data_choice.write_query(st.query_params, changed)
        st.rerun()


def sentence(data: Dataset, across: dict[str, int]) -> str:
    """How many samples of which split equal a training sample, and what that means."""
    what = "images" if data.info.modality == "image" else "texts"
    parts = " and ".join(
        f"{count:,} of {data.info.counts[split]:,} {run_words.SPLIT_NAMES[split]} {what}"
        for split, count in across.items()
        if count
    )
    return f"{parts} equal a training sample: scores on them say little."


@st.cache_data(max_entries=64, show_spinner=False)
def _copies(folder: Path) -> tuple[dict[str, int], dict[str, int]]:
    """Samples that equal a training sample, by split; samples that repeat within their split."""
    found = quality.duplicates(Dataset.open(folder), most=0)
    return dict(found.across), dict(found.within)

"""The sizes of the originals: sides of images or lengths of texts, and how many are cut."""

from __future__ import annotations

from pathlib import Path
from typing import NotRequired, TypedDict

import numpy as np
import numpy.typing as npt
import streamlit as st

from workbench.app.shared import data_choice, messages, session
from workbench.app.shared.figure import plot, theme
from workbench.config import DataConfig
from workbench.data.dataset import Dataset
from workbench.data.decoding.fit import shares
from workbench.engine.data_replies import SourceSizes
from workbench.errors import WorkbenchError
from workbench.plots.histogram import histogram_figure

_KEEP_SECONDS = 600

Counts = npt.NDArray[np.int64]


class Mark(TypedDict):
    """A line in a histogram, and its title."""

    mark: NotRequired[float]
    mark_title: NotRequired[str]


def show(data: Dataset, config: DataConfig) -> None:
    """Draw the histogram, and how many samples are cut, enlarged or shortened."""
    try:
        measured, sizes = _sizes(
            session.home(),
            data.info.fingerprint,
            data_choice.allowed_folder(config),
            _config=config,
        )
    except WorkbenchError as error:
        messages.show_error(error)
        st.caption("The originals are needed for this; what was prepared of them stays usable.")
        return
    if data.info.modality == "text":
        _texts(data, measured, sizes["tokens"])
    else:
        _images(data, measured, sizes["heights"], sizes["widths"])


@st.cache_data(ttl=_KEEP_SECONDS, max_entries=32, show_spinner="Measuring the originals")
def _sizes(
    home: Path, fingerprint: str, within: Path | None, *, _config: DataConfig
) -> SourceSizes:
    return session.engine().sizes(_config, fingerprint, within)


def _images(data: Dataset, measured: int, heights: Counts, widths: Counts) -> None:
    if not len(heights) or data.info.size is None:
        st.info("None of the originals can be read any more.")
        return
    high, wide = data.info.size
    same = len(np.unique(heights)) == 1 and len(np.unique(widths)) == 1
    if same:
        st.write(f"All originals have {widths[0]:,} x {heights[0]:,} pixels.")
    else:
        st.write(
            f"Widths are {widths.min():,} to {widths.max():,} pixels, heights {heights.min():,} to "
            f"{heights.max():,}."
        )
    st.write(_changes(heights, widths, high, wide, data.info.fit or "crop"))
    if not same:
        mark: Mark = {"mark": max(high, wide), "mark_title": "the encoder's side"}
        _chart({"width": widths, "height": heights}, "pixels", "images", mark)
    st.caption(_basis(len(heights), measured, data.info.total, "images"))


def _changes(heights: Counts, widths: Counts, high: int, wide: int, fit: str) -> str:
    """What scaling to ``high`` by ``wide`` pixels changes in shape, shrinks and enlarges."""
    count = len(heights)
    other = int((heights * wide != widths * high).sum())
    scales = np.stack([heights / high, widths / wide])
    finest, coarsest = scales.min(axis=0), scales.max(axis=0)
    factor = coarsest if fit == "pad" else finest
    lost = finest if fit == "crop" else coarsest
    enlarged, shrunk = factor < 1, factor > 1
    parts = []
    if other:
        kept = float(shares(np.stack([heights, widths], axis=1), (high, wide), fit).mean())
        result = {
            "crop": f"their edges are cut ({100 * (1 - kept):.0f} % of the area on the average)",
            "pad": "a border fills the rest",
            "squash": "their sides are scaled each on its own",
        }[fit]
        parts.append(
            f"{other:,} of {count:,} have another shape than the encoder's {wide} x {high}: "
            f"{result}."
        )
    if shrunk.any():
        parts.append(
            f"{int(shrunk.sum()):,} are scaled down; what is smaller than "
            f"{float(np.median(lost[shrunk])):.1f} pixels is lost."
        )
    if enlarged.any():
        parts.append(f"{int(enlarged.sum()):,} are smaller than {wide} x {high} and are enlarged.")
    return " ".join(parts) or "They reach the encoder as they are."


def _texts(data: Dataset, measured: int, counts: Counts) -> None:
    limit = data.info.length or 0
    cut = int((counts > limit).sum())
    st.write(
        f"Half of the texts have {np.median(counts):,.0f} tokens or more, the longest "
        f"{counts.max():,}. "
        + (
            f"{cut:,} of {len(counts):,} ({100 * cut / len(counts):.0f} %) are longer than {limit} "
            "and are cut there; 'Longest text in tokens' above changes it."
            if cut
            else "None is cut."
        )
    )
    mark: Mark = {"mark": float(limit), "mark_title": f"cut after {limit}"} if cut else {}
    _chart({"tokens": counts}, "tokens", "texts", mark)
    st.caption(_basis(len(counts), measured, data.info.total, "texts"))


def _chart(values: dict[str, Counts], title: str, counted: str, mark: Mark) -> None:
    plot(
        histogram_figure(values, title=title, counted=counted, theme=theme(), **mark),
        key="sizes",
        alt=f"How many {counted} have how many {title}",
    )


def _basis(readable: int, measured: int, total: int, what: str) -> str:
    """Which samples the numbers are of."""
    text = f"Of {measured:,} {what} spread over all {total:,}."
    if measured >= total:
        text = f"Of all {measured:,} {what}."
    return text if readable == measured else f"{text} {measured - readable:,} cannot be read."

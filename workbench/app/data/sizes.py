"""How large the originals are: sides of images, lengths of texts, and how many are cut."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import streamlit as st

from workbench.app.runs.detail import theme
from workbench.app.shared import data_choice, messages, session
from workbench.app.shared.figure import plot
from workbench.config import DataConfig
from workbench.data.dataset import Dataset
from workbench.errors import WorkbenchError
from workbench.plots.histogram import histogram_figure

_KEEP_SECONDS = 600


def show(data: Dataset, config: DataConfig) -> None:
    """Draw the histogram and say what is cut, enlarged or shortened."""
    try:
        looked_at, found = _sizes(
            session.home(), data.info.fingerprint, data_choice.allowed(config), _config=config
        )
    except WorkbenchError as error:
        messages.tell(error)
        st.caption("The originals are needed for this; what was prepared of them stays usable.")
        return
    if data.info.modality == "text":
        _texts(data, looked_at, found["tokens"])
    else:
        _images(data, looked_at, found["heights"], found["widths"])


@st.cache_data(ttl=_KEEP_SECONDS, max_entries=32, show_spinner="Measuring the originals")
def _sizes(
    home: Path, fingerprint: str, within: Path | None, *, _config: DataConfig
) -> tuple[int, dict[str, npt.NDArray[Any]]]:
    return session.engine().sizes(_config, fingerprint, within)


def _images(
    data: Dataset, looked_at: int, heights: npt.NDArray[Any], widths: npt.NDArray[Any]
) -> None:
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
    st.write(_lost(heights, widths, high, wide))
    if not same:
        _chart(
            {"width": widths, "height": heights}, "pixels", "images", mark=max(high, wide),
            mark_title="the encoder's side",
        )  # fmt: skip
    st.caption(_looked(len(heights), looked_at, data.info.total, "images"))


def _lost(heights: npt.NDArray[Any], widths: npt.NDArray[Any], high: int, wide: int) -> str:
    """What the way to ``high`` by ``wide`` pixels costs."""
    count = len(heights)
    cut = int((heights * wide != widths * high).sum())
    enlarged = int(((heights < high) | (widths < wide)).sum())
    shrunk = int(((heights > high) & (widths > wide)).sum())
    told = []
    if cut:
        scale = np.minimum(heights / high, widths / wide)
        kept = float((scale**2 * high * wide / (heights * widths)).mean())
        told.append(
            f"{cut:,} of {count:,} have another shape than the encoder's picture: their edges are "
            f"cut ({100 * (1 - kept):.0f} % of the area on the average)."
        )
    if shrunk:
        told.append(
            f"{shrunk:,} are scaled down; what is smaller than "
            f"{float(np.median(np.minimum(heights / high, widths / wide))):.1f} pixels is lost."
        )
    if enlarged:
        told.append(f"{enlarged:,} are smaller than {wide} x {high} and are enlarged.")
    return " ".join(told) or "They reach the encoder as they are."


def _texts(data: Dataset, looked_at: int, counts: npt.NDArray[Any]) -> None:
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
    mark = {"mark": float(limit), "mark_title": f"cut after {limit}"} if cut else {}
    _chart({"tokens": counts}, "tokens", "texts", **mark)
    st.caption(_looked(len(counts), looked_at, data.info.total, "texts"))


def _chart(values: dict[str, npt.NDArray[Any]], title: str, counted: str, **more: Any) -> None:
    plot(
        histogram_figure(values, title=title, counted=counted, theme=theme(), **more),
        key="sizes",
        alt=f"How many {counted} have how many {title}",
    )


def _looked(read: int, looked_at: int, total: int, what: str) -> str:
    told = f"Of {looked_at:,} {what} spread over all {total:,}."
    if looked_at >= total:
        told = f"Of all {looked_at:,} {what}."
    return told if read == looked_at else f"{told} {looked_at - read:,} cannot be read."

"""The position of a new sample on a run's PCA map."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import streamlit as st

from workbench.app.plain import plain
from workbench.app.shared import run_words
from workbench.app.shared.figure import plot, theme
from workbench.data.dataset import Dataset
from workbench.errors import RequestError
from workbench.evaluation import new_samples
from workbench.plots import MapPanel, embedding_figure, style
from workbench.stored_runs import reference_samples
from workbench.stored_runs.map_files import read_map
from workbench.stored_runs.stored_run import StoredRun


def show(run: StoredRun, data: Dataset, name: str, h: npt.NDArray[np.float32]) -> None:
    """Draw the map of training and validation samples, with the new one as a star."""
    try:
        stored = read_map(run, "pca")
        mapped = reference_samples.features_at(run, stored.rows)
    except RequestError as error:
        st.caption(plain(f"{error.message[:1].upper()}{error.message[1:]}"))
        return
    x, y = new_samples.map_position(mapped, stored.xy, h)[0].tolist()
    label = data.info.label
    page_theme = theme()
    figure = embedding_figure(
        [
            MapPanel(
                "PCA", stored.xy, stored.rows, run_words.verdict(run.row.summary.get("verdict"))
            )
        ],
        None if label is None else data.target(label.name),
        () if label is None else label.classes,
        theme=page_theme,
        height=420,
    )
    figure.add_scatter(
        x=[x], y=[y], mode="markers", name="the new one",
        hovertemplate=f"{style.plain(name)}<extra></extra>",
        marker={
            "symbol": "star", "size": 20, "color": "#d62728",
            "line": {"width": 2, "color": "white" if page_theme == "light" else "black"},
        },
    )  # fmt: skip
    plot(
        figure,
        key="try-map",
        alt="PCA map of training and validation samples with the new one as a star",
    )
    st.caption(
        "The two strongest directions only: near on this map need not be near in the "
        "representation. The neighbours above are."
    )

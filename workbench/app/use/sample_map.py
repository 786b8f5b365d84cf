"""Where a new sample would lie on a run's PCA map."""

from __future__ import annotations

import numpy as np
import streamlit as st

from workbench.app.runs.detail import theme
from workbench.app.shared import run_words
from workbench.app.shared.figure import plot
from workbench.app.shared.session import Located
from workbench.data.dataset import Dataset
from workbench.errors import RequestError
from workbench.evaluation import new_samples
from workbench.maps.map_files import read_map
from workbench.plots import MapPanel, embedding_figure
from workbench.stored_runs import reference_samples


def show(place: Located, data: Dataset, name: str, h: np.ndarray) -> None:
    """The map of training and validation samples with the new one as a star."""
    try:
        found = read_map(place.home, place.row.id, "pca")
        mapped = reference_samples.features_at(place.home, place.row, found.rows)
    except RequestError as error:
        st.caption(f"{error.message[:1].upper()}{error.message[1:]}")
        return
    x, y = new_samples.map_position(mapped, found.xy, h)[0].tolist()
    label = data.info.label
    shade = theme()
    figure = embedding_figure(
        [MapPanel("PCA", found.xy, found.rows, run_words.verdict(place.row.summary))],
        None if label is None else data.target(label.name),
        () if label is None else label.classes,
        theme=shade,
        height=420,
    )
    figure.add_scatter(
        x=[x], y=[y], mode="markers", name="the new one", hovertemplate=f"{name}<extra></extra>",
        marker={
            "symbol": "star", "size": 20, "color": "#d62728",
            "line": {"width": 2, "color": "white" if shade == "light" else "black"},
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

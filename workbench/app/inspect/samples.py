"""The samples of a run on its map, and one of them with its neighbours and its augmented views."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import streamlit as st

from workbench.app.inspect import neighbours, sample_views
from workbench.app.plain import plain
from workbench.app.shared import map_colours, maps, run_words
from workbench.app.shared.linked_map import MapPanel, Satellites, linked_map, sheet_of
from workbench.app.shared.sample_cells import names_at, texts_at
from workbench.engine.replies import SampleViews
from workbench.maps.satellites import on_map
from workbench.maps.trust import sentence
from workbench.plots.linked import decode
from workbench.stored_runs import feature_spaces
from workbench.stored_runs.map_files import StoredMap, read_map
from workbench.stored_runs.stored_run import StoredRun

Floats = npt.NDArray[np.float32]
_KINDS = ("PCA", "UMAP")


def show(run: StoredRun) -> None:
    """Draw the map, and below it the sample that was clicked."""
    if not run.files.map("pca").exists():
        st.caption(f"The map is drawn when a run is scored. This one is {run.row.state}.")
        return
    stored = read_map(run, _kind(run))
    key = f"inspect-map-{run.id}-{stored.kind}"
    top, below = st.container(), st.container()
    # Runs first, although it is last on the screen: the map shows where the views lie.
    with below:
        row = neighbours.show(run, _clicked(key, stored), f"map-{stored.kind}")
        views = None if row is None else sample_views.show(run, row)
    satellites = _satellites(run, stored, row, views)
    with top:
        linked_map(
            [_panel(run, stored)],
            map_colours.colourings_of([run], stored.rows, map_colours.splits_of(run)),
            maps.thumbnail_sheet(run),
            rows=stored.rows,
            texts=texts_at(run.samples, stored.rows),
            names=names_at(run.samples, stored.rows),
            colour=st.query_params.get("colour"),
            highlight=None if row is None else [row],
            satellites=satellites,
            key=key,
        )
        _captions(stored, with_views=satellites is not None)


def _kind(run: StoredRun) -> str:
    if not run.files.map("umap").exists():
        return "pca"
    kind = st.segmented_control(
        "Map",
        _KINDS,
        default=_KINDS[0],
        required=True,
        key="kind",
        bind="query-params",
        help="PCA keeps large distances, and new points can be placed on it; UMAP keeps who is "
        "near whom and exaggerates clusters.",
    )
    return str(kind).lower()


def _clicked(key: str, stored: StoredMap) -> int | None:
    """The sample that was clicked on the map, which is drawn later in the script."""
    state = st.session_state.get(key)
    return decode(state, stored.rows).focus if isinstance(state, Mapping) else None


def _panel(run: StoredRun, stored: StoredMap) -> MapPanel:
    caption = "" if stored.trust is None else sentence(stored.trust)
    subtitle = run_words.verdict(run.row.summary.get("verdict"))
    return MapPanel(run_words.title(run.row), stored.xy, stored.rows, subtitle, caption)


def _satellites(
    run: StoredRun, stored: StoredMap, row: int | None, views: SampleViews | None
) -> Satellites | None:
    """The augmented views of a sample on the map; None on a map on which new samples have no
    place."""
    if stored.kind != "pca" or row is None or views is None or row not in stored.rows:
        return None
    xy = _positions(run.id, run.embeddings.stamp, views.h[1:], _run=run, _stored=stored)
    if isinstance(views.shown, list):
        texts, pictures = views.shown[1:], None
    else:
        texts, pictures = [""] * len(xy), sheet_of(views.shown[1:])
    names = [
        f"view {number}: {text}" if text else f"view {number}"
        for number, text in enumerate(texts, start=1)
    ]
    return Satellites(0, row, xy, names, pictures)


@st.cache_data(max_entries=32, show_spinner=False)
def _positions(
    run_id: str, stamp: float, h: Floats, *, _run: StoredRun, _stored: StoredMap
) -> Floats:
    """float32 (k, 2): positions of representations (k, d) on the run's PCA map."""
    rows, mapped, _ = feature_spaces.embedded(_run)
    return on_map(mapped[rows.searchsorted(_stored.rows)], _stored.xy, h)


def _captions(stored: StoredMap, *, with_views: bool) -> None:
    if with_views:
        st.caption(
            "Around the chosen sample lie its augmented views, placed by the same two directions "
            "as all points."
        )
    st.caption(
        f"{stored.kind.upper()} of {len(stored.rows):,} training and validation samples. A map "
        "cannot show collapse; the check above does."
    )
    for note in stored.notes:
        st.caption(plain(note))

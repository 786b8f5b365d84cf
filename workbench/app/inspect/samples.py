"""The samples of a run on its map, and one of them with its neighbours and its augmented views."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import streamlit as st

from workbench.app.inspect import display, neighbours, sample_views
from workbench.app.inspect.sample_views import Views
from workbench.app.shared import map_colours, maps, run_words
from workbench.app.shared.linked_map import MapPanel, Satellites, linked_map, sheet_of
from workbench.app.shared.session import Located
from workbench.maps.map_files import StoredMap, read_map
from workbench.maps.satellites import on_map
from workbench.maps.trust import sentence
from workbench.plots.linked import decode
from workbench.stored_runs import feature_spaces

Floats = npt.NDArray[np.float32]
_KINDS = ("PCA", "UMAP")


def show(place: Located) -> None:
    """The map, and below it what is known of the sample that was clicked."""
    if not (place.folder / "map_pca.parquet").exists():
        st.caption(f"The map is drawn when a run is scored. This one is {place.row.state}.")
        return
    found = read_map(place.home, place.row.id, _kind(place))
    data = feature_spaces.dataset((place.home, place.row))
    key = f"inspect-map-{place.row.id}-{found.kind}"
    map_, below = st.container(), st.container()
    # First in the script though last on the screen: the map shows where the views lie.
    with below:
        row = neighbours.show(place, _clicked(key, found), f"map-{found.kind}")
        views = None if row is None else sample_views.show(place, row)
    around = _around(place, found, row, views)
    with map_:
        linked_map(
            [_panel(place, found)],
            map_colours.of([place], found.rows, map_colours.splits_of(place.folder)),
            maps.thumbnail_sheet(place),
            rows=found.rows,
            texts=display.texts(data, found.rows),
            colour=st.query_params.get("colour"),
            highlight=None if row is None else [row],
            satellites=around,
            key=key,
        )
        _said(found, around is not None)


def _kind(place: Located) -> str:
    if not (place.folder / "map_umap.parquet").exists():
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


def _clicked(key: str, found: StoredMap) -> int | None:
    """The sample that was clicked on the map, which is drawn only later in the script."""
    state: Any = st.session_state.get(key)
    return decode(state, found.rows).focus if isinstance(state, Mapping) else None


def _panel(place: Located, found: StoredMap) -> MapPanel:
    caption = "" if found.trust is None else sentence(found.trust)
    subtitle = run_words.verdict(place.row.summary)
    return MapPanel(run_words.title(place.row), found.xy, found.rows, subtitle, caption)


def _around(
    place: Located, found: StoredMap, row: int | None, views: Views | None
) -> Satellites | None:
    """The augmented views of a sample of the map, where it is a map that new points have a place
    on."""
    if found.kind != "pca" or row is None or views is None or row not in found.rows:
        return None
    stamp = (place.folder / "embeddings.safetensors").stat().st_mtime_ns
    xy = _placed(place.row.id, stamp, views.h[1:], _place=place, _found=found)
    pictures = None if views.texts is not None else sheet_of(views.pictures[1:])
    names = [
        f"view {i}: {text}" if text else f"view {i}"
        for i, text in enumerate(views.texts[1:] if views.texts else [""] * len(xy), start=1)
    ]
    return Satellites(0, row, xy, names, pictures)


@st.cache_data(max_entries=32, show_spinner=False)
def _placed(run_id: str, stamp: int, h: Floats, *, _place: Located, _found: StoredMap) -> Floats:
    """float32 (k, 2): where representations (k, d) lie on the run's PCA map."""
    rows, mapped, _ = feature_spaces.embedded((_place.home, _place.row))
    return on_map(mapped[rows.searchsorted(_found.rows)], _found.xy, h)


def _said(found: StoredMap, around: bool) -> None:
    if around:
        st.caption(
            "Around the chosen sample lie its augmented views, placed by the same two directions "
            "as all points."
        )
    st.caption(
        f"{found.kind.upper()} of {len(found.rows):,} training and validation samples. A map "
        "cannot show collapse; the check above does."
    )
    for note in found.notes:
        st.caption(note)

"""Embedding maps of runs, side by side and linked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import streamlit as st

from workbench.app.shared import map_colours, map_noise, map_selection, run_words, session
from workbench.app.shared.linked_map import MapPanel, Sheet, linked_map, sheet_of
from workbench.app.shared.messages import tell
from workbench.app.shared.session import Located
from workbench.errors import WorkbenchError
from workbench.maps.map_files import (
    StoredMap,
    aligned,
    read_map,
    read_samples,
    read_thumbnails,
    thumbnails_path,
)
from workbench.store import named_groups
from workbench.stored_runs import feature_spaces

MOST = 4
_WAITING = ("queued", "running")
_PENDING_TICK = "3s"
_KEPT = "group-kept"

Rows = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Shown:
    """Linked maps that were drawn. key: of the map; located: its runs; rows: its samples, in their
    order; selected: ids of the samples that are selected; labels: class of each sample, None
    without; classes: names; texts: of each sample, None for pictures."""

    key: str
    located: Sequence[Located]
    rows: Rows
    selected: Rows
    labels: Rows | None = None
    classes: Sequence[str] = ()
    texts: Sequence[str] | None = None


def show(located: Sequence[Located], *, key: str, kind: str | None = None) -> list[Shown]:
    """Draw the maps of up to four runs that have one; what was drawn, one entry a data set.

    Runs of one data set are turned onto the first one and linked; others stand apart. kind: as
    ``kind_control`` gives it, which is drawn above the maps without it.
    """
    kind = kind or kind_control(located)
    if _KEPT in st.session_state:
        st.toast(st.session_state.pop(_KEPT), icon=":material/check:")
    groups: dict[str, list[Located]] = {}
    for place in located[:MOST]:
        groups.setdefault(feature_spaces.fingerprint(place.row), []).append(place)
    shown = []
    for number, places in enumerate(groups.values()):
        if len(groups) > 1:
            st.markdown(f"**{run_words.data_name(places[0].row.config)}**")
        shown.append(_linked(places, kind, f"{key}-{number}"))
    if len(groups) > 1:
        st.caption("Runs on different data are not linked: their samples are not the same.")
    return shown


def thumbnail_sheet(place: Located) -> Sheet | None:
    """All thumbnails of a run's map in one picture, None for texts."""
    path = thumbnails_path(place.home, place.row.id)
    return None if path is None else _sheet(place.home, place.row.id, path.stat().st_mtime)


def _linked(located: Sequence[Located], kind: str, key: str) -> Shown:
    maps = aligned([read_map(place.home, place.row.id, kind) for place in located])
    rows = maps[0].rows
    samples = read_samples(located[0].home, located[0].row.config)
    texts = [samples.texts[row] for row in rows] if samples.texts else None
    colourings = map_colours.of(located, rows, map_colours.splits_of(located[0].folder))
    chosen = linked_map(
        [_panel(place, found) for place, found in zip(located, maps, strict=True)],
        colourings,
        next((sheet for place in located if (sheet := thumbnail_sheet(place))), None),
        rows=rows,
        texts=texts,
        colour=st.query_params.get("colour"),
        selected=map_selection.ids(key),
        nameable=not located[0].demo,
        key=key,
        on_change=lambda: map_selection.forget(key),
    )
    _remember_colour(chosen.colour, colourings[0].name)
    selected = map_selection.effective(key, chosen.rows)
    if chosen.named:
        _name(located[0], chosen.named, selected)
    _said(located, maps)
    labels = None if samples.labels is None else samples.labels[rows]
    return Shown(key, located, rows, selected, labels, samples.classes, texts)


def _remember_colour(colour: str | None, first: str) -> None:
    """The colouring in use stands in the address, the first one by being absent."""
    if colour is None or colour == first:
        st.query_params.pop("colour", None)
    else:
        st.query_params["colour"] = colour


def _name(place: Located, name: str, rows: Rows) -> None:
    """Keep the selection under the name that was just given to it."""
    try:
        named_groups.keep(
            session.store(),
            feature_spaces.fingerprint(place.row),
            name,
            rows.tolist(),
            viewer=session.viewer(),
        )
    except WorkbenchError as error:
        tell(error)
    else:
        st.session_state[_KEPT] = (
            f"'{name}' is kept: {len(rows):,} samples. Colour the maps by 'named groups'."
        )
        # The maps have this group as a colour only when they are drawn anew.
        st.rerun()


def _panel(place: Located, found: StoredMap) -> MapPanel:
    subtitle = run_words.verdict(place.row.summary) or place.row.state
    said = [f"trust {found.trust:.2f}"] if found.trust is not None else []
    if found.residual is not None:
        said.append(f"{found.residual:.0%} unlike the first map")
    return MapPanel(run_words.title(place.row), found.xy, found.rows, subtitle, ", ".join(said))


def _said(located: Sequence[Located], maps: Sequence[StoredMap]) -> None:
    """What the maps are of, and how far to trust them."""
    first = maps[0]
    parts = [f"{first.kind.upper()} of {len(first.rows):,} training and validation samples."]
    if any(found.trust is not None for found in maps):
        parts.append(
            "Trust (trustworthiness) is 1 if neighbours on the map are neighbours to the model."
        )
    if len(maps) > 1:
        parts.append("Each map is turned and scaled onto the first.")
    parts.append("A map cannot show collapse: read the check below.")
    st.caption(" ".join(parts))
    map_noise.show(located, maps)
    for note in dict.fromkeys(note for found in maps for note in found.notes):
        st.caption(note)


@st.cache_data(max_entries=32, show_spinner=False)
def _sheet(home: Path, run_id: str, stamp: float) -> Sheet | None:
    pictures = read_thumbnails(home, run_id)
    return sheet_of(np.asarray(pictures)) if pictures is not None and len(pictures) else None


def kind_control(located: Sequence[Located]) -> str:
    """``umap`` or ``pca``, chosen here; ``pca`` while a UMAP is still being made."""
    ready = all((place.folder / "map_umap.parquet").exists() for place in located)
    if ready:
        kind = st.segmented_control(
            "Map",
            ["umap", "pca"],
            default="umap",
            required=True,
            format_func=str.upper,
            key="map",
            bind="query-params",
            help="PCA keeps large distances and shows how flat the data lie; UMAP keeps who is "
            "near whom and exaggerates clusters.",
        )
        return str(kind)
    if any(place.row.map_state in _WAITING for place in located):
        _wait_for_umap([place.folder for place in located])
    return "pca"


@st.fragment(run_every=_PENDING_TICK)
def _wait_for_umap(folders: Sequence[Path]) -> None:
    if all((folder / "map_umap.parquet").exists() for folder in folders):
        st.rerun()
    st.caption("These maps are PCA. The UMAP maps are being made and appear here by themselves.")

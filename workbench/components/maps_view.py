"""Embedding maps of runs, side by side and linked, with what was selected below them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import streamlit as st

from workbench import paths
from workbench.components import words
from workbench.components.linked_map import (
    Colouring,
    MapPanel,
    Selection,
    Sheet,
    linked_map,
    sheet_of,
)
from workbench.components.session import Located
from workbench.data.dataset import DataInfo, Dataset
from workbench.maps.stored import StoredMap, aligned, read_map, read_samples, read_thumbnails

MOST = 4
_SHOWN = 24
_WAITING = ("queued", "running")
_PENDING_TICK = "3s"


def show(located: Sequence[Located], *, key: str) -> None:
    """The maps of up to four runs and the samples selected in them.

    Runs of one data set are turned onto the first one and linked; others stand apart.
    """
    kind = _kind(located)
    groups: dict[str, list[Located]] = {}
    for place in located:
        groups.setdefault(str(place.row.config["data"].get("fingerprint")), []).append(place)
    for number, places in enumerate(groups.values()):
        if len(groups) > 1:
            st.markdown(f"**{words.data_name(places[0].row.config)}**")
        _linked(places, kind, f"{key}-{number}")
    if len(groups) > 1:
        st.caption("Runs on different data are not linked: their samples are not the same.")


def _linked(located: Sequence[Located], kind: str, key: str) -> None:
    target = _target(located[0], f"{key}-colour")
    maps = aligned([read_map(place.home, place.row.id, kind) for place in located])
    rows = maps[0].rows
    samples = read_samples(located[0].home, located[0].row.config, target)
    labels = samples.labels[rows] if samples.labels is not None else None
    texts = [samples.texts[row] for row in rows] if samples.texts else None
    chosen = linked_map(
        [_panel(place, found) for place, found in zip(located, maps, strict=True)],
        [] if labels is None else [Colouring(target or "label", labels, samples.classes)],
        next((sheet for place in located if (sheet := thumbnail_sheet(place))), None),
        rows=rows,
        texts=texts,
        key=f"{key}-{kind}-{target}",
    )
    _trust(maps)
    _selected(located, chosen, rows, labels, samples.classes, texts)


@st.cache_data(max_entries=32, show_spinner=False)
def _sheet(home: Path, run_id: str, stamp: float) -> Sheet | None:
    pictures = read_thumbnails(home, run_id)
    return sheet_of(np.asarray(pictures)) if pictures is not None and len(pictures) else None


def thumbnail_sheet(place: Located) -> Sheet | None:
    """All thumbnails of a run's map in one picture, None for texts."""
    path = place.folder / "thumbnails.npy"
    return _sheet(place.home, place.row.id, path.stat().st_mtime) if path.exists() else None


def _kind(located: Sequence[Located]) -> str:
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


def _target(place: Located, key: str) -> str | None:
    info = data_info(place)
    if info is None or len(info.targets) < 2:
        return None
    names = [target.name for target in info.targets]
    return str(
        st.segmented_control(
            "Colour by", names, default=names[0], required=True, key=key, bind="query-params"
        )
    )


def data_info(place: Located) -> DataInfo | None:
    """What is known of a run's data, None if its cache is gone."""
    folder = paths.cache_dir(place.home) / str(place.row.config["data"].get("fingerprint"))
    return Dataset.open(folder).info if (folder / "info.json").exists() else None


def _panel(place: Located, found: StoredMap) -> MapPanel:
    subtitle = words.verdict(place.row.summary) or place.row.state
    return MapPanel(words.title(place.row), found.xy, found.rows, subtitle)


def _trust(maps: Sequence[StoredMap]) -> None:
    told = [f"{found.trust:.2f}" for found in maps if found.trust is not None]
    kind = maps[0].kind.upper()
    if told:
        st.caption(
            f"{kind} of training and validation samples, {len(maps[0].rows):,} each. "
            f"Trustworthiness {', '.join(told)} (1: neighbours on the map are neighbours in the "
            "representation). A map cannot show collapse; the check below does."
        )
    for note in dict.fromkeys(note for found in maps for note in found.notes):
        st.caption(note)


def _selected(
    located: Sequence[Located],
    chosen: Selection,
    rows: npt.NDArray[np.int64],
    labels: npt.NDArray[Any] | None,
    classes: Sequence[str],
    texts: Sequence[str] | None,
) -> None:
    if not len(chosen.rows):
        st.caption("Draw a lasso around points to see them here; hover to see one everywhere.")
        return
    index = np.flatnonzero(np.isin(rows, chosen.rows))
    st.markdown(f"**{len(index)} samples selected**")
    names = [""] * len(index)
    if labels is not None:
        names = [classes[label] if label >= 0 else "" for label in labels[index]]
        counts = pd.Series(names).value_counts()
        st.caption(", ".join(f"{name or 'no label'} {count}" for name, count in counts.items()))
    if texts is not None:
        frame = pd.DataFrame({"text": [texts[int(i)] for i in index], "label": names})
        st.dataframe(frame, hide_index=True, width="stretch", height=280)
        return
    found = (read_thumbnails(place.home, place.row.id) for place in located)
    pictures = next((kept for kept in found if kept is not None), None)
    if pictures is None:
        return
    with st.container(horizontal=True, gap="small"):
        for i, name in list(zip(index, names, strict=True))[:_SHOWN]:
            st.image(np.asarray(pictures[i]), caption=name or None, width=72)

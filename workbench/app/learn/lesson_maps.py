"""The linked maps of a lesson: runs side by side, or one run projected twice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from workbench import paths
from workbench.app.shared import maps as maps_view
from workbench.app.shared import run_words
from workbench.app.shared.linked_map import Colouring, MapPanel, linked_map
from workbench.app.shared.session import Located
from workbench.data.dataset import Dataset
from workbench.lessons import evidence
from workbench.lessons.base import Run
from workbench.maps.map_files import StoredMap, aligned, read_map
from workbench.stored_runs import feature_spaces

Places = Mapping[str, Located]
Docs = Mapping[str, Run]


def show(located: Places, docs: Docs, *, key: str, options: bool) -> None:
    """The runs' maps, each turned onto the first one. options: UMAP or PCA can be chosen."""
    kind = maps_view.kind_control(list(located.values())) if options else "umap"
    maps = aligned([read_map(place.home, place.row.id, kind) for place in located.values()])
    panels = [
        _panel(docs[name], found, docs[name]["name"])
        for name, found in zip(located, maps, strict=True)
    ]
    _draw(next(iter(located.values())), panels, f"{key}-{kind}")


def twice(located: Places, docs: Docs, *, key: str) -> None:
    """The first run's UMAP with two seeds of the map, then the other runs'."""
    names = list(located)
    first = located[names[0]]
    drawn = [read_map(first.home, first.row.id, "umap")]
    drawn.append(evidence.read_again(first.home, first.row.id))
    drawn += [read_map(located[n].home, located[n].row.id, "umap") for n in names[1:]]
    doc = docs[names[0]]
    titles = [f"{doc['name']}, first map", f"{doc['name']}, second map"]
    titles += [docs[name]["name"] for name in names[1:]]
    of = [doc, doc, *(docs[name] for name in names[1:])]
    panels = [
        _panel(run, found, title)
        for run, found, title in zip(of, aligned(drawn), titles, strict=True)
    ]
    _draw(first, panels, key)


def _panel(run: Run, found: StoredMap, title: str) -> MapPanel:
    said = [] if found.trust is None else [f"trustworthiness {found.trust:.2f}"]
    if found.residual is not None:
        said.append(f"{found.residual:.0%} unlike the first map")
    return MapPanel(title, found.xy, found.rows, run_words.verdict(run), ", ".join(said))


def _draw(place: Located, panels: Sequence[MapPanel], key: str) -> None:
    rows = panels[0].rows
    data = Dataset.open(paths.cache_dir(place.home) / feature_spaces.fingerprint(place.row))
    text = data.info.modality == "text"
    linked_map(
        panels,
        [
            Colouring(target.name, data.target(target.name)[rows], target.classes)
            for target in sorted(data.info.targets, key=lambda target: target.role != "label")
        ],
        None if text else maps_view.thumbnail_sheet(place),
        rows=rows,
        texts=[data.texts[row] for row in rows] if text else None,
        key=key,
    )
    st.caption(
        f"{len(rows):,} training and validation samples. Colours are the true labels, which no "
        "model was told, unless it was trained with them. Hover a sample to find it on every map."
    )

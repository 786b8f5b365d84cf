"""The linked maps of a lesson: runs side by side, or one run projected twice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import streamlit as st

from workbench.app.shared import map_noise, run_words
from workbench.app.shared import maps as shared_maps
from workbench.app.shared.linked_map import Colouring, MapPanel, linked_map
from workbench.app.shared.sample_cells import texts_at
from workbench.data.dataset import Dataset
from workbench.lessons.base import LessonRun, LessonRuns
from workbench.stored_runs.map_files import StoredMap, align_maps, read_map, read_noise_map
from workbench.stored_runs.stored_run import StoredRun

Runs = Mapping[str, StoredRun]
# A run, one of its maps, and the map's title.
TitledMap = tuple[LessonRun, StoredMap, str]


def show(runs: Runs, records: LessonRuns, *, key: str, options: bool, colour: str = "") -> None:
    """Draw the runs' maps, turned onto the first one. options: UMAP or PCA can be chosen. colour:
    the label column that colours them at first."""
    kind = shared_maps.kind_control(list(runs.values())) if options else "umap"
    maps = [
        (records[name], read_map(run, kind), records[name]["name"]) for name, run in runs.items()
    ]
    _draw(next(iter(runs.values())), maps, f"{key}-{kind}", colour)


def show_twice(runs: Runs, records: LessonRuns, *, key: str) -> None:
    """Draw the first run's UMAP with two seeds of the map, then the other runs'."""
    (name, first), *others = runs.items()
    record, again = records[name], read_noise_map(first)
    maps: list[TitledMap] = [(record, read_map(first, "umap"), f"{record['name']}, first map")]
    if again is not None:
        maps.append((record, again, f"{record['name']}, second map"))
    maps += [
        (records[other], read_map(run, "umap"), records[other]["name"]) for other, run in others
    ]
    _draw(first, maps, key)


def _draw(run: StoredRun, maps: Sequence[TitledMap], key: str, colour: str = "") -> None:
    """Draw linked maps of the data that ``run`` saw, turned onto the first."""
    aligned = align_maps([stored for _, stored, _ in maps])
    panels = [
        _panel(record, stored, title)
        for (record, _, title), stored in zip(maps, aligned, strict=True)
    ]
    rows = panels[0].rows
    linked_map(
        panels,
        [] if run.data is None else _colourings(run.data, rows),
        shared_maps.thumbnail_sheet(run),
        rows=rows,
        texts=texts_at(run.samples, rows),
        colour=colour or None,
        key=key,
    )
    st.caption(
        f"{len(rows):,} training and validation samples. Colours are the true labels, which no "
        "model was told, unless it was trained with them. Hover or tap a sample to find it on "
        "every map."
    )
    if len(maps) > 1:
        st.caption(map_noise.DIFFERS)


def _colourings(data: Dataset, rows: npt.NDArray[np.int64]) -> list[Colouring]:
    """The label columns, the label first."""
    targets = sorted(data.info.targets, key=lambda target: target.role != "label")
    return [
        Colouring(target.name, data.target(target.name)[rows], target.classes) for target in targets
    ]


def _panel(record: LessonRun, stored: StoredMap, title: str) -> MapPanel:
    caption = [] if stored.trust is None else [f"trustworthiness {stored.trust:.2f}"]
    if stored.residual is not None:
        caption.append(map_noise.differs(stored.residual))
    subtitle = run_words.verdict(record["verdict"])
    return MapPanel(title, stored.xy, stored.rows, subtitle, ", ".join(caption))

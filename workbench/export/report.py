"""A comparison as one HTML file that opens anywhere: nothing is loaded from another host."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from workbench import paths
from workbench.errors import RequestError
from workbench.export.report_page import Material, page
from workbench.maps.map_files import StoredMap, aligned, read_map, read_samples, read_thumbnails
from workbench.plots.linked import Sheet, sheet_of
from workbench.store.store import RunRow, Store
from workbench.stored_runs.compare import Place, compare_places

# A report is passed on: large enough to see what it is, small enough to send.
_TILE = 32


def write_report(home: Path, rows: Sequence[RunRow], to: Path, *, read_only: bool = False) -> None:
    """Write the report of ``rows`` (one run or more) to the file ``to``.

    It holds what was and was not shown, gains with intervals, the maps turned onto the first,
    collapse checks, curves, spectra, all scores, what differs, each run's notes, the date, the
    device and the versions. Where something is missing (a run that failed, no labels, no UMAP yet)
    the report says so. The file appears when it is complete.
    read_only: the home may not be written to (stored demo runs).
    Raises RequestError if no run is given, or for a folder.
    """
    if not rows:
        raise RequestError("no run is given.", field="RUN", remedy="Give one run or more.")
    if to.is_dir():
        raise RequestError(f"'{to}' is a folder.", field="--html", remedy="Give a file name.html.")
    text = page(gather(home, rows, read_only=read_only))
    to.parent.mkdir(parents=True, exist_ok=True)
    unfinished = to.with_name(f".{to.name}.{os.getpid()}")
    try:
        unfinished.write_text(text, "utf-8")
        unfinished.replace(to)
    finally:
        unfinished.unlink(missing_ok=True)


def gather(home: Path, rows: Sequence[RunRow], *, read_only: bool = False) -> Material:
    """Everything that the page shows, read from the store and the runs' folders."""
    return gather_places([Place(home, row, read_only) for row in rows])


def gather_places(places: Sequence[Place]) -> Material:
    """As ``gather``, of runs that may lie in several homes."""
    compared = compare_places(places)
    first = places[0]
    same = len({place.row.config["data"].get("fingerprint") for place in places}) == 1
    pictures, pictured = _pictures(places) if same else (None, None)
    return Material(
        runs=compared["runs"],
        comparison=compared["comparison"],
        metrics=[
            Store.open(place.home, read_only=place.read_only).metrics(place.row.id)
            for place in places
        ],
        spectra=[_spectrum(place.home, place.row.id) for place in places],
        maps={kind: _maps(places, kind) for kind in ("pca", "umap")},
        samples=read_samples(first.home, first.row.config) if same else None,
        pictures=pictures,
        pictured=pictured,
    )


def _maps(places: Sequence[Place], kind: str) -> list[StoredMap | None]:
    """One map a run, turned onto the first there is; None where a run has none."""
    found: list[StoredMap | None] = []
    for place in places:
        there = (paths.run_dir(place.home, place.row.id) / f"map_{kind}.parquet").exists()
        found.append(read_map(place.home, place.row.id, kind) if there else None)
    turned = iter(aligned([one for one in found if one is not None]))
    return [None if one is None else next(turned) for one in found]


def _pictures(
    places: Sequence[Place],
) -> tuple[Sheet | None, npt.NDArray[np.int64] | None]:
    """Small thumbnails of the mapped samples, which are the same for all runs of one data set."""
    for place in places:
        kept = read_thumbnails(place.home, place.row.id)
        if kept is not None and len(kept):
            found = read_map(place.home, place.row.id).rows
            return sheet_of(np.asarray(kept), side=_TILE, exact=0), found
    return None, None


def _spectrum(home: Path, run_id: str) -> dict[str, Any] | None:
    path = paths.run_dir(home, run_id) / "spectrum.json"
    return json.loads(path.read_text("utf-8")) if path.exists() else None

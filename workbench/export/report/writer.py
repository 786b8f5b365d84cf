"""Reads what a report shows from the runs' folders and stores, and writes the file."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from workbench.errors import RequestError
from workbench.export.report.page import Material, page
from workbench.plots.linked import Sheet, sheet_of
from workbench.stored_runs import neighbour_sheets
from workbench.stored_runs.compare import compare_runs
from workbench.stored_runs.map_files import (
    KINDS,
    StoredMap,
    align_maps,
    read_map,
    read_samples,
    read_thumbnails,
)
from workbench.stored_runs.spectra import read_spectra
from workbench.stored_runs.stored_run import StoredRun

# A report is passed on: large enough to see what it is, small enough to send.
_TILE = 32
# Samples whose neighbours are shown, and runs that show theirs.
_QUERIES, _MOST_SHEETS = 3, 4


def write_report(runs: Sequence[StoredRun], to: Path) -> None:
    """Write the report of ``runs`` (one or more, of any homes) to the file ``to``.

    It opens with the answer: the order of the runs, what to run next, maps (and neighbours, where
    there are no labels) and gains with intervals. Folded below are collapse checks, curves,
    spectra, all scores, what differs and each run's notes; the date, the device and the versions
    end it. Where something is missing (a run that failed, no labels, no UMAP yet)
    the report says so. The file appears when it is complete. Raises RequestError if no run is
    given, or for a folder.
    """
    if not runs:
        raise RequestError("no run is given.", field="RUN", remedy="Give one run or more.")
    if to.is_dir():
        raise RequestError(f"'{to}' is a folder.", field="--html", remedy="Give a file name.html.")
    text = page(gather(runs))
    to.parent.mkdir(parents=True, exist_ok=True)
    unfinished = to.with_name(f".{to.name}.{os.getpid()}")
    try:
        unfinished.write_text(text, "utf-8")
        unfinished.replace(to)
    finally:
        unfinished.unlink(missing_ok=True)


def gather(runs: Sequence[StoredRun]) -> Material:
    """Everything that the page shows, read from the stores and the runs' folders."""
    compared = compare_runs(runs)
    same = len({run.fingerprint for run in runs}) == 1
    pictures, pictured = _pictures(runs) if same else (None, None)
    return Material(
        runs=compared["runs"],
        comparison=compared["comparison"],
        metrics=[run.store.metrics(run.id) for run in runs],
        spectra=[read_spectra(run) for run in runs],
        maps={kind: _maps(runs, kind) for kind in KINDS},
        samples=read_samples(runs[0]) if same else None,
        pictures=pictures,
        pictured=pictured,
        neighbours=_neighbours(runs) if same else "",
    )


def _neighbours(runs: Sequence[StoredRun]) -> str:
    """The sheet of neighbours of runs on data without labels; empty for others."""
    data = runs[0].data
    if data is None or data.info.label is not None:
        return ""
    sheet = neighbour_sheets.neighbour_sheet(runs[:_MOST_SHEETS], queries=_QUERIES)
    return "" if sheet is None else neighbour_sheets.as_html(sheet)


def _maps(runs: Sequence[StoredRun], kind: str) -> list[StoredMap | None]:
    """One map a run, turned onto the first there is; None where a run has none."""
    maps = [read_map(run, kind) if run.files.map(kind).exists() else None for run in runs]
    turned = iter(align_maps([one for one in maps if one is not None]))
    return [None if one is None else next(turned) for one in maps]


def _pictures(
    runs: Sequence[StoredRun],
) -> tuple[Sheet | None, npt.NDArray[np.int64] | None]:
    """Small thumbnails of the mapped samples, which are the same for all runs of one data set."""
    for run in runs:
        thumbnails = read_thumbnails(run)
        if thumbnails is not None and len(thumbnails) and run.files.map("pca").exists():
            rows = read_map(run).rows
            return sheet_of(np.asarray(thumbnails), side=_TILE, exact=0), rows
    return None, None

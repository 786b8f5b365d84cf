"""Neighbour sheets: a few samples (queries) with their nearest neighbours in each feature space.

A seed draws the queries from the training and validation samples on the maps. They are the same for
every run of one data set. No label is read.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from workbench.data.dataset import Dataset
from workbench.data.thumbnails import thumbnails
from workbench.maps.neighbours import nearest_to
from workbench.plots import sheets as html
from workbench.stored_runs import feature_spaces
from workbench.stored_runs.feature_spaces import Space
from workbench.stored_runs.stored_run import StoredRun

QUERIES = 6
NEIGHBOURS = 6
TEXT_NEIGHBOURS = 3
_SIDE = 64

Rows = npt.NDArray[np.int64]


@dataclass(frozen=True)
class NeighbourSheet:
    """queries: int64 (q,), positions in the cache. by: for each feature space, by its key, the
    neighbours of each query, nearest first, int64 (q, k). titles: of the spaces, by key. data: of
    the runs, to show samples."""

    queries: Rows
    by: Mapping[str, Rows]
    titles: Mapping[str, str]
    data: Dataset


def neighbour_sheet(
    runs: Sequence[StoredRun],
    *,
    queries: int = QUERIES,
    k: int | None = None,
    draw: int = 0,
    purpose: str = "sheet",
) -> NeighbourSheet | None:
    """The neighbours of a few queries by pixels or words, untrained encoder and each run.

    Neighbours are nearest by cosine of the representations; ties are broken by a draw. k: default 6
    images or 3 texts. draw, purpose: other values give other queries. None if no run has
    embeddings, or if the samples are gone (as those of some demo runs are).
    """
    embedded_runs = feature_spaces.with_embeddings(runs)
    data = embedded_runs[0].samples if embedded_runs else None
    if data is None:
        return None
    if k is None:
        k = NEIGHBOURS if data.info.modality == "image" else TEXT_NEIGHBOURS
    spaces = feature_spaces.of_runs(embedded_runs)
    rows = spaces[0].rows
    seed = [zlib.crc32(data.info.fingerprint.encode()), zlib.crc32(purpose.encode()), draw]
    drawn = np.sort(np.random.default_rng(seed).permutation(len(rows))[:queries])
    return NeighbourSheet(
        rows[drawn],
        {space.key: _rows(space, drawn, k) for space in spaces},
        {space.key: space.title for space in spaces},
        data,
    )


def as_html(sheet: NeighbourSheet) -> str:
    """The sheet: each query with a row of neighbours for every feature space."""
    shown = np.unique(np.concatenate([sheet.queries, *(r.ravel() for r in sheet.by.values())]))
    cells = Cells(sheet.data, shown)
    pictures = None
    if sheet.data.info.modality == "image":
        pictures = max((rows.shape[1] for rows in sheet.by.values()), default=None)
    blocks = []
    for i, query in enumerate(sheet.queries):
        rows = [cells.row(rows[i], sheet.titles[key]) for key, rows in sheet.by.items()]
        blocks.append(html.block(cells.query(query), rows, pictures=pictures))
    return html.sheet(blocks)


class Cells:
    """The samples at ``rows`` of ``data`` as cells of a sheet: pictures, or cards of text."""

    def __init__(self, data: Dataset, rows: Rows):
        self._texts: dict[int, str] = {}
        self._pictures: dict[int, npt.NDArray[np.uint8]] = {}
        if data.info.modality == "text":
            texts = data.texts
            self._texts = {int(row): texts[row] for row in rows}
        else:
            small = thumbnails(data, rows, side=min(_SIDE, max(data.info.size or (_SIDE,))))
            self._pictures = dict(zip(rows.tolist(), small, strict=True))

    def query(self, row: int) -> str:
        """The sample whose neighbours are shown."""
        if self._texts:
            return html.card(self._texts[int(row)])
        return html.picture(self._pictures[int(row)], "the sample", side=_SIDE)

    def one(self, row: int, alt: str) -> str:
        """One sample. alt: the text that stands for a picture."""
        if self._texts:
            return html.card(self._texts[row])
        return html.picture(self._pictures[row], alt)

    def row(self, rows: Rows, title: str) -> str:
        """A row of neighbours, nearest first, under a title."""
        cells = [self.one(int(row), f"neighbour {place}") for place, row in enumerate(rows, 1)]
        return html.row(cells, title, wrap=bool(self._texts))


def _rows(space: Space, queries: Rows, k: int) -> Rows:
    seed = zlib.crc32(space.key.encode())
    neighbours: Rows = space.rows[nearest_to(space.features, queries, k, seed)]
    return neighbours

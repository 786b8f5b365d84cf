"""Maps of stored runs in a notebook: as plotly figures, and as linked maps in a frame."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from workbench.comparison import numbers
from workbench.errors import RequestError
from workbench.plots import words
from workbench.plots.linked import Colouring, MapPanel, Sheet, payload, sheet_of, standalone
from workbench.plots.maps import embedding_figure
from workbench.plots.style import Theme
from workbench.stored_runs.map_files import (
    StoredMap,
    align_maps,
    read_map,
    read_samples,
    read_thumbnails,
)
from workbench.stored_runs.stored_run import StoredRun, unique_titles

if TYPE_CHECKING:
    import plotly.graph_objects as go


@dataclass(frozen=True)
class Html:
    """HTML that a notebook shows without change."""

    text: str

    def _repr_html_(self) -> str:
        return self.text


@dataclass(frozen=True)
class LinkedMaps:
    """A page with linked maps, which a notebook shows in a frame. page: complete HTML that loads
    nothing from elsewhere."""

    page: str

    def save(self, to: Path | str) -> Path:
        """Write the page to a file, which any browser opens; returns its path."""
        path = Path(to)
        path.write_text(self.page, "utf-8")
        return path

    def _repr_html_(self) -> str:
        return (
            f'<iframe srcdoc="{escape(self.page)}" title="Embedding maps" '
            'style="width: 100%; height: 640px; border: 0"></iframe>'
        )


def linked_maps(runs: Sequence[StoredRun], kind: str | None = None) -> LinkedMaps:
    """Up to four maps, each aligned to the first: hovering, lasso and classes work in all of them.

    kind: ``pca`` or ``umap``; None: UMAP if every run has one, else PCA. There is a colouring for
    each column of labels. Raises RequestError if a map is missing, or if the runs saw different
    data.
    """
    if not _same_data(runs):
        raise RequestError(
            "the runs saw different data, so that no sample is in all maps.",
            field="runs",
            remedy="Give runs of one data set.",
        )
    chosen = kind or _best_kind(runs)
    maps = align_maps([read_map(run, chosen) for run in runs])
    shown = maps[0].rows
    samples = read_samples(runs[0])
    document = payload(
        _panels(runs, maps),
        _colourings(runs[0], shown),
        _thumbnail_sheet(runs, shown),
        rows=shown,
        texts=[samples.texts[row] for row in shown] if samples.texts else None,
        names=[samples.names[row] for row in shown] if samples.names else None,
    )
    return LinkedMaps(standalone.html(document, samples.title))


def map_figure(run: StoredRun, kind: str = "pca", *, theme: Theme = "both") -> go.Figure:
    """The map of one run, coloured by label if there is one. kind: ``pca``, or ``umap`` when it is
    ready.

    Raises RequestError if the map is not there (yet).
    """
    return maps_figure([run], kind, theme=theme)


def maps_figure(
    runs: Sequence[StoredRun], kind: str = "pca", *, theme: Theme = "both"
) -> go.Figure:
    """The maps of several runs side by side, each aligned to the first, with its verdict above.

    Raises RequestError if a map is not there (yet).
    """
    maps = align_maps([read_map(run, kind) for run in runs])
    samples = read_samples(runs[0])
    same = _same_data(runs)
    labels = samples.labels if same else None
    texts = samples.texts if same else None
    return embedding_figure(_panels(runs, maps), labels, samples.classes, texts=texts, theme=theme)


def _same_data(runs: Sequence[StoredRun]) -> bool:
    return len({run.fingerprint for run in runs}) == 1


def _best_kind(runs: Sequence[StoredRun]) -> str:
    return "umap" if all(run.files.map("umap").exists() for run in runs) else "pca"


def _colourings(run: StoredRun, shown: npt.NDArray[np.int64]) -> list[Colouring]:
    """One for each column of labels or factors; none if the data's cache is gone."""
    data = run.data
    if data is None:
        return []
    return [
        Colouring(target.name, data.target(target.name)[shown], target.classes)
        for target in data.info.targets
    ]


def _thumbnail_sheet(runs: Sequence[StoredRun], shown: npt.NDArray[np.int64]) -> Sheet | None:
    """The thumbnails of the first run whose thumbnails are in the order of ``shown``.

    They are stored in the order of the PCA map. Another order would show wrong pictures.
    """
    for run in runs:
        thumbnails = read_thumbnails(run)
        if thumbnails is not None and np.array_equal(read_map(run).rows, shown):
            return sheet_of(np.asarray(thumbnails))
    return None


def _panels(runs: Sequence[StoredRun], maps: Sequence[StoredMap]) -> list[MapPanel]:
    """One panel for each run, with its title, its verdict and the trustworthiness of its map."""
    titles = unique_titles(runs)
    return [
        MapPanel(
            title,
            stored_map.xy,
            stored_map.rows,
            subtitle=words.verdict(run.row.summary.get("verdict"), run.row.state),
            caption=_caption(stored_map),
        )
        for run, stored_map, title in zip(runs, maps, titles, strict=True)
    ]


def _caption(stored_map: StoredMap) -> str:
    """Kind of map, trustworthiness, and the residual of aligning it to the first."""
    parts = [stored_map.kind.upper()]
    if stored_map.trust is not None:
        parts.append(f"trustworthiness {stored_map.trust:.2f}")
    if stored_map.residual is not None:
        parts.append(
            f"turned onto the first, layout differs by {numbers.share(stored_map.residual)}"
        )
    return ", ".join(parts)

"""Maps of stored runs, for notebooks: as figures, and as linked maps in a frame."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from workbench import comparison, paths
from workbench.data.dataset import Dataset
from workbench.errors import RequestError
from workbench.maps.map_files import StoredMap, aligned, read_map, read_samples, read_thumbnails
from workbench.plots import words
from workbench.plots.linked import Colouring, MapPanel, Sheet, payload, sheet_of, standalone
from workbench.plots.maps import embedding_figure
from workbench.plots.style import Theme
from workbench.store.store import RunRow

if TYPE_CHECKING:
    import plotly.graph_objects as go


@dataclass(frozen=True)
class Html:
    """HTML that a notebook shows as it is."""

    text: str

    def _repr_html_(self) -> str:
        return self.text


@dataclass(frozen=True)
class LinkedMaps:
    """A page with linked maps, which a notebook shows in a frame. page: the whole of it, as HTML
    that asks for nothing elsewhere."""

    page: str

    def save(self, to: Path | str) -> Path:
        """Write the page to a file, to open in any browser; returns where."""
        path = Path(to)
        path.write_text(self.page, "utf-8")
        return path

    def _repr_html_(self) -> str:
        return (
            f'<iframe srcdoc="{escape(self.page)}" title="Embedding maps" '
            'style="width: 100%; height: 640px; border: 0"></iframe>'
        )


def linked_maps(home: Path, rows: Sequence[RunRow], kind: str | None = None) -> LinkedMaps:
    """Up to four maps, each turned onto the first: hovering, lasso and classes work in all of them.

    kind: ``pca`` or ``umap``; None: UMAP if every run has one, else PCA. Coloured by each column of
    labels. Raises RequestError if a map is not there, or if the runs saw different data.
    """
    if len({row.config["data"].get("fingerprint") for row in rows}) > 1:
        raise RequestError(
            "the runs saw different data, so that no sample is in all maps.",
            field="runs",
            remedy="Give runs of one data set.",
        )
    chosen = kind or _best_kind(home, rows)
    maps = aligned([read_map(home, row.id, chosen) for row in rows])
    shown = maps[0].rows
    samples = read_samples(home, rows[0].config)
    document = payload(
        [panel(row, found) for row, found in zip(rows, maps, strict=True)],
        _colourings(home, rows[0], shown),
        _sheet(home, rows, shown),
        rows=shown,
        texts=[samples.texts[row] for row in shown] if samples.texts else None,
    )
    return LinkedMaps(standalone.html(document, samples.title))


def _best_kind(home: Path, rows: Sequence[RunRow]) -> str:
    made = all((paths.run_dir(home, row.id) / "map_umap.parquet").exists() for row in rows)
    return "umap" if made else "pca"


def _colourings(home: Path, row: RunRow, shown: npt.NDArray[np.int64]) -> list[Colouring]:
    """One for each column of labels or factors; none where the data's cache is gone."""
    folder = paths.cache_dir(home) / str(row.config["data"].get("fingerprint"))
    if not (folder / "info.json").exists():
        return []
    data = Dataset.open(folder)
    return [
        Colouring(target.name, data.target(target.name)[shown], target.classes)
        for target in data.info.targets
    ]


def _sheet(home: Path, rows: Sequence[RunRow], shown: npt.NDArray[np.int64]) -> Sheet | None:
    """Thumbnails are kept in the order of the PCA map; another order would show wrong pictures."""
    for row in rows:
        kept = read_thumbnails(home, row.id)
        if kept is not None and np.array_equal(read_map(home, row.id).rows, shown):
            return sheet_of(np.asarray(kept))
    return None


def map_figure(home: Path, row: RunRow, kind: str = "pca", *, theme: Theme = "both") -> go.Figure:
    """The map of one run: ``pca``, or ``umap`` when it is ready. Coloured by label if there is one.

    Raises RequestError if the map is not there (yet).
    """
    return maps_figure(home, [row], kind, theme=theme)


def maps_figure(
    home: Path, rows: Sequence[RunRow], kind: str = "pca", *, theme: Theme = "both"
) -> go.Figure:
    """The maps of several runs side by side, each turned onto the first; the verdict above each.

    Raises RequestError if a map is not there (yet).
    """
    maps = aligned([read_map(home, row.id, kind) for row in rows])
    samples = read_samples(home, rows[0].config)
    same = len({row.config["data"].get("fingerprint") for row in rows}) == 1
    panels = [panel(row, found) for row, found in zip(rows, maps, strict=True)]
    labels = samples.labels if same else None
    texts = samples.texts if same else None
    return embedding_figure(panels, labels, samples.classes, texts=texts, theme=theme)


def panel(row: RunRow, found: StoredMap) -> MapPanel:
    """One panel: the run's title, its verdict, and how far to trust the map."""
    return MapPanel(
        comparison.title({"name": row.name, "config": row.config}),
        found.xy,
        found.rows,
        subtitle=words.verdict(row.summary.get("verdict"), row.state),
        caption=caption(found),
    )


def caption(found: StoredMap) -> str:
    """Kind of map, trust, and how well it could be turned onto the first."""
    parts = [found.kind.upper()]
    if found.trust is not None:
        parts.append(f"trustworthiness {found.trust:.2f}")
    if found.residual is not None:
        parts.append(f"turned, {found.residual:.0%} unlike the first")
    return ", ".join(parts)

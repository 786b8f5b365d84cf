"""Figures of stored runs, for notebooks: a run's map, and maps of several runs side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from workbench import comparison
from workbench.maps.stored import StoredMap, aligned, read_map, read_samples
from workbench.plots import words
from workbench.plots.maps import MapData, embedding_figure
from workbench.plots.style import Theme
from workbench.runs.store import RunRow

if TYPE_CHECKING:
    import plotly.graph_objects as go


@dataclass(frozen=True)
class Html:
    """HTML that a notebook shows as it is."""

    text: str

    def _repr_html_(self) -> str:
        return self.text


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
    panels = [map_data(row, found) for row, found in zip(rows, maps, strict=True)]
    labels = samples.labels if same else None
    texts = samples.texts if same else None
    return embedding_figure(panels, labels, samples.classes, texts=texts, theme=theme)


def map_data(row: RunRow, found: StoredMap) -> MapData:
    """One panel: the run's title, its verdict, and how far to trust the map."""
    return MapData(
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

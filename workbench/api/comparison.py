"""Several runs in a notebook: scores, sentences, maps, neighbours and agreement."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd

from workbench import comparison
from workbench.comparison.copies import flat
from workbench.errors import RequestError

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from workbench.api.figures import Html, LinkedMaps
    from workbench.api.run import Run
    from workbench.stored_runs.compare import CompareDocument
    from workbench.stored_runs.stored_run import StoredRun


@dataclass(frozen=True)
class Comparison:
    """Several runs side by side. outside: embeddings from elsewhere by name, see ``compare``."""

    runs: Sequence[Run]
    outside: Mapping[str, Any] = field(default_factory=dict)

    def __iter__(self) -> Iterator[Run]:
        return iter(self.runs)

    @property
    def json(self) -> CompareDocument:
        """The document of ``workbench compare --json``."""
        from workbench.stored_runs.compare import compare_runs

        return compare_runs(self._stored(), arrays=self.outside)

    @property
    def sentences(self) -> list[str]:
        """What the runs show and what they do not show, in sentences."""
        from workbench.stored_runs.compare import evidence

        stored = self._stored()
        records = [run.record() for run in stored]
        return comparison.sentences(records, evidence(stored, records))

    @property
    def scores(self) -> pd.DataFrame:
        """All scores, with a column ``run``: an id, or the name of embeddings from elsewhere."""
        runs = self.json["runs"] if self.outside else [run.json for run in self.runs]
        rows = [{**flat(row), "run": run["id"]} for run in runs for row in run["scores"]]
        return pd.DataFrame(rows)

    @property
    def gains(self) -> pd.DataFrame:
        """All gains over the untrained encoders, with a column ``run``."""
        return pd.concat([run.gains.assign(run=run.id) for run in self.runs], ignore_index=True)

    def agreement(self, measure: Literal["overlap", "cka"] = "overlap") -> go.Figure:
        """The share of nearest neighbours that they have in common, or their CKA, as a matrix.

        ``json["comparison"]["agreement"]`` has the numbers, and sentences on them.
        """
        from workbench.plots import agreement_figure

        agreement = self.json["comparison"]["agreement"]
        if agreement is None:
            raise RequestError(
                "the runs kept no embeddings of the same samples.",
                field="runs",
                remedy="Compare finished runs of one data set.",
            )
        return agreement_figure(agreement, measure)

    def neighbours(self, draw: int = 0) -> Html:
        """As ``Run.neighbours``, of all runs."""
        return neighbour_sheet(self.runs, draw)

    def _stored(self) -> list[StoredRun]:
        return [run.stored for run in self.runs]

    def maps(self, kind: str = "pca") -> go.Figure:
        """The embedding maps side by side, aligned to the first."""
        from workbench.api.figures import maps_figure

        return maps_figure(self._stored(), kind)

    def linked_maps(self, kind: str | None = None) -> LinkedMaps:
        """As ``Run.linked_map``, of up to four runs: the same sample in every map."""
        from workbench.api.figures import linked_maps

        return linked_maps(self._stored(), kind)

    def _repr_html_(self) -> str:
        return "<ul>" + "".join(f"<li>{line}</li>" for line in self.sentences) + "</ul>"


def neighbour_sheet(runs: Sequence[Run], draw: int = 0) -> Html:
    """The neighbour sheet of ``runs``. Raises RequestError if none has embeddings."""
    from workbench.api.figures import Html
    from workbench.stored_runs import neighbour_sheets

    sheet = neighbour_sheets.neighbour_sheet([run.stored for run in runs], draw=draw)
    if sheet is None:
        raise RequestError(
            "no embeddings are kept of these runs.", field="runs", remedy="Take a finished run."
        )
    return Html(neighbour_sheets.as_html(sheet))

"""A run in a notebook: its verdict, scores, curves, figures and encoder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import numpy.typing as npt
import pandas as pd

from workbench import comparison
from workbench.api.comparison import neighbour_sheet
from workbench.comparison.copies import flat
from workbench.errors import RequestError
from workbench.jobs import follow
from workbench.plots.words import verdict_text
from workbench.records import RunRecord, VerdictRecord
from workbench.store.store import RunRow, Store
from workbench.stored_runs.stored_run import StoredRun

if TYPE_CHECKING:
    import plotly.graph_objects as go
    from torch import nn

    from workbench.api.figures import Html, LinkedMaps


class VerdictDict(dict[str, Any]):
    """A verdict as ``--json`` gives it, which prints as the app's sentences."""

    def __repr__(self) -> str:
        words = verdict_text(cast(VerdictRecord, self))
        return f"{words[:1].upper()}{words[1:]}"


@dataclass(frozen=True)
class Run:
    """One run, live or finished. Figures are of plotly, tables of pandas."""

    id: str
    home: Path

    @property
    def row(self) -> RunRow:
        """The run as it is stored now."""
        return Store.open(self.home).run(self.id)

    @property
    def stored(self) -> StoredRun:
        """The run with its folder, data and embeddings."""
        return StoredRun(self.home, self.row)

    @property
    def json(self) -> RunRecord:
        """The run as ``workbench show --json`` gives it."""
        return self.stored.record()

    @property
    def status(self) -> str:
        return self.row.state

    def wait(self) -> Run:
        """Wait until the run has ended; returns it."""
        follow.wait(self.home, [self.id])
        return self

    def stop(self) -> None:
        """Ask the run to stop at its next step."""
        from workbench.jobs import launch

        launch.stop(self.home, self.id)

    def make_map(self) -> None:
        """Have the UMAP map made again in the background, also one that failed."""
        from workbench.engine import map_requests
        from workbench.jobs import supervisor

        map_requests.request(self.stored)
        supervisor.ensure(self.home)

    def confirm_test(self) -> Run:
        """Show the run's test scores from now on, if those of its data are hidden; returns it."""
        from workbench.stored_runs import hidden_test

        hidden_test.confirm(Store.open(self.home), [self.row])
        return self

    @property
    def verdict(self) -> VerdictDict | None:
        """The collapse check: label, reason, since_step, metrics; None before the first check.

        A cell shows it in the app's words."""
        found = self.json["verdict"]
        return None if found is None else VerdictDict(found)

    @property
    def scores(self) -> pd.DataFrame:
        """One row for each score, with interval, baselines too; of validation samples while test
        scores are hidden. Columns ``value_without_copies`` and the like are there where scored
        samples equal training samples."""
        return pd.DataFrame([flat(row) for row in self.json["scores"]])

    @property
    def gains(self) -> pd.DataFrame:
        """Gains over the untrained encoder and other baselines, with paired intervals."""
        return pd.DataFrame(self.json["gains"])

    @property
    def curves(self) -> pd.DataFrame:
        """All metrics: one row for each step, one column for each metric."""
        points = Store.open(self.home).metrics(self.id, max_points=10**9)
        return pd.DataFrame({name: pd.Series(dict(rows)) for name, rows in points.items()})

    def map(self, kind: str = "pca") -> go.Figure:
        """The embedding map: ``pca`` at once, ``umap`` when it is ready."""
        from workbench.api.figures import map_figure

        return map_figure(self.stored, kind)

    def linked_map(self, kind: str | None = None) -> LinkedMaps:
        """The map to explore, with thumbnails, classes, and a colouring for each column of labels.

        kind: default UMAP if it is ready, else PCA. ``.save(path)`` writes it to a file.
        """
        from workbench.api.figures import linked_maps

        return linked_maps([self.stored], kind)

    def neighbours(self, draw: int = 0) -> Html:
        """Some samples with their nearest neighbours by pixels or words, untrained encoder and this
        run. Another ``draw`` takes other samples. Raises RequestError without embeddings."""
        return neighbour_sheet([self], draw)

    def spectrum(self) -> go.Figure:
        """Eigenvalues of the covariance of h and z, trained and untrained."""
        from workbench.plots import spectrum_figure
        from workbench.stored_runs.spectra import read_spectra

        spectra = read_spectra(self.stored)
        if spectra is None:
            raise RequestError(
                f"run '{self.id}' ({self.status}) has no spectrum.",
                field="run",
                remedy="It is written when a run is scored; take another run.",
            )
        return spectrum_figure({comparison.title(self.json): spectra})

    @cached_property
    def encoder(self) -> nn.Module:
        """The trained encoder as a torch module in eval mode."""
        from workbench.export.encoder import load_encoder

        return load_encoder(self.stored)

    def encode(self, samples: npt.NDArray[Any] | Sequence[str]) -> npt.NDArray[np.float32]:
        """float32 (n, dim): representations h of images (as ``load`` takes them) or texts."""
        from workbench.export.new_embeddings import embed_arrays

        return embed_arrays(self.stored, samples)

    def _repr_html_(self) -> str:
        run = self.json
        lines = [f"<b>{escape(comparison.title(run))}</b> ({escape(self.id)}), {run['status']}"]
        if (check := self.verdict) is not None:
            lines.append(escape(str(check)))
        if behind := comparison.behind_words(run):
            lines.append(escape(behind))
        if (gain := comparison.gain(run)) is not None:
            lines.append(escape(f"{comparison.gain_words(gain)}."))
        return "<br>".join(lines)

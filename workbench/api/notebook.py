"""The workbench in a notebook: few verbs, arrays in, arrays out.

    data = wb.load("sample:shapes")
    run = wb.pretrain(data, task="simclr", seconds=30)
    run.verdict, run.scores, run.map(), run.spectrum(), run.encoder
    wb.compare(run, wb.pretrain(data, task="rotation", seconds=30))
    h = run.encode(images)

Notebook runs are ordinary workers: they show in the app, and the other way round.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from workbench import comparison, paths, registry
from workbench.api.comparison import Comparison, sheet
from workbench.config import DEFAULT_SECONDS, AugmentStep, Budget, DataConfig, RunConfig
from workbench.data.dataset import DataInfo, Dataset
from workbench.errors import RequestError
from workbench.jobs import follow
from workbench.records import RunRecord, VerdictRecord
from workbench.requests import build, validation
from workbench.store.store import RunRow, Store
from workbench.stored_runs.stored_run import StoredRun

if TYPE_CHECKING:
    import plotly.graph_objects as go
    from torch import nn

    from workbench.api.figures import Html, LinkedMaps


@dataclass(frozen=True)
class Data:
    """A prepared data set. ``info`` says what it is; ``images``, ``texts``, ``labels`` give it."""

    config: DataConfig
    dataset: Dataset
    home: Path

    @property
    def info(self) -> DataInfo:
        return self.dataset.info

    def images(self, split: str = "train") -> npt.NDArray[np.uint8]:
        """uint8 (n, H, W, C) of ``split``."""
        rows = self.dataset.rows(split)  # type: ignore[arg-type]
        return np.asarray(self.dataset.images[rows]).transpose(0, 2, 3, 1)

    def texts(self, split: str = "train") -> list[str]:
        """The raw texts of ``split``."""
        return self.dataset.texts[self.dataset.rows(split)]  # type: ignore[arg-type]

    def labels(self, split: str = "train", target: str | None = None) -> npt.NDArray[np.int64]:
        """int64 (n,) class indices; -1 where missing. Raises RequestError without labels."""
        name = target or (self.info.label.name if self.info.label else None)
        if name is None:
            raise RequestError(
                f"'{self.info.name}' has no labels.", field="data", remedy="Give label=COLUMN."
            )
        return self.dataset.target(name)[self.dataset.rows(split)]  # type: ignore[arg-type]

    def hold_test(self, on: bool = True) -> None:
        """Keep the test of these data closed: their runs show validation scores until each is
        confirmed (``Run.confirm_test``)."""
        from workbench.stored_runs import hidden_test

        hidden_test.switch(Store.open(self.home), self.info.fingerprint, on)

    def _repr_html_(self) -> str:
        counts = ", ".join(f"{n:,} {split}" for split, n in self.info.counts.items())
        return f"<b>{self.info.title}</b> ({self.info.modality}): {counts}"


def load(
    source: str | npt.NDArray[Any] | Sequence[str],
    *,
    labels: Sequence[Any] | None = None,
    name: str = "notebook",
    home: Path | str | None = None,
    **reading: Any,
) -> Data:
    """Prepare data: ``sample:NAME``, a path, ``hub:OWNER/NAME``, an array of images, or texts.

    An array is uint8 (n, H, W) or (n, H, W, C), or float in [0, 1] of those shapes. ``reading``
    holds the fields of ``DataConfig`` (label, group, text, size, samples, ...).
    Raises RequestError that names field and remedy.
    """
    from workbench.data import prepare, prepare_arrays

    at = Path(home) if home is not None else paths.default_home()
    if isinstance(source, str):
        config = DataConfig(source=source, **reading)
        dataset = prepare(config, at)
    else:
        config, dataset = prepare_arrays(source, at, labels=labels, name=name, **reading)
    return Data(dataclasses.replace(config, fingerprint=dataset.info.fingerprint), dataset, at)


def load_plugin(path: str) -> None:
    """Add the tasks and augmentations that your file declares (docs/how-to/add-a-task.md)."""
    registry.load_plugin(path)


def pretrain(
    data: Data | str,
    task: str,
    *,
    encoder: str | None = None,
    seconds: float | None = None,
    steps: int | None = None,
    epochs: float | None = None,
    options: Mapping[str, Any] | None = None,
    augment: Mapping[str, Mapping[str, Any]] | str | Sequence[str] | None = None,
    preset: str | None = None,
    encoder_options: Mapping[str, Any] | None = None,
    train: Mapping[str, Any] | None = None,
    evaluation: Mapping[str, Any] | None = None,
    seed: int = 0,
    device: str = "auto",
    name: str | None = None,
    again: bool = False,
    wait: bool = True,
) -> Run:
    """Launch one run and wait for it. augment: options merged over the task's own augmentations,
    or the edits of ``--augment``. preset: as ``--preset``, a recipe of augmentations or a method
    broken on purpose. options, encoder_options, train, evaluation: what ``--set NAME``,
    ``encoder.NAME``, ``train.NAME`` and ``eval.NAME`` set. Ctrl-C (interrupting the cell) asks the
    run to stop."""
    from workbench.augment.edit import apply_edits, apply_options

    loaded = load(data) if isinstance(data, str) else data
    config = RunConfig(
        data=loaded.config,
        task=task,
        options=dict(options or {}),
        encoder=encoder,
        encoder_options=dict(encoder_options or {}),
        budget=build.budget(seconds, steps, epochs, Budget(seconds=DEFAULT_SECONDS)),
        train=dict(train or {}),
        eval=dict(evaluation or {}),
        seed=seed,
        device=device,
        preset=preset,
    )
    validation.check_without_data(config)
    if augment is not None:
        config = validation.expand_preset(config)
        start = validation.augment_of(config, loaded.info)
        if isinstance(augment, Mapping):
            edited: Sequence[AugmentStep] = apply_options(start, augment, loaded.info)
        else:
            edits = [augment] if isinstance(augment, str) else augment
            edited = apply_edits(start, edits, loaded.info)
        config = dataclasses.replace(config, augment=tuple(edited), preset=None)
    config = validation.validate(config, loaded.info)
    (run_id,) = follow.launch_all(loaded.home, [config], name=name, again=again)
    if wait:
        follow.wait(loaded.home, [run_id])
    return Run(run_id, loaded.home)


def list_runs(home: Path | str | None = None) -> list[Run]:
    """All runs of a home, newest first."""
    at = Path(home) if home is not None else paths.default_home()
    return [Run(row.id, at) for row in Store.open(at).runs()]


def compare(*chosen: Run | Mapping[str, Any]) -> Comparison:
    """Several runs side by side: ``.scores``, ``.gains``, ``.sentences``, ``.maps()``,
    ``.agreement()``.

    A mapping gives embeddings from elsewhere by name: arrays (n, d) of all samples of the data set
    in the order train, validation, test, or ``{"train": array, "test": array}``.
    """
    runs = [one for one in chosen if isinstance(one, Run)]
    outside: dict[str, Any] = {}
    for one in chosen:
        outside |= {} if isinstance(one, Run) else one
    if not runs or len(runs) + len(outside) < 2:
        said = "one run is" if runs else "no run is"
        raise RequestError(f"{said} given.", field="runs", remedy="Give two runs or more.")
    return Comparison(runs, outside)


@dataclass(frozen=True)
class Run:
    """One run, live or finished. Figures are plotly, tables pandas."""

    id: str
    home: Path

    @property
    def row(self) -> RunRow:
        return Store.open(self.home).run(self.id)

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

    @property
    def stored(self) -> StoredRun:
        """The run with its folder, data and embeddings."""
        return StoredRun(self.home, self.row)

    @property
    def json(self) -> RunRecord:
        """The run as ``workbench show --json`` gives it."""
        return self.stored.record()

    @property
    def verdict(self) -> VerdictRecord | None:
        """The collapse check: label, reason, since_step, metrics."""
        return self.json["verdict"]

    @property
    def scores(self) -> pd.DataFrame:
        """One row a score, with interval and baselines; of validation while test is closed."""
        return pd.DataFrame(self.json["scores"])

    @property
    def gains(self) -> pd.DataFrame:
        """Gains over the untrained encoder, with paired intervals."""
        return pd.DataFrame(self.json["gains"])

    def confirm_test(self) -> Run:
        """Open the run's test scores where the test is kept closed; returns it."""
        from workbench.stored_runs import hidden_test

        hidden_test.confirm(Store.open(self.home), [self.row])
        return self

    @property
    def curves(self) -> pd.DataFrame:
        """All metrics: one row a step, one column a name."""
        points = Store.open(self.home).metrics(self.id, max_points=10**9)
        return pd.DataFrame({name: pd.Series(dict(rows)) for name, rows in points.items()})

    def map(self, kind: str = "pca") -> go.Figure:
        """The embedding map: ``pca`` at once, ``umap`` when it is ready."""
        from workbench.api.figures import map_figure

        return map_figure(self.stored, kind)

    def linked_map(self, kind: str | None = None) -> LinkedMaps:
        """The map to explore: thumbnails on hovering, classes, every column of labels as colour.
        kind: default UMAP where it is ready, else PCA. ``.save(path)`` makes a file of it."""
        from workbench.api.figures import linked_maps

        return linked_maps([self.stored], kind)

    def neighbours(self, draw: int = 0) -> Html:
        """Some samples with their nearest others by pixels or words, untrained encoder and this
        run; another ``draw`` takes other samples. Raises RequestError without embeddings."""
        return sheet([self], draw)

    def spectrum(self) -> go.Figure:
        """Eigenvalues of the covariance of h and z, trained and untrained."""
        from workbench.plots import spectrum_figure
        from workbench.stored_runs.spectra import read_spectra

        spectra = read_spectra(self.stored)
        if spectra is None:
            raise RequestError(
                f"run '{self.id}' ({self.status}) kept no spectrum.",
                field="run",
                remedy="It is written when a run is scored: take a finished run.",
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
        verdict = run["verdict"]["label"] if run["verdict"] else run["status"]
        row = comparison.gain(run)
        gained = f": {comparison.gain_words(row)}" if row else ""
        return f"<b>{self.id}</b>, {verdict}{gained}"

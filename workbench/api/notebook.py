"""The workbench in a notebook: few verbs, arrays in, arrays out.

    data = wb.load("sample:shapes")
    run = wb.pretrain(data, task="simclr", seconds=30)
    run.verdict, run.scores, run.map(), run.spectrum(), run.encoder
    wb.compare(run, wb.pretrain(data, task="rotation", seconds=30))
    h = run.encode(images)

``import workbench as wb`` gives the names of this module. Notebook runs are ordinary workers: they
show in the app, and the other way round.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from workbench import registry
from workbench.api.comparison import Comparison
from workbench.api.data import Data as Data
from workbench.api.data import home_of
from workbench.api.data import load as load
from workbench.api.run import Run as Run
from workbench.config import DEFAULT_SECONDS, AugmentStep, Budget, RunConfig
from workbench.data.dataset import DataInfo
from workbench.errors import RequestError
from workbench.jobs import follow
from workbench.requests import build, validation
from workbench.store.store import Store

Augment = Mapping[str, Mapping[str, Any]] | str | Sequence[str]


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
    augment: Augment | None = None,
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
    """Launch one run and wait for it. Interrupting the cell (Ctrl-C) asks the run to stop.

    seconds, steps, epochs: the budget, one of them; default 60 seconds. options, encoder_options,
    train, evaluation: as ``--set`` with ``NAME``, ``encoder.NAME``, ``train.NAME``, ``eval.NAME``.
    augment: options by augmentation, merged over the task's own augmentations, or edits as of
    ``--augment``. preset: as ``--preset``, a recipe of augmentations or a method broken on purpose.
    again: run even if an equal run has finished. Raises RequestError that names field and remedy.
    """
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
        config = _with_augment(config, augment, loaded.info)
    config = validation.validate(config, loaded.info)
    (run_id,) = follow.launch_all(loaded.home, [config], name=name, again=again)
    if wait:
        follow.wait(loaded.home, [run_id])
    return Run(run_id, loaded.home)


def _with_augment(config: RunConfig, augment: Augment, info: DataInfo) -> RunConfig:
    """``config`` with ``augment`` applied to its preset's augmentations, or its task's own."""
    from workbench.augment.edit import apply_edits, apply_options

    config = validation.expand_preset(config)
    start = validation.augment_of(config, info)
    steps: Sequence[AugmentStep]
    if isinstance(augment, Mapping):
        steps = apply_options(start, augment, info)
    else:
        steps = apply_edits(start, [augment] if isinstance(augment, str) else augment, info)
    return dataclasses.replace(config, augment=tuple(steps), preset=None)


def list_runs(home: Path | str | None = None) -> list[Run]:
    """All runs of a home, newest first."""
    home = home_of(home)
    return [Run(row.id, home) for row in Store.open(home).runs()]


def compare(*chosen: Run | Mapping[str, Any]) -> Comparison:
    """Several runs side by side: ``.scores``, ``.gains``, ``.sentences``, ``.maps()``,
    ``.agreement()``.

    A mapping gives embeddings from elsewhere by name: arrays (n, d) of all samples of the data set
    in the order train, validation, test, or ``{"train": array, "test": array}``. Raises
    RequestError without a run, and for a run alone.
    """
    runs = [one for one in chosen if isinstance(one, Run)]
    external: dict[str, Any] = {}
    for one in chosen:
        external |= {} if isinstance(one, Run) else one
    if not runs or len(runs) + len(external) < 2:
        count = "one run is" if runs else "no run is"
        raise RequestError(f"{count} given.", field="runs", remedy="Give two runs or more.")
    return Comparison(runs, external)

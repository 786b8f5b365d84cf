"""Encoders that a run is compared with besides its own untrained one: the same encoder trained with
labels for as many steps, and a pretrained one. Both are frozen and scored like the trained one.

Their features lie on the shelf of baselines, so that runs that share them make them once.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
from torch import nn

from workbench import registry
from workbench.augment.policy import Policy
from workbench.config import RunConfig, TrainOptions
from workbench.encoders import pretrained
from workbench.errors import WorkbenchError
from workbench.records import Summary
from workbench.scoring.trained_run import Splits, TrainedRun
from workbench.store.artifacts import FolderArtifacts
from workbench.training import instances
from workbench.training.check_schedule import CheckSchedule
from workbench.training.encode import encode_rows
from workbench.training.fresh import fresh_module
from workbench.training.ports import Control, Events, Phase
from workbench.training.schedule import Plan
from workbench.training.trainer import Trainer

SUPERVISED, PRETRAINED = "supervised", "pretrained"
# Goes up whenever the same request would get other features.
_VERSION = 1


def features(run: TrainedRun) -> dict[str, Splits]:
    """Frozen features of the evaluation samples, by name and split, of what ``config.eval`` asks.

    What cannot be made, or is stopped, is left out with a note: the run's own scores are not lost
    for it.
    """
    options = run.options
    made: dict[str, Splits | None] = {}
    if options.supervised:
        made[SUPERVISED] = _supervised(run)
    if options.pretrained is not None:
        made[PRETRAINED] = _pretrained(run, options.pretrained)
    return {name: splits for name, splits in made.items() if splits is not None}


def fetch(config: RunConfig) -> None:
    """Have the pretrained model on this machine, before any time is spent on training.

    Raises RequestError if the hub does not give it.
    """
    source = instances.eval_options(config).pretrained
    if source is not None:
        pretrained.find(source)


def _supervised(run: TrainedRun) -> Splits | None:
    counters = run.trained.counters
    steps, batch_size = counters.step, counters.samples // max(1, counters.step)
    title = "supervised reference"
    if run.config.task == SUPERVISED:
        _leave_out(run, title, "this run is one itself.")
        return None
    key = {
        "features": SUPERVISED,
        "reference": _VERSION,
        "steps": steps,
        "batch": batch_size,
        "seed": run.config.seed,
        **run.untrained_key,
    }
    try:
        splits = run.kept_features(key, lambda: _train_with_labels(run, steps, batch_size))
    except WorkbenchError as error:
        _leave_out(run, title, error.message)
        return None
    if splits is None:
        _leave_out(run, title, "the run was asked to stop.")
        return None
    run.events.note(
        f"Features 'supervised': the same encoder from the same untrained weights, trained with "
        f"the labels of all {run.data.info.counts['train']:,} training samples for {steps} steps "
        f"of {batch_size}. It uses labels: a reference and no rival."
    )
    return splits


def _train_with_labels(run: TrainedRun, steps: int, batch_size: int) -> Splits | None:
    """Features of the encoder that the task ``supervised`` trains; None if stopped."""
    config, data, placement = run.config, run.data, run.placement
    task = registry.task(SUPERVISED)()
    module = fresh_module(task, instances.encoder_of(config), data, config.seed).module
    with tempfile.TemporaryDirectory() as folder:
        trained = _UncheckedTrainer(
            task=task,
            module=module,
            data=data,
            augment=Policy(task.augment_for(data.info), data.info, data),
            plan_of=lambda _: Plan(None, steps),
            train=TrainOptions(),
            batch_size=batch_size,
            placement=placement,
            seed=config.seed,
            events=_ProgressOnly(run.events),
            artifacts=FolderArtifacts(Path(folder)),
            control=_StopOnly(run.control),
        ).train()
    if trained.stopped:
        return None
    encoder: nn.Module = trained.module.encoder  # type: ignore[assignment]
    return {s: encode_rows(encoder, data, index, placement) for s, index in run.rows.items()}


def _pretrained(run: TrainedRun, source: str) -> Splits | None:
    title = f"pretrained encoder '{source}'"
    try:
        folder = pretrained.find(source)
        key = {
            "features": PRETRAINED,
            "reference": _VERSION,
            "model": pretrained.digest(folder),
            "precision": run.placement.precision,
            "device": run.placement.device.type,
        }
        splits = run.kept_features(key, lambda: _encode_with(run, folder))
    except WorkbenchError as error:
        _leave_out(run, title, error.message)
        return None
    if splits is None:
        _leave_out(run, title, "the run was asked to stop.")
        return None
    bad = sum(int((~np.isfinite(values)).any(axis=1).sum()) for values in splits.values())
    if bad:
        _leave_out(run, title, f"it gives NaN or Inf for {bad} samples.")
        return None
    run.events.note(
        f"Features 'pretrained': {source}, frozen ({pretrained.describe(folder, run.data.info)}). "
        "It has learned from other data, perhaps with labels, perhaps from these very samples."
    )
    return splits


def _encode_with(run: TrainedRun, folder: Path) -> Splits | None:
    """Features of the pretrained model in ``folder``; None if stopped."""
    from workbench.encoders.nets.pretrained import Pretrained

    model = Pretrained(folder, run.data, run.placement.device)
    total, before = sum(run.counts.values()), 0
    splits = {}
    for split, index in run.rows.items():

        def report(count: int, before: int = before) -> None:
            run.events.phase("evaluating", progress=(before + count) / total)

        features = model.embed(
            index,
            autocast=run.placement.autocast,
            should_stop=run.control.should_stop,
            progress=report,
        )
        if features is None:
            return None
        splits[split] = features
        before += len(index)
    return splits


def _leave_out(run: TrainedRun, title: str, why: str) -> None:
    run.events.note(f"The {title} is left out: {why}")


class _UncheckedTrainer(Trainer):
    """Checks at the beginning and at the end only: nobody reads the checks."""

    def _check_schedule(self) -> CheckSchedule:
        return CheckSchedule(1.0, None)


class _ProgressOnly:
    """Events that report how far a reference is, and nothing that would be taken for the run's
    own."""

    def __init__(self, events: Events):
        self._events = events

    def metrics(self, step: int, values: Mapping[str, float]) -> None:
        pass

    def phase(
        self, phase: Phase, *, progress: float = 0.0, eta_seconds: float | None = None
    ) -> None:
        self._events.phase("evaluating", progress=progress, eta_seconds=eta_seconds)

    def note(self, text: str) -> None:
        pass

    def summary(self, values: Summary) -> None:
        pass


class _StopOnly:
    """Control that passes a request to stop on. The device is not taken, for nothing is timed."""

    def __init__(self, control: Control):
        self.should_stop = control.should_stop

    def exclusive(self) -> Callable[[], None]:
        return lambda: None

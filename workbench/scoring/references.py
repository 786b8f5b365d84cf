"""Encoders that a run is compared with besides its own untrained one: the same encoder trained with
labels for as many steps, and a pretrained one. Both are frozen and scored like the trained one.

Their features lie on the shelf of baselines, so that runs that share them make them once.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from workbench import registry
from workbench.augment.policy import Policy
from workbench.config import RunConfig, TrainOptions
from workbench.data.dataset import Dataset
from workbench.encoders import pretrained
from workbench.errors import WorkbenchError
from workbench.evaluation import baselines
from workbench.store.artifacts import FolderArtifacts
from workbench.training import instances
from workbench.training.checkpoint import Counters
from workbench.training.device import Placement
from workbench.training.encode import encode_rows
from workbench.training.ports import Control, Events, Phase
from workbench.training.schedule import Plan
from workbench.training.trainer import Trained, Trainer

Array = npt.NDArray[Any]
Rows = npt.NDArray[np.int64]
Splits = Mapping[str, Array]

SUPERVISED, PRETRAINED = "supervised", "pretrained"
# Goes up whenever the same request would get other features.
_VERSION = 1
# Features larger than this are made again by every run: 64 MiB.
_MOST_KEPT = 2**26


@dataclass(frozen=True)
class _Surroundings:
    """What both references are made with."""

    config: RunConfig
    data: Dataset
    rows: Mapping[str, Rows]
    placement: Placement
    events: Events
    control: Control
    shelf: Path

    def kept(self, key: Mapping[str, Any], make: Callable[[], Splits | None]) -> Splits | None:
        """The features that ``key`` decides, from the shelf or made now; None if stopped."""
        counts = {split: len(index) for split, index in self.rows.items()}
        path = self.shelf / baselines.key(counts=counts, reference=_VERSION, **key)
        found = baselines.read_arrays(path)
        if found is not None:
            return found[0]
        made = make()
        if made is not None and sum(values.nbytes for values in made.values()) <= _MOST_KEPT:
            baselines.write_arrays(path, made)
        return made

    def left_out(self, what: str, why: str) -> None:
        self.events.note(f"The {what} is left out: {why}")


def features(
    config: RunConfig,
    data: Dataset,
    rows: Mapping[str, Rows],
    trained: Trained,
    untrained: Mapping[str, str],
    placement: Placement,
    events: Events,
    control: Control,
    shelf: Path,
) -> dict[str, Splits]:
    """Frozen features of the evaluation samples, by name and split, of what ``config.eval`` asks.

    untrained: what decides the untrained encoder. What cannot be made, or is stopped, is left out
    with a note: the run's own scores are not lost for it.
    """
    here = _Surroundings(config, data, rows, placement, events, control, shelf)
    asked = instances.eval_options(config)
    out: dict[str, Splits | None] = {}
    if asked.supervised:
        out[SUPERVISED] = _supervised(here, trained.counters, untrained)
    if asked.pretrained is not None:
        out[PRETRAINED] = _pretrained(here, asked.pretrained)
    return {name: found for name, found in out.items() if found is not None}


def fetch(config: RunConfig) -> None:
    """Have the pretrained model on this machine, before any time is spent on training.

    Raises RequestError if the hub does not give it.
    """
    source = instances.eval_options(config).pretrained
    if source is not None:
        pretrained.find(source)


def _supervised(here: _Surroundings, run: Counters, untrained: Mapping[str, str]) -> Splits | None:
    what = "supervised reference"
    steps, batch_size = run.step, run.samples // max(1, run.step)
    if here.config.task == SUPERVISED:
        here.left_out(what, "this run is one itself.")
        return None
    key = {"features": SUPERVISED, "steps": steps, "batch": batch_size, **untrained}
    key["seed"] = here.config.seed
    try:
        found = here.kept(key, lambda: _train_with_labels(here, steps, batch_size))
    except WorkbenchError as error:
        here.left_out(what, error.message)
        return None
    if found is None:
        here.left_out(what, "the run was asked to stop.")
        return None
    here.events.note(
        f"Features 'supervised': the same encoder from the same untrained weights, trained with "
        f"the labels of all {here.data.info.counts['train']:,} training samples for {steps} steps "
        f"of {batch_size}. It uses labels: a reference and no rival."
    )
    return found


def _train_with_labels(here: _Surroundings, steps: int, batch_size: int) -> Splits | None:
    """Features of the encoder that the task ``supervised`` trains; None if stopped."""
    config, data, placement = here.config, here.data, here.placement
    task = registry.task(SUPERVISED)()
    torch.manual_seed(config.seed)
    module = task.build(instances.encoder_of(config).build(data.info), data.info)
    with tempfile.TemporaryDirectory() as folder:
        trained = _Unwatched(
            task=task,
            module=module,
            data=data,
            augment=Policy(task.augment_for(data.info), data.info, data),
            plan_of=lambda _: Plan(None, steps),
            train=TrainOptions(),
            batch_size=batch_size,
            placement=placement,
            seed=config.seed,
            events=_Quiet(here.events),
            artifacts=FolderArtifacts(Path(folder)),
            control=_StopOnly(here.control),
        ).train()
    if trained.stopped:
        return None
    encoder: nn.Module = trained.module.encoder  # type: ignore[assignment]
    return {s: encode_rows(encoder, data, index, placement) for s, index in here.rows.items()}


def _pretrained(here: _Surroundings, source: str) -> Splits | None:
    what = f"pretrained encoder '{source}'"
    try:
        folder = pretrained.find(source)
        whole = pretrained.digest(folder)
        precision = {"precision": here.placement.precision, "device": here.placement.device.type}
        key = {"features": PRETRAINED, "model": whole, **precision}
        found = here.kept(key, lambda: _encode_with(here, folder))
    except WorkbenchError as error:
        here.left_out(what, error.message)
        return None
    if found is None:
        here.left_out(what, "the run was asked to stop.")
        return None
    bad = sum(int((~np.isfinite(values)).any(axis=1).sum()) for values in found.values())
    if bad:
        here.left_out(what, f"it gives NaN or Inf for {bad} samples.")
        return None
    here.events.note(
        f"Features 'pretrained': {source}, frozen ({pretrained.describe(folder, here.data.info)}). "
        "It has learned from other data, perhaps with labels, perhaps from these very samples."
    )
    return found


def _encode_with(here: _Surroundings, folder: Path) -> Splits | None:
    from workbench.encoders.nets.pretrained import Pretrained

    model = Pretrained(folder, here.data, here.placement.device)
    total, done = sum(len(index) for index in here.rows.values()), 0
    out = {}
    for split, index in here.rows.items():
        before = done

        def told(count: int, before: int = before) -> None:
            here.events.phase("evaluating", progress=(before + count) / total)

        made = model.embed(
            index,
            autocast=here.placement.autocast,
            should_stop=here.control.should_stop,
            progress=told,
        )
        if made is None:
            return None
        out[split] = made
        done += len(index)
    return out


class _Unwatched(Trainer):
    """A trainer that checks at the beginning and at the end only: nobody reads the checks."""

    def _next_check(self, progress: float) -> float:
        return float("inf")


class _Quiet:
    """Tells how far a reference is, and nothing of it that would be taken for the run's own."""

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

    def summary(self, values: Mapping[str, Any]) -> None:
        pass


class _StopOnly:
    """Hears a request to stop; the device is not taken, for nothing is timed."""

    def __init__(self, control: Control):
        self.should_stop = control.should_stop

    def exclusive(self) -> Callable[[], None]:
        return lambda: None

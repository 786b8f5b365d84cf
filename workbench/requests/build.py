"""Building a RunConfig from settings, edits and files, for the command line, forms and notebooks.

``--set NAME=VALUE`` sets an option of the task; ``train.NAME``, ``encoder.NAME`` and ``eval.NAME``
set the others.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from workbench import registry
from workbench.augment.canonical_form import canonical_form
from workbench.augment.edit import apply_edits
from workbench.config import AugmentStep, Budget, RunConfig
from workbench.data.dataset import DataInfo
from workbench.data.safety import regular_files
from workbench.errors import RequestError, unknown_name
from workbench.requests import validation
from workbench.tasks.base import Task

# Prefix of an option's name to the field of RunConfig.
_GROUPS = {"train": "train", "encoder": "encoder_options", "eval": "eval"}


def with_settings(config: RunConfig, settings: Sequence[str]) -> RunConfig:
    """``config`` with every ``NAME=VALUE`` of ``settings`` in the group that its prefix names."""
    for setting in settings:
        name, equals, value = setting.partition("=")
        if not equals or not name:
            raise RequestError(
                f"'{setting}' is not NAME=VALUE.", field="--set", remedy="Give --set NAME=VALUE."
            )
        group, dot, rest = name.partition(".")
        field = _GROUPS.get(group) if dot else "options"
        if field is None:
            prefixes = ", ".join(f"{name}.NAME" for name in _GROUPS)
            raise RequestError(
                f"'{group}' is not a group of options.",
                field=f"--set {name}",
                remedy=f"Use NAME for the task's own, or {prefixes}.",
            )
        values: Mapping[str, Any] = getattr(config, field)
        changed: dict[str, Any] = {field: {**values, (rest if dot else name): value}}
        config = dataclasses.replace(config, **changed)
    return config


def with_augmentations(config: RunConfig, edits: Sequence[str], info: DataInfo) -> RunConfig:
    """``config`` with ``--augment`` edits applied to its own list, its preset's or its task's."""
    if not edits:
        return config
    config = validation.expand_preset(config)
    edited = apply_edits(validation.augment_of(config, info), edits, info)
    return dataclasses.replace(config, augment=edited, preset=None)


def check_edits(edits: Sequence[str]) -> None:
    """Raise RequestError for an edit of ``--augment`` that is wrong with any data."""
    augmentations = registry.augmentations()
    for edit in edits:
        target, equals, value = edit.strip().partition("=")
        name, _, option = target.removeprefix("-").partition(".")
        if equals and option:
            canonical_form(AugmentStep(name, {option: value}))
        elif target.startswith("-"):
            registry.augmentation(name)
        elif not equals and target not in augmentations and target not in registry.presets():
            names = {*augmentations, *registry.presets()}
            raise unknown_name("augmentation or preset", target, names, field="--augment")


def check_kind(tasks: Sequence[str], edits: Sequence[str], info: DataInfo) -> None:
    """Raise RequestError for tasks and ``--augment`` edits that are for another kind of data.

    info: its kind is enough. What depends on sizes is left to ``validate``.
    """
    for name in tasks:
        Task.check(registry.task(name)(), info)
    for edit in edits:
        if "=" not in edit and not edit.strip().startswith("-"):
            apply_edits((), [edit], info)


def read_config(path: str) -> RunConfig:
    """The RunConfig in a JSON file (``--config FILE``)."""
    regular_files.check(Path(path), "--config")
    try:
        raw = json.loads(Path(path).read_text("utf-8"))
    except RecursionError as exc:
        raise RequestError(
            f"'{path}' is nested too deeply.", field="--config", remedy="Give a run's config.json."
        ) from exc
    except OSError as exc:
        raise RequestError(
            f"'{path}' cannot be read: {exc.strerror}.",
            field="--config",
            remedy="Give the path of a JSON file, such as a run's config.json.",
        ) from exc
    except ValueError as exc:
        raise RequestError(
            f"'{path}' is not JSON: {exc}.", field="--config", remedy="Mend the file."
        ) from exc
    try:
        return RunConfig.from_json(raw)
    except RequestError as error:
        field = error.field or ""
        where = field if field.startswith("--") else f"--config, '{field}'"
        raise RequestError(error.message, field=where, remedy=error.remedy) from error


def budget(
    seconds: float | None, steps: int | None, epochs: float | None, default: Budget
) -> Budget:
    """The Budget of these values, or ``default`` if all are None."""
    if seconds is None and steps is None and epochs is None:
        return default
    return Budget(seconds=seconds, steps=steps, epochs=epochs)


def pilot_configs(
    base: RunConfig, tasks: Sequence[str], info: DataInfo, seeds: int, edits: Sequence[str] = ()
) -> tuple[list[RunConfig], list[str]]:
    """One validated RunConfig for each seed and task, with one encoder if all tasks allow one.

    edits: of ``--augment``, applied to each task's augmentations. Returns the configurations, and
    notes on the encoder. Raises RequestError.
    """
    if not tasks:
        raise RequestError("no task is given.", field="--tasks", remedy="Give --tasks A,B,C.")
    classes = [registry.task(name) for name in tasks]
    notes = []
    encoder = base.encoder
    if encoder is None:
        encoder = validation.common_encoder(classes, info)
        if encoder is not None:
            notes.append(f"Encoder: {encoder}" + (" for all tasks." if len(tasks) > 1 else "."))
        else:
            notes.append(
                "No encoder suits all tasks: each has its own, and is compared with the untrained "
                "version of that."
            )
    configs = []
    for seed in range(base.seed, base.seed + seeds):
        for name in tasks:
            config = dataclasses.replace(base, task=name, encoder=encoder, seed=seed)
            configs.append(validation.validate(with_augmentations(config, edits, info), info))
    return configs, notes

"""From words to a RunConfig: what the command line, a form and a notebook have in common.

``--set NAME=VALUE`` is the task's; ``train.NAME``, ``encoder.NAME`` and ``eval.NAME`` the rest.
"""

from __future__ import annotations

import dataclasses
import json
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from workbench import options, registry
from workbench.augment.canonical_form import canonical_form
from workbench.augment.edit import apply_edits
from workbench.config import AugmentStep, Budget, RunConfig
from workbench.data.dataset import DataInfo
from workbench.errors import RequestError, unknown_name
from workbench.requests import validation
from workbench.tasks.base import Task

_ROOMS = {"train": "train", "encoder": "encoder_options", "eval": "eval"}


def with_settings(config: RunConfig, settings: Sequence[str]) -> RunConfig:
    """``config`` with every ``NAME=VALUE`` of ``settings`` put where its prefix says."""
    for setting in settings:
        name, equals, value = setting.partition("=")
        if not equals or not name:
            raise RequestError(
                f"'{setting}' is not NAME=VALUE.", field="--set", remedy="Give --set NAME=VALUE."
            )
        room, dot, rest = name.partition(".")
        field = _ROOMS.get(room) if dot else "options"
        if field is None:
            raise RequestError(
                f"'{room}' is not a group of options.",
                field=f"--set {name}",
                remedy=f"Use NAME for the task's own, or {', '.join(f'{r}.NAME' for r in _ROOMS)}.",
            )
        values: Mapping[str, Any] = getattr(config, field)
        changed: dict[str, Any] = {field: {**values, (rest if dot else name): value}}
        config = dataclasses.replace(config, **changed)
    return config


def with_augmentations(config: RunConfig, edits: Sequence[str], info: DataInfo) -> RunConfig:
    """``config`` with ``--augment`` edits applied to its own list, its preset or its task's."""
    if not edits:
        return config
    config = validation.preset_written_out(config)
    edited = apply_edits(validation.augment_of(config, info), edits, info)
    return dataclasses.replace(config, augment=edited, preset=None)


def check_edits(edits: Sequence[str]) -> None:
    """Raise RequestError for an edit of ``--augment`` that is wrong with any data."""
    known = registry.augmentations()
    for edit in edits:
        target, equals, value = edit.strip().partition("=")
        name, _, option = target.removeprefix("-").partition(".")
        if equals and option:
            canonical_form(AugmentStep(name, {option: value}))
        elif target.startswith("-"):
            registry.augmentation(name)
        elif not equals and target not in known and target not in registry.presets():
            names = {*known, *registry.presets()}
            raise unknown_name("augmentation or preset", target, names, field="--augment")


def check_kind(tasks: Sequence[str], edits: Sequence[str], info: DataInfo) -> None:
    """Raise RequestError for tasks and ``--augment`` edits that are for the other kind of data.

    info: needs no more than the kind; what depends on sizes is left to ``validate``.
    """
    for name in tasks:
        Task.check(registry.task(name)(), info)
    for edit in edits:
        if "=" not in edit and not edit.strip().startswith("-"):
            apply_edits((), [edit], info)


def read_config(path: str) -> RunConfig:
    """The RunConfig in a JSON file (``--config FILE``)."""
    try:
        raw = json.loads(Path(path).read_text("utf-8"))
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
    """The budget that was asked for, or ``default`` if none was."""
    if seconds is None and steps is None and epochs is None:
        return default
    return Budget(seconds=seconds, steps=steps, epochs=epochs)


def command_line(config: RunConfig) -> str:
    """The ``workbench pretrain`` command that makes an equal request."""
    words = ["workbench", "pretrain", "--data", config.data.source, "--task", config.task]
    for flag, value in _data_flags(config).items():
        words += [flag, value]
    if config.encoder is not None:
        words += ["--encoder", config.encoder]
    ((unit, amount),) = {
        k: v for k, v in dataclasses.asdict(config.budget).items() if v is not None
    }.items()
    words += [f"--{unit}", options.word(amount)]
    groups = (("", config.options), ("train.", config.train), ("eval.", config.eval))
    for prefix, values in (*groups, ("encoder.", config.encoder_options)):
        for name, value in values.items():
            words += ["--set", f"{prefix}{name}={options.word(value)}"]
    if config.augment is not None:
        words += augment_words(config.augment)
    if config.seed:
        words += ["--seed", str(config.seed)]
    if config.device != "auto":
        words += ["--device", config.device]
    for plugin in config.plugins:
        words += ["--plugin", plugin]
    return shlex.join(words)


def augment_words(steps: Sequence[AugmentStep]) -> list[str]:
    """The ``--augment`` flags that make a list of exactly these steps."""
    words = ["--augment", "none"]
    for step in steps:
        words += ["--augment", step.name]
        for name, value in step.options.items():
            words += ["--augment", f"{step.name}.{name}={options.word(value)}"]
    return words


def pilot_configs(
    base: RunConfig, tasks: Sequence[str], info: DataInfo, seeds: int, edits: Sequence[str] = ()
) -> tuple[list[RunConfig], list[str]]:
    """One validated RunConfig a task and seed, on one encoder that all tasks allow.

    edits: of ``--augment``, applied to each task's augmentations.
    Returns the configurations and notes: which encoder was taken, and what a task forced.
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


def _data_flags(config: RunConfig) -> dict[str, str]:
    data = config.data
    flags = {
        "--label": data.label,
        "--group": data.group,
        "--text": ",".join(data.text) if data.text else None,
        "--image": data.image,
        "--folders": data.folders if data.folders != "label" else None,
        "--size": data.size,
        "--samples": data.samples,
        "--channels": ",".join(map(str, data.channels)) if data.channels else None,
        "--length": data.length,
    }
    return {flag: str(value) for flag, value in flags.items() if value is not None}

"""From a request to a complete RunConfig: names, options, task against encoder and data.

Needs no torch, so that the app's server, the command line and the notebook all call it before
anything is launched.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

from workbench import options, registry
from workbench.augment import presets
from workbench.augment.canonical_form import canonical_form
from workbench.config import AugmentStep, Budget, RunConfig
from workbench.data.dataset import DataInfo
from workbench.encoders import defaults
from workbench.encoders.base import Encoder, EncoderKind
from workbench.errors import RequestError, unknown_name
from workbench.requests import evaluation_options
from workbench.tasks.base import Task
from workbench.training import instances

DEVICES = ("auto", "cpu", "cuda", "mps")


def validate(config: RunConfig, info: DataInfo) -> RunConfig:
    """``config`` made complete for the data ``info``; a second call changes nothing.

    Fills in the encoder, the augmentations and the data's fingerprint, and writes every value in
    one way only (typed, defaults left out, whole paths), so that equal requests are equal, whoever
    made them. Raises RequestError, with field and remedy, for unknown names, options out of range,
    a task, encoder and data that do not go together, or data too small.
    """
    check_words(config)
    config = preset_written_out(config)
    task = instances.task_of(config)
    task.check(info)
    if config.encoder is None:
        config = dataclasses.replace(config, encoder=default_encoder(task, info))
    config = dataclasses.replace(config, encoder_options=_encoder_options(config, task))
    encoder = instances.encoder_of(config)
    check_pair(task, encoder)
    if not _suits(encoder.kind, info):
        fitting = [name for name, cls in registry.encoders().items() if _suits(cls.kind, info)]
        raise RequestError(
            f"the encoder '{encoder.name}' cannot take {info.modality} data.",
            field="--encoder",
            remedy=f"Give one of {', '.join(fitting)}.",
        )
    task.check_encoder(encoder)
    encoder.check(info)
    if info.counts.get("train", 0) < 2:
        raise RequestError(
            f"the training split of '{info.name}' has {info.counts.get('train', 0)} samples.",
            field="--data",
            remedy="Give data with at least 2 training samples.",
        )
    augment = _augment(config, info)
    return dataclasses.replace(
        config,
        data=dataclasses.replace(
            config.data,
            source=whole_source(config.data.source),
            fingerprint=info.fingerprint,
        ),
        options=_chosen(task),
        encoder_options=_chosen(encoder, keep=task.encoder_options),
        augment=augment,
        budget=_budget(config.budget),
        train=_chosen(instances.train_options(config)),
        eval=_chosen(evaluation_options.complete(instances.eval_options(config), info)),
        seed=int(config.seed),
        preset=None,
        plugins=_plugins(config, augment),
    )


def check_words(config: RunConfig) -> None:
    """Raise RequestError for what is wrong with any data: names, options, device, seed, budget."""
    for plugin in config.plugins:
        registry.load_plugin(plugin)
    _check_preset(config)
    config = preset_written_out(config)
    task = instances.task_of(config)
    if config.encoder is not None:
        check_pair(task, instances.encoder_of(config))
    instances.train_options(config)
    instances.eval_options(config)
    _budget(config.budget)
    for step in config.augment or ():
        canonical_form(step)
    if config.device not in DEVICES:
        raise RequestError(
            f"'{config.device}' is not a device.",
            field="--device",
            remedy=f"Give one of {', '.join(DEVICES)}.",
        )
    if not 0 <= config.seed < 2**31:
        raise RequestError(
            f"'{config.seed}' is not allowed.",
            field="--seed",
            remedy=f"Give a whole number from 0 to {2**31 - 1}.",
        )


def whole_source(source: str) -> str:
    """``source`` with a path made absolute: workers and the engine run in other folders."""
    if source.startswith(("sample:", "hub:")) or not source.strip():
        return source
    try:
        return str(Path(source).expanduser().absolute())
    except RuntimeError:
        # "~name" of nobody: told when the data are looked for.
        return source


def default_encoder(task: type[Task] | Task, info: DataInfo) -> str:
    """The encoder a task gets when the user names none."""
    return defaults.default_encoder(
        next(kind for kind in task.needs.encoders if _suits(kind, info))
    )


def common_encoder(tasks: Sequence[type[Task]], info: DataInfo) -> str | None:
    """One encoder that all ``tasks`` allow, in the first task's order of preference, or None.

    A pilot compares tasks on one encoder; where there is none, each task keeps its own and is
    compared with the untrained version of that (the caller says so).
    """
    for kind in tasks[0].needs.encoders:
        if _suits(kind, info) and all(kind in task.needs.encoders for task in tasks):
            return defaults.default_encoder(kind)
    return None


def _suits(kind: EncoderKind, info: DataInfo) -> bool:
    return (kind == "text") == (info.modality == "text")


def check_pair(task: Task, encoder: Encoder) -> None:
    """Raise RequestError if ``task`` cannot train this kind of encoder."""
    if encoder.kind in task.needs.encoders:
        return
    allowed = [name for name, cls in registry.encoders().items() if cls.kind in task.needs.encoders]
    raise RequestError(
        f"the task '{task.name}' cannot train the encoder '{encoder.name}'.",
        field="--encoder",
        remedy=f"Give one of {', '.join(allowed)}, or another task.",
    )


def preset_written_out(config: RunConfig) -> RunConfig:
    """``config`` with a preset that breaks its task written out as options; else as it is."""
    preset = registry.broken().get(config.preset or "")
    return config if preset is None else preset.apply(config)


def augment_of(config: RunConfig, info: DataInfo) -> tuple[AugmentStep, ...]:
    """The augmentations asked for, else those of the preset, else the task's own."""
    if config.augment is not None:
        return config.augment
    if config.preset is not None:
        return presets.steps(config.preset, info)
    return instances.task_of(config).augment_for(info)


def _check_preset(config: RunConfig) -> None:
    if config.preset is None:
        return
    if config.preset in registry.broken():
        return
    if config.preset not in registry.presets():
        known = {*registry.presets(), *registry.broken()}
        raise unknown_name("preset", config.preset, known, field="--preset")
    if config.augment is not None:
        raise RequestError(
            "a preset and a list of augmentations are given.",
            field="--preset",
            remedy="Give one of the two.",
        )


def _augment(config: RunConfig, info: DataInfo) -> tuple[AugmentStep, ...]:
    asked = augment_of(config, info)
    for step in asked:
        modalities = registry.augmentation(step.name).modalities
        if info.modality not in modalities:
            raise RequestError(
                f"'{step.name}' is for {' and '.join(modalities)} data, not {info.modality} data.",
                field="--augment",
                remedy=f"Remove it with --augment -{step.name}.",
            )
    return tuple(canonical_form(step) for step in asked)


def _chosen(instance: Any, keep: Collection[str] = ()) -> dict[str, Any]:
    """The options of a declared instance that are unlike their defaults, as JSON-able values.

    keep: options that are written out whatever they are, because leaving them out would set them.
    """
    plain = options.values_of(type(instance)())
    values = options.values_of(instance)
    return {k: v for k, v in values.items() if v != plain[k] or k in keep}


def _encoder_options(config: RunConfig, task: Task) -> dict[str, Any]:
    """What the user says of the encoder, over what the task sets where the user says nothing."""
    known = {spec.name for spec in options.options_of(registry.encoder(config.encoder or ""))}
    set_by_task = {k: v for k, v in task.encoder_options.items() if k in known}
    return {**set_by_task, **config.encoder_options}


def _plugins(config: RunConfig, augment: Sequence[AugmentStep]) -> tuple[str, ...]:
    """The files that a worker has to load: those named, and those that declare what is used."""
    named = [str(Path(path).expanduser().resolve()) for path in config.plugins]
    used = [
        registry.task(config.task),
        *([registry.encoder(config.encoder)] if config.encoder else []),
        *(registry.augmentation(step.name) for step in augment),
    ]
    files = (registry.plugin_file(declared) for declared in used)
    return tuple(dict.fromkeys([*named, *(file for file in files if file is not None)]))


def _budget(budget: Budget) -> Budget:
    if budget.steps is not None and budget.steps != int(budget.steps):
        raise RequestError(
            f"'{budget.steps}' is not allowed.", field="--steps", remedy="Give a whole number."
        )
    return Budget(
        seconds=None if budget.seconds is None else float(budget.seconds),
        steps=None if budget.steps is None else int(budget.steps),
        epochs=None if budget.epochs is None else float(budget.epochs),
    )

"""From a request to a complete RunConfig: names, options, and whether task, encoder and data fit.

It needs no torch, so that the app's server, the command line and the notebook can all call it
before anything is launched.
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
    one form only (typed, defaults left out, absolute paths), so that equal requests are equal,
    whoever made them. Raises RequestError, with field and remedy, for unknown names, options out of
    range, a task, encoder and data that do not fit together, and data that are too small.
    """
    check_without_data(config)
    config = expand_preset(config)
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
            source=absolute_source(config.data.source),
            fingerprint=info.fingerprint,
        ),
        options=_changed(task),
        encoder_options=_changed(encoder, keep=task.encoder_options),
        augment=augment,
        budget=_budget(config.budget),
        train=_changed(instances.train_options(config)),
        eval=_changed(evaluation_options.complete(instances.eval_options(config), info)),
        seed=int(config.seed),
        preset=None,
        plugins=_plugins(config, augment),
    )


def check_without_data(config: RunConfig) -> None:
    """Raise RequestError for what no data set could mend: names, options, budget, device, seed."""
    for plugin in config.plugins:
        registry.load_plugin(plugin)
    _check_preset(config)
    config = expand_preset(config)
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


def absolute_source(source: str) -> str:
    """``source`` with a path made absolute: workers and the engine run in other folders."""
    if source.startswith(("sample:", "hub:")) or not source.strip():
        return source
    try:
        return str(Path(source).expanduser().absolute())
    except RuntimeError:
        # There is no user of that "~name": preparing the data gives the error.
        return source


def default_encoder(task: type[Task] | Task, info: DataInfo) -> str:
    """The name of the encoder for ``task`` if the user names none."""
    return defaults.default_encoder(
        next(kind for kind in task.needs.encoders if _suits(kind, info))
    )


def common_encoder(tasks: Sequence[type[Task]], info: DataInfo) -> str | None:
    """One encoder that all ``tasks`` allow, in the first task's order of preference, or None.

    A pilot compares tasks on one encoder. Where there is none, each task keeps its own encoder and
    is compared with the untrained version of it; the caller says so.
    """
    for kind in tasks[0].needs.encoders:
        if _suits(kind, info) and all(kind in task.needs.encoders for task in tasks):
            return defaults.default_encoder(kind)
    return None


def _suits(kind: EncoderKind, info: DataInfo) -> bool:
    return info.modality in defaults.modalities(kind)


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


def expand_preset(config: RunConfig) -> RunConfig:
    """``config`` with its preset replaced by options, if the preset breaks a method on purpose."""
    preset = registry.broken().get(config.preset or "")
    return config if preset is None else preset.apply(config)


def augment_of(config: RunConfig, info: DataInfo) -> tuple[AugmentStep, ...]:
    """The augmentations of ``config``, else those of its preset, else the task's own."""
    if config.augment is not None:
        return config.augment
    if config.preset is not None:
        return presets.steps(config.preset, info)
    return instances.task_of(config).augment_for(info)


def _check_preset(config: RunConfig) -> None:
    if config.preset is None or config.preset in registry.broken():
        return
    if config.preset not in registry.presets():
        names = {*registry.presets(), *registry.broken()}
        raise unknown_name("preset", config.preset, names, field="--preset")
    if config.augment is not None:
        raise RequestError(
            "a preset and a list of augmentations are given.",
            field="--preset",
            remedy="Give one of the two.",
        )


def _augment(config: RunConfig, info: DataInfo) -> tuple[AugmentStep, ...]:
    steps = augment_of(config, info)
    for step in steps:
        modalities = registry.augmentation(step.name).modalities
        if info.modality not in modalities:
            raise RequestError(
                f"'{step.name}' is for {' and '.join(modalities)} data, not {info.modality} data.",
                field="--augment",
                remedy=f"Remove it with --augment -{step.name}.",
            )
    return tuple(canonical_form(step) for step in steps)


def _changed(instance: Any, keep: Collection[str] = ()) -> dict[str, Any]:
    """The options of a declared instance that differ from their defaults, as JSON-able values.

    keep: options to include even with their default, because the task would set absent ones.
    """
    defaults = options.values_of(type(instance)())
    values = options.values_of(instance)
    return {k: v for k, v in values.items() if v != defaults[k] or k in keep}


def _encoder_options(config: RunConfig, task: Task) -> dict[str, Any]:
    """The encoder's options of the request, over those that the task sets."""
    names = {spec.name for spec in options.options_of(registry.encoder(config.encoder or ""))}
    set_by_task = {k: v for k, v in task.encoder_options.items() if k in names}
    return {**set_by_task, **config.encoder_options}


def _plugins(config: RunConfig, augment: Sequence[AugmentStep]) -> tuple[str, ...]:
    """The plugin files that a worker must load: those named, and those of what is used."""
    named = [str(Path(path).expanduser().resolve()) for path in config.plugins]
    declarations = [
        registry.task(config.task),
        *([registry.encoder(config.encoder)] if config.encoder else []),
        *(registry.augmentation(step.name) for step in augment),
    ]
    files = (registry.plugin_file(declared) for declared in declarations)
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

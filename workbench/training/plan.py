"""From a request to a complete RunConfig: names, options, task against encoder and data.

Needs no torch, so that the app's server, the command line and the notebook all call it before
anything is launched.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from workbench import options, registry
from workbench.config import AugmentStep, EvalOptions, RunConfig, TrainOptions
from workbench.data.dataset import DataInfo
from workbench.encoders.base import Encoder
from workbench.errors import RequestError
from workbench.tasks.base import Task

DEVICES = ("auto", "cpu", "cuda", "mps")
# The preferred encoder of each kind: what learns visibly within minutes on two cores.
DEFAULT_ENCODERS = {"conv": "small_conv", "vit": "vit_mini", "text": "text_mini"}


def validate(config: RunConfig, info: DataInfo) -> RunConfig:
    """``config`` made complete for the data ``info``; a second call changes nothing.

    Fills in the encoder, the augmentations and the data's fingerprint. Raises RequestError, with
    field and remedy, for unknown names, options out of range, a task, encoder and data that do not
    go together, or data too small.
    """
    for plugin in config.plugins:
        registry.load_plugin(plugin)
    task = task_of(config)
    task.check(info)
    if config.encoder is None:
        config = dataclasses.replace(config, encoder=default_encoder(task, info))
    encoder = encoder_of(config)
    check_pair(task, encoder)
    encoder.check(info)
    train_options(config)
    eval_options(config)
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
    if info.counts.get("train", 0) < 2:
        raise RequestError(
            f"the training split of '{info.name}' has {info.counts.get('train', 0)} samples.",
            field="--data",
            remedy="Give data with at least 2 training samples.",
        )
    augment = task.augment_for(info) if config.augment is None else config.augment
    for step in augment:
        _check_step(step, info)
    data = dataclasses.replace(config.data, fingerprint=info.fingerprint)
    return dataclasses.replace(config, data=data, augment=tuple(augment))


def task_of(config: RunConfig) -> Task:
    """The task that ``config`` names, with its options."""
    return options.build(registry.task(config.task), config.options, prefix="--set ")


def encoder_of(config: RunConfig) -> Encoder:
    """The encoder declaration that ``config`` names, with its options."""
    if config.encoder is None:
        raise RequestError("is missing.", field="--encoder", remedy="Validate the request first.")
    return options.build(
        registry.encoder(config.encoder), config.encoder_options, prefix="--set encoder."
    )


def train_options(config: RunConfig) -> TrainOptions:
    return options.build(TrainOptions, config.train, prefix="--set train.")


def eval_options(config: RunConfig) -> EvalOptions:
    return options.build(EvalOptions, config.eval, prefix="--set eval.")


def default_encoder(task: type[Task] | Task, info: DataInfo) -> str:
    """The encoder a task gets when the user names none."""
    return DEFAULT_ENCODERS[task.needs.encoders[0]]


def common_encoder(tasks: Sequence[type[Task]], info: DataInfo) -> str | None:
    """One encoder that all ``tasks`` allow, in the first task's order of preference, or None.

    A pilot compares tasks on one encoder; where there is none, each task keeps its own and is
    compared with the untrained version of that (the caller says so).
    """
    for kind in tasks[0].needs.encoders:
        if all(kind in task.needs.encoders for task in tasks):
            return DEFAULT_ENCODERS[kind]
    return None


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


def _check_step(step: AugmentStep, info: DataInfo) -> None:
    cls = registry.augmentation(step.name)
    options.build(cls, step.options, prefix=f"--augment {step.name}.")
    if info.modality not in cls.modalities:
        raise RequestError(
            f"'{step.name}' is for {' and '.join(cls.modalities)} data, not {info.modality} data.",
            field="--augment",
            remedy=f"Remove it with --augment -{step.name}.",
        )

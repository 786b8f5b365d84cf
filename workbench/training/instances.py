"""The task, the encoder and the options that a RunConfig names, as instances. Needs no torch."""

from __future__ import annotations

from workbench import options, registry
from workbench.config import EvalOptions, RunConfig, TrainOptions
from workbench.encoders.base import Encoder
from workbench.errors import RequestError
from workbench.tasks.base import Task


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
    """The trainer's options of ``config``."""
    return options.build(TrainOptions, config.train, prefix="--set train.")


def eval_options(config: RunConfig) -> EvalOptions:
    """The evaluation's options of ``config``."""
    return options.build(EvalOptions, config.eval, prefix="--set eval.")

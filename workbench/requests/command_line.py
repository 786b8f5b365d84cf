"""From a RunConfig back to a ``workbench pretrain`` command that makes an equal one."""

from __future__ import annotations

import dataclasses
import shlex
from collections.abc import Sequence

from workbench import options
from workbench.config import AugmentStep, RunConfig
from workbench.requests.data_flags import data_words


def command_line(config: RunConfig) -> str:
    """The ``workbench pretrain`` command that makes an equal request."""
    data_flag, source, *reading = data_words(config.data)
    words = ["workbench", "pretrain", data_flag, source, "--task", config.task, *reading]
    if config.encoder is not None:
        words += ["--encoder", config.encoder]
    ((unit, amount),) = {
        k: v for k, v in dataclasses.asdict(config.budget).items() if v is not None
    }.items()
    words += [f"--{unit}", options.word(amount)]
    groups = {
        "": config.options,
        "train.": config.train,
        "eval.": config.eval,
        "encoder.": config.encoder_options,
    }
    for prefix, values in groups.items():
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

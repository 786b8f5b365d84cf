"""What a preset is that breaks a task on purpose, by taking away the one thing that holds it up.

Such presets are for lessons, and for checking the collapse check. Each is declared in the file of
its task. It sets ordinary options of the task and of the training, so ``--set`` can do the same.
What becomes of such a run is measured and not promised: not every broken method collapses within
minutes.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from workbench.config import AugmentStep, RunConfig
from workbench.declared import Modality, modality_json
from workbench.errors import RequestError

FAMILY = "broken on purpose"


@dataclass(frozen=True)
class BrokenPreset:
    """Options that break a task.

    options, train: what ``--set NAME`` and ``--set train.NAME`` would set. augment: the
    augmentations, None for the task's own. task, modalities: those of the task that declares the
    preset; the registry fills them in.
    """

    name: str
    title: str
    summary: str
    reference: str
    options: Mapping[str, Any] = field(default_factory=dict)
    train: Mapping[str, Any] = field(default_factory=dict)
    augment: tuple[AugmentStep, ...] | None = None
    task: str = ""
    modalities: tuple[Modality, ...] = ()

    def describe(self) -> dict[str, Any]:
        """The object that ``workbench list presets --json`` gives."""
        train = {f"train.{name}": value for name, value in self.train.items()}
        return {
            "name": self.name,
            "title": self.title,
            "modality": modality_json(self.modalities),
            "family": FAMILY,
            "summary": self.summary,
            "reference": self.reference,
            "options": [],
            "task": self.task,
            "sets": {**self.options, **train},
            "steps": None if self.augment is None else [step.name for step in self.augment],
        }

    def apply(self, config: RunConfig) -> RunConfig:
        """``config`` with the preset's options; those that the user gives take precedence.

        Raises RequestError if ``config`` is for another task.
        """
        if config.task != self.task:
            raise RequestError(
                f"the preset '{self.name}' breaks '{self.task}', and the task is '{config.task}'.",
                field="--preset",
                remedy=f"Give --task {self.task}, or another preset: workbench list presets.",
            )
        return dataclasses.replace(
            config,
            preset=None,
            options={**self.options, **config.options},
            train={**self.train, **config.train},
            augment=self.augment if config.augment is None else config.augment,
        )

    def matches(self, config: Mapping[str, Any]) -> bool:
        """Whether a run's configuration (as JSON) is for this task and has every setting."""
        if config["task"] != self.task:
            return False
        for key, settings in (("options", self.options), ("train", self.train)):
            values = config.get(key) or {}
            if any(values.get(name) != value for name, value in settings.items()):
                return False
        if self.augment is None:
            return True
        steps = config.get("augment")
        names = [step.name for step in self.augment]
        return steps is not None and [step["name"] for step in steps] == names

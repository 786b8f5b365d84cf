"""Presets that break a method on purpose, by taking away the one thing that holds it up.

For lessons, and for checking the collapse check. Each sets ordinary options of the task and of the
training, so that anything a preset does can be done by ``--set`` too. What becomes of such a run
is measured and not promised: not every broken method collapses within minutes.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from workbench.config import AugmentStep, RunConfig
from workbench.errors import RequestError
from workbench.registry import Modality

FAMILY = "broken on purpose"


@dataclass(frozen=True)
class BrokenPreset:
    """Options that break a task. augment: the augmentations, None for the task's own."""

    name: str
    title: str
    summary: str
    task: str
    reference: str
    options: Mapping[str, Any] = field(default_factory=dict)
    train: Mapping[str, Any] = field(default_factory=dict)
    augment: tuple[AugmentStep, ...] | None = None
    modalities: tuple[Modality, ...] = ("image",)

    def describe(self) -> dict[str, Any]:
        """The object that ``workbench list presets --json`` gives."""
        modality: Any = self.modalities[0] if len(self.modalities) == 1 else list(self.modalities)
        train = {f"train.{name}": value for name, value in self.train.items()}
        return {
            "name": self.name,
            "title": self.title,
            "modality": modality,
            "family": FAMILY,
            "summary": self.summary,
            "reference": self.reference,
            "options": [],
            "task": self.task,
            "sets": {**self.options, **train},
            "steps": None if self.augment is None else [step.name for step in self.augment],
        }

    def apply(self, config: RunConfig) -> RunConfig:
        """``config`` with the preset's options under those that the user gives.

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


BROKEN: tuple[BrokenPreset, ...] = (
    BrokenPreset(
        "simsiam_no_stop_gradient",
        "SimSiam without stop-gradient",
        "Both views move towards each other, so that one point for all images is the best answer. "
        "The projection has no batch norm at its end, which would hold the spread up by itself.",
        "simsiam",
        "Chen & He 2020, arXiv 2011.10566, section 4.1",
        {"stop_gradient": False, "output_norm": "none"},
    ),
    BrokenPreset(
        "simsiam_no_predictor",
        "SimSiam without predictor",
        "The projections of two views are compared directly.",
        "simsiam",
        "Chen & He 2020, arXiv 2011.10566, section 4.2",
        {"predictor": "none", "output_norm": "none"},
    ),
    BrokenPreset(
        "simsiam_fixed_predictor",
        "SimSiam with a fixed predictor",
        "The predictor keeps its random weights: the paper's run then did not learn, and did not "
        "collapse either.",
        "simsiam",
        "Chen & He 2020, arXiv 2011.10566, section 4.2",
        {"predictor": "fixed"},
    ),
    BrokenPreset(
        "byol_no_predictor",
        "BYOL without predictor",
        "The student copies a teacher that is its own past, with nothing between them.",
        "byol",
        "Grill et al. 2020, arXiv 2006.07733, table 5",
        {"predictor": "none"},
    ),
    BrokenPreset(
        "vicreg_no_variance",
        "VICReg without variance",
        "Nothing keeps the projections apart: all images may become one point.",
        "vicreg",
        "Bardes et al. 2022, arXiv 2105.04906, table 7",
        {"variance": 0.0},
    ),
    BrokenPreset(
        "vicreg_no_covariance",
        "VICReg without covariance",
        "Dimensions may copy one another: the projections keep their spread and lose all but one "
        "direction.",
        "vicreg",
        "Bardes et al. 2022, arXiv 2105.04906, table 7",
        {"covariance": 0.0},
    ),
    BrokenPreset(
        "vicreg_outweighed",
        "VICReg with variance and covariance at 100",
        "The two terms that spread the projections outweigh the one that makes views agree a "
        "hundred times.",
        "vicreg",
        "Meta's eb_jepa, examples/image_jepa: chance accuracy with these coefficients",
        {"invariance": 1.0, "variance": 100.0, "covariance": 100.0},
    ),
    BrokenPreset(
        "simclr_hot",
        "SimCLR at a temperature of 100",
        "All other views are pushed away equally, whether alike or not.",
        "simclr",
        "Chen et al. 2020, arXiv 2002.05709, table 5",
        {"temperature": 100.0},
    ),
    BrokenPreset(
        "simclr_batch_4",
        "SimCLR with four images a batch",
        "Each view has to be told from six others only, which is easy.",
        "simclr",
        "Chen et al. 2020, arXiv 2002.05709, figure 9",
        train={"batch_size": 4},
    ),
    BrokenPreset(
        "simclr_no_augmentation",
        "SimCLR without augmentation",
        "Both views are the image itself: there is nothing to find out.",
        "simclr",
        "Chen et al. 2020, arXiv 2002.05709, section 3",
        augment=(),
    ),
    BrokenPreset(
        "simclr_diverging",
        "SimCLR at a learning rate that diverges",
        "Steps so large that the weights fly apart.",
        "simclr",
        "the learning rate a thousand times too high",
        train={"optimizer": "sgd", "learning_rate": 1000.0},
    ),
    BrokenPreset(
        "mlm_all_masked",
        "Masked language modelling with everything masked",
        "Nothing of the text is left to answer from but its length.",
        "mlm",
        "Wettig et al. 2022, arXiv 2202.08005, on how much can be masked",
        {"mask_rate": 1.0, "corruption": "mask"},
        modalities=("text",),
    ),
)


def recognised(config: Mapping[str, Any]) -> BrokenPreset | None:
    """The preset whose every setting a run's configuration (as JSON) has, however it came to them;
    the most particular one if there are several."""
    found = [preset for preset in BROKEN if preset.task == config["task"] and _set(preset, config)]
    return max(found, key=lambda preset: len(preset.options) + len(preset.train), default=None)


def _set(preset: BrokenPreset, config: Mapping[str, Any]) -> bool:
    rooms = (("options", preset.options), ("train", preset.train))
    if any((config.get(room) or {}).get(k) != v for room, own in rooms for k, v in own.items()):
        return False
    steps = config.get("augment")
    if preset.augment is None:
        return True
    return steps is not None and [s["name"] for s in steps] == [s.name for s in preset.augment]

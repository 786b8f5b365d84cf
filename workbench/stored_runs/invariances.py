"""The augmentations that a run is tried for invariance to, and the measurements kept of them.

A trial takes some seconds in the engine, so the page asks for one after another. No torch here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench import registry
from workbench.augment.base import Augmentation
from workbench.augment.canonical_form import canonical_form
from workbench.config import AugmentStep, RunConfig
from workbench.data.dataset import DataInfo
from workbench.errors import RequestError
from workbench.options import values_of
from workbench.records import InvarianceRecord
from workbench.run_folder import ENCODER, INVARIANCE


@dataclass(frozen=True)
class InvarianceTrial:
    """An augmentation alone, with its options.

    title: as the screen shows it. own: whether the run trained with it, with these options.
    """

    step: AugmentStep
    title: str
    own: bool

    @property
    def key(self) -> str:
        """Equal for the same augmentation with the same options."""
        return json.dumps([self.step.name, dict(self.step.options)], sort_keys=True)


def trials(config: RunConfig, info: DataInfo) -> list[InvarianceTrial]:
    """The run's own augmentations, each alone, then the standard trials of other augmentations.

    See ``Augmentation.invariance_trials``. Each pair of augmentation and options comes once.
    """
    own = [
        InvarianceTrial(step, _title(step), own=True)
        for step in map(canonical_form, config.augment or ())
    ]
    names = {trial.step.name for trial in own}
    standard = [
        InvarianceTrial(step, _title(step), own=False)
        for step in _standard_steps(info)
        if step.name not in names
    ]
    unique: dict[str, InvarianceTrial] = {}
    for trial in (*own, *standard):
        unique.setdefault(trial.key, trial)
    return list(unique.values())


def find_step(config: RunConfig, info: DataInfo, key: str) -> AugmentStep:
    """The step of the trial with this key. Raises RequestError if there is none."""
    for trial in trials(config, info):
        if trial.key == key:
            return trial.step
    raise RequestError(
        "this augmentation is not among those that are measured.",
        field="augmentation",
        remedy="Open the page again.",
    )


def read_measurements(folder: Path) -> dict[str, InvarianceRecord]:
    """What was measured of the run's present encoder, by the key of the trial; {} before."""
    stamp, path = _encoder_stamp(folder), folder / INVARIANCE
    if stamp is None or not path.exists():
        return {}
    try:
        document = json.loads(path.read_text("utf-8"))
    except ValueError:
        return {}
    return dict(document["rows"]) if document.get("encoder") == stamp else {}


def extended_document(folder: Path, key: str, measured: InvarianceRecord) -> str:
    """The text of the file with one more measurement."""
    rows = {**read_measurements(folder), key: measured}
    return json.dumps({"encoder": _encoder_stamp(folder), "rows": rows})


def sort_by_movement(
    measured: Sequence[tuple[InvarianceTrial, InvarianceRecord]],
) -> list[tuple[InvarianceTrial, InvarianceRecord]]:
    """Those that move the trained representation least first; what could not be measured last."""

    def place(item: tuple[InvarianceTrial, InvarianceRecord]) -> tuple[bool, float]:
        value = item[1]["trained"]["value"]
        return value is None, 0.0 if value is None else float(value)

    return sorted(measured, key=place)


def config_with_plugins(raw: Mapping[str, Any]) -> RunConfig:
    """A stored configuration; its plugins are loaded, as its augmentations may come from them.

    Raises RequestError if one is gone.
    """
    config = RunConfig.from_json(raw)
    for plugin in config.plugins:
        registry.load_plugin(plugin)
    return config


def _standard_steps(info: DataInfo) -> list[AugmentStep]:
    """The settings in which every run on such data is tried, in the order of their ranks."""
    suiting = [cls for cls in registry.augmentations().values() if info.modality in cls.modalities]
    return [
        canonical_form(AugmentStep(cls.name, values_of(augmentation)))
        for cls in sorted(suiting, key=_rank)
        for augmentation in cls.invariance_trials(info)
    ]


def _rank(cls: type[Augmentation]) -> tuple[bool, int]:
    """Sorts by rank; those without one come last, in the order of their names."""
    return cls.invariance_rank is None, cls.invariance_rank or 0


def _title(step: AugmentStep) -> str:
    return registry.augmentation(step.name).title or step.name


def _encoder_stamp(folder: Path) -> int | None:
    """When the encoder was written, in ns: a resumed run has another one. None if there is none."""
    path = folder / ENCODER
    return path.stat().st_mtime_ns if path.exists() else None

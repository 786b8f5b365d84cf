"""Which augmentations a run's representation is asked about, and what is kept of the answers.

Needs no torch: the page asks for one augmentation after another, so that none waits long.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench import registry
from workbench.augment.canonical import canonical
from workbench.config import AugmentStep, RunConfig
from workbench.data.dataset import DataInfo
from workbench.errors import RequestError
from workbench.stored_runs.inspected import ENCODER

FILE = "invariance.json"
_IMAGES = (
    "random_resized_crop",
    "horizontal_flip",
    "vertical_flip",
    "rotation",
    "translate",
    "color_jitter",
    "grayscale",
    "brightness_contrast",
    "invert",
    "gaussian_blur",
    "gaussian_noise",
    "cutout",
)
_TEXTS = (
    "token_deletion",
    "token_swap",
    "token_shuffle",
    "token_insertion",
    "span_deletion",
    "typing_errors",
    "cutoff",
)
_COLOURED = ("color_jitter", "grayscale")


@dataclass(frozen=True)
class Asked:
    """step: an augmentation alone; title: for people; own: whether the run itself trains with it,
    with these options."""

    step: AugmentStep
    title: str
    own: bool

    @property
    def key(self) -> str:
        return key_of(self.step)


def key_of(step: AugmentStep) -> str:
    """Equal for the same augmentation with the same options."""
    return json.dumps([step.name, dict(step.options)], sort_keys=True)


def asked(config: RunConfig, info: DataInfo) -> list[Asked]:
    """The run's own augmentations, each alone, then the standard ones of its kind of data that are
    not among them. Without colours none is asked about that changes only colours."""
    own = [canonical(step) for step in config.augment or ()]
    names = _TEXTS if info.modality == "text" else _IMAGES
    gray = info.modality == "image" and info.channels == 1
    more = [
        AugmentStep(name)
        for name in names
        if name not in {step.name for step in own} and not (gray and name in _COLOURED)
    ]
    found = [(step, True) for step in own] + [(canonical(step), False) for step in more]
    unique = {key_of(step): (step, mine) for step, mine in reversed(found)}
    return [
        Asked(step, registry.augmentation(step.name).title or step.name, mine)
        for step, mine in reversed(unique.values())
    ]


def read(folder: Path) -> dict[str, Mapping[str, Any]]:
    """What was measured of the run's present encoder, by ``Asked.key``; {} before."""
    stamp, path = stamp_of(folder), folder / FILE
    if stamp is None or not path.exists():
        return {}
    try:
        known = json.loads(path.read_text("utf-8"))
    except ValueError:
        return {}
    return dict(known["rows"]) if known.get("encoder") == stamp else {}


def document(folder: Path, key: str, row: Mapping[str, Any]) -> str:
    """The file's text with one more answer."""
    return json.dumps({"encoder": stamp_of(folder), "rows": {**read(folder), key: row}})


def stamp_of(folder: Path) -> int | None:
    """When the encoder was written: a resumed run has another one. None if there is none."""
    path = folder / ENCODER
    return path.stat().st_mtime_ns if path.exists() else None


def ordered(found: Sequence[tuple[Asked, Mapping[str, Any]]]) -> list[tuple[Asked, dict[str, Any]]]:
    """Most blind first; what could not be measured last."""

    def place(item: tuple[Asked, Mapping[str, Any]]) -> tuple[bool, float]:
        value = item[1]["trained"]["value"]
        return value is None, 0.0 if value is None else float(value)

    return [(one, dict(row)) for one, row in sorted(found, key=place)]


def config_of(raw: Mapping[str, Any]) -> RunConfig:
    """A stored configuration, with the plugins loaded that its augmentations may come from.

    Raises RequestError if one is gone.
    """
    config = RunConfig.from_json(raw)
    for plugin in config.plugins:
        registry.load_plugin(plugin)
    return config


def known_step(config: RunConfig, info: DataInfo, key: str) -> AugmentStep:
    """The augmentation with this key among those that are asked about. Raises RequestError."""
    for one in asked(config, info):
        if one.key == key:
            return one.step
    raise RequestError(
        "this augmentation is not among those that are measured.",
        field="augmentation",
        remedy="Open the page again.",
    )

"""A run's configuration as rows of a table: what was chosen first, then what was left as it is."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from workbench import options, registry
from workbench.config import EvalOptions, RunConfig, TrainOptions
from workbench.data.dataset import DataInfo
from workbench.errors import RequestError
from workbench.requests import validation


@dataclass(frozen=True)
class Setting:
    """field: dotted, such as ``train.batch_size`` or ``task.temperature``. default: what a request
    that says only data and task gets, None where that is not known. chosen: whether it differs."""

    field: str
    value: str
    default: str | None
    chosen: bool


def settings(raw: Mapping[str, Any], info: DataInfo | None) -> list[Setting]:
    """Every setting of a stored configuration, those that differ from their defaults first.

    info: of its data; without it, or with a plugin that is gone, the defaults of encoder and
    augmentations are not known, and what was stored counts as chosen.
    """
    plain = _default(raw, info)
    mine, usual = _values(raw), {} if plain is None else _values(plain)
    found = []
    known = plain is not None
    for field in dict.fromkeys([*mine, *usual]):
        value, default = mine.get(field), usual.get(field)
        differs = value != default or not known
        found.append(
            Setting(field, _text(value), _text(default) if known else None, chosen=differs)
        )
    return sorted(found, key=lambda one: not one.chosen)


def _default(raw: Mapping[str, Any], info: DataInfo | None) -> dict[str, Any] | None:
    """The configuration of the same data and task with nothing else asked for."""
    if info is None:
        return None
    try:
        config = RunConfig.from_json(raw)
        for plugin in config.plugins:
            registry.load_plugin(plugin)
        usual = validation.validate(RunConfig(config.data, config.task), info)
    except RequestError:
        return None
    return usual.to_json()


def _values(raw: Mapping[str, Any]) -> dict[str, Any]:
    """Dotted names to values, with the defaults that the stored configuration leaves out."""
    named = ("data", "task", "encoder", "seed", "device", "preset")
    out = dict(_flat({name: raw.get(name) for name in named}))
    ((unit, amount),) = raw["budget"].items()
    out["budget"] = f"{amount:g} {unit}"
    out["augment"] = "; ".join(_step(step) for step in raw.get("augment") or ()) or "none"
    task = registry.tasks().get(str(raw.get("task")))
    encoder = registry.encoders().get(str(raw.get("encoder")))
    parts = {
        "task": _declared(task, raw.get("options")),
        "encoder": _declared(encoder, raw.get("encoder_options")),
        "train": _declared(TrainOptions, raw.get("train")),
        "eval": _declared(EvalOptions, raw.get("eval")),
    }
    return out | dict(_flat(parts))


def _declared(cls: type | None, given: Mapping[str, Any] | None) -> dict[str, Any]:
    """What was given over the declared defaults, if the declaration is known."""
    declared = {} if cls is None else {s.name: s.default for s in options.options_of(cls)}
    return {**declared, **(given or {})}


def _flat(value: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, inner in value.items():
        if isinstance(inner, Mapping):
            yield from _flat(inner, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", list(inner) if isinstance(inner, tuple) else inner


def _step(step: Mapping[str, Any]) -> str:
    told = ", ".join(f"{name} {_text(value)}" for name, value in step["options"].items())
    return f"{step['name']} ({told})" if told else str(step["name"])


def _text(value: Any) -> str:
    if value is None:
        return "auto"
    return value if isinstance(value, str) else json.dumps(value)

"""A run's configuration as rows of a table: first the settings that differ from their defaults."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from workbench import options, registry
from workbench.config import EvalOptions, RunConfig, TrainOptions
from workbench.data.dataset import DataInfo
from workbench.errors import RequestError
from workbench.records import ConfigRecord, StepRecord
from workbench.requests import validation


@dataclass(frozen=True)
class Setting:
    """field: dotted, such as ``train.batch_size`` or ``task.temperature``. default: the value of a
    request that names data and task alone, None where it is not known. chosen: whether the value
    differs from the default, or may."""

    field: str
    value: str
    default: str | None
    chosen: bool


def settings(config: ConfigRecord, info: DataInfo | None) -> list[Setting]:
    """Every setting of a stored configuration, those that differ from their defaults first.

    info: of its data. Without it, or if a plugin is gone, the defaults are not known, and every
    stored setting counts as chosen.
    """
    default_config = _default_config(config, info)
    values = _values(config)
    defaults = None if default_config is None else _values(default_config)
    rows = []
    for field in dict.fromkeys([*values, *(defaults or ())]):
        value = values.get(field)
        if defaults is None:
            rows.append(Setting(field, _text(value), None, chosen=True))
        else:
            default = defaults.get(field)
            rows.append(Setting(field, _text(value), _text(default), chosen=value != default))
    return sorted(rows, key=lambda row: not row.chosen)


def _default_config(config: ConfigRecord, info: DataInfo | None) -> ConfigRecord | None:
    """The configuration of a request that names the same data and task alone."""
    if info is None:
        return None
    try:
        stored = RunConfig.from_json(config)
        for plugin in stored.plugins:
            registry.load_plugin(plugin)
        default = validation.validate(RunConfig(stored.data, stored.task), info)
    except RequestError:
        return None
    return default.to_json()


def _values(config: ConfigRecord) -> dict[str, Any]:
    """The value of every setting by its dotted name, with the defaults that are not stored."""
    named = ("data", "task", "encoder", "seed", "device", "preset")
    out = dict(_flat({name: config.get(name) for name in named}))
    ((unit, amount),) = config["budget"].items()
    out["budget"] = f"{amount:g} {unit}"
    out["augment"] = "; ".join(_step(step) for step in config.get("augment") or ()) or "none"
    task = registry.tasks().get(str(config.get("task")))
    encoder = registry.encoders().get(str(config.get("encoder")))
    parts = {
        "task": _declared(task, config.get("options")),
        "encoder": _declared(encoder, config.get("encoder_options")),
        "train": _declared(TrainOptions, config.get("train")),
        "eval": _declared(EvalOptions, config.get("eval")),
    }
    return out | dict(_flat(parts))


def _declared(cls: type | None, given: Mapping[str, Any] | None) -> dict[str, Any]:
    """The declared defaults with ``given`` over them; ``given`` alone without a declaration."""
    declared = {} if cls is None else {s.name: s.default for s in options.options_of(cls)}
    return {**declared, **(given or {})}


def _flat(value: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, inner in value.items():
        if isinstance(inner, Mapping):
            yield from _flat(inner, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", list(inner) if isinstance(inner, tuple) else inner


def _step(step: StepRecord) -> str:
    options = ", ".join(f"{name} {_text(value)}" for name, value in step["options"].items())
    return f"{step['name']} ({options})" if options else str(step["name"])


def _text(value: Any) -> str:
    if value is None:
        return "auto"
    return value if isinstance(value, str) else json.dumps(value)

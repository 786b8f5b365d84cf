"""The configuration fields in which runs differ, and one run's changes in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workbench import options, registry
from workbench.records import ConfigRecord, RunRecord

# Fields that no comparison depends on: where plugins lie, and the requested device (the guard reads
# on which one the run trained).
_NOISE = ("plugins", "device")
# What makes no other configuration.
_NO_CHANGE = ("seed", "data.fingerprint")
_STEPS = "augment"
_ORDER = "augment order"
_MOST_CHANGES = 2
_LONGEST = 40
# The beginnings of dotted names, as ``--set`` writes them.
_ROOMS = {"options": "", "encoder_options": "encoder.", "budget": ""}


@dataclass(frozen=True)
class Difference:
    """A configuration field whose values differ between runs; values in the order of the runs.

    An augmentation is a field of its own: ``augment.gaussian_blur``, with its options in words.
    """

    field: str
    values: tuple[Any, ...]


def differences(runs: Sequence[RunRecord]) -> list[Difference]:
    """The configuration fields in which the runs differ, flattened to dotted names."""
    return _differences([run["config"] for run in runs])


def field_words(field: str) -> str:
    """A field's name on the screen: the option as ``--set`` names it, ``augment: blur``."""
    room, dot, rest = field.partition(".")
    if room == _STEPS and dot:
        return f"augment: {rest}"
    return f"{_ROOMS[room]}{rest}" if dot and room in _ROOMS else field


def value_words(value: Any) -> str:
    """A value on the screen: never a dict or a list in brackets; ``–`` for what is not set."""
    if value is None:
        return "–"
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {value_words(inner)}" for name, inner in value.items()) or "–"
    if isinstance(value, (list, tuple)):
        return ", ".join(value_words(part) for part in value) or "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return options.word(value)


def changes(before: ConfigRecord, after: ConfigRecord) -> str:
    """What was changed, in words for a name: ``temperature 0.1``; at most two changes by name.
    Empty where only the seed was."""
    words = []
    for row in _differences([before, after]):
        if row.field in _NO_CHANGE:
            continue
        word = change_words(row.field, row.values[1])
        if word:
            words.append(word)
    more = len(words) - _MOST_CHANGES
    named = ", ".join(words[:_MOST_CHANGES])
    return f"{named} and {more} more" if more > 0 else named


def change_words(field: str, value: Any) -> str:
    """A field with its value, short enough for a name; empty for a budget of another unit."""
    if field == _ORDER:
        return ""
    room, dot, rest = field.partition(".")
    if room == "budget":
        return "" if value is None else f"{value:g} {rest}"
    if room == _STEPS and dot:
        step = rest.replace("_", " ")
        if value is None:
            return f"no {step}"
        return f"with {step}" if value == "used" else f"{step} {value}"[:_LONGEST]
    if room == "data":
        return "" if value is None else f"{rest} {value_words(value)}"[-_LONGEST:]
    return f"{field_words(field)} {'default' if value is None else value_words(value)}"[:_LONGEST]


def changed_options(config: ConfigRecord) -> str:
    """The options of the task, encoder and training that are not at their defaults, in words for a
    title; at most two by name. Empty for a run that is broken on purpose: its title says it."""
    if registry.broken_preset_of(config) is not None:
        return ""
    task = registry.tasks().get(config["task"])
    defaults = {} if task is None else {o.name: o.default for o in options.options_of(task)}
    words = [
        f"{name} {value_words(value)}"
        for name, value in (config.get("options") or {}).items()
        if name not in defaults or defaults[name] != value
    ]
    rooms = {"encoder": config.get("encoder_options"), "train": config.get("train")}
    for room, values in rooms.items():
        words += [f"{room}.{name} {value_words(value)}" for name, value in (values or {}).items()]
    more = len(words) - _MOST_CHANGES
    named = ", ".join(word[:_LONGEST] for word in words[:_MOST_CHANGES])
    return f"{named} and {more} more" if more > 0 else named


def flatten(value: Any, prefix: str = "") -> dict[str, Any]:
    """Nested mappings as one, with dotted names."""
    if isinstance(value, Mapping):
        out: dict[str, Any] = {}
        for name, inner in value.items():
            out |= flatten(inner, f"{prefix}{name}.")
        return out
    return {prefix.rstrip("."): value}


def _differences(configs: Sequence[ConfigRecord]) -> list[Difference]:
    flat = [_fields(config) for config in configs]
    names = sorted({name for config in flat for name in config})
    rows = [Difference(n, tuple(config.get(n) for config in flat)) for n in names]
    return [
        row
        for row in rows
        if row.field.split(".")[0] not in _NOISE and any(v != row.values[0] for v in row.values[1:])
    ]


def _fields(config: ConfigRecord) -> dict[str, Any]:
    """The configuration as dotted names, each augmentation as one."""
    steps = config.get("augment")
    out = flatten({name: value for name, value in config.items() if name != _STEPS})
    if not isinstance(steps, (list, tuple)):
        return out
    names: list[str] = []
    for step in steps:
        name = str(step["name"])
        times = names.count(name)
        names.append(name)
        # Of a list that has an augmentation twice, the second one.
        key = f"{_STEPS}.{name}" + (f" ({times + 1})" if times else "")
        out[key] = value_words(step.get("options") or {}) if step.get("options") else "used"
    out[_ORDER] = ", ".join(names) or "none"
    return out

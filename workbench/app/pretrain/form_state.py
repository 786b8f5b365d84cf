"""The content of the Pretrain form: read from the address, written into it, or taken from a run.

    data=sample:digits&tasks=simclr,rotation&seconds=60&seeds=3&set.temperature=0.1&train.warmup=0

Anyone can write an address: what cannot be parsed is left out, with a warning.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from workbench import options
from workbench.config import Budget, RunConfig
from workbench.errors import RequestError

UNITS = ("seconds", "steps", "epochs")
_AMOUNT = {"seconds": 60.0, "steps": 500.0, "epochs": 5.0}
_SECONDS_OF_SEVERAL = 20.0
MOST_SEEDS = 10
_NAME = re.compile(r"^\w{1,60}$")
# Fields of ``Draft`` with options, by what their parameters begin with.
_OPTION_FIELDS = {"set": "options", "encoder": "encoder_options", "train": "train", "eval": "eval"}


@dataclass(frozen=True)
class Draft:
    """The content of the form.

    options, encoder_options, train, eval: values that differ from the defaults, as text or parsed.
    augment: a list as text (``augment.link``). amount: None for the default.
    """

    tasks: tuple[str, ...] = ()
    unit: str = "seconds"
    amount: float | None = None
    seeds: int = 1
    seed: int = 0
    encoder: str | None = None
    preset: str | None = None
    broken: str | None = None
    augment: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    encoder_options: Mapping[str, Any] = field(default_factory=dict)
    train: Mapping[str, Any] = field(default_factory=dict)
    eval: Mapping[str, Any] = field(default_factory=dict)


def from_query(query: Mapping[str, str]) -> Draft:
    """The form that an address describes; what is neither a name nor a number is left out."""
    option_values: dict[str, dict[str, Any]] = {name: {} for name in _OPTION_FIELDS.values()}
    for key, text in query.items():
        prefix, dot, name = key.partition(".")
        if dot and prefix in _OPTION_FIELDS and _NAME.match(name):
            option_values[_OPTION_FIELDS[prefix]][name] = text
    unit = next((unit for unit in UNITS if query.get(unit)), "seconds")
    return Draft(
        tasks=tuple(dict.fromkeys(n for n in query.get("tasks", "").split(",") if _NAME.match(n))),
        unit=unit,
        amount=_positive(query.get(unit, "")),
        seeds=min(MOST_SEEDS, max(1, _whole(query.get("seeds", ""), 1))),
        seed=min(2**31 - 1, _whole(query.get("seed", ""), 0)),
        encoder=_name(query.get("encoder")),
        preset=_name(query.get("preset")),
        broken=_name(query.get("broken")),
        augment=query.get("augment") or None,
        **option_values,
    )


def to_query(draft: Draft) -> dict[str, str]:
    """The address of a form, without values at their defaults."""
    query = {"tasks": ",".join(draft.tasks)} if draft.tasks else {}
    if draft.amount is not None or draft.unit != "seconds":
        amount = draft.amount or default_amount(draft.unit, len(draft.tasks))
        query[draft.unit] = options.word(amount)
    if draft.seeds != 1:
        query["seeds"] = str(draft.seeds)
    if draft.seed:
        query["seed"] = str(draft.seed)
    for name in ("encoder", "preset", "broken", "augment"):
        value = getattr(draft, name)
        if value is not None:
            query[name] = value
    for prefix, name in _OPTION_FIELDS.items():
        for option, value in getattr(draft, name).items():
            query[f"{prefix}.{option}"] = options.word(value)
    return query


def of_run(config: RunConfig, augment: str | None) -> Draft:
    """The form as a run had it. augment: the text of its augmentations, None for the task's own."""
    unit, amount = next((u, getattr(config.budget, u)) for u in UNITS if getattr(config.budget, u))
    return Draft(
        tasks=(config.task,),
        unit=unit,
        amount=float(amount),
        seed=config.seed,
        encoder=config.encoder,
        augment=augment,
        options=config.options,
        encoder_options=config.encoder_options,
        train=config.train,
        eval=config.eval,
    )


def default_amount(unit: str, tasks: int) -> float:
    """The default budget in ``unit``; shorter for several tasks, for a first comparison."""
    return _SECONDS_OF_SEVERAL if unit == "seconds" and tasks > 1 else _AMOUNT[unit]


def budget(draft: Draft) -> Budget:
    """The budget of a form. Raises RequestError for a number that is not allowed."""
    amount = draft.amount
    if amount is None:
        amount = default_amount(draft.unit, len(draft.tasks))
    if draft.unit == "steps":
        return Budget(steps=round(amount))
    return Budget(seconds=amount) if draft.unit == "seconds" else Budget(epochs=amount)


def parsed(kind: type, given: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """The values of ``given`` that are options of ``kind``, parsed; and the names of the others."""
    specs = {spec.name: spec for spec in options.options_of(kind)}
    values, lost = {}, []
    for name, value in given.items():
        try:
            values[name] = specs[name].parse(value, field=name)
        except (KeyError, RequestError):
            lost.append(name)
    return values, lost


def _name(text: str | None) -> str | None:
    return text if text and _NAME.match(text) else None


def _whole(text: str, default: int) -> int:
    return int(text) if re.fullmatch(r"\d{1,10}", text) else default


def _positive(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) and 0 < value < 1e9 else None

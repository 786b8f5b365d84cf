"""What the Pretrain form holds, as parameters of its address and back; and as a run had it.

    data=sample:digits&tasks=simclr,rotation&seconds=60&seeds=3&set.temperature=0.1&train.warmup=0

Addresses are written by anyone: what cannot be read is left out, and said.
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
# Groups of options, by what their parameters begin with.
_ROOMS = {"set": "options", "encoder": "encoder_options", "train": "train", "eval": "eval"}


@dataclass(frozen=True)
class Draft:
    """The form. options, encoder_options, train, eval: values unlike the defaults, as words or as
    they are. augment: the text of a list (``augment.link``). amount None: nobody said."""

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
    """The form that an address describes; whatever is not a name or a number is left out."""
    rooms: dict[str, dict[str, Any]] = {name: {} for name in _ROOMS.values()}
    for key, text in query.items():
        room, dot, name = key.partition(".")
        if dot and room in _ROOMS and _NAME.match(name):
            rooms[_ROOMS[room]][name] = text
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
        **rooms,
    )


def to_query(draft: Draft) -> dict[str, str]:
    """The address of a form; what stands at its default is left out."""
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
    for room, name in _ROOMS.items():
        for option, value in getattr(draft, name).items():
            query[f"{room}.{option}"] = options.word(value)
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
    """How long to train where nobody said: several tasks are first compared after a short time."""
    return _SECONDS_OF_SEVERAL if unit == "seconds" and tasks > 1 else _AMOUNT[unit]


def budget(draft: Draft) -> Budget:
    """The training time of a form. Raises RequestError for a number that is not allowed."""
    amount = draft.amount
    if amount is None:
        amount = default_amount(draft.unit, len(draft.tasks))
    if draft.unit == "steps":
        return Budget(steps=round(amount))
    return Budget(seconds=amount) if draft.unit == "seconds" else Budget(epochs=amount)


def readable(kind: type, given: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """The values of ``given`` that are options of ``kind``, read; and the names of the others."""
    specs = {spec.name: spec for spec in options.options_of(kind)}
    read, lost = {}, []
    for name, value in given.items():
        try:
            read[name] = specs[name].parse(value, field=name)
        except (KeyError, RequestError):
            lost.append(name)
    return read, lost


def _name(text: str | None) -> str | None:
    return text if text and _NAME.match(text) else None


def _whole(text: str, otherwise: int) -> int:
    return int(text) if re.fullmatch(r"\d{1,10}", text) else otherwise


def _positive(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) and 0 < value < 1e9 else None

"""From the command line's flags to a RunConfig."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench import registry
from workbench.config import Budget, DataConfig, RunConfig
from workbench.errors import RequestError
from workbench.requests import build, validation
from workbench.store.lookup import existing_store

if TYPE_CHECKING:
    from workbench.data.dataset import DataInfo


def data_config(given: dict[str, Any], base: DataConfig | None) -> DataConfig:
    named = {
        "source": None if given["data"] is None else validation.whole_source(given["data"]),
        "text": tuple(given["text"].split(",")) if given["text"] else None,
        "channels": _channels(given["channels"]),
        **{k: given[k] for k in ("label", "group", "image", "folders", "size", "samples")},
        "length": given["length"],
    }
    named = {k: v for k, v in named.items() if v is not None}
    if base is not None:
        # A fingerprint belongs to a source and a way of reading it: another reading drops it.
        dropped = {"fingerprint": None} if named else {}
        return dataclasses.replace(base, **{**named, **dropped})
    if not named.get("source"):
        raise RequestError("is missing.", field="--data", remedy="Give --data, see --help.")
    return DataConfig(**named)


def _channels(text: str | None) -> tuple[int, ...] | None:
    if text is None:
        return None
    try:
        return tuple(int(part) for part in text.split(","))
    except ValueError as exc:
        raise RequestError(
            f"'{text}' is not a list of channels.", field="--channels", remedy="Give 0 or 0,1,2."
        ) from exc


def base_config(given: dict[str, Any], default: Budget) -> RunConfig:
    stored = build.read_config(given["config_file"]) if given["config_file"] else None
    data = data_config(given, stored.data if stored else None)
    task = given.get("task") or (stored.task if stored else None)
    broken = registry.broken().get(given.get("preset") or "")
    if task is None and broken is not None:
        task = broken.task
    if task is None:
        raise RequestError(
            "is missing.", field="--task", remedy="Give --task; see: workbench list tasks"
        )
    config = (
        dataclasses.replace(stored, data=data, task=task)
        if stored
        else RunConfig(data=data, task=task, budget=default)
    )
    changed = {k: given[k] for k in ("encoder", "seed", "device") if given[k] is not None}
    if given.get("preset") is not None:
        changed |= {"preset": given["preset"], "augment": None}
    if given["plugins"]:
        changed["plugins"] = tuple(given["plugins"])
    changed["budget"] = build.budget(
        given["seconds"], given["steps"], given["epochs"], config.budget
    )
    return build.with_settings(dataclasses.replace(config, **changed), given["settings"])


def prepared_configs(
    base: RunConfig,
    tasks: list[str],
    given: dict[str, Any],
    home: Path,
    seeds: int = 1,
    budgets: Sequence[Budget] = (),
    progress: Callable[[str, float], None] | None = None,
) -> tuple[list[RunConfig], list[str]]:
    """One validated RunConfig a budget, task and seed, and what was decided for the user.

    budgets: the base's own if none are given.

    What is wrong with any data is told first; what is wrong with these data before they are
    prepared, or at least before they are kept. Raises RequestError.
    """
    from workbench.data import prepare

    for name in tasks:
        validation.check_words(dataclasses.replace(base, task=name))
    build.check_edits(given["augment"])
    existing_store(home)

    def plans(info: DataInfo) -> tuple[list[RunConfig], list[str]]:
        made: list[RunConfig] = []
        notes: list[str] = []
        for budget in budgets or (base.budget,):
            asked = dataclasses.replace(base, budget=budget)
            configs, notes = build.pilot_configs(asked, tasks, info, seeds, given["augment"])
            made += configs
        return made, notes

    def check(info: DataInfo) -> None:
        if info.counts:
            plans(info)
        else:
            build.check_kind(tasks, given["augment"], info)

    data = prepare(base.data, home, progress=progress, check=check)
    configs, notes = plans(data.info)
    return configs, [*data.info.notes, *notes]

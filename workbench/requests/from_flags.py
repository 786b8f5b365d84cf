"""From the command line's flags to a RunConfig."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench import registry
from workbench.config import Budget, DataConfig, RunConfig
from workbench.errors import RequestError
from workbench.requests import build, validation
from workbench.requests.data_flags import DATA_FLAGS, data_config
from workbench.store.lookup import existing_store

if TYPE_CHECKING:
    from workbench.data.dataset import DataInfo


@dataclass(frozen=True)
class RunFlags:
    """The values of a command's flags that describe a run. None or empty: the flag was not given.

    data: values of the data flags by field of ``DataConfig``. settings: of ``--set``. augment: of
    ``--augment``. full: ``--full``, short for ``--set eval.full=true``. config_file: of
    ``--config``.
    """

    data: Mapping[str, Any]
    task: str | None = None
    preset: str | None = None
    encoder: str | None = None
    seconds: float | None = None
    steps: int | None = None
    epochs: float | None = None
    settings: Sequence[str] = ()
    full: bool = False
    augment: Sequence[str] = ()
    seed: int | None = None
    device: str | None = None
    config_file: str | None = None
    plugins: Sequence[str] = ()

    @classmethod
    def of(cls, parameters: Mapping[str, Any]) -> RunFlags:
        """From the parameters of a command, by name. Those that do not describe a run are left
        out."""
        data = {row.field: parameters.get(row.field) for row in DATA_FLAGS}
        names = {field.name for field in dataclasses.fields(cls)} - {"data"}
        return cls(data, **{k: v for k, v in parameters.items() if k in names})


def base_config(flags: RunFlags, default: Budget) -> RunConfig:
    """The RunConfig that ``flags`` describe, before it is validated with its data.

    default: the budget where neither the flags nor a ``--config`` file give one. Edits of
    ``--augment`` are left to ``prepared_configs``: they depend on the data. Raises RequestError.
    """
    stored = build.read_config(flags.config_file) if flags.config_file else None
    data = data_config(flags.data, stored.data if stored else None)
    config = _start(flags, stored, data, default)
    changes: dict[str, Any] = {
        name: value
        for name in ("encoder", "seed", "device")
        if (value := getattr(flags, name)) is not None
    }
    if flags.preset is not None:
        changes |= {"preset": flags.preset, "augment": None}
    if flags.plugins:
        changes["plugins"] = tuple(flags.plugins)
    changes["budget"] = build.budget(flags.seconds, flags.steps, flags.epochs, config.budget)
    settings = [*flags.settings, *(["eval.full=true"] if flags.full else [])]
    return build.with_settings(dataclasses.replace(config, **changes), settings)


def _start(
    flags: RunFlags, stored: RunConfig | None, data: DataConfig, default: Budget
) -> RunConfig:
    """``stored``, or a new configuration, with the data and the task of the flags."""
    task = flags.task or (stored.task if stored else None)
    broken = registry.broken().get(flags.preset or "")
    if task is None and broken is not None:
        task = broken.task
    if task is None:
        raise RequestError(
            "is missing.", field="--task", remedy="Give --task; see: workbench list tasks"
        )
    if stored is not None:
        return dataclasses.replace(stored, data=data, task=task)
    return RunConfig(data=data, task=task, budget=default)


def prepared_configs(
    base: RunConfig,
    tasks: Sequence[str],
    home: Path,
    *,
    edits: Sequence[str] = (),
    seeds: int = 1,
    budgets: Sequence[Budget] = (),
    progress: Callable[[str, float], None] | None = None,
) -> tuple[list[RunConfig], list[str]]:
    """Prepare the data; one validated RunConfig for each budget, task and seed, and notes.

    edits: of ``--augment``. budgets: default the base's own. The notes say what was decided on
    reading the data and on the encoder. Raises RequestError: for what is wrong with any data first,
    then for what is wrong with these data, before they are stored.
    """
    from workbench.data import prepare

    for name in tasks:
        validation.check_without_data(dataclasses.replace(base, task=name))
    build.check_edits(edits)
    existing_store(home)

    def configs_for(info: DataInfo) -> tuple[list[RunConfig], list[str]]:
        configs: list[RunConfig] = []
        notes: list[str] = []
        for budget in budgets or (base.budget,):
            with_budget = dataclasses.replace(base, budget=budget)
            more, notes = build.pilot_configs(with_budget, tasks, info, seeds, edits)
            configs += more
        return configs, notes

    def check(info: DataInfo) -> None:
        if info.counts:
            configs_for(info)
        else:
            build.check_kind(tasks, edits, info)

    data = prepare(base.data, home, progress=progress, check=check)
    configs, notes = configs_for(data.info)
    return configs, [*data.info.notes, *notes]

"""What several commands share: option groups, and the RunConfig that the options describe."""

from __future__ import annotations

import dataclasses
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from workbench import paths, registry, request
from workbench.config import DEFAULT_SECONDS, Budget, DataConfig, RunConfig
from workbench.errors import RequestError, StoreError
from workbench.training import plan

if TYPE_CHECKING:
    from workbench.data.dataset import DataInfo
    from workbench.runs.store import RunRow, Store

F = TypeVar("F", bound=Callable[..., Any])


def _home(_context: click.Context, _option: click.Parameter, given: Path) -> Path:
    """The home, if it is or can become a folder that can be written to. Makes nothing."""
    home = given.expanduser()
    there = next(folder for folder in (home, *home.absolute().parents) if folder.exists())
    if not there.is_dir():
        problem = f"'{there}' is a file, not a folder."
    elif not os.access(there, os.W_OK | os.X_OK):
        problem = f"'{there}' cannot be written to."
    else:
        return home
    raise RequestError(
        problem, field="--home", remedy="Give a folder of your own with --home or WORKBENCH_HOME."
    )


def home_option(command: F) -> F:
    return click.option(
        "--home",
        type=click.Path(path_type=Path),
        default=paths.default_home,
        callback=_home,
        help="Where runs live (or WORKBENCH_HOME).",
    )(command)


def json_option(command: F) -> F:
    return click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")(
        command
    )


def options_group(*options: Callable[[F], F]) -> Callable[[F], F]:
    def wrap(command: F) -> F:
        for option in reversed(options):
            command = option(command)
        return command

    return wrap


data_options = options_group(
    click.option("--data", required=False, metavar="D", help="sample:NAME, a path, or hub:NAME."),
    click.option("--label", help="Label column; 'none' for no labels."),
    click.option("--group", help="Group column (patient, plate) that must not straddle splits."),
    click.option("--text", help="Text columns, A,B."),
    click.option("--image", help="Image column."),
    click.option(
        "--folders",
        type=click.Choice(["label", "group", "none"]),
        help="What the folder names of an image tree are.",
    ),
    click.option("--size", type=int, help="Side of the images in pixels."),
    click.option("--samples", type=int, help="Draw at most this many samples."),
    click.option("--channels", help="Channels of a multi-channel image, such as 0,2."),
    click.option("--length", type=int, help="Longest text kept, in tokens."),
)


class _Times(click.ParamType[tuple[float, ...]]):
    """One training time in seconds, or several separated by commas."""

    name = "S[,S2]"

    def convert(self, value: Any, param: Any, ctx: Any) -> tuple[float, ...]:
        try:
            return tuple(float(part) for part in str(value).split(","))
        except ValueError:
            self.fail(f"'{value}' is not a number of seconds.", param, ctx)


_TIME = f"Training time (default {DEFAULT_SECONDS:g} s)"
seconds_option = click.option("--seconds", type=float, help=f"{_TIME}.")
times_option = click.option(
    "--seconds", "times", type=_Times(), help=f"{_TIME}; S,S2 runs each task for both."
)
run_options = options_group(
    click.option("--encoder", help="Encoder by name."),
    click.option("--steps", type=int, help="Training steps."),
    click.option("--epochs", type=float, help="Passes over the training split."),
    click.option("--set", "settings", multiple=True, metavar="OPTION=VALUE", help="Set an option."),
    click.option("--augment", "augment", multiple=True, help="PRESET, NAME, -NAME, NAME.OPT=VAL."),
    click.option("--seed", type=int, help="Seed of weights, order and views."),
    click.option("--device", help="auto, cpu, cuda or mps."),
    click.option("--config", "config_file", help="A run's config.json to start from."),
    click.option("--plugin", "plugins", multiple=True, help="A Python file with your own task."),
)


hold_test_option = click.option(
    "--hold-test/--no-hold-test",
    default=None,
    help="Keep the test of these data closed: scores are of validation samples, for all their "
    "runs, until confirm-test opens chosen ones.",
)


def keep_test(home: Path, configs: Sequence[RunConfig], on: bool | None) -> None:
    """Keep the test of the configurations' data closed, or open; None leaves it as it is."""
    from workbench.runs import held
    from workbench.runs.store import Store

    if on is not None:
        for fingerprint in {config.data.fingerprint for config in configs} - {None}:
            held.switch(Store.open(home), str(fingerprint), on)


def show_progress(text: str, share: float) -> None:
    if sys.stderr.isatty():
        click.echo(f"\r{text} {share:4.0%}   ", err=True, nl=share >= 1.0)


def data_config(given: dict[str, Any], base: DataConfig | None) -> DataConfig:
    named = {
        "source": None if given["data"] is None else plan.whole_source(given["data"]),
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
    stored = request.read_config(given["config_file"]) if given["config_file"] else None
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
    changed["budget"] = request.budget(
        given["seconds"], given["steps"], given["epochs"], config.budget
    )
    return request.with_settings(dataclasses.replace(config, **changed), given["settings"])


def prepared_configs(
    base: RunConfig,
    tasks: list[str],
    given: dict[str, Any],
    home: Path,
    seeds: int = 1,
    budgets: Sequence[Budget] = (),
) -> tuple[list[RunConfig], list[str]]:
    """One validated RunConfig a budget, task and seed, and what was decided for the user.

    budgets: the base's own if none are given.

    What is wrong with any data is told first; what is wrong with these data before they are
    prepared, or at least before they are kept. Raises RequestError.
    """
    from workbench.data import prepare

    for name in tasks:
        plan.check_words(dataclasses.replace(base, task=name))
    request.check_edits(given["augment"])
    existing_store(home)

    def plans(info: DataInfo) -> tuple[list[RunConfig], list[str]]:
        made: list[RunConfig] = []
        notes: list[str] = []
        for budget in budgets or (base.budget,):
            asked = dataclasses.replace(base, budget=budget)
            configs, notes = request.pilot_configs(asked, tasks, info, seeds, given["augment"])
            made += configs
        return made, notes

    def check(info: DataInfo) -> None:
        if info.counts:
            plans(info)
        else:
            request.check_kind(tasks, given["augment"], info)

    data = prepare(base.data, home, progress=show_progress, check=check)
    configs, notes = plans(data.info)
    return configs, [*data.info.notes, *notes]


def existing_store(home: Path) -> Store | None:
    """The store of ``home``, None if there is none yet. Raises RequestError if it is broken."""
    from workbench.runs.store import Store

    url = os.environ.get("WORKBENCH_STORE")
    if not url and not (home / "store.db").exists():
        return None
    try:
        return Store.open(home)
    except StoreError as error:
        field = "WORKBENCH_STORE" if url else "--home"
        raise RequestError(error.message, field=field, remedy=error.remedy) from error


def stored_run(home: Path, run_id: str) -> RunRow:
    """A run by its id. Raises RequestError, with the nearest ids, and makes no store for that."""
    store = existing_store(home)
    if store is None:
        raise RequestError(
            f"there is no run '{run_id[:60]}': there are no runs in {home}.",
            field="RUN",
            remedy="Start one with workbench pretrain, or give another --home.",
        )
    return store.run(run_id)


def file_to_write(path: Path | None, field: str) -> None:
    """Raise RequestError if no file can be written at ``path``. Asked before runs that take long.

    None, for no file, is fine.
    """
    if path is None:
        return
    folder = path.absolute().parent
    if path.is_dir():
        problem, remedy = f"'{path}' is a folder.", "Give the name of a file."
    elif not folder.is_dir():
        problem, remedy = f"there is no folder '{folder}'.", "Make it first, or give another file."
    elif not os.access(path if path.exists() else folder, os.W_OK):
        problem, remedy = f"'{path}' cannot be written.", "Give another file."
    else:
        return
    raise RequestError(problem, field=field, remedy=remedy)

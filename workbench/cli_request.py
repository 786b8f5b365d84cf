"""What several commands share: option groups, and the RunConfig that the options describe."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from workbench import paths, registry, request
from workbench.config import DEFAULT_SECONDS, Budget, DataConfig, RunConfig
from workbench.errors import RequestError

F = TypeVar("F", bound=Callable[..., Any])


def home_option(command: F) -> F:
    return click.option(
        "--home",
        type=click.Path(path_type=Path),
        default=paths.default_home,
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
run_options = options_group(
    click.option("--encoder", help="Encoder by name."),
    click.option("--seconds", type=float, help=f"Training time (default {DEFAULT_SECONDS:g} s)."),
    click.option("--steps", type=int, help="Training steps."),
    click.option("--epochs", type=float, help="Passes over the training split."),
    click.option("--set", "settings", multiple=True, metavar="OPTION=VALUE", help="Set an option."),
    click.option("--augment", "augment", multiple=True, help="PRESET, NAME, -NAME, NAME.OPT=VAL."),
    click.option("--seed", type=int, help="Seed of weights, order and views."),
    click.option("--device", help="auto, cpu, cuda or mps."),
    click.option("--config", "config_file", help="A run's config.json to start from."),
    click.option("--plugin", "plugins", multiple=True, help="A Python file with your own task."),
)


def show_progress(text: str, share: float) -> None:
    if sys.stderr.isatty():
        click.echo(f"\r{text} {share:4.0%}   ", err=True, nl=share >= 1.0)


def data_config(given: dict[str, Any], base: DataConfig | None) -> DataConfig:
    named = {
        "source": given["data"],
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
    if "source" not in named:
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
    if given["plugins"]:
        changed["plugins"] = tuple(str(Path(p).resolve()) for p in given["plugins"])
    changed["budget"] = request.budget(
        given["seconds"], given["steps"], given["epochs"], config.budget
    )
    return request.with_settings(dataclasses.replace(config, **changed), given["settings"])


def prepared_configs(
    base: RunConfig, tasks: list[str], given: dict[str, Any], home: Path, seeds: int = 1
) -> tuple[list[RunConfig], list[str]]:
    """Check what needs no data, prepare the data, and make one RunConfig a task and seed."""
    from workbench.data import prepare

    for plugin in base.plugins:
        registry.load_plugin(plugin)
    for name in tasks:
        registry.task(name)
    data = prepare(base.data, home, progress=show_progress)
    for note in data.info.notes:
        click.echo(note, err=True)
    edits = [*([given["preset"]] if given.get("preset") else []), *given["augment"]]
    made, notes = request.pilot_configs(base, tasks, data.info, seeds)
    return [request.with_augmentations(config, edits, data.info) for config in made], notes

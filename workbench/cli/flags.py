"""Options that several commands have.

The rows of ``requests/data_flags.py`` give the options for data. ``requests/from_flags.py`` reads
the values of all of them.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from workbench import paths
from workbench.config import DEFAULT_SECONDS
from workbench.errors import RequestError
from workbench.requests.data_flags import DATA_FLAGS, DataFlag

F = TypeVar("F", bound=Callable[..., Any])


def _home(_context: click.Context, _option: click.Parameter, value: Path) -> Path:
    """The home, which is a writable folder or can be made as one. Makes nothing."""
    home = value.expanduser()
    existing = next(path for path in (home, *home.absolute().parents) if path.exists())
    if not existing.is_dir():
        problem = f"'{existing}' is a file, not a folder."
    elif not os.access(existing, os.W_OK | os.X_OK):
        problem = f"'{existing}' cannot be written to."
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
    """Several options as one decorator; ``--help`` shows them in this order."""

    def wrap(command: F) -> F:
        for option in reversed(options):
            command = option(command)
        return command

    return wrap


def _data_option(row: DataFlag) -> Callable[[F], F]:
    if row.kind is bool:
        return click.option(row.flag, row.field, is_flag=True, default=None, help=row.help)
    kind = click.Choice(row.choices) if row.choices else row.kind
    return click.option(row.flag, row.field, type=kind, help=row.help, metavar=row.placeholder)


data_options = options_group(*(_data_option(row) for row in DATA_FLAGS))
# The same without --data, for a command that takes the data set as its argument.
reading_options = options_group(*(_data_option(row) for row in DATA_FLAGS if row.field != "source"))


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
    click.option("--full", is_flag=True, help="Score all samples, whatever the training time."),
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

"""What several commands share: option groups, and the RunConfig that the options describe."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from workbench import paths
from workbench.config import DEFAULT_SECONDS
from workbench.errors import RequestError

if TYPE_CHECKING:
    pass

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

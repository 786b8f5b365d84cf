"""The ``workbench`` command. Progress goes to stderr, the answer to stdout.

Exit status 0: done. 1: the run failed. 2: the request was wrong; stderr names field and remedy.
The commands are in ``train.py``, ``runs.py``, ``data.py``, ``files.py`` and ``clean.py``; the
others are here.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from workbench import __version__, registry
from workbench.app.settings import PORT
from workbench.cli import clean, data, files, runs, train
from workbench.cli.flags import home_option, json_option
from workbench.cli.output import print_answer, protect_streams
from workbench.errors import RequestError, WorkbenchError
from workbench.store.lookup import existing_store

_MOST_LINES = 6


class _Commands(click.Group):
    """Turns the workbench's errors into exit status and a few lines on stderr."""

    def main(self, *args: Any, **kwargs: Any) -> Any:
        options = {"prog_name": "workbench", **kwargs, "standalone_mode": False}
        protect_streams()
        try:
            return super().main(*args, **options) or 0
        except RequestError as error:
            return _print_error(error, 2)
        except WorkbenchError as error:
            return _print_error(error, 1)
        except click.exceptions.NoArgsIsHelpError as error:
            click.echo(error.ctx.get_help() if error.ctx else "")
            return 0
        except click.UsageError as error:
            return _print_error(RequestError(error.format_message(), remedy=_help_remedy(error)), 2)
        except click.ClickException as error:
            return _print_error(RequestError(error.format_message()), 2)
        except OSError as error:
            return _print_error(_file_error(error), 2)
        except (click.Abort, KeyboardInterrupt):
            return 130


def main() -> None:
    """Entry point of the ``workbench`` script."""
    sys.exit(workbench.main())


def _print_error(error: WorkbenchError, status: int) -> int:
    """The error in at most six lines on stderr; returns ``status``."""
    lines = [line for line in str(error).splitlines() if line.strip()]
    for line in lines[:_MOST_LINES]:
        click.echo(line if len(line) <= 500 else f"{line[:497]}...", err=True)
    return status


def _file_error(error: OSError) -> RequestError:
    """The system's error on a file that a command reads or writes, as a RequestError."""
    where = f"'{error.filename}': " if error.filename else ""
    return RequestError(
        f"{where}{error.strerror or error}.",
        remedy="Check the path, whether it may be read and written, and the room on the disk.",
    )


def _help_remedy(error: click.UsageError) -> str:
    command = error.ctx.command_path if error.ctx else "workbench"
    return f"See: {command} --help"


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="workbench")
def workbench() -> None:
    """See what a self-supervised pretext task does to your data."""


@workbench.command()
@click.option("--host", default="127.0.0.1", help="Address to listen on.")
@click.option("--port", type=click.IntRange(1, 65535), default=PORT, help="Port to listen on.")
@click.option(
    "--allow-host",
    "allow_hosts",
    multiple=True,
    metavar="NAME",
    help="Another name that the app answers to, as behind a proxy. May be repeated.",
)
@home_option
@click.option("--data-root", type=click.Path(path_type=Path), help="Folder that paths stay in.")
@click.option(
    "--room", metavar="CODE", help="Code that visitors from other machines enter; 'auto' makes one."
)
@click.option(
    "--limit",
    "limit_texts",
    multiple=True,
    metavar="NAME=VALUE",
    help="What a visitor may have, such as queued=4 or uploads=none. May be repeated.",
)
@click.option("--plugin", "plugins", multiple=True, help="A Python file with your own task.")
@click.option("--no-browser", is_flag=True, help="Do not open a browser.")
def app(
    host: str,
    port: int,
    allow_hosts: Sequence[str],
    home: Path,
    data_root: Path | None,
    room: str | None,
    limit_texts: Sequence[str],
    plugins: Sequence[str],
    no_browser: bool,
) -> None:
    """Start the app; this process is its server."""
    from workbench.app.server import serve
    from workbench.store import limits

    existing_store(home)
    for plugin in plugins:
        registry.load_plugin(plugin)
    limit_values = dict(limits.parse(text) for text in limit_texts)
    serve(
        home=home,
        host=host,
        port=port,
        data_root=data_root,
        browser=not no_browser,
        allow_hosts=allow_hosts,
        room=room,
        limit_values=limit_values,
    )


@workbench.command(name="list")
@click.argument(
    "kind",
    metavar="KIND",
    type=click.Choice(["tasks", "augmentations", "encoders", "datasets", "presets"]),
)
@click.option("--plugin", "plugins", multiple=True, help="A Python file with your own task.")
@json_option
def list_(kind: str, plugins: Sequence[str], as_json: bool) -> None:
    """List what there is: tasks, augmentations, encoders, datasets, presets."""
    from workbench.requests import catalogue

    for plugin in plugins:
        registry.load_plugin(plugin)
    print_answer(catalogue.entries(kind), as_json, catalogue.as_text)


@workbench.command()
@click.option("--repair", is_flag=True, help="Mend what is damaged in the home; asks first.")
@click.option("--yes", is_flag=True, help="With --repair: do not ask.")
@home_option
@json_option
def doctor(repair: bool, yes: bool, home: Path, as_json: bool) -> int:
    """What this machine has, and what is damaged in the home: exit status 1 if anything is."""
    from workbench.cli import doctor as examination

    if repair:

        def ask(question: str) -> bool:
            return yes or click.confirm(question, default=False, err=True)

        examination.repair(home, ask=ask, say=lambda line: click.echo(line, err=True))
    report = examination.report(home)
    print_answer(report, as_json, examination.report_text)
    return examination.exit_status(report)


for _command in (*train.COMMANDS, *runs.COMMANDS, *data.COMMANDS, *files.COMMANDS, *clean.COMMANDS):
    workbench.add_command(_command)

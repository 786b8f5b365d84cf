"""The ``workbench`` command. Progress goes to stderr, the answer to stdout.

Exit status 0: done. 1: the run failed. 2: the request was wrong (what and the remedy on stderr).
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from workbench import __version__, registry
from workbench.cli_request import (
    base_config,
    data_config,
    data_options,
    existing_store,
    file_to_write,
    hold_test_option,
    home_option,
    json_option,
    keep_test,
    prepared_configs,
    run_options,
    seconds_option,
    show_progress,
    stored_run,
    times_option,
)
from workbench.config import DEFAULT_SECONDS, Budget
from workbench.errors import RequestError, WorkbenchError

_MOST_LINES = 6


class _Commands(click.Group):
    """Turns the workbench's errors into exit status and a few lines on stderr."""

    def main(self, *args: Any, **kwargs: Any) -> Any:
        asked = {"prog_name": "workbench", **kwargs, "standalone_mode": False}
        try:
            return super().main(*args, **asked) or 0
        except RequestError as error:
            return _tell(error, 2)
        except WorkbenchError as error:
            return _tell(error, 1)
        except click.exceptions.NoArgsIsHelpError as error:
            click.echo(error.ctx.get_help() if error.ctx else "")
            return 0
        except click.UsageError as error:
            return _tell(RequestError(error.format_message(), remedy=_usage(error)), 2)
        except click.ClickException as error:
            return _tell(RequestError(error.format_message()), 2)
        except OSError as error:
            return _tell(_of_files(error), 2)
        except (click.Abort, KeyboardInterrupt):
            return 130


def main() -> None:
    """Entry point of the ``workbench`` script."""
    sys.exit(workbench.main())


def _tell(error: WorkbenchError, status: int) -> int:
    lines = [line for line in str(error).splitlines() if line.strip()]
    for line in lines[:_MOST_LINES]:
        click.echo(line if len(line) <= 500 else f"{line[:497]}...", err=True)
    return status


def _of_files(error: OSError) -> RequestError:
    """What the system says of a file that a command was to read or to write."""
    where = f"'{error.filename}': " if error.filename else ""
    return RequestError(
        f"{where}{error.strerror or error}.",
        remedy="Check the path, whether it may be read and written, and the room on the disk.",
    )


def _usage(error: click.UsageError) -> str:
    command = error.ctx.command_path if error.ctx else "workbench"
    return f"See: {command} --help"


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="workbench")
def workbench() -> None:
    """See what a self-supervised pretext task does to your data."""


@workbench.command()
@click.option("--host", default="127.0.0.1", help="Address to listen on.")
@click.option("--port", type=click.IntRange(1, 65535), default=8501, help="Port to listen on.")
@home_option
@click.option("--data-root", type=click.Path(path_type=Path), help="Folder that paths stay in.")
@click.option("--plugin", "plugins", multiple=True, help="A Python file with your own task.")
@click.option("--no-browser", is_flag=True, help="Do not open a browser.")
def app(
    host: str,
    port: int,
    home: Path,
    data_root: Path | None,
    plugins: Sequence[str],
    no_browser: bool,
) -> None:
    """Start the app; this process is its server."""
    from workbench.server import serve

    existing_store(home)
    for plugin in plugins:
        registry.load_plugin(plugin)
    serve(home=home, host=host, port=port, data_root=data_root, browser=not no_browser)


@workbench.command()
@data_options
@click.option("--task", help="Pretext task by name.")
@seconds_option
@click.option(
    "--preset", help="A published recipe of augmentations, or a method broken on purpose."
)
@run_options
@click.option("--name", help="What to call the run.")
@click.option("--owner", default="", help="Whose run it is.")
@click.option("--again", is_flag=True, help="Run even if an equal run has finished.")
@hold_test_option
@home_option
@json_option
def pretrain(home: Path, as_json: bool, **given: Any) -> int:
    """Pretrain one encoder, check it for collapse, and score it."""
    from workbench.runs import follow, result

    base = base_config(given, Budget(seconds=DEFAULT_SECONDS))
    configs, notes = prepared_configs(base, [base.task], given, home)
    keep_test(home, configs, given["hold_test"])
    ids = follow.launch_all(
        home, configs, owner=given["owner"], name=given["name"], again=given["again"]
    )
    _tell_notes(notes)
    rows = follow.wait(home, ids)
    run = result.run_json(home, rows[0])
    _answer(run, as_json, result.run_text)
    return result.exit_status(rows)


@workbench.command()
@data_options
@click.option("--tasks", required=True, help="Pretext tasks, A,B,C.")
@times_option
@run_options
@click.option("--seeds", type=click.IntRange(1, 100), default=1, help="Seeds a task.")
@click.option("--owner", default="", help="Whose runs they are.")
@click.option("--again", is_flag=True, help="Run even if equal runs have finished.")
@click.option("--html", type=click.Path(path_type=Path), help="Write a report to this file.")
@hold_test_option
@home_option
@json_option
def pilot(
    home: Path,
    tasks: str,
    times: tuple[float, ...] | None,
    seeds: int,
    html: Path | None,
    as_json: bool,
    **given: Any,
) -> int:
    """Run several tasks for the same time on the same data, and compare them."""
    from workbench.runs import compare, follow, launch, result

    names = [name.strip() for name in tasks.split(",") if name.strip()]
    if not names:
        raise RequestError("no task is given.", field="--tasks", remedy="Give --tasks A,B,C.")
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise RequestError(
            f"'{twice}' is named twice.", field="--tasks", remedy="To run it twice, give --seeds 2."
        )
    file_to_write(html, "--html")
    first = times[0] if times else None
    base = base_config(
        {**given, "task": names[0], "seconds": first}, Budget(seconds=DEFAULT_SECONDS)
    )
    budgets = [Budget(seconds=value) for value in times or ()]
    configs, notes = prepared_configs(base, names, given, home, seeds=seeds, budgets=budgets)
    keep_test(home, configs, given["hold_test"])
    ids = follow.launch_all(
        home,
        configs,
        owner=given["owner"],
        again=given["again"],
        experiment=launch.new_experiment(),
    )
    _tell_notes(notes)
    rows = follow.wait(home, ids)
    document = compare.compare_json(home, rows)
    if html is not None:
        from workbench.export.report import write_report

        write_report(home, rows, html)
        click.echo(f"Report: {html}", err=True)
    _answer(document, as_json, compare.compare_text)
    return result.exit_status(rows)


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
    from workbench import catalogue

    for plugin in plugins:
        registry.load_plugin(plugin)
    _answer(catalogue.entries(kind), as_json, catalogue.as_text)


@workbench.command()
@click.option("--owner", help="Only this owner's.")
@home_option
@json_option
def runs(home: Path, owner: str | None, as_json: bool) -> None:
    """List runs, newest first."""
    from workbench.runs import result

    store = existing_store(home)
    rows = [] if store is None else store.runs(owner=owner)
    _answer([result.row_json(row) for row in rows], as_json, result.rows_text)


@workbench.command()
@click.argument("run")
@click.option("--curves", is_flag=True, help="With the curves of all metrics.")
@home_option
@json_option
def show(run: str, home: Path, curves: bool, as_json: bool) -> None:
    """Show one run."""
    from workbench.runs import result

    row = stored_run(home, run)
    _answer(result.run_json(home, row, curves=curves), as_json, result.run_text)


@workbench.command()
@click.argument("runs", nargs=-1, required=True)
@click.option(
    "--embeddings",
    multiple=True,
    metavar="NAME[@SPLIT]=FILE",
    help="Embeddings from elsewhere as a further column: Parquet with ids, or .npy in the order of "
    "the data set's samples (of one split with @SPLIT). Repeat for several.",
)
@click.option("--html", type=click.Path(path_type=Path), help="Write a report to this file.")
@home_option
@json_option
def compare(
    runs: Sequence[str], home: Path, embeddings: Sequence[str], html: Path | None, as_json: bool
) -> None:
    """Compare runs: gains over the untrained encoder, scores, agreement, what differs."""
    from workbench.runs import compare as comparison

    rows = [stored_run(home, run) for run in runs]
    file_to_write(html, "--html")
    document = comparison.compare_json(home, rows, embeddings=embeddings)
    if html is not None:
        from workbench.export.report import write_report

        write_report(home, rows, html)
        click.echo(f"Report: {html}", err=True)
    _answer(document, as_json, comparison.compare_text)


@workbench.command(name="confirm-test")
@click.argument("runs", nargs=-1, required=True)
@home_option
@json_option
def confirm_test(runs: Sequence[str], home: Path, as_json: bool) -> None:
    """Open the test scores of chosen runs where the test is kept closed (--hold-test)."""
    from workbench.runs import held, result
    from workbench.runs.store import Store

    rows = [stored_run(home, run) for run in dict.fromkeys(runs)]
    opened = held.confirm(Store.open(home), rows)
    for row in rows:
        if row.id not in opened:
            click.echo(f"{row.id}: its test scores were open already.", err=True)
    documents = [result.run_json(home, stored_run(home, row.id)) for row in rows]
    _answer({"opened": opened, "runs": documents}, as_json, result.confirmed_text)


@workbench.command()
@click.argument("run")
@home_option
@json_option
def stop(run: str, home: Path, as_json: bool) -> None:
    """Ask a run to stop; it writes a checkpoint and can be resumed."""
    from workbench.runs import launch, result

    before = stored_run(home, run)
    launch.stop(home, run)
    row = stored_run(home, run)
    asked = before.state in ("queued", "running")
    done = f"{run} was asked to stop." if asked else f"{run} is {before.state} already."
    click.echo(done, err=True)
    if as_json:
        _answer(result.row_json(row), as_json, str)


@workbench.command()
@click.argument("run")
@home_option
@json_option
def resume(run: str, home: Path, as_json: bool) -> int:
    """Go on with a stopped or failed run from its last checkpoint."""
    from workbench.runs import follow, launch, result

    stored_run(home, run)
    launch.resume(home, run)
    rows = follow.wait(home, [run])
    _answer(result.run_json(home, rows[0]), as_json, result.run_text)
    return result.exit_status(rows)


@workbench.command()
@click.argument("run")
@click.option("--yes", is_flag=True, help="Do not ask.")
@home_option
@json_option
def delete(run: str, yes: bool, home: Path, as_json: bool) -> None:
    """Delete a run and its files. Asks first if a person sits there."""
    from workbench.runs import launch

    row = stored_run(home, run)
    if not yes and not as_json and sys.stdin.isatty():
        click.confirm(f"Delete {row.id} ({row.name}) and its files?", abort=True, err=True)
    launch.delete(home, row.id)
    click.echo(f"{run} is deleted.", err=True)
    if as_json:
        _answer({"id": row.id, "deleted": True}, as_json, str)


@workbench.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--labels",
    type=click.Path(path_type=Path),
    help="Labels, one a row: .npy, or Parquet with a column 'label' (the same file, too).",
)
@json_option
def diagnose(file: Path, labels: Path | None, as_json: bool) -> None:
    """Collapse checks of any embeddings: a .npy or Parquet file of n rows and d columns."""
    from workbench.diagnostics import files

    _answer(files.diagnose(file, labels), as_json, files.as_text)


@workbench.command()
@click.argument("run")
@data_options
@click.option("--to", "to", type=click.Path(path_type=Path), required=True, help="A .parquet file.")
@home_option
def embed(run: str, to: Path, home: Path, **given: Any) -> None:
    """Put new input through a run's encoder."""
    from workbench.export.embed import embed_data

    config = data_config(given, None)
    stored_run(home, run)
    count = embed_data(home, run, config, to, progress=show_progress)
    click.echo(f"{count} embeddings in {to}", err=True)


@workbench.command()
@click.argument("run")
@click.option("--to", "to", type=click.Path(path_type=Path), required=True, help="A folder.")
@click.option("--format", "format_", default="safetensors", help="safetensors or torchscript.")
@home_option
def export(run: str, to: Path, format_: str, home: Path) -> None:
    """Export a run's encoder, configuration, embeddings and scores."""
    from workbench.export.encoder import export_run

    stored_run(home, run)
    for name in export_run(home, run, to, format_):
        click.echo(name)


@workbench.command()
@home_option
@json_option
def doctor(home: Path, as_json: bool) -> None:
    """What this machine has: versions, device, precision, disk, store, browser."""
    from workbench import doctor as examination

    _answer(examination.facts(home), as_json, examination.as_text)


def _tell_notes(notes: Sequence[str]) -> None:
    for note in dict.fromkeys(notes):
        click.echo(note, err=True)


def _answer(document: Any, as_json: bool, as_text: Callable[[Any], str]) -> None:
    text = json.dumps(_finite(document), indent=2) if as_json else as_text(document)
    click.echo(text)


def _finite(value: Any) -> Any:
    """``value`` with null for NaN and Inf, such as the loss of a run that failed with it: JSON has
    no word for them."""
    if isinstance(value, Mapping):
        return {name: _finite(part) for name, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(part) for part in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value

"""The commands that train: one run, or a pilot of several tasks."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from workbench.cli.checks import check_writable
from workbench.cli.flags import (
    data_options,
    hold_test_option,
    home_option,
    json_option,
    run_options,
    seconds_option,
    times_option,
)
from workbench.cli.output import print_answer, print_notes, show_progress
from workbench.config import DEFAULT_SECONDS, Budget, RunConfig
from workbench.errors import RequestError
from workbench.requests.from_flags import RunFlags, base_config, prepared_configs

_DEFAULT_BUDGET = Budget(seconds=DEFAULT_SECONDS)


@click.command()
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
def pretrain(
    home: Path,
    name: str | None,
    owner: str,
    again: bool,
    hold_test: bool | None,
    as_json: bool,
    **run_flags: Any,
) -> int:
    """Pretrain one encoder, check it for collapse, and score it."""
    from workbench.jobs import estimates, follow
    from workbench.stored_runs import run_text
    from workbench.stored_runs.stored_run import StoredRun

    flags = RunFlags.of(run_flags)
    base = base_config(flags, _DEFAULT_BUDGET)
    configs, notes = prepared_configs(
        base, [base.task], home, edits=flags.augment, progress=show_progress
    )
    _hide_test(home, configs, hold_test)
    ids = follow.launch_all(home, configs, owner=owner, name=name, again=again)
    notes += estimates.warnings_of_time(home, configs)
    print_notes(notes)
    rows = follow.wait(home, ids, known=notes)
    print_answer(StoredRun(home, rows[0]).record(), as_json, run_text.run_text)
    return run_text.exit_status(rows)


@click.command()
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
    owner: str,
    again: bool,
    html: Path | None,
    hold_test: bool | None,
    as_json: bool,
    **run_flags: Any,
) -> int:
    """Run several tasks for the same time on the same data, and compare them."""
    from workbench.jobs import estimates, follow, launch
    from workbench.stored_runs import compare, run_text
    from workbench.stored_runs.stored_run import StoredRun

    names = _task_names(tasks)
    check_writable(html, "--html")
    flags = RunFlags.of({**run_flags, "task": names[0], "seconds": times[0] if times else None})
    base = base_config(flags, _DEFAULT_BUDGET)
    configs, notes = prepared_configs(
        base,
        names,
        home,
        edits=flags.augment,
        seeds=seeds,
        budgets=[Budget(seconds=seconds) for seconds in times or ()],
        progress=show_progress,
    )
    _hide_test(home, configs, hold_test)
    ids = follow.launch_all(
        home, configs, owner=owner, again=again, experiment=launch.new_experiment()
    )
    notes += estimates.warnings_of_time(home, configs)
    print_notes(notes)
    rows = follow.wait(home, ids, known=notes)
    runs = [StoredRun(home, row) for row in rows]
    document = compare.compare_runs(runs)
    if html is not None:
        from workbench.export.report.writer import write_report

        write_report(runs, html)
        click.echo(f"Report: {html}", err=True)
    print_answer(document, as_json, compare.compare_text)
    return run_text.exit_status(rows)


def _task_names(tasks: str) -> list[str]:
    """The names in ``A,B,C``. Raises RequestError for none, and for one that comes twice."""
    names = [name.strip() for name in tasks.split(",") if name.strip()]
    if not names:
        raise RequestError("no task is given.", field="--tasks", remedy="Give --tasks A,B,C.")
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise RequestError(
            f"'{twice}' is named twice.", field="--tasks", remedy="To run it twice, give --seeds 2."
        )
    return names


def _hide_test(home: Path, configs: Sequence[RunConfig], hidden: bool | None) -> None:
    """Hide or show the test scores of the configurations' data; None leaves them as they are."""
    from workbench.store.store import Store
    from workbench.stored_runs import hidden_test

    if hidden is not None:
        for fingerprint in {config.data.fingerprint for config in configs} - {None}:
            hidden_test.switch(Store.open(home), str(fingerprint), hidden)


COMMANDS = (pretrain, pilot)

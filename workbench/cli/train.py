"""The commands that train: one run, or a pilot of several tasks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from workbench.cli.checks import file_to_write, keep_test, show_progress
from workbench.cli.flags import (
    data_options,
    hold_test_option,
    home_option,
    json_option,
    run_options,
    seconds_option,
    times_option,
)
from workbench.cli.output import answer, tell_notes
from workbench.config import DEFAULT_SECONDS, Budget
from workbench.errors import RequestError
from workbench.requests.from_flags import base_config, prepared_configs


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
def pretrain(home: Path, as_json: bool, **given: Any) -> int:
    """Pretrain one encoder, check it for collapse, and score it."""
    from workbench.jobs import follow
    from workbench.stored_runs import run_text
    from workbench.stored_runs.stored_run import StoredRun

    base = base_config(given, Budget(seconds=DEFAULT_SECONDS))
    configs, notes = prepared_configs(base, [base.task], given, home, progress=show_progress)
    keep_test(home, configs, given["hold_test"])
    ids = follow.launch_all(
        home, configs, owner=given["owner"], name=given["name"], again=given["again"]
    )
    tell_notes(notes)
    rows = follow.wait(home, ids)
    run = StoredRun(home, rows[0]).record()
    answer(run, as_json, run_text.run_text)
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
    html: Path | None,
    as_json: bool,
    **given: Any,
) -> int:
    """Run several tasks for the same time on the same data, and compare them."""
    from workbench.jobs import follow, launch
    from workbench.stored_runs import compare, run_text
    from workbench.stored_runs.stored_run import StoredRun

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
    configs, notes = prepared_configs(
        base, names, given, home, seeds=seeds, budgets=budgets, progress=show_progress
    )
    keep_test(home, configs, given["hold_test"])
    ids = follow.launch_all(
        home,
        configs,
        owner=given["owner"],
        again=given["again"],
        experiment=launch.new_experiment(),
    )
    tell_notes(notes)
    rows = follow.wait(home, ids)
    runs = [StoredRun(home, row) for row in rows]
    document = compare.compare_runs(runs)
    if html is not None:
        from workbench.export.report.writer import write_report

        write_report(runs, html)
        click.echo(f"Report: {html}", err=True)
    answer(document, as_json, compare.compare_text)
    return run_text.exit_status(rows)


COMMANDS = (pretrain, pilot)

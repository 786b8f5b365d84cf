"""The commands on stored runs: list, show, compare, confirm, stop, resume, edit, delete."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import click

from workbench.cli.checks import check_writable
from workbench.cli.flags import home_option, json_option
from workbench.cli.output import print_answer
from workbench.errors import RequestError
from workbench.store.lookup import existing_run, existing_store


@click.command()
@click.option("--owner", help="Only this owner's.")
@click.option("--tag", help="Only with this tag.")
@home_option
@json_option
def runs(home: Path, owner: str | None, tag: str | None, as_json: bool) -> None:
    """List runs, newest first."""
    from workbench.jobs import launch
    from workbench.store import edit
    from workbench.stored_runs import run_text
    from workbench.stored_runs.run_record import run_line

    store = existing_store(home)
    if store is not None:
        launch.attend(home)
    stored_tag = None if tag is None else edit.parse_tag(tag)
    rows = [] if store is None else store.runs(owner=owner, tag=stored_tag)
    print_answer([run_line(row) for row in rows], as_json, run_text.rows_text)


@click.command()
@click.argument("run")
@click.option("--curves", is_flag=True, help="With the curves of all metrics.")
@home_option
@json_option
def show(run: str, home: Path, curves: bool, as_json: bool) -> None:
    """Show one run."""
    from workbench.jobs import launch
    from workbench.stored_runs import run_text
    from workbench.stored_runs.stored_run import StoredRun

    existing_run(home, run)
    launch.attend(home)
    record = StoredRun(home, existing_run(home, run)).record(curves=curves)
    print_answer(record, as_json, run_text.run_text)


@click.command()
@click.argument("runs", nargs=-1, required=True)
@click.option(
    "--embeddings",
    multiple=True,
    metavar="NAME[@SPLIT]=FILE",
    help="Embeddings from elsewhere as a further column: a table with ids, or .npy. The order of "
    "a .npy is assumed and checked (with @SPLIT: of one split as prepared). Repeat for several.",
)
@click.option("--html", type=click.Path(path_type=Path), help="Write a report to this file.")
@home_option
@json_option
def compare(
    runs: Sequence[str], home: Path, embeddings: Sequence[str], html: Path | None, as_json: bool
) -> None:
    """Compare runs: gains over the untrained encoder, scores, agreement, what differs."""
    from workbench.stored_runs import compare as comparison
    from workbench.stored_runs.stored_run import StoredRun

    chosen = [StoredRun(home, existing_run(home, run)) for run in runs]
    check_writable(html, "--html")
    document = comparison.compare_runs(chosen, embeddings)
    if html is not None:
        from workbench.export.report.writer import write_report

        write_report(chosen, html)
        click.echo(f"Report: {html}", err=True)
    print_answer(document, as_json, comparison.compare_text)


@click.command(name="confirm-test")
@click.argument("runs", nargs=-1, required=True)
@home_option
@json_option
def confirm_test(runs: Sequence[str], home: Path, as_json: bool) -> None:
    """Show the test scores of chosen runs where they are hidden (--hold-test)."""
    from workbench.store.store import Store
    from workbench.stored_runs import hidden_test, run_text
    from workbench.stored_runs.stored_run import StoredRun

    rows = [existing_run(home, run) for run in dict.fromkeys(runs)]
    opened = hidden_test.confirm(Store.open(home), rows)
    for row in rows:
        if row.id not in opened:
            click.echo(f"{row.id}: its test scores were open already.", err=True)
    records = [StoredRun(home, existing_run(home, row.id)).record() for row in rows]
    document: run_text.ConfirmedRecord = {"opened": opened, "runs": records}
    print_answer(document, as_json, run_text.confirmed_text)


@click.command()
@click.argument("run")
@home_option
@json_option
def stop(run: str, home: Path, as_json: bool) -> None:
    """Ask a run to stop; it writes a checkpoint and can be resumed."""
    from workbench.jobs import launch
    from workbench.stored_runs.run_record import run_line

    before = existing_run(home, run)
    launch.stop(home, run)
    row = existing_run(home, run)
    stops = before.state in ("queued", "running")
    message = f"{run} was asked to stop." if stops else f"{run} is {before.state} already."
    click.echo(message, err=True)
    if as_json:
        print_answer(run_line(row), as_json, str)


@click.command()
@click.argument("run")
@click.option("--from-start", is_flag=True, help="Leave the checkpoint, and train from nothing.")
@home_option
@json_option
def resume(run: str, from_start: bool, home: Path, as_json: bool) -> int:
    """Go on with a stopped or failed run from its last checkpoint."""
    from workbench.jobs import follow, launch
    from workbench.stored_runs import run_text
    from workbench.stored_runs.stored_run import StoredRun

    known = existing_run(home, run).summary.get("notes", [])
    launch.resume(home, run, from_start=from_start)
    rows = follow.wait(home, [run], known=known)
    print_answer(StoredRun(home, rows[0]).record(), as_json, run_text.run_text)
    return run_text.exit_status(rows)


@click.command(name="map")
@click.argument("run")
@home_option
@json_option
def map_(run: str, home: Path, as_json: bool) -> None:
    """Have a run's UMAP map made again, also one that failed."""
    from workbench.engine import map_requests
    from workbench.jobs import supervisor
    from workbench.stored_runs.run_record import run_line
    from workbench.stored_runs.stored_run import StoredRun

    map_requests.request(StoredRun(home, existing_run(home, run)))
    supervisor.ensure(home)
    click.echo(f"The map of {run} is queued; it is made while no run trains.", err=True)
    if as_json:
        print_answer(run_line(existing_run(home, run)), as_json, str)


@click.command(name="edit")
@click.argument("run")
@click.option("--name", help="What to call it; '' for its task and seed.")
@click.option("--note", help="A note on it; '' removes the note.")
@click.option("--tag", "tags", multiple=True, help="Give it a tag. Repeat for several.")
@click.option("--untag", "untags", multiple=True, help="Take a tag away. Repeat for several.")
@home_option
@json_option
def edit_(
    run: str,
    name: str | None,
    note: str | None,
    tags: Sequence[str],
    untags: Sequence[str],
    home: Path,
    as_json: bool,
) -> None:
    """Rename a run, write a note on it, give it tags or take them away."""
    from workbench.store import edit
    from workbench.stored_runs import run_text
    from workbench.stored_runs.run_record import run_line

    existing_run(home, run)
    if name is None and note is None and not tags and not untags:
        raise RequestError(
            "nothing is to be changed.",
            field="RUN",
            remedy="Give --name, --note, --tag or --untag.",
        )
    row = edit.edit(home, run, name=name, note=note, tag=tags, untag=untags)
    print_answer(run_line(row), as_json, lambda one: run_text.rows_text([one]))


@click.command()
@click.argument("run")
@click.option("--yes", is_flag=True, help="Do not ask.")
@home_option
@json_option
def delete(run: str, yes: bool, home: Path, as_json: bool) -> None:
    """Delete a run and its files. Asks first if a person sits there."""
    from workbench.jobs import launch

    row = existing_run(home, run)
    if not yes and not as_json and sys.stdin.isatty():
        click.confirm(f"Delete {row.id} ({row.name}) and its files?", abort=True, err=True)
    launch.delete(home, row.id)
    click.echo(f"{run} is deleted.", err=True)
    if as_json:
        print_answer({"id": row.id, "deleted": True}, as_json, str)


COMMANDS = (runs, show, compare, confirm_test, stop, resume, map_, edit_, delete)

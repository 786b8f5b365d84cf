"""``workbench clean``: lists what a home does not need, with sizes, and removes it when asked."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TypedDict

import click

from workbench.cli.flags import home_option, json_option
from workbench.cli.output import print_answer
from workbench.store.lookup import existing_store


class LeftoverRecord(TypedDict):
    """days: since it was last written."""

    kind: str
    name: str
    path: str
    bytes: int
    days: float


class CleanRecord(TypedDict):
    """What is not needed, what it takes, and how many bytes were freed: none before ``--yes``."""

    leftovers: list[LeftoverRecord]
    bytes: int
    freed: int


@click.command()
@click.option(
    "--older-than",
    type=click.FloatRange(min=0, max=36_500),
    default=30.0,
    show_default=True,
    metavar="DAYS",
    help="Only what was last written so many days ago.",
)
@click.option("--yes", is_flag=True, help="Remove it without asking.")
@home_option
@json_option
def clean(older_than: float, yes: bool, home: Path, as_json: bool) -> None:
    """List what no run and no page needs, with sizes, and remove it. Asks first.

    Runs keep scores, maps and encoders. Without --yes, and with --json or without a terminal,
    nothing is removed.
    """
    from workbench.stored_runs.removal import cleaning

    found = [] if existing_store(home) is None else cleaning.leftovers(home, older_than)
    document: CleanRecord = {
        "leftovers": [
            {
                "kind": one.kind,
                "name": one.name,
                "path": str(one.path),
                "bytes": one.bytes,
                "days": round(one.days, 2),
            }
            for one in found
        ],
        "bytes": sum(one.bytes for one in found),
        "freed": 0,
    }
    if not as_json:
        click.echo(_text(document))
    asks = not yes and not as_json and sys.stdin.isatty()
    if found and asks:
        click.confirm(f"Remove these {len(found)}?", abort=True, err=True)
    if found and (yes or asks):
        document["freed"] = cleaning.remove(home, found)
        click.echo(f"{document['freed'] / 1e6:,.1f} MB are free again.", err=True)
    elif found:
        click.echo("Nothing is removed without --yes.", err=True)
    if as_json:
        print_answer(document, as_json, _text)


def _text(document: CleanRecord) -> str:
    if not document["leftovers"]:
        return "There is nothing to remove."
    lines = [
        f"{one['bytes'] / 1e6:10,.1f} MB  {one['days']:5.0f} days  {one['kind']}: {one['name']}"
        for one in document["leftovers"]
    ]
    return "\n".join([*lines, f"{document['bytes'] / 1e6:10,.1f} MB  in all"])


COMMANDS = (clean,)

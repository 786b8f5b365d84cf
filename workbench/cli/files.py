"""The commands that read or write files: diagnose, embed, export."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from workbench.cli.flags import data_options, home_option, json_option
from workbench.cli.output import print_answer, show_progress
from workbench.data.safety import regular_files
from workbench.export.formats import formats
from workbench.requests.data_flags import data_config
from workbench.store.lookup import existing_run
from workbench.stored_runs.stored_run import StoredRun


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--labels",
    type=click.Path(path_type=Path),
    help="Labels, one a row: .npy, or a table with a column 'label' (the same file, too).",
)
@click.option(
    "--columns",
    metavar="A,B|all",
    help="Of a table, the columns that are the embedding; by default those that look like it.",
)
@json_option
def diagnose(file: Path, labels: Path | None, columns: str | None, as_json: bool) -> None:
    """Collapse checks of any embeddings: a .npy, Parquet or CSV file of n rows and d columns."""
    from workbench.diagnostics import files

    regular_files.check(file, "FILE")
    if labels is not None:
        regular_files.check(labels, "--labels")
    print_answer(files.diagnose(file, labels, columns), as_json, files.as_text)


@click.command()
@click.argument("run")
@data_options
@click.option("--to", "to", type=click.Path(path_type=Path), required=True, help="A .parquet file.")
@home_option
def embed(run: str, to: Path, home: Path, **data_flags: Any) -> None:
    """Put new input through a run's encoder."""
    from workbench.export.new_embeddings import embed_data

    config = data_config(data_flags)
    stored = StoredRun(home, existing_run(home, run))
    count = embed_data(stored, config, to, progress=show_progress)
    click.echo(f"{count} embeddings in {to}", err=True)


@click.command()
@click.argument("run")
@click.option("--to", "to", type=click.Path(path_type=Path), required=True, help="A folder.")
@click.option("--format", "format_", default="safetensors", help=f"{' or '.join(formats())}.")
@home_option
def export(run: str, to: Path, format_: str, home: Path) -> None:
    """Export a run's encoder, configuration, embeddings and scores."""
    from workbench.export.encoder import export_run

    stored = StoredRun(home, existing_run(home, run))
    for name in export_run(stored, to, format_):
        click.echo(name)


COMMANDS = (diagnose, embed, export)

"""What commands look at before anything long begins: the store, a run by its id, files to write."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from workbench.config import RunConfig
from workbench.errors import RequestError

if TYPE_CHECKING:
    pass


def keep_test(home: Path, configs: Sequence[RunConfig], on: bool | None) -> None:
    """Keep the test of the configurations' data closed, or open; None leaves it as it is."""
    from workbench.store.store import Store
    from workbench.stored_runs import hidden_test

    if on is not None:
        for fingerprint in {config.data.fingerprint for config in configs} - {None}:
            hidden_test.switch(Store.open(home), str(fingerprint), on)


def show_progress(text: str, share: float) -> None:
    if sys.stderr.isatty():
        click.echo(f"\r{text} {share:4.0%}   ", err=True, nl=share >= 1.0)


def file_to_write(path: Path | None, field: str) -> None:
    """Raise RequestError if no file can be written at ``path``. Asked before runs that take long.

    None, for no file, is fine.
    """
    if path is None:
        return
    folder = path.absolute().parent
    if path.is_dir():
        problem, remedy = f"'{path}' is a folder.", "Give the name of a file."
    elif not folder.is_dir():
        problem, remedy = f"there is no folder '{folder}'.", "Make it first, or give another file."
    elif not os.access(path if path.exists() else folder, os.W_OK):
        problem, remedy = f"'{path}' cannot be written.", "Give another file."
    else:
        return
    raise RequestError(problem, field=field, remedy=remedy)

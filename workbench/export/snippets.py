"""Code that opens a run again: Python, shell commands, and a notebook."""

from __future__ import annotations

import json
import shlex
from typing import Any

from workbench.stored_runs.stored_run import StoredRun

_LOOK = "run.verdict, run.gains, run.map()"


def python_lines(run: StoredRun, *, images: bool) -> str:
    """Python that opens the run and puts new samples through its encoder.

    images: whether it learned from images, else from texts.
    """
    if images:
        new = "h = run.encode(images)  # uint8 (n, H, W) or (n, H, W, C), of any size"
    else:
        new = 'h = run.encode(["a new text", "another one"])  # float32 (n, dim)'
    return "\n".join(
        (
            "from pathlib import Path",
            "",
            "import workbench as wb",
            "",
            f"run = wb.Run({run.id!r}, Path({str(run.home)!r}))",
            _LOOK,
            "encoder = run.encoder  # a torch module, in eval mode",
            new,
        )
    )


def shell_lines(run: StoredRun) -> str:
    """The shell's commands that export the run, and that put a data set through its encoder."""
    at = f"--home {shlex.quote(str(run.home))}"
    return "\n".join(
        (
            f"workbench export {run.id} --to {run.id}-export {at}",
            f"workbench embed {run.id} --data PATH --to {run.id}-new.parquet {at}",
        )
    )


def notebook(run: StoredRun, *, images: bool) -> str:
    """A Jupyter notebook (JSON): the run opened again, its verdict, gains, map and encoder."""
    lines = python_lines(run, images=images).splitlines()
    at = lines.index(_LOOK)
    # The notebook has no new images to encode, but it can hold example texts.
    last = lines[at + 1 : at + 2] if images else lines[at + 1 :]
    sources = [
        ("markdown", f"Run `{run.id}` ({run.config['task']}), opened again."),
        ("code", "\n".join(lines[:at])),
        *(("code", part) for part in _LOOK.split(", ")),
        ("code", "\n".join(last)),
    ]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    document = {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {"kernelspec": kernel},
        "cells": [_cell(at, kind, source) for at, (kind, source) in enumerate(sources)],
    }
    return json.dumps(document, indent=1)


def _cell(at: int, kind: str, source: str) -> dict[str, Any]:
    cell = {"cell_type": kind, "id": f"cell-{at}", "metadata": {}, "source": source}
    return cell | ({"outputs": [], "execution_count": None} if kind == "code" else {})

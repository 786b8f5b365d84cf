"""How commands print: the answer as JSON or text on stdout, notes and progress on stderr."""

from __future__ import annotations

import io
import json
import math
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import click

Document = TypeVar("Document")


def protect_streams() -> None:
    """Let stdout and stderr write every letter: what a terminal's code page lacks, and half a
    letter in the name of a file, is written as its number."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def print_answer(document: Document, as_json: bool, as_text: Callable[[Document], str]) -> None:
    """``document`` on stdout: as JSON with ``as_json``, else as the text that ``as_text`` gives."""
    text = json.dumps(_without_nan(document), indent=2) if as_json else as_text(document)
    click.echo(text)


def print_notes(notes: Sequence[str]) -> None:
    """Each note once, on stderr."""
    for note in dict.fromkeys(notes):
        click.echo(note, err=True)


def show_progress(text: str, share: float) -> None:
    """A line on stderr that replaces itself, if stderr is a terminal. share: done, 0 to 1."""
    if sys.stderr.isatty():
        click.echo(f"\r{text} {share:4.0%}   ", err=True, nl=share >= 1.0)


def _without_nan(value: Any) -> Any:
    """``value`` with null for NaN and Inf, which JSON does not have: a failed run may have such a
    loss."""
    if isinstance(value, Mapping):
        return {name: _without_nan(part) for name, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_without_nan(part) for part in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value

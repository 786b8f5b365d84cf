"""What commands say: the answer as one JSON document or as text, and notes on stderr."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import click


def tell_notes(notes: Sequence[str]) -> None:
    """Each note once, on stderr."""
    for note in dict.fromkeys(notes):
        click.echo(note, err=True)


def answer(document: Any, as_json: bool, as_text: Callable[[Any], str]) -> None:
    """``document`` on stdout: as JSON if that was asked for, else as ``as_text`` gives it."""
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

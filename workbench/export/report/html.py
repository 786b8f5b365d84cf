"""Pieces of HTML of which the report is made. Every text from outside is escaped."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import plotly.graph_objects as go

# HTML, or (text, whether it is bad news).
Cell = str | tuple[str, bool]

_CONFIG = {"displayModeBar": False, "responsive": True, "scrollZoom": False}


def chart(figure: go.Figure) -> str:
    """A plotly figure that needs plotly.js on the page once."""
    html: str = figure.to_html(
        full_html=False, include_plotlyjs=False, config=_CONFIG, default_width="100%"
    )
    return html


def captioned(title: str, lines: Sequence[str], inner: str) -> str:
    """``inner`` (HTML) under its title and small lines."""
    spans = "".join(f"<span>{escape(line)}</span>" for line in lines if line)
    return (
        f"<figure><figcaption><strong>{escape(title)}</strong>{spans}</figcaption>{inner}</figure>"
    )


def bullets(lines: Sequence[str]) -> str:
    """A list of sentences."""
    return f"<ul>{''.join(f'<li>{escape(line)}</li>' for line in lines)}</ul>"


def folded(title: str, parts: Iterable[str]) -> str:
    """Pieces of HTML folded away under a title; empty if there are none."""
    inner = "".join(parts)
    return f"<details><summary>{escape(title)}</summary>{inner}</details>" if inner else ""


def table(head: Sequence[str], rows: Sequence[Sequence[Cell]]) -> str:
    """A table that scrolls by itself."""
    heads = "".join(f"<th>{escape(name)}</th>" for name in head)
    body = "".join(f"<tr>{''.join(map(_cell, row))}</tr>" for row in rows)
    return f'<div class="scroll"><table><tr>{heads}</tr>{body}</table></div>'


def _cell(cell: Cell) -> str:
    if isinstance(cell, tuple):
        text, bad = cell
        return f'<td class="bad">{escape(text)}</td>' if bad else f"<td>{escape(text)}</td>"
    return f"<td>{cell}</td>"


def plain(value: Any) -> str:
    """A configuration's value (JSON) as people write it: steps by name, with their options."""
    if isinstance(value, Mapping) and "name" in value:
        options = plain(value.get("options") or {})
        return f"{value['name']} ({options})" if options else str(value["name"])
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {plain(inner)}" for name, inner in value.items())
    if isinstance(value, (list, tuple)):
        if value and all(isinstance(part, (int, float)) for part in value):
            return " to ".join(f"{part:g}" for part in value)
        return ", ".join(plain(part) for part in value)
    return "" if value is None else str(value)

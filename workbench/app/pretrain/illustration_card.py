"""What a task's model sees and must answer, small enough for a card: one piece of HTML."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from workbench.app.shared import illustration
from workbench.plots.sheets import picture

_SIDE = 72
_MOST = 4
_LONGEST = 16
_ROLES = {"original": "original", "sees": "sees", "answers": "must answer"}


def html(drawn: Mapping[str, Any]) -> str:
    """The first sample of an illustration as ``EngineClient.illustrate`` gives it: up to four of
    its panels, each with its role, and what it is in words for those who cannot see it."""
    panels = _chosen(drawn["rows"][0] if drawn["rows"] else ())
    pictures = any(panel["image"] is not None for panel in panels)
    parts = [_panel(panel, pictures=pictures) for panel in panels]
    flow = "row" if pictures else "column"
    return (
        f'<div style="display:flex;flex-direction:{flow};gap:8px;align-items:flex-start;'
        f'min-height:100px;font-size:0.8rem;line-height:1.35;">{"".join(parts)}</div>'
    )


def _chosen(row: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The original, what is seen first, and what must be answered first, in their order."""
    most = {"original": 1, "sees": 2, "answers": 1}
    taken: list[Mapping[str, Any]] = []
    for panel in row:
        if sum(other["role"] == panel["role"] for other in taken) < most[panel["role"]]:
            taken.append(panel)
    return taken[:_MOST]


def _panel(panel: Mapping[str, Any], *, pictures: bool) -> str:
    role = _ROLES[panel["role"]]
    if panel["image"] is not None:
        told = f"{panel['caption']} ({role})"
        inner = picture(panel["image"], told, _SIDE)
    else:
        tokens = list(panel["tokens"] or ())
        # Answers of several words would run into each other.
        apart = pictures and any(" " in str(token[0]) for token in tokens)
        inner = ("<br>" if apart else " ").join(
            illustration.marked([token]) for token in tokens[:_LONGEST]
        )
        inner += " …" if len(tokens) > _LONGEST else ""
    width = f"flex:0 1 {_SIDE}px;min-width:0;" if pictures else ""
    return (
        f'<div style="{width}overflow-wrap:anywhere;"><div>{inner}</div>'
        f'<div style="opacity:0.8;font-size:0.75rem;">{role}</div></div>'
    )

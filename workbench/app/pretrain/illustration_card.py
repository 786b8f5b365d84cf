"""An illustration of a task, small enough for a card: one piece of HTML."""

from __future__ import annotations

from collections.abc import Sequence

from workbench.app.shared import illustration
from workbench.engine.replies import IllustrationRecord, PanelRecord
from workbench.plots.sheets import picture

_SIDE = 72
_MOST = 4
_LONGEST = 16
_ROLES = {
    "original": "original",
    "sees": "sees",
    "answers": "must answer",
    "predicted": "output to be predicted",
    "found": "to be found",
}


def html(record: IllustrationRecord) -> str:
    """The first sample of an illustration: up to four of its panels, each with its role, and with a
    description for screen readers."""
    panels = _chosen(record["rows"][0] if record["rows"] else ())
    pictures = any(panel["image"] is not None for panel in panels)
    # Four side by side are wider than a card, and several words wrap in a narrow column: the
    # answer takes a row of its own.
    below = pictures and (len(panels) == _MOST or any(map(_several_words, panels)))
    parts = [_panel(panel, pictures=pictures, below=below) for panel in panels]
    flow = "row" if pictures else "column"
    flow += ";flex-wrap:wrap" if below else ""
    return (
        f'<div style="display:flex;flex-direction:{flow};gap:8px;align-items:flex-start;'
        f'min-height:100px;font-size:0.8rem;line-height:1.35;">{"".join(parts)}</div>'
    )


def _chosen(row: Sequence[PanelRecord]) -> list[PanelRecord]:
    """The first panels of each role: the original, two that the model sees, one answer."""
    chosen: list[PanelRecord] = []
    for panel in row:
        most = 2 if panel["role"] == "sees" else 1
        if sum(other["role"] == panel["role"] for other in chosen) < most:
            chosen.append(panel)
    return chosen[:_MOST]


def _several_words(panel: PanelRecord) -> bool:
    """Whether an answer of the panel is of several words."""
    return any(" " in str(token[0]) for token in panel["tokens"] or ())


def _panel(panel: PanelRecord, *, pictures: bool, below: bool = False) -> str:
    role = _ROLES[panel["role"]]
    if panel["image"] is not None:
        alt = f"{panel['caption']} ({role})"
        inner = picture(panel["image"], alt, _SIDE)
    else:
        tokens = list(panel["tokens"] or ())
        # Answers of several words would run into each other on one line.
        on_lines = pictures and _several_words(panel)
        inner = (" · " if on_lines and below else "<br>" if on_lines else " ").join(
            illustration.marked([token]) for token in tokens[:_LONGEST]
        )
        inner += " …" if len(tokens) > _LONGEST else ""
    width = f"flex:0 1 {_SIDE}px;min-width:0;" if pictures else ""
    if below:
        share = "0 1 calc((100% - 16px) / 3)" if panel["image"] is not None else "1 0 100%"
        width = f"flex:{share};min-width:0;"
    return (
        f'<div style="{width}overflow-wrap:anywhere;"><div>{inner}</div>'
        f'<div style="opacity:0.8;font-size:0.75rem;">{role}</div></div>'
    )

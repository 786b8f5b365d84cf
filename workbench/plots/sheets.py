"""Neighbours as HTML: rows of small pictures, or of short texts. Loads nothing.

The same for pages, notebooks and reports: styles stand in the elements, colours are the page's own.
Every text from outside is escaped.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from html import escape

import numpy as np
import numpy.typing as npt

PICTURE_SIDE = 44
_LONGEST = 140
# The least width of a row of neighbours, in rem: five pictures, or cards; and of a single picture.
_ROW, _PICTURE = 14.5, 2.6
_LINE = "1px solid rgba(128, 128, 128, 0.35)"
_CARD = (
    f"border:{_LINE};border-radius:6px;padding:4px 8px;font-size:0.8rem;line-height:1.3;"
    "flex:1 1 11rem;max-width:20rem;overflow-wrap:anywhere;"
)


def picture(pixels: npt.NDArray[np.uint8], alt: str, side: int = PICTURE_SIDE) -> str:
    """One picture, uint8 (H, W, 3), its longer side ``side`` pixels; alt: what it shows, for
    people who cannot see it."""
    height, width = pixels.shape[:2]
    shown = max(1, round(width * side / max(height, width)))
    # Small pictures stay sharp, larger ones are scaled down smoothly.
    crisp = "image-rendering:pixelated;" if side > max(height, width) else ""
    # White pictures lie on white pages, too.
    edge = "outline:1px solid rgba(128,128,128,.3);outline-offset:-1px;border-radius:3px;"
    return (
        f'<img src="{data_uri(pixels)}" alt="{escape(alt, quote=True)}" style="width:'
        f'{shown}px;height:auto;max-width:100%;flex:0 1 auto;min-width:0;{edge}{crisp}">'
    )


def data_uri(pixels: npt.NDArray[np.uint8]) -> str:
    """A picture, uint8 (H, W) or (H, W, 3), as an address that holds it."""
    from PIL import Image

    buffer = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels)).save(buffer, "PNG")
    return f"data:image/png;base64,{base64.b64encode(buffer.getvalue()).decode('ascii')}"


def card(text: str) -> str:
    """One text, cut where it is long."""
    plain = " ".join(text.split())
    cut = plain if len(plain) <= _LONGEST else f"{plain[: _LONGEST - 1]}…"
    return f'<div style="{_CARD}">{escape(cut) or "&nbsp;"}</div>'


def row(cells: Sequence[str], title: str = "", *, wrap: bool = False) -> str:
    """Cells beside each other under their title. They get smaller where there is little room, as
    pictures may, or go on below (``wrap``), as cards of text must."""
    name = f'<div style="font-size:0.8rem;opacity:0.75;">{escape(title)}</div>' if title else ""
    flow = "flex-wrap:wrap;" if wrap else ""
    inner = (
        f'<div style="display:flex;align-items:flex-start;gap:4px;{flow}">{"".join(cells)}</div>'
    )
    return f'<div style="min-width:0;">{name}{inner}</div>'


def block(query: str, rows: Sequence[str], *, pictures: int | None = None) -> str:
    """One query (``picture`` or ``card``) with its rows of neighbours at its right, as many beside
    each other as there is room for. pictures: the number in each row, where it is smaller than
    five; so many need less room."""
    width = _ROW if pictures is None else min(_ROW, _PICTURE * pictures)
    columns = f"repeat(auto-fit,minmax(min(100%,{width:g}rem),1fr))"
    return (
        f'<div style="display:flex;gap:16px;align-items:flex-start;border-top:{_LINE};'
        f'padding:8px 0;"><div style="flex:0 1 auto;min-width:48px;max-width:30%;">{query}</div>'
        '<div style="flex:1 1 0;min-width:0;display:grid;gap:6px 16px;'
        f'grid-template-columns:{columns};">{"".join(rows)}</div></div>'
    )


def sheet(blocks: Sequence[str]) -> str:
    """All queries below each other."""
    return f"<div>{''.join(blocks)}</div>"


def captioned(cell: str, caption: str) -> str:
    """A cell with a line of small words below it."""
    return (
        '<div style="flex:0 1 auto;min-width:0;">'
        f'{cell}<div style="font-size:0.72rem;line-height:1.25;opacity:0.8;'
        f'overflow-wrap:anywhere;">{escape(caption)}</div></div>'
    )

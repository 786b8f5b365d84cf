"""Samples as HTML: a grid of pictures with captions, texts as cards, tokens. Loads nothing.

Styles stand in the elements and colours are the page's own. Every text from outside is escaped.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import numpy as np
import numpy.typing as npt

from workbench.plots.sheets import picture

LONGEST_TEXT = 320
_GAP = 12
_LINE = "1px solid rgba(128, 128, 128, 0.35)"
_SMALL = "font-size:0.8rem;line-height:1.3;overflow-wrap:anywhere;"
# A line besides the colour, so that people who see no colour know it too.
_CUT = "text-decoration:line-through;text-decoration-color:rgba(200,60,60,.7);opacity:.6;"


def figure(
    pixels: npt.NDArray[np.uint8],
    alt: str,
    lines: Sequence[str] = (),
    *,
    side: int = 96,
    across: int = 0,
) -> str:
    """One picture uint8 (H, W, 3) with lines below it. alt: what it shows, for people who cannot
    see it, and on hovering. across: so many fit in a row of a ``grid``, however narrow it is."""
    below = "".join(f"<div>{escape(line)}</div>" for line in lines if line)
    return (
        f'<figure style="margin:0;width:{side}px;{_fit(across)}" title="{escape(alt, quote=True)}">'
        f"{picture(pixels, alt, side)}"
        f'<figcaption style="{_SMALL}">{below}</figcaption></figure>'
    )


def _fit(across: int) -> str:
    """The style that lets so many cells share a row."""
    return f"max-width:calc((100% - {_GAP * (across - 1)}px) / {across});" if across else ""


def cell(html: str, lines: Sequence[str] = (), *, side: int = 96, across: int = 0) -> str:
    """A cell of HTML among figures, with lines below it."""
    below = "".join(f"<div>{escape(line)}</div>" for line in lines if line)
    return f'<div style="width:{side}px;{_fit(across)}{_SMALL}"><div>{html}</div>{below}</div>'


def missing(alt: str, lines: Sequence[str] = (), *, side: int = 96) -> str:
    """The place of a missing picture, with the reason in ``alt``."""
    below = "".join(f"<div>{escape(line)}</div>" for line in lines if line)
    return (
        f'<figure style="margin:0;width:{side}px;{_SMALL}"><div style="border:{_LINE};'
        f'border-radius:3px;padding:6px;">{escape(alt)}</div><figcaption>{below}</figcaption>'
        "</figure>"
    )


def framed(
    pixels: npt.NDArray[np.uint8],
    alt: str,
    box: tuple[float, float, float, float],
    lines: Sequence[str] = (),
    *,
    side: int = 128,
) -> str:
    """As ``figure``, with a frame around a part of the picture. box: left, top, right, bottom, as
    shares of width and height."""
    left, top, right, bottom = (100 * value for value in box)
    frame = (
        f"position:absolute;left:{left:.2f}%;top:{top:.2f}%;width:{right - left:.2f}%;"
        f"height:{bottom - top:.2f}%;box-sizing:border-box;border:2px dashed #e88519;"
    )
    height, width = pixels.shape[:2]
    shown = max(1, round(width * side / max(height, width)))
    below = "".join(f"<div>{escape(line)}</div>" for line in lines if line)
    return (
        f'<figure style="margin:0;width:{side}px;" title="{escape(alt, quote=True)}">'
        f'<div style="position:relative;width:{shown}px;line-height:0;">'
        f'{picture(pixels, alt, side)}<div style="{frame}"></div></div>'
        f'<figcaption style="{_SMALL}">{below}</figcaption></figure>'
    )


def card(text: str, lines: Sequence[str] = (), *, longest: int = LONGEST_TEXT) -> str:
    """One text with small lines above it; what is long opens on a click."""
    above = "".join(
        f'<div style="font-size:0.75rem;opacity:0.75;">{escape(line)}</div>'
        for line in lines
        if line
    )
    body = f'<div style="white-space:pre-wrap;">{escape(text)}</div>'
    if len(text) > longest:
        head = f"{text[:longest].rstrip()}…"
        body = (
            f'<details><summary style="cursor:pointer;">{escape(head)}</summary>'
            f'<div style="white-space:pre-wrap;margin-top:4px;">{escape(text)}</div></details>'
        )
    return (
        f'<div style="border:{_LINE};border-radius:6px;padding:6px 10px;{_SMALL}'
        f'flex:1 1 17rem;max-width:34rem;min-width:0;">{above}{body}</div>'
    )


def tokens(pieces: Sequence[str]) -> str:
    """Tokens as the encoder gets them, each in a box of its own."""
    box = f"border:{_LINE};border-radius:4px;padding:0 4px;font-family:monospace;"
    cells = "".join(f'<span style="{box}">{escape(piece)}</span>' for piece in pieces)
    return f'<div style="display:flex;flex-wrap:wrap;gap:3px;{_SMALL}">{cells}</div>'


def cut_text(text: str, kept: int) -> str:
    """A raw text with everything after its first ``kept`` characters struck out."""
    rest = text[kept:]
    end = f'<del style="{_CUT}" title="cut">{escape(rest)}</del>' if rest.strip() else ""
    return f'<div style="white-space:pre-wrap;{_SMALL}">{escape(text[:kept])}{end}</div>'


def grid(cells: Sequence[str], *, gap: int = _GAP) -> str:
    """Cells beside and below each other, as many in a row as there is room for."""
    return (
        f'<div style="display:flex;flex-wrap:wrap;align-items:flex-start;gap:{gap}px;">'
        f"{''.join(cells)}</div>"
    )


def pair(left: str, right: str) -> str:
    """Two cells side by side in one box, below each other where there is no room."""
    return (
        f'<div style="border:{_LINE};border-radius:6px;padding:8px;display:flex;flex-wrap:wrap;'
        f'gap:10px;align-items:flex-start;max-width:100%;">{left}{right}</div>'
    )

"""Augmented views as HTML: originals with their views, and a step alone and in its place.

Styles stand in the elements and colours are the page's own. Pictures get smaller where there is
little room, and small ones stay sharp.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import numpy as np
import numpy.typing as npt

from workbench.plots.sheets import data_uri

Pictures = npt.NDArray[np.uint8]

_SIDE, _SMALL_SIDE = 96, 72
_NAME = "font-size:0.8rem;opacity:0.75;"
_LINE = "1px solid rgba(128, 128, 128, 0.35)"


def grid(originals: Pictures, views: Sequence[Pictures]) -> str:
    """One row an image: the original, then its views. All uint8 (n, H, W, C), C from 1 to 3."""
    names = ["original", *(f"view {i + 1}" for i in range(len(views)))]
    cells = [f'<div style="{_NAME}">{name}</div>' for name in names]
    for row in range(len(originals)):
        for name, pictures in zip(names, (originals, *views), strict=True):
            cells.append(_picture(pictures[row], f"image {row + 1}, {name}"))
    return _tiles(cells, len(names), _SIDE, gap=6)


def strip(pictures: Pictures, name: str) -> str:
    """Pictures, uint8 (n, H, W, C), in one row below their name."""
    return f'<div style="{_NAME}">{escape(name)}</div>{_row(pictures, name)}'


def pair(alone: Pictures, after: Pictures, names: tuple[str, str]) -> str:
    """The effect of a step: alone on the originals, and in its place. Side by side, or one
    below the other on a narrow screen. Both uint8 (n, H, W, C)."""
    rows = [_row(pictures, name) for name, pictures in zip(names, (alone, after), strict=True)]
    return _columns(rows, names)


def text_pair(alone: Sequence[str], after: Sequence[str], names: tuple[str, str]) -> str:
    """As ``pair``, for texts that are HTML already."""
    return _columns(["".join(map(_paragraph, texts)) for texts in (alone, after)], names)


def text_block(original: str, views: Sequence[str]) -> str:
    """One text, as HTML, with its views below."""
    lines = [_named("original", original)]
    lines += [_named(f"view {i + 1}", view) for i, view in enumerate(views)]
    return f'<div style="border-top:{_LINE};padding:8px 0;">{"".join(lines)}</div>'


def changed(originals: Pictures, alone: Pictures) -> int:
    """How many of the pictures differ from their original."""
    return int((originals != alone).reshape(len(originals), -1).any(axis=1).sum())


def _columns(blocks: Sequence[str], names: Sequence[str]) -> str:
    inner = "".join(
        f'<div style="flex:1 1 17rem;min-width:0;"><div style="{_NAME}">{escape(name)}</div>'
        f"{block}</div>"
        for name, block in zip(names, blocks, strict=True)
    )
    return f'<div style="display:flex;flex-wrap:wrap;gap:4px 20px;">{inner}</div>'


def _row(pictures: Pictures, name: str) -> str:
    cells = [_picture(picture, f"{name}, image {i + 1}") for i, picture in enumerate(pictures)]
    return _tiles(cells, len(cells), _SMALL_SIDE, gap=3)


def _tiles(cells: Sequence[str], columns: int, side: int, *, gap: int) -> str:
    return (
        f'<div style="display:grid;gap:{gap}px;align-items:end;'
        f'grid-template-columns:repeat({columns},minmax(0,{side}px));">{"".join(cells)}</div>'
    )


def _picture(pixels: Pictures, alt: str) -> str:
    return (
        f'<img src="{data_uri(_shown(pixels))}" alt="{escape(alt, quote=True)}" '
        'style="width:100%;border-radius:3px;image-rendering:'
        f'{"pixelated" if max(pixels.shape[:2]) < _SIDE else "auto"};">'
    )


def _shown(pixels: Pictures) -> Pictures:
    """Of two channels the first is red and the second green; gray pictures have no third axis."""
    if pixels.shape[2] == 2:
        return np.concatenate([pixels, np.zeros_like(pixels[:, :, :1])], axis=2)
    return pixels[:, :, 0] if pixels.shape[2] == 1 else pixels


def _named(name: str, text: str) -> str:
    return f'<div style="{_NAME}">{escape(name)}</div>{_paragraph(text)}'


def _paragraph(text: str) -> str:
    return f'<div style="line-height:1.5;overflow-wrap:anywhere;padding:2px 0 6px;">{text}</div>'

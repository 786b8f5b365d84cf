"""The linked embedding map on a page.

Hovering, zooming, colouring and drawing a lasso stay in the browser; only a finished choice comes
to Python, as one bit a sample. It is a Streamlit component of the second kind: no frame, no build
step.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import streamlit as st

from workbench.plots.linked import (
    Colouring,
    Frames,
    MapPanel,
    Renderer,
    Satellites,
    Selection,
    Sheet,
    assets,
    decode,
    payload,
    sheet_of,
)

__all__ = [
    "Colouring",
    "Frames",
    "MapPanel",
    "Satellites",
    "Selection",
    "Sheet",
    "linked_map",
    "sheet_of",
]

# Registered once, when the module is imported: a page's script runs anew at every click.
_mount = st.components.v2.component(
    "workbench_linked_map", html=assets.html(), css=assets.css(), js=assets.script()
)


def linked_map(
    panels: Sequence[MapPanel],
    colourings: Sequence[Colouring] = (),
    thumbnails: Sheet | None = None,
    *,
    rows: npt.NDArray[Any] | None = None,
    texts: Sequence[str] | None = None,
    colour: str | None = None,
    selected: Sequence[int] | npt.NDArray[Any] | None = None,
    highlight: Sequence[int] | npt.NDArray[Any] | None = None,
    hide_titles: bool = False,
    same_scale: bool = False,
    nameable: bool = False,
    satellites: Satellites | Sequence[Satellites] | None = None,
    frames: Frames | None = None,
    step: int | None = None,
    renderer: Renderer = "auto",
    key: str,
    on_change: Callable[[], None] | None = None,
) -> Selection:
    """One to four maps side by side; returns what the user has selected, and how it looks.

    rows: sample ids (n,) that ``colourings``, ``thumbnails`` and ``texts`` describe, in their
    order; default: the first panel's. colour, step: the colouring and the frame to begin with; the
    user changes them in the browser. selected: ids to select from outside (a link, a table); it
    takes effect when it changes, so leave it None or constant otherwise. highlight: ids with a ring
    that stays. hide_titles: titles become A, B, C and nothing in the page tells the real ones.
    same_scale: all maps have the widest one's scale, so that a collapsed one looks as small as it
    is. nameable: a selection can be given a name, which comes back once. renderer: ``canvas`` draws
    without WebGL; ``webgl`` uses it where ``auto`` would find it slow.
    Raises RequestError if the arrays do not fit together.
    """
    samples = np.asarray(panels[0].rows if rows is None and panels else rows, np.int64)
    document = payload(
        panels,
        colourings,
        thumbnails,
        rows=samples,
        texts=texts,
        colour=colour,
        selected=selected,
        highlight=highlight,
        hide_titles=hide_titles,
        same_scale=same_scale,
        nameable=nameable,
        satellites=satellites,
        frames=frames,
        step=step,
        renderer=renderer,
    )
    told = on_change or _nothing
    # "choice" and "look" stay as they are; "named" is there for one run of the script.
    sent = _mount(
        key=key, data=document, on_choice_change=told, on_look_change=told, on_named_change=told
    )
    return decode(sent, samples, colourings, colour=colour, frames=frames, step=step)


def _nothing() -> None:
    """A state needs a callback to be there in the result."""

"""The linked embedding map on a page.

Hovering, zooming, colouring and drawing a lasso happen in the browser. Only a finished selection
is sent to Python, as one bit for each sample. The map is a Streamlit component v2: it needs no
frame and no build step.
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

# Registered on import, once: a page's script runs again at every click.
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
    names: Sequence[str] | None = None,
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
    """Draw one to four maps side by side; returns the selected samples, the colouring and the step.

    rows: ids of the samples (n,) that ``colourings``, ``thumbnails``, ``texts`` and ``names`` (of
    files) describe; default: the first panel's. colour, step: the colouring and the frame to begin
    with; the user changes them in the browser. selected: ids to select when the argument changes,
    as of a link or a table. highlight: ids with a permanent ring. hide_titles: titles become A, B,
    C, and the page does not contain the real ones. same_scale: all maps have the scale of the
    widest, so that a collapsed one looks small. nameable: a selection can be given a name, once.
    Raises RequestError if the arrays do not fit together.
    """
    samples = np.asarray(panels[0].rows if rows is None and panels else rows, np.int64)
    document = payload(
        panels,
        colourings,
        thumbnails,
        rows=samples,
        texts=texts,
        names=names,
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
    callback = on_change or _no_callback
    # "named" has a value in a single run of the script, the others keep theirs.
    state = _mount(
        key=key,
        data=document,
        on_choice_change=callback,
        on_look_change=callback,
        on_named_change=callback,
    )
    return decode(state, samples, colourings, colour=colour, frames=frames, step=step)


def _no_callback() -> None:
    """Do nothing. Streamlit leaves a state out of a component's result if it has no callback."""

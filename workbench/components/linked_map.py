"""The linked embedding map: up to four maps of the same samples, hovered and selected together.

Hovering, zooming and drawing a lasso stay in the browser; only a finished choice comes to Python,
as one bit a sample. It is a Streamlit component of the second kind: no frame, no build step.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import streamlit as st

from workbench.components.payload import MapPanel, Selection, Sheet, decode, payload

__all__ = ["MapPanel", "Selection", "Sheet", "linked_map"]

_HERE = Path(__file__).parent
_PARTS = ("points", "draw", "card", "events")
_SCRIPTS = (*(f"linked_map_{part}.js" for part in _PARTS), "linked_map.js")

# Registered once, when the module is imported: a page's script runs anew at every click.
_mount = st.components.v2.component(
    "workbench_linked_map",
    html=(_HERE / "linked_map.html").read_text("utf-8"),
    css=(_HERE / "linked_map.css").read_text("utf-8"),
    js="\n".join((_HERE / name).read_text("utf-8") for name in _SCRIPTS),
)


def linked_map(
    panels: Sequence[MapPanel],
    labels: npt.NDArray[Any] | None = None,
    classes: Sequence[str] = (),
    thumbnails: Sheet | None = None,
    *,
    rows: npt.NDArray[Any] | None = None,
    texts: Sequence[str] | None = None,
    selected: Sequence[int] | npt.NDArray[Any] | None = None,
    highlight: Sequence[int] | npt.NDArray[Any] | None = None,
    hide_titles: bool = False,
    same_scale: bool = False,
    key: str,
    on_change: Callable[[], None] | None = None,
) -> Selection:
    """One to four maps side by side; returns what the user has selected.

    rows: sample ids (n,) that ``labels``, ``thumbnails`` and ``texts`` describe, in their order;
    default: the first panel's. labels: class index of each, -1 for none; classes: names.
    selected: ids to select from outside (a link, a table); it takes effect when it changes, so
    leave it None or constant otherwise. highlight: ids with a ring that stays.
    hide_titles: titles become A, B, C and nothing in the page tells the real ones. same_scale: all
    maps have the widest one's scale, so that a collapsed one looks as small as it is.
    Raises RequestError if the arrays do not fit together.
    """
    samples = np.asarray(panels[0].rows if rows is None and panels else rows, np.int64)
    document = payload(
        panels,
        labels,
        classes,
        thumbnails,
        rows=samples,
        texts=texts,
        selected=selected,
        highlight=highlight,
        hide_titles=hide_titles,
        same_scale=same_scale,
    )
    result = _mount(key=key, data=document, on_choice_change=on_change or _nothing)
    return decode(result.get("choice"), samples)


def _nothing() -> None:
    """A state needs a callback to be there in the result."""

"""The linked map: up to four maps of the same samples, hovered and selected together.

Pure Python and the browser's part of it, for pages, reports and notebooks alike.
"""

from workbench.plots.linked.checks import MOST_PANELS, MOST_POINTS
from workbench.plots.linked.parts import (
    Colouring,
    Frames,
    MapPanel,
    Renderer,
    Satellites,
    Selection,
)
from workbench.plots.linked.payload import decode, payload
from workbench.plots.linked.sheet import Sheet, sheet_of

__all__ = [
    "MOST_PANELS",
    "MOST_POINTS",
    "Colouring",
    "Frames",
    "MapPanel",
    "Renderer",
    "Satellites",
    "Selection",
    "Sheet",
    "decode",
    "payload",
    "sheet_of",
]

"""The linked map: up to four maps of the same samples, hovered and selected together.

For pages, reports and notebooks. ``parts.py`` says what a map is made of: start reading there.
``payload.py`` makes the browser's document (``document.py``) and reads what comes back;
``checks.py`` refuses parts that do not fit; ``assets/`` is the JavaScript, ``standalone.py`` a page
without a server.
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

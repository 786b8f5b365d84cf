"""The JSON document that the linked map in the browser is drawn from.

Arrays are little-endian bytes in base64 (``Packed``). Places are positions among the map's samples.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NotRequired, TypedDict

Packed = str


class SheetDocument(TypedDict):
    """All pictures in one. address: a URL, or in a page without a server the number of one that
    stands elsewhere in the page. columns: tiles in a row, down: rows; width, height: of a tile."""

    address: str | int
    columns: int
    width: int
    height: int
    down: int


class ColouringDocument(TypedDict):
    """values: one array for all maps, or one a map. classes: None for a colouring by numbers, which
    has their range, low to high, None if there is no number. colours: of classes that are named by
    colours, one each; None where those of the map are taken in turn."""

    name: str
    help: str
    classes: list[str] | None
    values: list[Packed]
    colours: NotRequired[list[str] | None]
    low: NotRequired[float | None]
    high: NotRequired[float | None]


class PanelDocument(TypedDict):
    """One map. points: places of its samples. x, y: their positions."""

    title: str
    subtitle: str
    caption: str
    points: Packed
    x: Packed
    y: Packed


class SatellitesDocument(TypedDict):
    """Augmented views around a sample. panel: number of the map. anchor: place of the sample."""

    panel: int
    anchor: int
    x: Packed
    y: Packed
    names: list[str]
    sheet: SheetDocument | None


class FramesDocument(TypedDict):
    """The first map at several steps. x, y, spectra: an array a step. curves: [step, value]."""

    steps: list[int]
    x: list[Packed]
    y: list[Packed]
    moved: Packed
    curves: Mapping[str, list[list[float]]]
    spectra: list[Packed] | None


class MapDocument(TypedDict):
    """A whole linked map. count: samples. ids: of the samples. names: their file names, None
    without. colour: the colouring to begin with. selected, highlight: places, None for none. step:
    the frame to begin with."""

    count: int
    ids: Packed
    colourings: list[ColouringDocument]
    colour: str | None
    colours: list[str]
    symbols: list[str]
    ramp: list[str]
    panels: list[PanelDocument]
    sheet: SheetDocument | None
    texts: list[str] | None
    names: list[str] | None
    selected: list[int] | None
    highlight: list[int] | None
    sameScale: bool
    nameable: bool
    satellites: list[SatellitesDocument]
    frames: FramesDocument | None
    step: int | None
    renderer: str

"""The messages between Python and the linked map in the browser."""

from __future__ import annotations

import base64
import binascii
import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from workbench.plots import class_colours
from workbench.plots.linked.checks import check
from workbench.plots.linked.document import (
    ColouringDocument,
    FramesDocument,
    MapDocument,
    Packed,
    PanelDocument,
    SatellitesDocument,
    SheetDocument,
)
from workbench.plots.linked.parts import (
    Colouring,
    Frames,
    MapPanel,
    Renderer,
    Satellites,
    Selection,
)
from workbench.plots.linked.sheet import Sheet
from workbench.plots.style import COLOURS, RAMP, SYMBOLS

_MOST_TEXT = 300
# All texts together: a page's message may hold 200 MB, and nobody reads them all.
_MOST_CHARACTERS = 8_000_000
_MOST_NAME = 60
_ONE_POINT = 1e-6

Ids = Sequence[int] | npt.NDArray[Any]


def payload(
    panels: Sequence[MapPanel],
    colourings: Sequence[Colouring] = (),
    thumbnails: Sheet | None = None,
    *,
    rows: npt.NDArray[Any],
    texts: Sequence[str] | None = None,
    names: Sequence[str] | None = None,
    colour: str | None = None,
    selected: Ids | None = None,
    highlight: Ids | None = None,
    hide_titles: bool = False,
    same_scale: bool = False,
    nameable: bool = False,
    satellites: Satellites | Sequence[Satellites] | None = None,
    frames: Frames | None = None,
    step: int | None = None,
    renderer: Renderer = "auto",
) -> MapDocument:
    """The document for the browser. Arguments as ``linked_map`` takes them.

    Raises RequestError if the arrays do not fit together.
    """
    samples = np.asarray(rows, np.int64)
    around = _listed(satellites)
    check(panels, colourings, thumbnails, texts, names, around, frames, len(samples))
    place = {int(row): index for index, row in enumerate(samples)}
    width = max(60, min(_MOST_TEXT, _MOST_CHARACTERS // max(1, len(samples))))
    return {
        "count": len(samples),
        "ids": _packed(samples, np.int32),
        "colourings": [_colouring(one) for one in colourings],
        "colour": first_colour(colourings, colour),
        "colours": list(COLOURS),
        "symbols": list(SYMBOLS),
        "ramp": list(RAMP),
        "panels": [_panel(panel, i, place, hide_titles) for i, panel in enumerate(panels)],
        "sheet": _sheet(thumbnails),
        "texts": None if texts is None else [_cut(text, width) for text in texts],
        "names": None if names is None else [_end(name) for name in names],
        "selected": _places(selected, place),
        "highlight": _places(highlight, place),
        "sameScale": same_scale,
        "nameable": nameable,
        "satellites": [_satellites(one, place) for one in around if one.anchor in place],
        "frames": None if frames is None else _frames(frames, panels[0], place),
        "step": first_step(frames, step),
        "renderer": renderer,
    }


def decode(
    state: Any,
    rows: npt.NDArray[Any],
    colourings: Sequence[Colouring] = (),
    *,
    colour: str | None = None,
    frames: Frames | None = None,
    step: int | None = None,
) -> Selection:
    """The selection that the browser sent. It is untrusted: what does not fit is ignored.

    state: ``choice`` (count, bits, focus), ``look`` (colour, step), ``named`` (name). The rest as
    ``payload`` got it.
    """
    message = state if isinstance(state, Mapping) else {}
    samples = np.asarray(rows, np.int64)
    chosen, focus = _choice(message.get("choice"), samples)
    look = message.get("look")
    look = look if isinstance(look, Mapping) else {}
    names = [one.name for one in colourings]
    steps = [] if frames is None else [int(one) for one in frames.steps]
    shade, at = look.get("colour"), look.get("step")
    known_step = isinstance(at, int) and not isinstance(at, bool) and at in steps
    return Selection(
        chosen,
        focus,
        shade if isinstance(shade, str) and shade in names else first_colour(colourings, colour),
        _name(message.get("named")),
        at if known_step else first_step(frames, step),
    )


def first_colour(colourings: Sequence[Colouring], wanted: str | None) -> str | None:
    """The colouring to begin with: ``wanted`` if there is such a one, else the first."""
    names = [one.name for one in colourings]
    return wanted if wanted in names else next(iter(names), None)


def first_step(frames: Frames | None, wanted: int | None) -> int | None:
    """The frame to begin with: ``wanted`` if there is such a one, else the last."""
    steps = [] if frames is None else [int(one) for one in frames.steps]
    return wanted if wanted in steps else next(reversed(steps), None)


def _choice(state: Any, samples: npt.NDArray[np.int64]) -> tuple[npt.NDArray[np.int64], int | None]:
    nothing = np.empty(0, np.int64)
    if not isinstance(state, Mapping) or state.get("count") != len(samples):
        return nothing, None
    try:
        raw = base64.b64decode(str(state.get("bits", "")), validate=True)
    except (binascii.Error, ValueError):
        return nothing, None
    if len(raw) != math.ceil(len(samples) / 8):
        return nothing, None
    bits = np.unpackbits(np.frombuffer(raw, np.uint8), bitorder="little")[: len(samples)]
    focus = state.get("focus")
    known = isinstance(focus, int) and not isinstance(focus, bool) and 0 <= focus < len(samples)
    return samples[bits.astype(bool)], int(samples[focus]) if known else None


def _name(state: Any) -> str:
    """A name in one line and of a sensible length."""
    given = state.get("name") if isinstance(state, Mapping) else None
    return " ".join(given.split())[:_MOST_NAME].strip() if isinstance(given, str) else ""


def _panel(
    panel: MapPanel, number: int, place: Mapping[int, int], hide_titles: bool
) -> PanelDocument:
    points, xy = _known(panel.rows, panel.xy, place)
    return {
        "title": chr(ord("A") + number) if hide_titles else panel.title,
        "subtitle": "" if hide_titles else _subtitle(panel),
        "caption": "" if hide_titles else panel.caption,
        "points": _packed(points, np.int32),
        "x": _packed(xy[:, 0], np.float32),
        "y": _packed(xy[:, 1], np.float32),
    }


def _known(
    rows: npt.NDArray[Any], xy: npt.NDArray[Any], place: Mapping[int, int]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[Any]]:
    """Places of the rows among the map's samples, and their positions; others are left out."""
    found = np.asarray([place.get(int(row), -1) for row in rows], np.int64)
    return found[found >= 0], np.asarray(xy)[found >= 0]


def _subtitle(panel: MapPanel) -> str:
    """The panel's, with a note if all samples lie in one point: that looks like an empty map."""
    flat = len(panel.xy) > 1 and float(np.ptp(panel.xy, axis=0).max()) < _ONE_POINT
    note = f"all {len(panel.xy):,} samples lie in one point" if flat else ""
    return "; ".join(part for part in (panel.subtitle, note) if part)


def _colouring(one: Colouring) -> ColouringDocument:
    values = np.atleast_2d(np.asarray(one.values))
    if one.classes:
        return {
            "name": one.name,
            "help": one.help,
            "classes": list(one.classes),
            "colours": class_colours.own_colours(one.classes),
            "values": [_packed(row, np.int32) for row in values],
        }
    finite = values[np.isfinite(values)]
    return {
        "name": one.name,
        "help": one.help,
        "classes": None,
        "values": [_packed(row, np.float32) for row in values],
        "low": float(finite.min()) if len(finite) else None,
        "high": float(finite.max()) if len(finite) else None,
    }


def _satellites(around: Satellites, place: Mapping[int, int]) -> SatellitesDocument:
    xy = np.asarray(around.xy)
    return {
        "panel": around.panel,
        "anchor": place[around.anchor],
        "x": _packed(xy[:, 0], np.float32),
        "y": _packed(xy[:, 1], np.float32),
        "names": list(around.names),
        "sheet": _sheet(around.pictures),
    }


def _frames(frames: Frames, panel: MapPanel, place: Mapping[int, int]) -> FramesDocument:
    known = np.asarray([int(row) in place for row in panel.rows], bool)
    xy = np.asarray(frames.xy)[:, known]
    spectra = frames.spectra
    return {
        "steps": [int(step) for step in frames.steps],
        "x": [_packed(frame[:, 0], np.float32) for frame in xy],
        "y": [_packed(frame[:, 1], np.float32) for frame in xy],
        "moved": _packed(np.asarray(frames.moved)[known], np.float32),
        "curves": {
            name: [[float(step), float(value)] for step, value in curve if math.isfinite(value)]
            for name, curve in frames.curves.items()
        },
        "spectra": None if spectra is None else [_packed(row, np.float32) for row in spectra],
    }


def _listed(satellites: Satellites | Sequence[Satellites] | None) -> Sequence[Satellites]:
    if satellites is None:
        return ()
    return (satellites,) if isinstance(satellites, Satellites) else satellites


def _places(ids: Ids | None, place: Mapping[int, int]) -> list[int] | None:
    if ids is None:
        return None
    return [place[int(row)] for row in ids if int(row) in place]


def _sheet(sheet: Sheet | None) -> SheetDocument | None:
    if sheet is None:
        return None
    address = sheet.image
    if isinstance(address, bytes):
        address = f"data:{sheet.mime};base64,{base64.b64encode(address).decode('ascii')}"
    return {
        "address": address,
        "columns": sheet.columns,
        "width": sheet.tile[0],
        "height": sheet.tile[1],
        "down": math.ceil(sheet.count / sheet.columns),
    }


def _packed(values: npt.NDArray[Any], dtype: type[np.generic]) -> Packed:
    """Little-endian bytes in base64: a third of the size of JSON numbers, and quick to read."""
    array = np.ascontiguousarray(values, np.dtype(dtype).newbyteorder("<"))
    return base64.b64encode(array.tobytes()).decode("ascii")


def _end(name: str) -> str:
    """A file name, of a long one its end, because beginnings are often equal."""
    return name if len(name) <= _MOST_NAME else f"…{name[1 - _MOST_NAME :]}"


def _cut(text: str, width: int) -> str:
    one_line = " ".join(text.split())
    return one_line if len(one_line) <= width else f"{one_line[: width - 1]}…"

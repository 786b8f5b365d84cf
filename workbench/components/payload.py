"""What passes between Python and the linked map in the browser. Pure; knows no Streamlit."""

from __future__ import annotations

import base64
import binascii
import io
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from workbench.errors import RequestError
from workbench.plots.style import COLOURS, SYMBOLS

MOST_PANELS = 4
MOST_POINTS = 20_000
_MOST_TEXT = 300
_ONE_POINT = 1e-6
# Small pictures are kept exactly; large ones as JPEG, a tenth of the size.
_EXACT_SIDE = 32
_LARGEST_TILE = 64


@dataclass(frozen=True)
class MapPanel:
    """One map. xy: float (n, 2); rows: sample ids (n,), unique; title and subtitle stand above it
    (such as the run's name and its verdict)."""

    title: str
    xy: npt.NDArray[Any]
    rows: npt.NDArray[Any]
    subtitle: str = ""


@dataclass(frozen=True)
class Sheet:
    """All thumbnails in one picture. image: its bytes, or an address on this host; mime: of bytes;
    columns: tiles in a row; tile: (width, height) of each in pixels; count: tiles."""

    image: bytes | str
    mime: str
    columns: int
    tile: tuple[int, int]
    count: int


@dataclass(frozen=True)
class Selection:
    """rows: ids of the samples chosen by lasso or box (k,), in the order of the map's samples.
    focus: id of the sample that was clicked, or None."""

    rows: npt.NDArray[np.int64]
    focus: int | None = None


def sheet_of(thumbnails: npt.NDArray[np.uint8]) -> Sheet:
    """uint8 (n, H, W, 3) as one picture. Larger than 64 pixels a side, they are scaled down.

    Costs about 0.1 s for 2,000 thumbnails: keep the result (``st.cache_data``).
    """
    count, height, width = thumbnails.shape[:3]
    step = max(1, math.ceil(max(height, width) / _LARGEST_TILE))
    tiles = np.ascontiguousarray(thumbnails[:, ::step, ::step])
    height, width = tiles.shape[1:3]
    columns = max(1, math.ceil(math.sqrt(count)))
    down = max(1, math.ceil(count / columns))
    grid = np.zeros((down * columns, height, width, 3), np.uint8)
    grid[:count] = tiles
    pixels = grid.reshape(down, columns, height, width, 3).transpose(0, 2, 1, 3, 4)
    picture = Image.fromarray(pixels.reshape(down * height, columns * width, 3))
    out = io.BytesIO()
    if max(height, width) <= _EXACT_SIDE:
        picture.save(out, "PNG")
        mime = "image/png"
    else:
        picture.save(out, "JPEG", quality=85)
        mime = "image/jpeg"
    return Sheet(out.getvalue(), mime, columns, (width, height), count)


def payload(
    panels: Sequence[MapPanel],
    labels: npt.NDArray[Any] | None,
    classes: Sequence[str],
    thumbnails: Sheet | None,
    *,
    rows: npt.NDArray[Any],
    texts: Sequence[str] | None = None,
    selected: Sequence[int] | npt.NDArray[Any] | None = None,
    highlight: Sequence[int] | npt.NDArray[Any] | None = None,
    hide_titles: bool = False,
    same_scale: bool = False,
) -> dict[str, Any]:
    """The document that the browser gets. Arguments as ``linked_map`` takes them.

    Raises RequestError if the arrays do not fit together.
    """
    samples = np.asarray(rows, np.int64)
    count = len(samples)
    _check(panels, labels, thumbnails, texts, count)
    place = {int(row): index for index, row in enumerate(samples)}
    drawn = []
    for number, panel in enumerate(panels):
        points = [place.get(int(row), -1) for row in panel.rows]
        known = np.flatnonzero(np.asarray(points) >= 0)
        drawn.append(
            {
                "title": chr(ord("A") + number) if hide_titles else panel.title,
                "subtitle": "" if hide_titles else _subtitle(panel),
                "points": _packed(np.asarray(points)[known], np.int32),
                "x": _packed(np.asarray(panel.xy)[known, 0], np.float32),
                "y": _packed(np.asarray(panel.xy)[known, 1], np.float32),
            }
        )
    return {
        "count": count,
        "ids": _packed(samples, np.int32),
        "labels": None if labels is None else _packed(labels, np.int32),
        "classes": list(classes),
        "colours": list(COLOURS),
        "symbols": list(SYMBOLS),
        "panels": drawn,
        "sheet": _sheet(thumbnails),
        "texts": None if texts is None else [_cut(text) for text in texts],
        "selected": _places(selected, place),
        "highlight": _places(highlight, place),
        "sameScale": same_scale,
    }


def decode(state: Any, rows: npt.NDArray[Any]) -> Selection:
    """What the browser sent as ``choice``: untrusted, so anything that does not fit is nothing."""
    samples = np.asarray(rows, np.int64)
    nothing = Selection(np.empty(0, np.int64))
    if not isinstance(state, Mapping) or state.get("count") != len(samples):
        return nothing
    try:
        raw = base64.b64decode(str(state.get("bits", "")), validate=True)
    except (binascii.Error, ValueError):
        return nothing
    if len(raw) != math.ceil(len(samples) / 8):
        return nothing
    bits = np.unpackbits(np.frombuffer(raw, np.uint8), bitorder="little")[: len(samples)]
    focus = state.get("focus")
    known = isinstance(focus, int) and not isinstance(focus, bool) and 0 <= focus < len(samples)
    return Selection(samples[bits.astype(bool)], int(samples[focus]) if known else None)


def _subtitle(panel: MapPanel) -> str:
    """A map that is one point looks like an empty one: it is said."""
    flat = len(panel.xy) > 1 and float(np.ptp(panel.xy, axis=0).max()) < _ONE_POINT
    said = f"all {len(panel.xy):,} samples lie in one point" if flat else ""
    return "; ".join(part for part in (panel.subtitle, said) if part)


def _check(
    panels: Sequence[MapPanel],
    labels: npt.NDArray[Any] | None,
    thumbnails: Sheet | None,
    texts: Sequence[str] | None,
    count: int,
) -> None:
    if not 1 <= len(panels) <= MOST_PANELS:
        raise RequestError(
            f"{len(panels)} maps are asked for.",
            field="panels",
            remedy=f"Give 1 to {MOST_PANELS} maps.",
        )
    if count > MOST_POINTS:
        raise RequestError(
            f"{count} samples are too many to draw.",
            field="rows",
            remedy=f"Give at most {MOST_POINTS:,}.",
        )
    described = {
        "labels": count if labels is None else len(labels),
        "texts": count if texts is None else len(texts),
        "thumbnails": count if thumbnails is None else thumbnails.count,
    }
    described |= {
        f"panels[{i}].rows": count - len(p.xy) + len(p.rows) for i, p in enumerate(panels)
    }
    for name, found in described.items():
        if found != count:
            raise RequestError(
                f"{found} entries for {count} samples.", field=name, remedy="Give one a sample."
            )


def _places(
    ids: Sequence[int] | npt.NDArray[Any] | None, place: Mapping[int, int]
) -> list[int] | None:
    if ids is None:
        return None
    return [place[int(row)] for row in ids if int(row) in place]


def _sheet(sheet: Sheet | None) -> dict[str, Any] | None:
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


def _packed(values: npt.NDArray[Any], dtype: type[np.generic]) -> str:
    """Little-endian bytes in base64: a third of the size of JSON numbers, and quick to read."""
    array = np.ascontiguousarray(values, np.dtype(dtype).newbyteorder("<"))
    return base64.b64encode(array.tobytes()).decode("ascii")


def _cut(text: str) -> str:
    one_line = " ".join(text.split())
    return one_line if len(one_line) <= _MOST_TEXT else f"{one_line[: _MOST_TEXT - 1]}…"

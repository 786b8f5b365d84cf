"""Whether the parts of a linked map fit together. Parts that do not would show a wrong picture."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from workbench.errors import RequestError
from workbench.plots.linked.parts import Colouring, Frames, MapPanel, Satellites
from workbench.plots.linked.sheet import Sheet

MOST_PANELS = 4
MOST_POINTS = 200_000


def check(
    panels: Sequence[MapPanel],
    colourings: Sequence[Colouring],
    thumbnails: Sheet | None,
    texts: Sequence[str] | None,
    names: Sequence[str] | None,
    satellites: Sequence[Satellites],
    frames: Frames | None,
    count: int,
) -> None:
    """Raises RequestError that names the argument which does not fit. count: samples."""
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
    for field, found, wanted in _lengths(
        panels, colourings, thumbnails, texts, names, satellites, count
    ):
        if found != wanted:
            raise RequestError(
                f"{found} entries for {wanted} samples.", field=field, remedy="Give one a sample."
            )
    names = [one.name for one in colourings]
    if len(set(names)) < len(names):
        raise RequestError(
            "two colourings have the same name.", field="colourings", remedy="Give each its own."
        )
    for i, panel in enumerate(panels):
        _finite(panel.xy, f"panels[{i}].xy")
    for around in satellites:
        _finite(around.xy, "satellites.xy")
        if not 0 <= around.panel < len(panels):
            raise RequestError(
                f"there is no map {around.panel}.",
                field="satellites.panel",
                remedy=f"Give 0 to {len(panels) - 1}.",
            )
    if frames is not None:
        _check_frames(frames, len(panels[0].rows))


def _lengths(
    panels: Sequence[MapPanel],
    colourings: Sequence[Colouring],
    thumbnails: Sheet | None,
    texts: Sequence[str] | None,
    names: Sequence[str] | None,
    satellites: Sequence[Satellites],
    count: int,
) -> Iterator[tuple[str, int, int]]:
    """(argument, entries found, entries wanted)."""
    for i, panel in enumerate(panels):
        yield f"panels[{i}].rows", len(panel.rows), len(panel.xy)
    for one in colourings:
        shape = np.shape(one.values)
        yield f"colourings[{one.name}]", shape[-1] if shape else 0, count
        if len(shape) > 1:
            yield f"colourings[{one.name}] by map", shape[0], len(panels)
    if thumbnails is not None:
        yield "thumbnails", thumbnails.count, count
    if texts is not None:
        yield "texts", len(texts), count
    if names is not None:
        yield "names", len(names), count
    for around in satellites:
        yield "satellites.names", len(around.names), len(around.xy)
        if around.pictures is not None:
            yield "satellites.pictures", around.pictures.count, len(around.xy)


def _check_frames(frames: Frames, count: int) -> None:
    shape = np.shape(frames.xy)
    if shape != (len(frames.steps), count, 2) or not len(frames.steps):
        raise RequestError(
            f"positions of shape {shape} for {len(frames.steps)} steps and {count} samples.",
            field="frames.xy",
            remedy="Give one position a step and sample of the first map.",
        )
    _finite(frames.xy, "frames.xy")
    if list(frames.steps) != sorted(set(frames.steps)):
        raise RequestError("the steps do not rise.", field="frames.steps", remedy="Sort them.")
    if len(frames.moved) != count:
        raise RequestError(
            f"{len(frames.moved)} entries for {count} samples.",
            field="frames.moved",
            remedy="Give one a sample of the first map.",
        )
    if frames.spectra is not None and len(frames.spectra) != len(frames.steps):
        raise RequestError(
            f"{len(frames.spectra)} spectra for {len(frames.steps)} steps.",
            field="frames.spectra",
            remedy="Give one a step.",
        )


def _finite(xy: npt.NDArray[Any], field: str) -> None:
    """A point at no place would be drawn nowhere and spoil the scale of all others."""
    if not np.isfinite(np.asarray(xy, np.float64)).all():
        raise RequestError(
            "some positions are NaN or infinite.",
            field=field,
            remedy="Leave these samples out of the map.",
        )

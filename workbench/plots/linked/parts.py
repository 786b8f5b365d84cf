"""The parts of a linked map, and the selection that comes back from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from workbench.plots.linked.sheet import Sheet

# How points are drawn. auto: by WebGL where there is a graphics card, else on a plain canvas.
Renderer = Literal["auto", "webgl", "canvas"]


@dataclass(frozen=True)
class MapPanel:
    """One map. xy: float (n, 2), finite; rows: sample ids (n,), unique. title and subtitle (such as
    the run's name and its verdict) stand above it, caption (trust, residual) below."""

    title: str
    xy: npt.NDArray[Any]
    rows: npt.NDArray[Any]
    subtitle: str = ""
    caption: str = ""


@dataclass(frozen=True)
class Colouring:
    """One way to colour all maps. values: (n,), or (panels, n) where each map has its own, in the
    order of the map's samples. With classes: the index of the class, -1 for none. Without: a
    number, NaN for none, drawn on a ramp with its range printed. help: one sentence on it."""

    name: str
    values: npt.NDArray[Any]
    classes: Sequence[str] = ()
    help: str = ""


@dataclass(frozen=True)
class Satellites:
    """Augmented views of one sample around it. panel: number of the map; anchor: id of the sample;
    xy: float (k, 2), where its views lie; names: what each is; pictures: one a view, or None."""

    panel: int
    anchor: int
    xy: npt.NDArray[Any]
    names: Sequence[str]
    pictures: Sheet | None = None


@dataclass(frozen=True)
class Frames:
    """The first map at several steps of training. steps: (f,), rising; xy: float (f, n, 2) of the
    first panel's rows; moved: (n,) in [0, 1], share of a sample's neighbours that changed (the most
    moved get trails); curves: (step, value) pairs by name; spectra: (f, r) eigenvalues, or None."""

    steps: Sequence[int]
    xy: npt.NDArray[Any]
    moved: npt.NDArray[Any]
    curves: Mapping[str, Sequence[tuple[float, float]]] = field(default_factory=dict)
    spectra: npt.NDArray[Any] | None = None


@dataclass(frozen=True)
class Selection:
    """rows: ids of the samples chosen by lasso or box (k,), in the order of the map's samples.
    focus: id of the sample that was clicked. colour: name of the colouring in use. named: a name
    just given to the selection, once. step: of the frame that is shown. None (named: "") if there
    is none."""

    rows: npt.NDArray[np.int64]
    focus: int | None = None
    colour: str | None = None
    named: str = ""
    step: int | None = None

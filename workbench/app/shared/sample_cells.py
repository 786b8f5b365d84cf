"""Samples of a data set as cells of a grid: pictures or text cards, with their labels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from workbench.data.dataset import Dataset
from workbench.data.thumbnails import thumbnails
from workbench.plots import cards
from workbench.stored_runs.map_files import file_names

SIDE = 88
_LONGEST_NAME = 26


def cells(
    data: Dataset,
    rows: Sequence[int],
    *,
    side: int = SIDE,
    more: Mapping[int, Sequence[str]] | None = None,
    names: bool = True,
) -> list[str]:
    """One cell for each of ``rows``, in that order, for ``cards.grid``.

    more: further lines, by position among ``rows``. names: whether the file name of the sample, or
    its split and row, is written below.
    """
    index = np.asarray(rows, np.int64)
    labels = label_names(data, index)
    ids = data.ids
    cells_of_rows = []
    pictures = None
    if data.info.modality == "image":
        pictures = thumbnails(data, index, side=side) if len(index) else None
    texts = data.texts if data.info.modality == "text" else None
    for at, row in enumerate(index.tolist()):
        lines = [labels[at], *((more or {}).get(at, ()))]
        if names:
            lines.append(short(ids[row]))
        if texts is not None:
            cells_of_rows.append(cards.card(texts[row], lines))
        elif pictures is not None:
            alt = ", ".join(part for part in (labels[at], ids[row]) if part)
            cells_of_rows.append(cards.figure(pictures[at], alt, lines, side=side))
    return cells_of_rows


def short(name: str) -> str:
    """A file name that fits below a picture: its end, because beginnings are often equal."""
    return name if len(name) <= _LONGEST_NAME else f"…{name[1 - _LONGEST_NAME :]}"


def label_names(data: Dataset, rows: npt.NDArray[np.int64]) -> list[str]:
    """The class names of samples, empty where there is none."""
    label = data.info.label
    if label is None:
        return [""] * len(rows)
    values = data.target(label.name)[rows]
    return [label.classes[value] if value >= 0 else "" for value in values]


def texts_at(data: Dataset | None, rows: npt.NDArray[np.int64]) -> list[str] | None:
    """The texts at ``rows``; None for images, or if the texts are gone."""
    if data is None or data.info.modality != "text":
        return None
    all_texts = data.texts
    return [all_texts[row] for row in rows]


def names_at(data: Dataset | None, rows: npt.NDArray[np.int64]) -> list[str] | None:
    """The file names of the images at ``rows``; None where they have none."""
    names = None if data is None else file_names(data)
    return None if names is None else [names[row] for row in rows]

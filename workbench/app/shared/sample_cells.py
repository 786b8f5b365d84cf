"""Samples of a data set as cells of a grid: pictures or cards of text, with their labels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from workbench.data.dataset import Dataset
from workbench.data.thumbnails import thumbnails
from workbench.plots import cards

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

    more: further lines by position among ``rows``. names: whether the sample's file name, or split
    and row, is written below.
    """
    index = np.asarray(rows, np.int64)
    labels = label_names(data, index)
    ids = data.ids
    made = []
    pictures = None
    if data.info.modality == "image":
        pictures = thumbnails(data, index, side=side) if len(index) else None
    texts = data.texts if data.info.modality == "text" else None
    for at, row in enumerate(index.tolist()):
        lines = [labels[at], *((more or {}).get(at, ()))]
        if names:
            lines.append(short(ids[row]))
        if texts is not None:
            made.append(cards.card(texts[row], lines))
        elif pictures is not None:
            told = ", ".join(part for part in (labels[at], ids[row]) if part)
            made.append(cards.figure(pictures[at], told, lines, side=side))
    return made


def short(name: str) -> str:
    """A file name that fits below a picture: its end, for that is what differs."""
    return name if len(name) <= _LONGEST_NAME else f"…{name[1 - _LONGEST_NAME :]}"


def label_names(data: Dataset, rows: npt.NDArray[np.int64]) -> list[str]:
    """The class names of samples, empty where there is none."""
    label = data.info.label
    if label is None:
        return [""] * len(rows)
    values = data.target(label.name)[rows]
    return [label.classes[value] if value >= 0 else "" for value in values]

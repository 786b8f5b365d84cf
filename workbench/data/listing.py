"""What a source holds before anything is decoded: the one shape that all sources take.

A source (``workbench.data.sources``) makes a ``Listing``; ``workbench.data.building`` makes the
cache of it and knows nothing of files.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa

# One encoded image: its bytes, its file, its pixels, or None where there is none.
Blob = bytes | Path | npt.NDArray[Any] | None

# Position in ``dataset.SPLITS`` of a sample whose split the source does not say.
NOT_GIVEN = -1


@dataclass(frozen=True)
class Column:
    """A column that may serve as label, factor or group.

    values: (n,) of any Arrow type. classes: names of the classes where the source tells them (then
    values are int positions in it).
    """

    name: str
    values: pa.ChunkedArray
    classes: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Hints:
    """What the source itself says of its columns. factors ``None``: they are guessed."""

    label: str | None = None
    group: str | None = None
    factors: tuple[str, ...] | None = None
    title: str | None = None


@dataclass(frozen=True)
class Listing:
    """n samples in the source's order.

    ids: n stable names. split: int8 (n,), position in ``dataset.SPLITS`` or ``NOT_GIVEN``.
    blobs: given ascending positions, the encoded images there, one after another. texts: the n raw
    texts. Exactly one of blobs and texts is there, as ``modality`` says. shown: names and types of
    all columns, for people. payload: which columns hold the samples themselves.
    """

    modality: Literal["image", "text"]
    ids: Sequence[str]
    split: npt.NDArray[np.int8]
    columns: Mapping[str, Column] = field(default_factory=dict)
    hints: Hints = field(default_factory=Hints)
    blobs: Callable[[npt.NDArray[np.int64]], Iterator[Blob]] | None = None
    texts: Callable[[], list[str]] | None = None
    shown: Mapping[str, str] = field(default_factory=dict)
    payload: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def count(self) -> int:
        return len(self.ids)


def storable(text: str) -> str:
    """``text`` with a question mark for each lone surrogate: JSON can hold them, UTF-8 cannot."""
    return text.encode("utf-8", "replace").decode("utf-8")

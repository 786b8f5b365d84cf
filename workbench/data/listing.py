"""The contents of a source before anything is decoded, in the one form that all sources share.

A source (``workbench.data.sources``) makes a ``Listing``; ``workbench.data.building`` makes the
cache from it and knows nothing of files.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from workbench.data.account import Account

# One encoded image: its bytes, its file, its pixels, or None where there is none.
Blob = bytes | Path | npt.NDArray[Any] | None

# In place of a position in ``dataset.SPLITS``: the source does not give the sample's split.
NOT_GIVEN = -1


@dataclass(frozen=True, eq=False)
class LabelColumn:
    """A column that may serve as label, factor or group.

    values: (n,) of any Arrow type. classes: names of the classes where the source gives them (then
    values are int positions in it). problem: what the column holds instead of classes, in words
    that follow its name; the values are null then. notes: sentences on how the values were read,
    shown where the column is used.
    """

    name: str
    values: pa.ChunkedArray
    classes: tuple[str, ...] | None = None
    problem: str | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Hints:
    """Roles of columns and a title that the source itself gives. factors ``None``: guessed."""

    label: str | None = None
    group: str | None = None
    factors: tuple[str, ...] | None = None
    title: str | None = None


@dataclass(frozen=True)
class Listing:
    """n samples in the source's order.

    ids: n stable names. split: int8 (n,), position in ``dataset.SPLITS`` or ``NOT_GIVEN``.
    blobs: a function from ascending positions to the encoded images there, one after another.
    texts: a function that gives the n raw texts. Exactly one of blobs and texts is there, by
    ``modality``. shown: names and types of all columns, for people. payload: the columns that hold
    the samples themselves. split_column: the column that names their splits, if one does. account:
    what was found in the source and left out so far; None: nothing was left out. masks: as blobs,
    the encoded mask that lies beside each image, None where there is none; it marks defects or
    objects and is no sample.
    """

    modality: Literal["image", "text"]
    ids: Sequence[str]
    split: npt.NDArray[np.int8]
    columns: Mapping[str, LabelColumn] = field(default_factory=dict)
    hints: Hints = field(default_factory=Hints)
    blobs: Callable[[npt.NDArray[np.int64]], Iterator[Blob]] | None = None
    texts: Callable[[], list[str]] | None = None
    shown: Mapping[str, str] = field(default_factory=dict)
    payload: tuple[str, ...] = ()
    split_column: str | None = None
    notes: tuple[str, ...] = ()
    account: Account | None = None
    masks: Callable[[npt.NDArray[np.int64]], Iterator[Blob]] | None = None

    @property
    def count(self) -> int:
        """n."""
        return len(self.ids)

    @property
    def accounted(self) -> Account:
        """The account of the source: ``account``, whose ``taken`` is n, or n of n rows."""
        account = self.account or Account(self.count)
        if account.taken != self.count:
            raise ValueError(f"{account} does not lead to {self.count} samples")
        return account


def storable(text: str) -> str:
    """``text`` with a question mark for each lone surrogate: JSON can hold them, UTF-8 cannot."""
    return text.encode("utf-8", "replace").decode("utf-8")


def printable(text: str) -> str:
    """``text`` with each byte that is no UTF-8 as ``\\xNN``: such bytes stand in names of files."""
    if text.isascii():
        return text
    escaped = (
        f"\\x{ord(letter) - 0xDC00:02x}" if 0xDC80 <= ord(letter) <= 0xDCFF else letter
        for letter in text
    )
    return "".join(escaped).encode("utf-8", "backslashreplace").decode("utf-8")


def holds_characters(text: str) -> bool:
    """Whether ``text`` holds any printable character but white space."""
    return any(letter.isprintable() and not letter.isspace() for letter in text)

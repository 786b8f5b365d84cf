"""What the engine replies of data: of a source, its originals and its prepared samples.

TypedDicts are JSON as it travels, ``SourceSizes`` comes with arrays. Needs nothing heavy.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, NotRequired, TypedDict

import numpy as np
import numpy.typing as npt

from workbench.data.listing import printable
from workbench.engine.wire import Message

if TYPE_CHECKING:
    from workbench.data.originals import Original

Pixels = npt.NDArray[np.uint8]
Rows = npt.NDArray[np.int64]


class ColumnRecord(TypedDict):
    """A ``workbench.data.inspection.ColumnView`` as JSON."""

    name: str
    type: str
    role: str
    distinct: int | None


class InspectionRecord(TypedDict):
    """A ``workbench.data.inspection.Inspection`` as JSON."""

    kind: str
    name: str
    modality: Literal["image", "text"]
    samples: int
    splits: Mapping[str, int]
    columns: list[ColumnRecord]
    label: str | None
    classes: int | None
    size: list[int] | None
    channels: int | None
    bytes: int
    seconds: float
    prepared: bool
    fingerprint: str
    notes: list[str]
    found: int
    left_out: Mapping[str, int]
    unit: str
    by_class: Mapping[str, Mapping[str, int]]
    fit: str | None
    shown: float | None


class OriginalRecord(TypedDict):
    """A ``workbench.data.originals.Original`` as JSON. picture: uint8 (H, W, 3), or None with the
    reason in ``error``; in the header it is the name of an array."""

    name: str
    size: list[int] | None
    channels: int | None
    deep: bool
    picture: Pixels | None
    error: str


class CutTextRecord(TypedDict):
    """A ``workbench.data.originals.CutText`` as JSON."""

    pieces: list[str]
    tokens: int
    kept: int


class PeekRecord(TypedDict):
    """A ``workbench.data.peek.Peek`` as JSON."""

    kind: str
    columns: Mapping[str, str]
    texts: list[str]
    rows: list[Mapping[str, str]]
    images: list[OriginalRecord]
    classes: list[str | None]


class SourceSizes(NamedTuple):
    """Of ``looked_at`` samples: ``heights`` and ``widths`` of images in pixels, or ``tokens`` of
    texts before they are cut; int64 (n,) of those that can be read."""

    looked_at: int
    sizes: Mapping[str, Rows]


class DuplicatesRecord(TypedDict):
    """A ``workbench.data.quality.Duplicates`` as JSON, with its sentence."""

    within: Mapping[str, int]
    across: Mapping[str, int]
    examples: list[list[int]]
    sentence: str


class NearDuplicatesRecord(TypedDict):
    """A ``workbench.data.split_overlap.NearDuplicates`` as JSON. pairs: row, training row,
    similarity."""

    training: int
    others: int
    near: float
    count: int
    pairs: list[tuple[int, int, float]]


class PicturesRecord(TypedDict):
    """A ``workbench.data.quality.Pictures`` as JSON, with its sentence."""

    looked_at: int
    constant: list[int]
    brightness: float
    contrast: float
    sentence: str


class ShortTextsRecord(TypedDict):
    """Texts with one or two tokens: how many, and the rows of some."""

    count: int
    rows: list[int]


class QualityRecord(TypedDict):
    """What may be wrong with prepared data. twins: near copies. pictures: of images; short: of
    texts."""

    duplicates: DuplicatesRecord
    twins: NearDuplicatesRecord
    pictures: NotRequired[PicturesRecord]
    short: NotRequired[ShortTextsRecord]


def plain(value: Any) -> Any:
    """``value`` as JSON that a page can show: lists for tuples, and names of files with bytes that
    are no UTF-8 escaped."""
    if isinstance(value, Mapping):
        return {printable(str(name)): plain(part) for name, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(part) for part in value]
    return printable(str(value)) if isinstance(value, (str, Path)) else value


def pack_originals(originals: Sequence[Original]) -> tuple[list[dict[str, Any]], dict[str, Pixels]]:
    """Originals as JSON, and the arrays that their ``picture`` names."""
    arrays: dict[str, Pixels] = {}
    records = []
    for original in originals:
        name = None
        if original.picture is not None:
            name = f"picture{len(arrays)}"
            arrays[name] = original.picture
        records.append(
            {
                "name": printable(original.name),
                "size": None if original.size is None else list(original.size),
                "channels": original.channels,
                "deep": original.deep,
                "picture": name,
                "error": printable(original.error),
            }
        )
    return records, arrays


def unpack_originals(message: Message) -> list[OriginalRecord]:
    """The message's ``images``, with each array in place of its name."""
    records: list[OriginalRecord] = message.values["images"]
    for record in records:
        record["picture"] = message.arrays.get(str(record["picture"]))
    return records

"""A look into a source before it is prepared: its columns, its first rows, some of its images.

It works without a column of samples, so that a page can offer the columns where no guess succeeds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from workbench.config import DataConfig
from workbench.data import roles
from workbench.data.columns import coded
from workbench.data.listing import Listing
from workbench.data.originals import Original, original
from workbench.data.quality import spread
from workbench.data.sources import confine, foreign_errors
from workbench.data.sources.base import Source
from workbench.data.sources.cells.content import Content, contents, is_embedded
from workbench.data.sources.part import Part
from workbench.data.sources.resolve import resolve
from workbench.errors import RequestError

ROWS, IMAGES = 10, 10
_SIDE = 96
_LONGEST = 300
_READ = 200


@dataclass(frozen=True)
class Peek:
    """kind: of source, in words. columns: of a table, by name with their types in words, in order;
    empty for folders of images. texts: the columns that hold strings. rows: the first ones, cells
    cut. images: ten, of as many classes as there are. classes: of each of them, None
    for one without a label.
    """

    kind: str
    columns: dict[str, str]
    texts: tuple[str, ...]
    rows: tuple[dict[str, str], ...]
    images: tuple[Original, ...]
    classes: tuple[str | None, ...] = ()


def peek(config: DataConfig, *, within: Path | None = None) -> Peek:
    """A look into ``config.source``. Raises RequestError if it cannot be read at all.

    within: the folder that must contain all files of the source; None for no limit.
    """
    with foreign_errors.in_words(config.source):
        return _peek(config, within)


def _peek(config: DataConfig, within: Path | None) -> Peek:
    source = resolve(config, within)
    listing = _listed(source, config)
    # If the columns in the request are wrong, the files are checked without them.
    confine.all_inside(source.files(config if listing else DataConfig(config.source)), within)
    parts = source.tables(_READ)
    held = contents(parts)
    images, classes = ((), ()) if listing is None else _images(listing, config)
    return Peek(
        kind=source.kind,
        columns={name: content.words for name, content in held.items()},
        texts=tuple(n for n, c in held.items() if c.holds in ("text", "files", "addresses")),
        rows=_rows(parts, held),
        images=images,
        classes=classes,
    )


def _listed(source: Source, config: DataConfig) -> Listing | None:
    try:
        return source.listing(config)
    except RequestError:
        # Of a table in which no column seems to hold samples, the columns are shown.
        if not source.tables(1):
            raise
        return None


def _images(
    listing: Listing, config: DataConfig
) -> tuple[tuple[Original, ...], tuple[str | None, ...]]:
    """Ten images of as many classes as there are, and the class of each."""
    if listing.blobs is None or not listing.count:
        return (), ()
    codes, names = _label(listing, config)
    wanted = _of_each_class(codes, IMAGES)
    images = tuple(
        original(str(listing.ids[at]), blob, _SIDE)
        for at, blob in zip(wanted.tolist(), listing.blobs(wanted), strict=True)
    )
    return images, tuple(names[code] if code >= 0 else None for code in codes[wanted].tolist())


def _label(listing: Listing, config: DataConfig) -> tuple[npt.NDArray[np.int64], tuple[str, ...]]:
    """The class of each sample, -1 for none, and the names; none where the choice is wrong."""
    try:
        label = roles.assign(listing, config).label
    except RequestError:
        label = None
    return (np.full(listing.count, -1), ()) if label is None else coded(label)


def _of_each_class(codes: npt.NDArray[np.int64], most: int) -> npt.NDArray[np.int64]:
    """At most ``most`` ascending positions: of each class about equally many, spread over it."""
    order = np.argsort(codes, kind="stable")
    members = np.split(order, np.flatnonzero(np.diff(codes[order])) + 1)
    if len(members) >= most:
        return np.sort([members[at][0] for at in spread(len(members), most).tolist()])
    shares = [0] * len(members)
    while sum(shares) < min(most, len(codes)):
        for at, rows in enumerate(members):
            shares[at] += shares[at] < len(rows) and sum(shares) < most
    chosen = [rows[spread(len(rows), n)] for rows, n in zip(members, shares, strict=True)]
    return np.sort(np.concatenate(chosen))


def _rows(parts: Sequence[Part], held: Mapping[str, Content]) -> tuple[dict[str, str], ...]:
    part = next((part for part in parts if part.rows), None)
    if part is None:
        return ()
    wanted = np.arange(min(ROWS, part.rows))
    cells = {
        name: [
            _cell_text(_class_name(value, part.classes.get(name, ())), content)
            for value in part.cells(name, wanted)
        ]
        for name, content in held.items()
        if name in part.types
    }
    return tuple({name: values[row] for name, values in cells.items()} for row in wanted.tolist())


def _class_name(value: Any, classes: Sequence[str]) -> Any:
    """The name of a class that the source numbers and names; any other value as it is."""
    numbered = isinstance(value, int) and 0 <= value < len(classes)
    return classes[value] if numbered else value


def _cell_text(value: Any, content: Content) -> str:
    if value is None:
        return ""
    if isinstance(value, str) and content.holds == "images" and is_embedded(value):
        return "(image)"
    if isinstance(value, bytes) and content.holds not in ("images", "bytes"):
        value = value.decode("utf-8", "replace")
    if not isinstance(value, str) and content.holds == "images":
        return "(image)"
    text = str(value)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"

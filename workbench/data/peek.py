"""A look into a source before it is prepared: its columns, its first rows, some of its images.

It works without a column of samples, so that a page can offer the columns where no guess succeeds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from workbench.config import DataConfig
from workbench.data.listing import Listing
from workbench.data.originals import Original, original
from workbench.data.sources import confine
from workbench.data.sources.base import Source
from workbench.data.sources.part import Part, column_types, holds_bytes, is_text
from workbench.data.sources.resolve import resolve
from workbench.errors import RequestError

ROWS, IMAGES = 6, 8
_SIDE = 96
_LONGEST = 300
_READ = 200


@dataclass(frozen=True)
class Peek:
    """kind: of source, in words. columns: of a table, by name with their types in words, in order;
    empty for folders of images. texts: the columns that hold strings. rows: the first ones, cells
    cut. images: some of the images.
    """

    kind: str
    columns: dict[str, str]
    texts: tuple[str, ...]
    rows: tuple[dict[str, str], ...]
    images: tuple[Original, ...]


def peek(config: DataConfig, *, within: Path | None = None) -> Peek:
    """A look into ``config.source``. Raises RequestError if it cannot be read at all.

    within: the folder that must contain all files of the source; None for no limit.
    """
    source = resolve(config, within)
    listing = _listed(source, config)
    # If the columns in the request are wrong, the files are checked without them.
    confine.all_inside(source.files(config if listing else DataConfig(config.source)), within)
    parts = source.tables(_READ)
    types = column_types(parts)
    return Peek(
        kind=source.kind,
        columns={name: _type(kind) for name, kind in types.items()},
        texts=tuple(name for name, kind in types.items() if is_text(kind)),
        rows=_rows(parts, list(types)),
        images=() if listing is None else _images(listing),
    )


def _listed(source: Source, config: DataConfig) -> Listing | None:
    try:
        return source.listing(config)
    except RequestError:
        # Of a table in which no column seems to hold samples, the columns are shown.
        if not source.tables(1):
            raise
        return None


def _images(listing: Listing) -> tuple[Original, ...]:
    if listing.blobs is None or not listing.count:
        return ()
    spread = np.linspace(0, listing.count - 1, min(IMAGES, listing.count)).astype(np.int64)
    wanted = np.unique(spread)
    return tuple(
        original(str(listing.ids[at]), blob, _SIDE)
        for at, blob in zip(wanted.tolist(), listing.blobs(wanted), strict=True)
    )


def _rows(parts: Sequence[Part], names: Sequence[str]) -> tuple[dict[str, str], ...]:
    part = next((part for part in parts if part.rows), None)
    if part is None:
        return ()
    wanted = np.arange(min(ROWS, part.rows))
    cells = {n: [_cell_text(v) for v in part.cells(n, wanted)] for n in names if n in part.types}
    return tuple({name: values[row] for name, values in cells.items()} for row in wanted.tolist())


def _cell_text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bytes) or (isinstance(value, dict) and value.get("bytes") is not None):
        return "(image)"
    text = str(value)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _type(kind: Any) -> str:
    if holds_bytes(kind):
        return "images"
    return "text" if is_text(kind) else str(kind)

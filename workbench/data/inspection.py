"""The contents of a source before it is prepared: columns, guessed roles, disk and time."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from workbench.config import DataConfig
from workbench.data import cache, estimate, fingerprint, roles
from workbench.data.columns import distinct
from workbench.data.dataset import SPLITS
from workbench.data.decoding import batch
from workbench.data.decoding.recipe import settle
from workbench.data.listing import Listing
from workbench.data.sources.resolve import resolve

Role = Literal["label", "factor", "group", "image", "text", ""]
_PROBED = 64


@dataclass(frozen=True)
class ColumnView:
    """A column as a page shows it. distinct: how many different values, None if not counted."""

    name: str
    type: str
    role: Role
    distinct: int | None


@dataclass(frozen=True)
class Inspection:
    """The contents of a source, and what preparing it takes.

    kind: of source, in words. splits: samples by given split ("" for those in none). size: (height,
    width) that images will have. bytes: disk needed while preparing. seconds: roughly, on a slow
    laptop. prepared: whether the cache exists already.
    """

    kind: str
    name: str
    modality: Literal["image", "text"]
    samples: int
    splits: dict[str, int]
    columns: tuple[ColumnView, ...]
    label: str | None
    classes: int | None
    size: tuple[int, int] | None
    channels: int | None
    bytes: int
    seconds: float
    prepared: bool
    fingerprint: str
    notes: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """The inspection as JSON."""
        return dataclasses.asdict(self)


def inspect(config: DataConfig, home: Path, *, within: Path | None = None) -> Inspection:
    """The contents of ``config.source``, and what preparing it takes. Decodes only headers.

    within: the folder that must contain all files of the source; None for no limit.
    Raises RequestError as ``prepare`` would.
    """
    source = resolve(config, within)
    address = fingerprint.of_dataset(source.content(config, home), config, version=source.version)
    listing = source.listing(config)
    chosen = roles.assign(listing, config)
    count = min(listing.count, config.samples or listing.count)
    size: tuple[int, int] | None = None
    channels: int | None = None
    if listing.blobs is not None:
        headers, reason = batch.probe(listing.blobs, np.arange(listing.count), most=_PROBED)
        if not headers:
            raise batch.all_broken(listing.count, reason)
        recipe = settle(headers, config)
        size, channels = recipe.size, recipe.channels
        needed = estimate.image_bytes(count, size, channels, deep=recipe.deep)
        pixels = float(np.mean([h.size[0] * h.size[1] for h in headers])) * count
        seconds = estimate.image_seconds(count, pixels)
    else:
        characters = sum(map(len, listing.texts())) if listing.texts is not None else 0
        characters = characters * count // max(1, listing.count)
        needed, seconds = estimate.text_bytes(characters), estimate.text_seconds(characters)
    prepared = cache.find(home, address) is not None
    return Inspection(
        kind=source.kind,
        name=source.name,
        modality=listing.modality,
        samples=listing.count,
        splits=_splits(listing),
        columns=_columns(listing, chosen),
        label=None if chosen.label is None else chosen.label.name,
        classes=None if chosen.label is None else distinct(chosen.label),
        size=size,
        channels=channels,
        bytes=needed,
        seconds=0.0 if prepared else seconds,
        prepared=prepared,
        fingerprint=address,
        notes=(*listing.notes, *chosen.notes),
    )


def _splits(listing: Listing) -> dict[str, int]:
    counts: dict[str, int] = {
        name: int((listing.split == index).sum()) for index, name in enumerate(SPLITS)
    }
    counts[""] = int((listing.split < 0).sum())
    return {name: count for name, count in counts.items() if count}


def _columns(listing: Listing, chosen: roles.Roles) -> tuple[ColumnView, ...]:
    payload: Role = "image" if listing.modality == "image" else "text"
    taken: dict[str, Role] = {column.name: "factor" for column in chosen.factors}
    if chosen.label is not None:
        taken[chosen.label.name] = "label"
    if chosen.group is not None:
        taken[chosen.group.name] = "group"
    taken |= dict.fromkeys(listing.payload, payload)
    return tuple(
        ColumnView(
            name,
            kind,
            taken.get(name, ""),
            distinct(listing.columns[name]) if name in listing.columns else None,
        )
        for name, kind in listing.shown.items()
    )

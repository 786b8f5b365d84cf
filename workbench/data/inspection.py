"""The contents of a source before it is prepared: columns, guessed roles, disk and time."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np

from workbench.config import DataConfig
from workbench.data import cache, estimate, fingerprint, roles
from workbench.data.account import NO_TEXT, NOT_DRAWN
from workbench.data.building.image_notes import fit_notes
from workbench.data.columns import coded, distinct
from workbench.data.dataset import SPLITS
from workbench.data.decoding.plan import plan
from workbench.data.listing import LabelColumn, Listing, holds_characters
from workbench.data.sources import foreign_errors
from workbench.data.sources.resolve import resolve

Role = Literal["label", "factor", "group", "image", "text", "split", ""]
_MOST_CLASSES = 200


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
    laptop. prepared: whether the cache exists already. found, left_out, unit: the account of the
    source; preparing may leave out more, such as images that cannot be read. by_class: samples of
    each class of the label by given split, at most 200 classes. fit, shown: how images become that
    size and what is left of them, see ``DataInfo``; measured over the headers of some.
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
    found: int = 0
    left_out: Mapping[str, int] = field(default_factory=dict)
    unit: str = "rows"
    by_class: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    fit: str | None = None
    shown: float | None = None

    def to_json(self) -> dict[str, Any]:
        """The inspection as JSON."""
        return dataclasses.asdict(self)


def inspect(config: DataConfig, home: Path, *, within: Path | None = None) -> Inspection:
    """The contents of ``config.source``, and what preparing it takes. Decodes only headers.

    within: the folder that must contain all files of the source; None for no limit.
    Raises RequestError as ``prepare`` would.
    """
    with foreign_errors.in_words(config.source, home):
        return _inspect(config, home, within)


def _inspect(config: DataConfig, home: Path, within: Path | None) -> Inspection:
    source = resolve(config, within)
    address = fingerprint.of_dataset(source.content(config, home), config, version=source.version)
    listing = source.listing(config)
    account = listing.accounted
    chosen = roles.assign(listing, config)
    count = min(listing.count, config.samples or listing.count)
    size: tuple[int, int] | None = None
    channels: int | None = None
    fit: str | None = None
    shown: float | None = None
    notes: tuple[str, ...] = ()
    if listing.blobs is not None:
        planned = plan(listing.blobs, listing.count, config)
        recipe, shown = planned.recipe, planned.shown
        fit = None if shown is None else recipe.fit
        notes = tuple(fit_notes(recipe, config, planned.sizes))
        size, channels = recipe.size, recipe.channels
        needed = estimate.image_bytes(count, size, channels, deep=recipe.deep)
        pixels = float(planned.sizes.prod(axis=1).mean()) * count
        seconds = estimate.image_seconds(count, pixels)
    else:
        texts = listing.texts() if listing.texts is not None else []
        account = account.without(NO_TEXT, sum(not holds_characters(t) for t in texts))
        characters = sum(map(len, texts))
        characters = characters * count // max(1, listing.count)
        needed, seconds = estimate.text_bytes(characters), estimate.text_seconds(characters)
    if config.samples is not None:
        account = account.without(NOT_DRAWN, max(0, account.taken - config.samples))
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
        notes=(*listing.notes, *chosen.notes, *notes),
        found=account.found,
        left_out=account.left_out,
        unit=account.unit,
        by_class={} if chosen.label is None else _by_class(listing, chosen.label),
        fit=fit,
        shown=shown,
    )


def _splits(listing: Listing) -> dict[str, int]:
    counts: dict[str, int] = {
        name: int((listing.split == index).sum()) for index, name in enumerate(SPLITS)
    }
    counts[""] = int((listing.split < 0).sum())
    return {name: count for name, count in counts.items() if count}


def _by_class(listing: Listing, label: LabelColumn) -> dict[str, dict[str, int]]:
    """Samples of each class by given split, "" for those in none."""
    codes, names = coded(label)
    table = np.zeros((len(names), len(SPLITS) + 1), np.int64)
    labelled = codes >= 0
    # Samples without a split, -1, are counted in the last column.
    np.add.at(table, (codes[labelled], listing.split[labelled]), 1)
    titles = (*SPLITS, "")
    return {
        name: {title: int(n) for title, n in zip(titles, row, strict=True) if n}
        for name, row in zip(names[:_MOST_CLASSES], table, strict=False)
    }


def _columns(listing: Listing, chosen: roles.Roles) -> tuple[ColumnView, ...]:
    payload: Role = "image" if listing.modality == "image" else "text"
    taken: dict[str, Role] = {column.name: "factor" for column in chosen.factors}
    if chosen.label is not None:
        taken[chosen.label.name] = "label"
    if chosen.group is not None:
        taken[chosen.group.name] = "group"
    taken |= dict.fromkeys(listing.payload, payload)
    if listing.split_column is not None:
        taken[listing.split_column] = "split"
    return tuple(
        ColumnView(
            name,
            kind,
            taken.get(name, ""),
            distinct(listing.columns[name]) if name in listing.columns else None,
        )
        for name, kind in listing.shown.items()
    )

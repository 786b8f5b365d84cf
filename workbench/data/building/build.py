"""From a listing to a cache folder: draw, decode, split, write."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from workbench.config import DataConfig
from workbench.data import splits
from workbench.data.account import COPY, NO_TEXT, NOT_DRAWN, UNREADABLE, Account
from workbench.data.building import images, texts
from workbench.data.building.division import divide
from workbench.data.building.labels import Labels, label_columns, numbered_alike
from workbench.data.building.sample_facts import SampleFacts
from workbench.data.dataset import DataInfo, Dataset
from workbench.data.library import write_request
from workbench.data.listing import Listing
from workbench.errors import RequestError

Progress = Callable[[str, float], None]
Check = Callable[[DataInfo], object]


def build(
    listing: Listing,
    config: DataConfig,
    folder: Path,
    *,
    name: str,
    fingerprint: str,
    progress: Progress,
    like: Dataset | None = None,
    check: Check,
) -> None:
    """Write the cache of ``listing`` into ``folder``. like: prepare it exactly as this one was.

    check: may refuse the data, by an incomplete description before samples are read and by the
    complete one at the end. Raises RequestError if nothing can be read, or it does not fit on the
    disk.
    """
    if like is not None:
        _check_modality(listing, like)
    labels = label_columns(listing, config)
    if like is not None:
        labels = numbered_alike(labels, like)
    kind = images if listing.modality == "image" else texts
    usable, notes = kind.usable(listing)
    account = listing.accounted.without(NO_TEXT, listing.count - len(usable))
    wanted, draw_notes = _drawn(usable, listing, labels, config)
    account = account.without(NOT_DRAWN, len(usable) - len(wanted))
    if len(wanted) < (2 if like is None else 1):
        raise RequestError(
            "there are no samples." if not len(wanted) else "there is only one sample.",
            field="--data",
            remedy="Give a source with more samples.",
        )
    first = _first_description(listing, labels, config, name, fingerprint)
    check(first)
    read = kind.read(listing, wanted, config, folder, progress, like)
    kept = wanted[read.kept]
    account = account.without(UNREADABLE, len(wanted) - len(kept))
    digests = read.digests[read.kept]
    divided = divide(listing.split[kept], labels, kept, digests, dedupe=config.dedupe, like=like)
    account = account.without(COPY, divided.copies)
    rows, counts = kept[divided.places], divided.counts
    ordered = read.kept[divided.places]
    facts = kind.write(read, ordered, counts.get("train", 0), folder, progress, like)
    np.save(folder / "digests.npy", digests[divided.places])
    _write_targets(folder, labels, listing, rows)
    read_notes = read.notes(lambda row: listing.ids[int(wanted[row])])
    all_notes = (*listing.notes, *labels.notes, *notes, *draw_notes, *read_notes, *divided.notes)
    first = replace(
        first, counts=counts, normal=divided.normal, notes=(*account.notes(), *all_notes)
    )
    info = _completed(_accounted(first, account), facts)
    check(info)
    if like is None:
        write_request(folder, config, fingerprint)
    (folder / "info.json").write_text(json.dumps(info.to_json(), indent=1), "utf-8")


def _accounted(info: DataInfo, account: Account) -> DataInfo:
    """``info`` with the account of its source. Raises ValueError if the numbers do not add up."""
    if account.taken != info.total:
        raise ValueError(f"{account} does not lead to {info.total} samples")
    return replace(info, found=account.found, left_out=account.left_out, unit=account.unit)


def _check_modality(listing: Listing, like: Dataset) -> None:
    """Raise RequestError if images are to be prepared like texts, or the other way round."""
    if like.info.modality != listing.modality:
        raise RequestError(
            f"the source holds {listing.modality}s, the run learned from {like.info.modality}s.",
            field="--data",
            remedy=f"Give {like.info.modality}s.",
        )


def _drawn(
    usable: npt.NDArray[np.int64], listing: Listing, labels: Labels, config: DataConfig
) -> tuple[npt.NDArray[np.int64], tuple[str, ...]]:
    """The positions of as many samples as ``config`` wants, drawn from ``usable``, and a note."""
    if config.samples is None or config.samples >= len(usable):
        return usable, ()
    stratum = None if labels.label is None else labels.label[usable]
    drawn = splits.draw(config.samples, listing.split[usable], stratum)
    note = f"{config.samples:,} of {len(usable):,} samples were drawn (seeded)."
    return usable[drawn], (note,)


def _first_description(
    listing: Listing, labels: Labels, config: DataConfig, name: str, fingerprint: str
) -> DataInfo:
    """The description before any sample is read: no counts, nothing that comes from samples."""
    return DataInfo(
        name=name,
        title=listing.hints.title or name,
        source=config.source,
        fingerprint=fingerprint,
        modality=listing.modality,
        counts={},
        targets=labels.targets,
        group=labels.group,
    )


def _completed(info: DataInfo, facts: SampleFacts) -> DataInfo:
    """``info`` with the facts and notes that come from the samples."""
    return replace(
        info,
        size=facts.size,
        channels=facts.channels,
        mean=facts.mean,
        std=facts.std,
        fit=facts.fit,
        shown=facts.shown,
        vocabulary=facts.vocabulary,
        length=facts.length,
        sentences=facts.sentences,
        notes=(*info.notes, *facts.notes),
    )


def _write_targets(
    folder: Path, labels: Labels, listing: Listing, rows: npt.NDArray[np.int64]
) -> None:
    """Write targets.parquet of the samples at ``rows`` of the listing: labels, group, names."""
    columns: dict[str, pa.Array] = {
        target.name: pa.array(codes[rows], pa.int32())
        for target, codes in zip(labels.targets, labels.codes, strict=True)
    }
    if labels.groups is not None:
        columns["_group"] = pa.array(labels.groups[rows], pa.int64())
    columns["_id"] = pa.array([listing.ids[row] for row in rows.tolist()], pa.string())
    pq.write_table(pa.table(columns), folder / "targets.parquet", compression="zstd")

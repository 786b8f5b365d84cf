"""From a listing to a cache folder: draw, decode, split, write."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from workbench.config import DataConfig
from workbench.data import roles, splits
from workbench.data.building import images, texts
from workbench.data.columns import coded
from workbench.data.dataset import SPLITS, DataInfo, Dataset, Target
from workbench.data.library import write_request
from workbench.data.listing import NOT_GIVEN, Listing
from workbench.errors import RequestError

Progress = Callable[[str, float], None]
Check = Callable[[DataInfo], object]


@dataclass(frozen=True)
class Labels:
    """The columns of all n samples of a listing as class indices (int64 (n,), -1: missing)."""

    targets: tuple[Target, ...]
    codes: tuple[npt.NDArray[np.int64], ...]
    group: str | None
    groups: npt.NDArray[np.int64] | None
    notes: tuple[str, ...]

    @property
    def label(self) -> npt.NDArray[np.int64] | None:
        there = self.targets and self.targets[0].role == "label"
        return self.codes[0] if there else None


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

    check: may refuse the data, by what is known before samples are read and again at the end.
    Raises RequestError if nothing can be read, or it does not fit on the disk.
    """
    if like is not None and like.info.modality != listing.modality:
        raise RequestError(
            f"the source holds {listing.modality}s, the run learned from {like.info.modality}s.",
            field="--data",
            remedy=f"Give {like.info.modality}s.",
        )
    labels = _labels(listing, config)
    if like is not None:
        labels = _named_alike(labels, like)
    room = images if listing.modality == "image" else texts
    usable, notes = room.usable(listing)
    if config.samples is not None and config.samples < len(usable):
        stratum = None if labels.label is None else labels.label[usable]
        drawn = splits.draw(config.samples, listing.split[usable], stratum)
        notes = (*notes, f"{config.samples:,} of {len(usable):,} samples were drawn (seeded).")
        usable = usable[drawn]
    if len(usable) < (2 if like is None else 1):
        raise RequestError(
            "there are no samples." if not len(usable) else "there is only one sample.",
            field="--data",
            remedy="Give a source with more samples.",
        )
    known = DataInfo(
        name=name,
        title=listing.hints.title or name,
        source=config.source,
        fingerprint=fingerprint,
        modality=listing.modality,
        counts={},
        targets=labels.targets,
        group=labels.group,
    )
    check(known)
    read = room.read(listing, usable, config, folder, progress, like)
    kept = usable[read.kept]
    assigned = _assign(listing, labels, kept, read.digests[read.kept], like)
    order = np.argsort(assigned.split, kind="stable")
    bounds = np.bincount(assigned.split, minlength=len(SPLITS))
    if not bounds[0] and like is None:
        raise _no_training(listing)
    written = room.write(read, read.kept[order], int(bounds[0]), folder, progress, like)
    np.save(folder / "digests.npy", read.digests[read.kept][order])
    counts: dict[str, int] = {split: int(bounds[i]) for i, split in enumerate(SPLITS) if bounds[i]}
    _write_targets(folder, labels, listing, kept[order])
    info = replace(
        known,
        counts=counts,
        normal=_normal(labels, kept[order], counts, assigned.made) if like is None else None,
        notes=(
            *listing.notes,
            *labels.notes,
            *notes,
            *read.notes(lambda row: listing.ids[usable[row]]),
            *assigned.notes,
            *_rare(labels, kept),
            *written.notes,
        ),
    )
    info = replace(info, **written.fields)
    check(info)
    if like is None:
        write_request(folder, config, fingerprint)
    (folder / "info.json").write_text(json.dumps(info.to_json(), indent=1), "utf-8")


def _labels(listing: Listing, config: DataConfig) -> Labels:
    chosen = roles.assign(listing, config)
    targets, codes = [], []
    for column in (*([chosen.label] if chosen.label else ()), *chosen.factors):
        values, classes = coded(column)
        name = f"{column.name}_" if column.name in ("_id", "_group") else column.name
        targets.append(Target(name, classes, "label" if column is chosen.label else "factor"))
        codes.append(values)
    notes = chosen.notes
    if chosen.label is not None:
        missing = int((codes[0] < 0).sum())
        if missing:
            notes = (*notes, f"{missing:,} samples have no label.")
    groups = None if chosen.group is None else coded(chosen.group)[0]
    group = None if chosen.group is None else chosen.group.name
    return Labels(tuple(targets), tuple(codes), group, groups, notes)


def _named_alike(labels: Labels, like: Dataset) -> Labels:
    """Classes numbered as the reference numbers them, where it has them all."""
    known = {target.name: target for target in like.info.targets}
    own = like.info.label
    targets, codes = list(labels.targets), list(labels.codes)
    for index, target in enumerate(targets):
        other = known.get(target.name) or (own if target.role == "label" else None)
        if other is not None and set(target.classes) <= set(other.classes):
            table = np.array([other.classes.index(name) for name in target.classes] + [-1])
            codes[index] = table[codes[index]]
            targets[index] = replace(target, classes=other.classes)
    return replace(labels, targets=tuple(targets), codes=tuple(codes))


def _assign(
    listing: Listing,
    labels: Labels,
    kept: npt.NDArray[np.int64],
    digests: npt.NDArray[np.uint64],
    like: Dataset | None,
) -> splits.Assignment:
    given = listing.split[kept]
    if like is not None:
        split = np.where(given == NOT_GIVEN, splits.TEST, given).astype(np.int8)
        return splits.Assignment(split, (), ())
    label = None if labels.label is None else labels.label[kept]
    groups = None if labels.groups is None else labels.groups[kept]
    try:
        return splits.assign(given, label, groups, digests)
    except ValueError as error:
        raise _no_training(listing) from error


def _no_training(listing: Listing) -> RequestError:
    names = [name for i, name in enumerate(SPLITS) if (listing.split == i).any()]
    return RequestError(
        f"there is {' and '.join(names)}, but nothing to train on.",
        field="--data",
        remedy="Add a training split named 'train', or give the data without splits.",
    )


def _normal(
    labels: Labels,
    rows: npt.NDArray[np.int64],
    counts: dict[str, int],
    made: tuple[str, ...],
) -> str | None:
    """The one class of a given training split, if the test split holds others too."""
    if labels.label is None or "train" in made or "test" in made:
        return None
    label = labels.label[rows]
    trained = np.unique(label[: counts["train"]])
    tested = np.unique(label[len(label) - counts.get("test", 0) :])
    if len(trained) != 1 or trained[0] < 0 or len(tested[tested >= 0]) < 2:
        return None
    return labels.targets[0].classes[int(trained[0])]


def _rare(labels: Labels, rows: npt.NDArray[np.int64]) -> tuple[str, ...]:
    if labels.label is None:
        return ()
    label = labels.label[rows]
    counts = np.bincount(label[label >= 0], minlength=len(labels.targets[0].classes))
    single = [labels.targets[0].classes[i] for i in np.flatnonzero(counts == 1)]
    if not single:
        return ()
    names = ", ".join(f"'{name}'" for name in single[:3]) + (", ..." if len(single) > 3 else "")
    what = "class has" if len(single) == 1 else "classes have"
    return (f"{len(single):,} {what} a single sample ({names}); made splits keep it in training.",)


def _write_targets(
    folder: Path, labels: Labels, listing: Listing, rows: npt.NDArray[np.int64]
) -> None:
    columns: dict[str, Any] = {
        target.name: pa.array(codes[rows], pa.int32())
        for target, codes in zip(labels.targets, labels.codes, strict=True)
    }
    if labels.groups is not None:
        columns["_group"] = pa.array(labels.groups[rows], pa.int64())
    columns["_id"] = pa.array([listing.ids[row] for row in rows.tolist()], pa.string())
    pq.write_table(pa.table(columns), folder / "targets.parquet", compression="zstd")

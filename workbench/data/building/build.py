"""From a listing to a cache folder: draw, decode, split, write."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from workbench.config import DataConfig
from workbench.data import roles, splits
from workbench.data.account import Account
from workbench.data.building import images, texts
from workbench.data.building.sample_facts import SampleFacts
from workbench.data.columns import coded
from workbench.data.dataset import SPLITS, DataInfo, Dataset, Target
from workbench.data.library import write_request
from workbench.data.listing import NOT_GIVEN, Listing
from workbench.errors import RequestError

Progress = Callable[[str, float], None]
Check = Callable[[DataInfo], object]


@dataclass(frozen=True)
class Labels:
    """The label columns of all n samples of a listing as class indices, int64 (n,), -1 if missing.

    targets, codes: the columns and their indices, the label first. group, groups: the same of the
    group column.
    """

    targets: tuple[Target, ...]
    codes: tuple[npt.NDArray[np.int64], ...]
    group: str | None
    groups: npt.NDArray[np.int64] | None
    notes: tuple[str, ...]

    @property
    def label(self) -> npt.NDArray[np.int64] | None:
        """The class indices of the label, None if there is no label."""
        has_label = self.targets and self.targets[0].role == "label"
        return self.codes[0] if has_label else None


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
    labels = _labels(listing, config)
    if like is not None:
        labels = _numbered_alike(labels, like)
    kind = images if listing.modality == "image" else texts
    usable, notes = kind.usable(listing)
    account = listing.accounted.without("without a text", listing.count - len(usable))
    wanted, draw_notes = _drawn(usable, listing, labels, config)
    account = account.without("not drawn (--samples)", len(usable) - len(wanted))
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
    account = account.without("that cannot be read", len(wanted) - len(kept))
    assigned = _assign(listing, labels, kept, read.digests[read.kept], like)
    order = np.argsort(assigned.split, kind="stable")
    sizes = np.bincount(assigned.split, minlength=len(SPLITS))
    if not sizes[0] and like is None:
        raise _no_training(listing)
    facts = kind.write(read, read.kept[order], int(sizes[0]), folder, progress, like)
    np.save(folder / "digests.npy", read.digests[read.kept][order])
    _write_targets(folder, labels, listing, kept[order])
    counts: dict[str, int] = {split: int(sizes[i]) for i, split in enumerate(SPLITS) if sizes[i]}
    normal = _normal(labels, kept[order], counts, assigned.made) if like is None else None
    read_notes = read.notes(lambda row: listing.ids[int(wanted[row])])
    split_notes = (*assigned.notes, *_rare_notes(labels, kept))
    all_notes = (*listing.notes, *labels.notes, *notes, *draw_notes, *read_notes, *split_notes)
    first = replace(first, counts=counts, normal=normal, notes=(*account.notes(), *all_notes))
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
        vocabulary=facts.vocabulary,
        length=facts.length,
        sentences=facts.sentences,
        notes=(*info.notes, *facts.notes),
    )


def _labels(listing: Listing, config: DataConfig) -> Labels:
    """The columns that have a role, as class indices."""
    columns = roles.assign(listing, config)
    targets, codes = [], []
    for column in (*([columns.label] if columns.label else ()), *columns.factors):
        values, classes = coded(column)
        name = f"{column.name}_" if column.name in ("_id", "_group") else column.name
        targets.append(Target(name, classes, "label" if column is columns.label else "factor"))
        codes.append(values)
    notes = columns.notes
    if columns.label is not None:
        missing = int((codes[0] < 0).sum())
        if missing:
            notes = (*notes, f"{missing:,} samples have no label.")
    groups = None if columns.group is None else coded(columns.group)[0]
    group = None if columns.group is None else columns.group.name
    return Labels(tuple(targets), tuple(codes), group, groups, notes)


def _numbered_alike(labels: Labels, like: Dataset) -> Labels:
    """``labels`` with the class numbers of the reference, in columns whose classes it all has."""
    by_name = {target.name: target for target in like.info.targets}
    own = like.info.label
    targets, codes = list(labels.targets), list(labels.codes)
    for index, target in enumerate(targets):
        other = by_name.get(target.name) or (own if target.role == "label" else None)
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
    """The splits of the samples at ``kept``. Like a reference, samples without one are in test."""
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
    """The error for a source that has splits, but nothing to train on."""
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
    """The class of normal samples: the only one of a given training split, if the given test split
    has others too."""
    if labels.label is None or "train" in made or "test" in made:
        return None
    label = labels.label[rows]
    trained = np.unique(label[: counts["train"]])
    tested = np.unique(label[len(label) - counts.get("test", 0) :])
    if len(trained) != 1 or trained[0] < 0 or len(tested[tested >= 0]) < 2:
        return None
    return labels.targets[0].classes[int(trained[0])]


def _rare_notes(labels: Labels, rows: npt.NDArray[np.int64]) -> tuple[str, ...]:
    """A note on classes with a single sample."""
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
    """Write targets.parquet of the samples at ``rows`` of the listing: labels, group, names."""
    columns: dict[str, pa.Array] = {
        target.name: pa.array(codes[rows], pa.int32())
        for target, codes in zip(labels.targets, labels.codes, strict=True)
    }
    if labels.groups is not None:
        columns["_group"] = pa.array(labels.groups[rows], pa.int64())
    columns["_id"] = pa.array([listing.ids[row] for row in rows.tolist()], pa.string())
    pq.write_table(pa.table(columns), folder / "targets.parquet", compression="zstd")

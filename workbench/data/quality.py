"""The quality of prepared data: class counts, exact duplicates, blank images, text lengths.

Pure functions of a ``Dataset``, numpy only. Functions of pixels take a fixed sample of the images.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from workbench.data.dataset import SPLITS, Dataset, SplitName

# Images in the sample; more would not change the results.
_MOST_IMAGES = 2000
# An image with a smaller standard deviation over its pixels, of 255, counts as blank.
_CONSTANT = 2.0
_FIRST = 5
# Images in memory at a time.
_BLOCK = 256


@dataclass(frozen=True)
class ClassCounts:
    """Samples by split and class, of one label column. missing: unlabelled samples by split."""

    target: str
    classes: tuple[str, ...]
    counts: Mapping[str, tuple[int, ...]]
    missing: Mapping[str, int]

    @property
    def sentence(self) -> str:
        """The largest and the smallest class of the training split."""
        train = self.counts.get("train", ())
        if len(train) < 2:
            return "There are no two classes."
        most, least = int(np.argmax(train)), int(np.argmin(train))
        if train[most] == train[least]:
            return f"All {len(train):,} classes have {train[most]:,} training samples."
        return (
            f"'{self.classes[most]}' has the most training samples ({train[most]:,}), "
            f"'{self.classes[least]}' the fewest ({train[least]:,})."
        )


@dataclass(frozen=True)
class Duplicates:
    """Exact duplicates, by split. within: samples that equal an earlier one of their split. across:
    samples of another split that equal a training sample; examples: (row, training row) of these.
    """

    within: Mapping[str, int]
    across: Mapping[str, int]
    examples: tuple[tuple[int, int], ...]

    @property
    def sentence(self) -> str:
        """How many there are. Those across splits make scores too good."""
        if not any(self.across.values()):
            inside = sum(self.within.values())
            within = f"{inside:,} repeat" if inside else "none repeats"
            return f"No sample of another split equals a training sample; {within} within a split."
        parts = [f"{count:,} {name}" for name, count in self.across.items() if count]
        return f"{' and '.join(parts)} samples equal a training sample: their scores flatter."


@dataclass(frozen=True)
class Pictures:
    """Of ``looked_at`` images: rows of nearly constant ones, and mean brightness and contrast, of
    255."""

    looked_at: int
    constant: tuple[int, ...]
    brightness: float
    contrast: float

    @property
    def sentence(self) -> str:
        """How many are nearly constant."""
        count = f"{len(self.constant):,} of {self.looked_at:,} images looked at"
        return f"{count} are nearly of one colour."


@dataclass(frozen=True)
class Lengths:
    """Lengths of texts in tokens, as prepared. shortest, longest: rows of the extremes. at_limit:
    texts of the full length, most of them cut."""

    shortest: tuple[int, ...]
    longest: tuple[int, ...]
    median: float
    at_limit: int
    limit: int

    @property
    def sentence(self) -> str:
        """The median length, and how many reach the limit."""
        return (
            f"Half of the texts have {self.median:.0f} tokens or more; "
            f"{self.at_limit:,} reach the limit of {self.limit}."
        )


def class_counts(dataset: Dataset, target: str | None = None) -> ClassCounts | None:
    """Samples by split and class of the label, or of column ``target``; None if there is none."""
    label = dataset.info.label
    name = target or (label.name if label is not None else None)
    column = next((one for one in dataset.info.targets if one.name == name), None)
    if column is None:
        return None
    codes = dataset.target(column.name)
    counts, missing = {}, {}
    for split in _splits(dataset):
        inside = codes[dataset.rows(split)]
        by_class = np.bincount(inside[inside >= 0], minlength=len(column.classes))
        counts[str(split)] = tuple(int(count) for count in by_class)
        missing[str(split)] = int((inside < 0).sum())
    return ClassCounts(column.name, column.classes, counts, missing)


def duplicates(dataset: Dataset, most: int = _FIRST) -> Duplicates:
    """Samples that equal another one exactly, by their digests. most: examples in the result."""
    digests = dataset.digests
    within: dict[str, int] = {}
    across: dict[str, int] = {}
    examples: list[tuple[int, int]] = []
    train = digests[dataset.rows("train")]
    names, first = np.unique(train, return_index=True)
    for split in _splits(dataset):
        rows = dataset.rows(split)
        mine = digests[rows]
        within[split] = len(mine) - len(np.unique(mine))
        if split == "train" or not len(names):
            continue
        place = np.minimum(np.searchsorted(names, mine), len(names) - 1)
        equal = np.flatnonzero(names[place] == mine)
        across[split] = len(equal)
        examples += [(int(rows.start + i), int(first[place[i]])) for i in equal[:most]]
    return Duplicates(within, across, tuple(examples[:most]))


def copies_of_training(
    dataset: Dataset, rows: Mapping[str, npt.NDArray[np.int64]]
) -> dict[str, npt.NDArray[np.bool_]]:
    """By split, bool (n,): which of the samples at ``rows`` of validation and test equal a training
    sample. Only splits that have some; none where the digests are gone, as those of demo runs."""
    if not (dataset.folder / "digests.npy").exists():
        return {}
    training = dataset.digests[dataset.rows("train")]
    marks = {
        split: np.isin(dataset.digests[places], training)
        for split, places in rows.items()
        if split != "train"
    }
    return {split: copied for split, copied in marks.items() if copied.any()}


def pictures(dataset: Dataset) -> Pictures:
    """Brightness, contrast and nearly constant images, of a sample spread over all."""
    rows = spread(dataset.info.total, _MOST_IMAGES)
    means, deviations = [], []
    for start in range(0, len(rows), _BLOCK):
        pixels = np.asarray(dataset.images[rows[start : start + _BLOCK]])
        flat = pixels.reshape(len(pixels), dataset.info.channels or 1, -1)
        # By channel, so that an evenly red image counts as constant like a gray one.
        deviations.append(flat.std(axis=2, dtype=np.float32).max(axis=1))
        means.append(flat.mean(axis=(1, 2), dtype=np.float64))
    deviation = np.concatenate(deviations)
    return Pictures(
        looked_at=len(rows),
        constant=tuple(int(row) for row in rows[deviation < _CONSTANT]),
        brightness=float(np.concatenate(means).mean()),
        contrast=float(deviation.mean(dtype=np.float64)),
    )


def short_texts(dataset: Dataset, below: int = 3) -> tuple[int, ...]:
    """Rows of the texts with fewer than ``below`` tokens, shortest first."""
    count = np.diff(dataset.offsets)
    short = np.flatnonzero(count < below)
    return tuple(int(row) for row in short[np.argsort(count[short], kind="stable")])


def lengths(dataset: Dataset) -> Lengths:
    """Shortest and longest texts, and how many reach the limit."""
    count = np.diff(dataset.offsets)
    order = np.argsort(count, kind="stable")
    limit = dataset.info.length or int(count.max(initial=0))
    return Lengths(
        shortest=tuple(int(row) for row in order[:_FIRST]),
        longest=tuple(int(row) for row in order[::-1][:_FIRST]),
        median=float(np.median(count)),
        at_limit=int((count >= limit).sum()),
        limit=limit,
    )


def _splits(dataset: Dataset) -> list[SplitName]:
    return [split for split in SPLITS if dataset.info.counts.get(split)]


def spread(count: int, most: int) -> npt.NDArray[np.int64]:
    """At most ``most`` positions below ``count``, evenly spread, ascending."""
    return np.unique(np.linspace(0, count - 1, min(most, count)).astype(np.int64))

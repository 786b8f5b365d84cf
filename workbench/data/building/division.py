"""Which of the samples that were read stay, and their splits.

With ``DataConfig.dedupe`` copies are left out. Without it they stay and are counted: whoever scores
the data set tells the copies of training samples apart by their digests.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from workbench.data import splits
from workbench.data.building.labels import Labels
from workbench.data.dataset import SPLITS, Dataset
from workbench.data.listing import NOT_GIVEN
from workbench.errors import RequestError

Ints = npt.NDArray[np.int64]
_MOST_NAMED = 3


@dataclass(frozen=True)
class Division:
    """The n samples that stay, in the order of the cache: split by split.

    places: int64 (n,), positions among the samples that were given. counts: samples by split, those
    that have any. made: splits that were made here. copies: how many were left out as copies.
    normal: the class that a given training split consists of (``DataInfo.normal``).
    """

    places: Ints
    counts: dict[str, int]
    made: tuple[str, ...]
    copies: int
    notes: tuple[str, ...]
    normal: str | None = None


def divide(
    given: npt.NDArray[np.int8],
    labels: Labels,
    rows: Ints,
    digests: npt.NDArray[np.uint64],
    *,
    dedupe: bool,
    like: Dataset | None,
) -> Division:
    """The division of the m samples at ``rows`` of a listing, which ``labels`` are of.

    given: int8 (m,), position in SPLITS or NOT_GIVEN. digests: uint64 (m,), equal for equal
    samples. like: of a reference; samples without a split are in test then, and no split is made.
    Raises RequestError if there is nothing to learn from.
    """
    if like is None and len(np.unique(digests)) < 2:
        raise _all_equal(len(rows))
    copies = splits.repeats(given, digests) if dedupe else np.zeros(len(rows), np.bool_)
    stay = np.flatnonzero(~copies)
    given, rows_left, digests_left = given[stay], rows[stay], digests[stay]
    notes = _relabelled(labels, rows, digests, copies)
    label = None if labels.label is None else labels.label[rows_left]
    if like is None:
        groups = None if labels.groups is None else labels.groups[rows_left]
        assigned = splits.assign(given, label, groups, digests_left)
        notes = (
            *assigned.notes,
            *notes,
            *_rare(labels, label),
            *_alike(labels, label, digests_left),
        )
    else:
        split = np.where(given == NOT_GIVEN, splits.TEST, given).astype(np.int8)
        assigned = splits.Assignment(split, (), ())
    order = np.argsort(assigned.split, kind="stable")
    sizes = np.bincount(assigned.split, minlength=len(SPLITS))
    counts: dict[str, int] = {name: int(sizes[i]) for i, name in enumerate(SPLITS) if sizes[i]}
    normal = None
    if like is None and label is not None:
        normal = _normal(labels, label[order], counts, assigned.made)
    return Division(stay[order], counts, assigned.made, int(copies.sum()), notes, normal)


def _all_equal(count: int) -> RequestError:
    what = "there is only one sample" if count == 1 else f"all {count:,} samples are equal"
    return RequestError(
        f"{what}, so there is nothing to learn.",
        field="--data",
        remedy="Give a source with different samples.",
    )


def _relabelled(
    labels: Labels, rows: Ints, digests: npt.NDArray[np.uint64], copies: npt.NDArray[np.bool_]
) -> tuple[str, ...]:
    """A note on copies that are left out and have another label than the sample that stays."""
    if labels.label is None or not copies.any():
        return ()
    label = labels.label[rows]
    kept = np.flatnonzero(~copies)
    kept = kept[np.argsort(digests[kept])]
    same = kept[np.searchsorted(digests[kept], digests[copies])]
    other = int((label[copies] != label[same]).sum())
    if not other:
        return ()
    return (f"{other:,} of the copies have another label than the sample that stays.",)


def _normal(
    labels: Labels, label: Ints, counts: dict[str, int], made: tuple[str, ...]
) -> str | None:
    """The class of normal samples: the only one of a given training split, if the given test split
    has others too. label: int64 (n,), in the order of the cache."""
    if "train" in made or "test" in made:
        return None
    trained = np.unique(label[: counts["train"]])
    tested = np.unique(label[len(label) - counts.get("test", 0) :])
    if len(trained) != 1 or trained[0] < 0 or len(tested[tested >= 0]) < 2:
        return None
    return labels.targets[0].classes[int(trained[0])]


def _rare(labels: Labels, label: Ints | None) -> tuple[str, ...]:
    """A note on classes with a single sample."""
    if label is None:
        return ()
    counts = np.bincount(label[label >= 0], minlength=len(labels.targets[0].classes))
    single = np.flatnonzero(counts == 1)
    if not len(single):
        return ()
    what = "class has" if len(single) == 1 else "classes have"
    return (
        f"{len(single):,} {what} a single sample ({_names(labels, single)}); "
        "made splits keep it in training.",
    )


def _alike(labels: Labels, label: Ints | None, digests: npt.NDArray[np.uint64]) -> tuple[str, ...]:
    """A note on classes whose samples are all equal, and more than one."""
    if label is None or not (label >= 0).any():
        return ()
    known = label >= 0
    order = np.lexsort((digests[known], label[known]))
    classes, marks = label[known][order], digests[known][order]
    first = np.r_[True, (np.diff(classes) != 0) | (marks[1:] != marks[:-1])]
    counts = np.bincount(classes)
    different = np.bincount(classes[first])
    equal = np.flatnonzero((different == 1) & (counts > 1))
    if not len(equal):
        return ()
    what = "class consists" if len(equal) == 1 else "classes consist"
    return (
        f"{len(equal):,} {what} of equal samples ({_names(labels, equal)}); "
        "splits that are made here keep them together in training.",
    )


def _names(labels: Labels, classes: Ints) -> str:
    """The first names of ``classes`` in quotation marks."""
    names = ", ".join(f"'{labels.targets[0].classes[i]}'" for i in classes[:_MOST_NAMED])
    return names + (", ..." if len(classes) > _MOST_NAMED else "")

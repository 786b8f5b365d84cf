"""Training, validation and test: given splits are kept, missing ones are made.

Made splits are seeded and stratified by label; equal samples and samples of one group stay
together. In given splits, equal samples and groups across splits are counted in notes and not
moved. ``repeats`` finds the equal samples that ``--dedupe`` leaves out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from workbench.data.dataset import SPLITS
from workbench.data.listing import NOT_GIVEN

# Fixed, so that the split of a data set does not depend on the seed of a run.
_SEED = 20240601
_SHARES = {"train": 0.7, "validation": 0.1, "test": 0.2}
_MOST_VALIDATION = 2000
TRAIN, VALIDATION, TEST = range(3)

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Assignment:
    """split: int8 (n,), position in SPLITS of every sample. made: names of the splits made here."""

    split: npt.NDArray[np.int8]
    made: tuple[str, ...]
    notes: tuple[str, ...]


def assign(
    given: npt.NDArray[np.int8],
    labels: Ints | None,
    groups: Ints | None,
    digests: npt.NDArray[np.uint64],
) -> Assignment:
    """The splits of n samples. Only training is sure to have a sample.

    given: int8 (n,), position in SPLITS or NOT_GIVEN. labels, groups: int64 (n,), -1: missing.
    digests: uint64 (n,), equal for equal samples.

    Without a training split, the samples without a split are the training part; where there are
    none, it is made of validation, and where test alone is given, of test.
    """
    strata = np.zeros(len(given), np.int64) if labels is None else labels
    units = _units(digests, groups)
    present = [name for index, name in enumerate(SPLITS) if (given == index).any()]
    by_label = "" if labels is None else ", stratified by label"
    one = len(present) == 1 and "train" not in present and not (given == NOT_GIVEN).any()
    if one or not present:
        split = _deal(np.arange(len(given)), strata, units, tuple(_SHARES.values()))
        alone = f"All samples are given as {present[0]}. " if one else ""
        note = f"{alone}Splits were made (seeded{by_label}): {_shares(split)}."
        notes = (note, *_unmade(split), *_together(digests, groups))
        return Assignment(split, SPLITS, notes)
    pool, reasons = _training_pool(given, present)
    split = np.where(pool, TRAIN, given).astype(np.int8)
    empty = [name for name in SPLITS[1:] if not (split == SPLITS.index(name)).any()]
    rows = np.flatnonzero(pool)
    if empty:
        free = _without_copies_of_others(rows, pool, units, digests)
        split[free] = _deal(free, strata, units, _wanted(empty, len(free)))
        taken = {name: int((split[rows] == SPLITS.index(name)).sum()) for name in empty}
        counts = " and ".join(f"{count:,} for {name}" for name, count in taken.items() if count)
        if counts:
            note = f"Of {len(rows):,} training samples {counts} were taken (seeded{by_label})."
            reasons = (*reasons, note)
    made = tuple(name for name in SPLITS if name not in present or name in empty)
    shared = straddling(split, digests, groups, among=present)
    return Assignment(split, made, (*reasons, *_unmade(split), *shared))


def _without_copies_of_others(
    rows: Ints, pool: npt.NDArray[np.bool_], units: Ints, digests: npt.NDArray[np.uint64]
) -> Ints:
    """Those of ``rows``, the samples of the pool, that may leave training: all but the equals of
    given samples of other splits. A validation sample that is tested too would choose by the test.
    All of them, if fewer than two units would be left.
    """
    bound = np.isin(digests[rows], digests[~pool])
    free = rows[~np.isin(units[rows], units[rows[bound]])]
    return free if len(np.unique(units[free])) > 1 else rows


def _training_pool(
    given: npt.NDArray[np.int8], present: Sequence[str]
) -> tuple[npt.NDArray[np.bool_], tuple[str, ...]]:
    """bool (n,), the samples that training is made of, and notes that say why."""
    free = given == NOT_GIVEN
    if "train" in present:
        return free | (given == TRAIN), ()
    names = " and ".join(present)
    if free.any():
        note = (
            f"There is {names}, but no training split: the {free.sum():,} samples without a split "
            "are taken for it."
        )
        return free, (note,)
    note = f"There is {names}, but no training split: training samples are taken from validation."
    return given == VALIDATION, (note,)


def _wanted(empty: Sequence[str], count: int) -> tuple[float, ...]:
    """The shares of the three splits in ``count`` training samples, of which the splits ``empty``
    get some."""
    validation = min(_SHARES["validation"], _MOST_VALIDATION / count)
    shares = {"validation": validation, "test": _SHARES["test"]}
    wanted = tuple(shares[name] if name in empty else 0.0 for name in SPLITS[1:])
    return (1 - sum(wanted), *wanted)


def _unmade(split: npt.NDArray[np.int8]) -> tuple[str, ...]:
    """A note on splits without a sample, as too few different samples make them."""
    missing = [name for index, name in enumerate(SPLITS) if not (split == index).any()]
    if not missing:
        return ()
    return (
        f"There is no {' and no '.join(missing)} sample, because too few samples differ. Equal "
        "ones and groups stay together, and no class is tested without training samples.",
    )


def straddling(
    split: npt.NDArray[np.integer[Any]],
    digests: npt.NDArray[np.uint64],
    groups: Ints | None,
    among: Sequence[str],
) -> tuple[str, ...]:
    """Notes on samples of the given splits ``among`` the three that equal a training sample, or
    share a group with one."""
    notes = []
    for name in SPLITS[1:]:
        rows = split == SPLITS.index(name)
        if name not in among or not rows.any():
            continue
        equal = int(np.isin(digests[rows], digests[split == TRAIN]).sum())
        if equal:
            notes.append(
                f"{equal:,} of {rows.sum():,} {name} samples equal a training sample exactly; "
                "the given splits were kept (--dedupe leaves copies out)."
            )
        if groups is not None:
            shared = np.intersect1d(groups[rows], groups[(split == TRAIN) & (groups >= 0)])
            if len(shared):
                notes.append(
                    f"{len(shared):,} groups lie both in training and in {name}; "
                    "the given splits were kept."
                )
    return tuple(notes)


def repeats(given: npt.NDArray[np.int8], digests: npt.NDArray[np.uint64]) -> npt.NDArray[np.bool_]:
    """bool (n,): the samples that equal another one which stays.

    Of equal samples the first of training stays, else the first without a split, of validation, of
    test.
    """
    # Samples without a split are for training.
    rank = np.where(given == NOT_GIVEN, 0.5, given)
    order = np.lexsort((np.arange(len(given)), rank))
    out = np.ones(len(given), np.bool_)
    out[order[np.unique(digests[order], return_index=True)[1]]] = False
    return out


def draw(samples: int, given: npt.NDArray[np.int8], labels: Ints | None) -> Ints:
    """Ascending positions of ``samples`` of n samples: an equal share of each split and label."""
    rng = np.random.default_rng(_SEED)
    strata = np.zeros(len(given), np.int64) if labels is None else labels
    order = np.lexsort((rng.random(len(given)), strata, given))
    places = ((np.arange(samples) + 0.5) * len(given) / samples).astype(np.int64)
    return np.sort(order[places])


def _units(digests: npt.NDArray[np.uint64], groups: Ints | None) -> Ints:
    """int64 (n,): the unit of each sample, as a number; all samples of a unit share a split.

    Units are the connected components of the relations "equal" and "of one group".
    """
    units: Ints = np.unique(digests, return_inverse=True)[1].astype(np.int64)
    if groups is None:
        return units
    # A sample without a group is a group of its own.
    alone = groups.max(initial=0) + 1 + np.arange(len(groups))
    groups = np.unique(np.where(groups < 0, alone, groups), return_inverse=True)[1]
    while True:
        # The smallest number spreads through groups and equal samples until nothing changes.
        before = units
        for keys in (groups, np.unique(digests, return_inverse=True)[1]):
            least = np.full(keys.max(initial=0) + 1, len(keys), np.int64)
            np.minimum.at(least, keys, units)
            units = least[keys]
        if (units == before).all():
            return units


def _deal(rows: Ints, strata: Ints, units: Ints, shares: tuple[float, ...]) -> npt.NDArray[np.int8]:
    """int8 (len(rows),): the split of each of ``rows``, of len(shares) splits; units stay whole.

    Units are taken label by label, in seeded order, and each goes to the split that lacks most. So
    each label is divided by ``shares`` to within a sample or two. A label's largest unit goes to
    training, so that no label is tested that was not trained on.
    """
    rng = np.random.default_rng(_SEED)
    names, first, inverse, sizes = np.unique(
        units[rows], return_index=True, return_inverse=True, return_counts=True
    )
    stratum = strata[rows][first]
    order = _largest_first(np.lexsort((rng.random(len(names)), stratum)), stratum, sizes)
    target = np.zeros(len(names), np.int8)
    got, total, current = [0] * len(shares), 0, None
    # Plain numbers: there may be a million units.
    for unit, size, label in zip(
        order.tolist(), sizes[order].tolist(), stratum[order].tolist(), strict=True
    ):
        total += size
        best = TRAIN
        if label == current:
            lacking = [share * total - have for share, have in zip(shares, got, strict=True)]
            best = lacking.index(max(lacking))
        current = label
        target[unit] = best
        got[best] += size
    _fill_empty(target, sizes, stratum, shares, rng)
    return target[inverse]


def _largest_first(order: Ints, stratum: Ints, sizes: Ints) -> Ints:
    """``order``, units by stratum, with the first of the largest units of each stratum moved to its
    front."""
    strata, sizes = stratum[order], sizes[order]
    begins = np.flatnonzero(np.r_[True, strata[1:] != strata[:-1]])
    most = np.repeat(np.maximum.reduceat(sizes, begins), np.diff(np.r_[begins, len(order)]))
    rank = np.arange(len(order))
    at_most = np.where(sizes == most, rank, len(order))
    rank[np.minimum.reduceat(at_most, begins)] = -1
    return order[np.lexsort((rank, strata))]


def _fill_empty(
    target: npt.NDArray[np.int8],
    sizes: Ints,
    stratum: Ints,
    shares: tuple[float, ...],
    rng: np.random.Generator,
) -> None:
    """Give a split that got no sample, as happens with few, one of training's smallest units; or
    one of the other split's, if it has several.

    No label loses its last unit of training: it would be tested without having been trained on.
    Where each label has one unit, the split stays empty.
    """
    for split in (VALIDATION, TEST):
        if not shares[split] or (target == split).any():
            continue
        training = target == TRAIN
        labels, inverse, counts = np.unique(
            stratum[training], return_inverse=True, return_counts=True
        )
        spare = np.flatnonzero(training)[(counts[inverse] > 1) | (labels[inverse] < 0)]
        if not len(spare) or training.sum() < 2:
            spare = np.flatnonzero(target == (TEST if split == VALIDATION else VALIDATION))
        if len(spare) > 1 or (len(spare) and target[spare[0]] == TRAIN):
            smallest = spare[sizes[spare] == sizes[spare].min()]
            target[rng.choice(smallest)] = split


def _shares(split: npt.NDArray[np.int8]) -> str:
    parts = [f"{(split == index).sum():,} for {name}" for index, name in enumerate(SPLITS)]
    return ", ".join(parts).replace("train", "training")


def _together(digests: npt.NDArray[np.uint64], groups: Ints | None) -> tuple[str, ...]:
    notes = []
    equal = len(digests) - len(np.unique(digests))
    if equal:
        notes.append(f"{equal:,} samples equal another one exactly; equal ones share a split.")
    if groups is not None:
        notes.append(f"{len(np.unique(groups[groups >= 0])):,} groups; each lies in one split.")
    return tuple(notes)

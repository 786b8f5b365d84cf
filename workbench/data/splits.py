"""Training, validation and test: given splits are kept, missing ones are made.

Made splits are seeded and stratified by label; equal samples and samples of one group stay
together. In given splits, equal samples and groups across splits are counted in notes and not
moved.
"""

from __future__ import annotations

from dataclasses import dataclass

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
    """The splits of n samples. Raises ValueError if splits are given, but no training split.

    given: int8 (n,), position in SPLITS or NOT_GIVEN. labels, groups: int64 (n,), -1: missing.
    digests: uint64 (n,), equal for equal samples.
    """
    strata = np.zeros(len(given), np.int64) if labels is None else labels
    units = _units(digests, groups)
    present = [name for index, name in enumerate(SPLITS) if (given == index).any()]
    by_label = "" if labels is None else ", stratified by label"
    if not present or present == ["test"] or present == ["validation"]:
        split = _deal(np.arange(len(given)), strata, units, tuple(_SHARES.values()))
        note = f"Splits were made (seeded{by_label}): {_shares(split)}."
        return Assignment(split, SPLITS, (note, *_together(digests, groups)))
    if "train" not in present:
        raise ValueError("no training split")
    given = np.where(given == NOT_GIVEN, TRAIN, given).astype(np.int8)
    split = given.copy()
    made = tuple(name for name in SPLITS if name not in present)
    notes = []
    rows = np.flatnonzero(split == TRAIN)
    if made:
        validation = min(_SHARES["validation"], _MOST_VALIDATION / len(rows))
        shares = {"validation": validation, "test": _SHARES["test"]}
        wanted = tuple(shares[name] if name in made else 0.0 for name in SPLITS[1:])
        split[rows] = _deal(rows, strata, units, (1 - sum(wanted), *wanted))
        counts = " and ".join(f"{(split[rows] == SPLITS.index(n)).sum():,} for {n}" for n in made)
        notes.append(f"Of {len(rows):,} training samples {counts} were taken (seeded{by_label}).")
    return Assignment(split, made, (*notes, *straddling(given, digests, groups)))


def straddling(
    given: npt.NDArray[np.int8], digests: npt.NDArray[np.uint64], groups: Ints | None
) -> tuple[str, ...]:
    """Notes on samples of other given splits that equal a training sample, or share a group with
    one."""
    notes = []
    for name in SPLITS[1:]:
        rows = given == SPLITS.index(name)
        equal = int(np.isin(digests[rows], digests[given == TRAIN]).sum())
        if equal:
            notes.append(
                f"{equal:,} of {rows.sum():,} {name} samples equal a training sample exactly; "
                "the given splits were kept."
            )
        if groups is not None:
            shared = np.intersect1d(groups[rows], groups[(given == TRAIN) & (groups >= 0)])
            if len(shared):
                notes.append(
                    f"{len(shared):,} groups lie both in training and in {name}; "
                    "the given splits were kept."
                )
    return tuple(notes)


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
    each label is divided by ``shares`` to within a sample or two. The first unit of a label goes to
    training, so that no label is tested that was not trained on.
    """
    rng = np.random.default_rng(_SEED)
    names, first, inverse, sizes = np.unique(
        units[rows], return_index=True, return_inverse=True, return_counts=True
    )
    stratum = strata[rows][first]
    order = np.lexsort((rng.random(len(names)), stratum))
    target = np.zeros(len(names), np.int8)
    wanted, got, total, current = np.array(shares), np.zeros(len(shares)), 0, None
    for unit in order.tolist():
        size = int(sizes[unit])
        total += size
        if stratum[unit] != current:
            current, best = stratum[unit], TRAIN
        else:
            best = int(np.argmax(wanted * total - got))
        target[unit] = best
        got[best] += size
    _fill_empty(target, sizes, wanted, rng)
    return target[inverse]


def _fill_empty(
    target: npt.NDArray[np.int8],
    sizes: Ints,
    shares: npt.NDArray[np.float64],
    rng: np.random.Generator,
) -> None:
    """Give a split that got no sample, as happens with few, one of training's smallest units."""
    for split in np.flatnonzero(shares > 0):
        training = np.flatnonzero(target == TRAIN)
        if (target == split).any() or len(training) < 2:
            continue
        smallest = training[sizes[training] == sizes[training].min()]
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

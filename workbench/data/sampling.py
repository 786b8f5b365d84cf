"""The samples that are scored and those that are mapped: the same for every run of a data set."""

from __future__ import annotations

import zlib
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from workbench.data.dataset import SPLITS, Dataset, SplitName

Rows = npt.NDArray[np.int64]

LIMITS: dict[SplitName, int] = {"train": 10_000, "validation": 2_000, "test": 5_000}
MOST_MAPPED = 2_000


def choose(
    data: Dataset, *, full: bool = False, limits: Mapping[str, int] | None = None
) -> dict[str, Rows]:
    """Absolute cache rows (int64, ascending) of each split that has samples.

    At most ``limits`` a split (by default ``LIMITS``) unless ``full``; stratified by the label if
    there is one. Labelled samples come before unlabelled ones. The draw depends on the data's
    fingerprint alone, and the samples of lower limits are, but for rounding, among those of higher
    ones. A split with the limit 0 is left out.
    """
    most = {str(split): n for split, n in LIMITS.items()} if limits is None else limits
    label = data.info.label
    labels = None if label is None else data.target(label.name)
    chosen = {}
    for split in SPLITS:
        rows = data.rows(split)
        count = rows.stop - rows.start
        limit = count if full else most[split]
        if count and limit:
            strata = np.zeros(count, np.int64) if labels is None else labels[rows]
            rng = np.random.default_rng(seed_of(data, split))
            chosen[str(split)] = stratified(strata, limit, rng) + rows.start
    return chosen


def map_rows(data: Dataset, chosen: Mapping[str, Rows], limit: int = MOST_MAPPED) -> Rows:
    """Absolute cache rows (int64, ascending) of the mapped samples, never of the test split.

    At most ``limit``, drawn without labels from the samples of train and validation that ``choose``
    takes, so that they are embedded already. chosen: those of them that a run has embedded, by
    split.
    """
    usual = choose(data)
    seen = ("train", "validation")
    pool = np.concatenate([usual.get(split, np.empty(0, np.int64)) for split in seen])
    embedded = np.concatenate([chosen.get(split, pool[:0]) for split in seen])
    drawn = np.random.default_rng(seed_of(data, "map")).permutation(pool)
    return np.sort(drawn[np.isin(drawn, embedded)][:limit])


def stratified(labels: npt.NDArray[np.int64], limit: int, rng: np.random.Generator) -> Rows:
    """Ascending positions of at most ``limit`` of ``labels``, each class by its share.

    Shares are rounded by largest remainder; every class keeps one sample while there is room.
    Unlabelled samples (-1) only fill the places that the labelled ones leave.
    """
    if len(labels) <= limit:
        return np.arange(len(labels), dtype=np.int64)
    classes, counts = np.unique(labels[labels >= 0], return_counts=True)
    room = min(limit, int(counts.sum()))
    parts = [
        rng.permutation(np.flatnonzero(labels == code))[:quota]
        for code, quota in zip(classes, quotas(counts, room), strict=True)
    ]
    parts.append(rng.permutation(np.flatnonzero(labels < 0))[: limit - room])
    return np.sort(np.concatenate(parts)).astype(np.int64)


def quotas(counts: npt.NDArray[np.int64], room: int) -> npt.NDArray[np.int64]:
    """How many of each class to take, ``room`` in all: by share, at least one if room allows."""
    if not len(counts):
        return counts
    least = np.minimum(counts, 1 if room >= len(counts) else 0)
    exact = least + (counts - least) * (room - least.sum()) / max(1, (counts - least).sum())
    taken = np.floor(exact + 1e-9).astype(np.int64)
    rest = room - int(taken.sum())
    most: Rows = np.argsort(-(exact - taken), kind="stable")[:rest]
    taken[most] += 1
    result: Rows = taken
    return result


def seed_of(data: Dataset, purpose: str) -> list[int]:
    """A seed of numpy's generators, from the data's fingerprint and the purpose of the draw."""
    return [zlib.crc32(data.info.fingerprint.encode()), zlib.crc32(purpose.encode())]

"""Which samples the checks during training look at: a function of the data alone, and numpy only.

The files of a run's checks hold embeddings and not whose they are, so that whoever shows them asks
here; a trained run and its page must agree for as long as the files lie about.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from workbench.data.dataset import DataInfo, SplitName
from workbench.errors import RequestError

Rows = npt.NDArray[np.int64]


def split_of(info: DataInfo) -> SplitName:
    """The split that is checked: validation, or train where that has not two samples, because one
    sample has no spread that could be judged."""
    return "validation" if info.counts.get("validation", 0) > 1 else "train"


def seed_of(info: DataInfo) -> int:
    """The seed of the draw, the same for every run on these data."""
    return int(info.fingerprint[:8], 16)


def positions(info: DataInfo, size: int) -> Rows:
    """int64 (n,), ascending: where the samples lie within their split; ``size``, or all of them if
    the split has no more. A smaller sample is part of a larger one."""
    chosen = np.random.default_rng(seed_of(info)).permutation(info.counts[split_of(info)])[:size]
    return np.sort(chosen).astype(np.int64)


def rows(info: DataInfo, count: int) -> Rows:
    """int64 (count,): positions in the data set's cache of the samples of a stored check.

    In the order of its embeddings. Raises RequestError if the split has not so many.
    """
    split = split_of(info)
    if not 0 < count <= info.counts[split]:
        raise RequestError(
            f"a check of {count} samples is not of these data, which have "
            f"{info.counts[split]} {split} samples.",
            field="RUN",
            remedy="Run it again: its files are of another data set.",
        )
    start = info.counts.get("train", 0) if split == "validation" else 0
    return positions(info, count) + start

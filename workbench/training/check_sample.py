"""The sample that the checks during training measure: a function of the data alone; numpy only.

The files of a run's checks hold embeddings without the samples' positions, so pages compute the
positions here. The draw must not change, or stored checks are shown with the wrong samples.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from workbench.data.dataset import DataInfo, SplitName
from workbench.errors import RequestError

Rows = npt.NDArray[np.int64]


def split_of(info: DataInfo) -> SplitName:
    """The split of the checks: validation, or train where validation has fewer than two samples,
    because one sample has no spread."""
    return "validation" if info.counts.get("validation", 0) > 1 else "train"


def seed_of(info: DataInfo) -> int:
    """The seed of the draw, from the fingerprint of the data."""
    return int(info.fingerprint[:8], 16)


def positions(info: DataInfo, size: int) -> Rows:
    """int64 (n,), ascending: positions of the samples within their split; ``size``, or all of the
    split if it has no more. A smaller sample is part of a larger one."""
    drawn = np.random.default_rng(seed_of(info)).permutation(info.counts[split_of(info)])[:size]
    return np.sort(drawn).astype(np.int64)


def rows(info: DataInfo, count: int) -> Rows:
    """int64 (count,): positions in the data set's cache of the samples of a stored check.

    In the order of the check's embeddings. Raises RequestError if the split has fewer samples.
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

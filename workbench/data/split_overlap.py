"""Near duplicates across splits: samples of validation and test that are nearly training samples.

Exact copies are counted by their digests (``quality.duplicates``). How alike two samples are is
the caller's to say (``engine/handlers/quality.py``: images by the correlation of their pixels,
texts by the cosine of their word counts). Whether a pair is one sample twice is left to the reader.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from workbench.data.dataset import Dataset
from workbench.data.quality import spread

# Rows of the cache to float32 (n, d), rows of length 1 or 0: their products are the similarities.
Features = Callable[[Dataset, npt.NDArray[np.int64]], npt.NDArray[np.float32]]

MOST_TRAINING, MOST_OTHERS = 5000, 2000
# Similarity from which a pair counts: images by correlation, texts by cosine.
NEAR = {"image": 0.99, "text": 0.9}
_BLOCK = 500


@dataclass(frozen=True)
class NearDuplicates:
    """The most alike pairs, one for each compared sample of validation or test.

    training, others: how many samples were compared. near: similarity from which a pair counts.
    count: such pairs. pairs: (row, training row, similarity), most alike first.
    """

    training: int
    others: int
    near: float
    count: int
    pairs: tuple[tuple[int, int, float], ...]


def near_duplicates(dataset: Dataset, features: Features, most: int = 12) -> NearDuplicates:
    """The pairs that are most alike without being equal; at most ``most`` of those that count.

    Each of up to 2,000 samples of validation and test is compared with up to 5,000 training
    samples, evenly spread.
    """
    train = dataset.rows("train")
    near = NEAR[dataset.info.modality]
    training = spread(train.stop - train.start, MOST_TRAINING) + train.start
    total = dataset.info.total - train.stop
    if total <= 0 or not len(training):
        return NearDuplicates(len(training), 0, near, 0, ())
    others = spread(total, MOST_OTHERS) + train.stop
    # Together, because word counts are weighted by all texts that are compared.
    rows = features(dataset, np.concatenate([training, others]))
    bank, queries = rows[: len(training)], rows[len(training) :]
    best = np.full(len(others), -np.inf)
    place = np.zeros(len(others), np.int64)
    digests = dataset.digests
    for start in range(0, len(others), _BLOCK):
        block = slice(start, min(len(others), start + _BLOCK))
        similarity = queries[block] @ bank.T
        # Equal samples are counted elsewhere.
        similarity[digests[others[block]][:, None] == digests[training][None]] = -np.inf
        place[block] = similarity.argmax(axis=1)
        best[block] = similarity[np.arange(len(similarity)), place[block]]
    order = np.argsort(-best, kind="stable")
    close = order[best[order] >= near]
    pairs = tuple((int(others[i]), int(training[place[i]]), float(best[i])) for i in close[:most])
    return NearDuplicates(len(training), len(others), near, len(close), pairs)

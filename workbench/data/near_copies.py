"""Near duplicates across splits: samples of validation and test that are nearly training samples.

Exact ones are counted by their digests (``quality.duplicates``). Here images are compared by the
correlation of their pixels, which brightness and contrast do not change, and texts by the cosine of
their word counts (TF-IDF). Both leave it to the reader whether a pair is one sample twice.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from workbench.data.dataset import Dataset
from workbench.data.quality import spread

MOST_TRAINING, MOST_OTHERS = 5000, 2000
# From here on a pair is counted as near: images by correlation, texts by cosine.
NEAR = {"image": 0.99, "text": 0.9}
_BLOCK = 500
_WORDS = 2048


@dataclass(frozen=True)
class Twins:
    """The most alike pairs, one for each sample of validation or test that was looked at.

    training, others: how many samples were looked at. near: similarity from which a pair counts.
    count: such pairs. pairs: (row, training row, similarity), most alike first.
    """

    training: int
    others: int
    near: float
    count: int
    pairs: tuple[tuple[int, int, float], ...]


def twins(dataset: Dataset, most: int = 12) -> Twins:
    """The pairs that are most alike without being equal; at most ``most`` of those that count."""
    train = dataset.rows("train")
    near = NEAR[dataset.info.modality]
    known = spread(train.stop - train.start, MOST_TRAINING) + train.start
    total = dataset.info.total - train.stop
    if total <= 0 or not len(known):
        return Twins(len(known), 0, near, 0, ())
    others = spread(total, MOST_OTHERS) + train.stop
    features = _features(dataset, np.concatenate([known, others]))
    bank, asked = features[: len(known)], features[len(known) :]
    best = np.full(len(others), -np.inf)
    place = np.zeros(len(others), np.int64)
    digests = dataset.digests
    for start in range(0, len(others), _BLOCK):
        block = slice(start, min(len(others), start + _BLOCK))
        similarity = asked[block] @ bank.T
        # Equal ones are told elsewhere.
        similarity[digests[others[block]][:, None] == digests[known][None]] = -np.inf
        place[block] = similarity.argmax(axis=1)
        best[block] = similarity[np.arange(len(similarity)), place[block]]
    order = np.argsort(-best, kind="stable")
    close = order[best[order] >= near]
    pairs = tuple((int(others[i]), int(known[place[i]]), float(best[i])) for i in close[:most])
    return Twins(len(known), len(others), near, len(close), pairs)


def _features(dataset: Dataset, rows: npt.NDArray[np.int64]) -> npt.NDArray[np.float32]:
    """Rows of length 1 whose products are the similarities; 0 for what shows nothing."""
    if dataset.info.modality == "text":
        from workbench.maps.word_counts import word_rows

        texts = dataset.texts
        return word_rows([texts[row] for row in rows.tolist()], _WORDS)
    from workbench.evaluation.pixels import raw_input

    pixels = raw_input(dataset.images, rows)
    pixels -= pixels.mean(axis=1, keepdims=True)
    lengths = np.linalg.norm(pixels, axis=1, keepdims=True)
    unit: npt.NDArray[np.float32] = pixels / np.maximum(lengths, np.float32(1e-6))
    return unit

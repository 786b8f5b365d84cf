"""Order probe: does a representation tell a text from the same text with its halves swapped?

Both hold the same words, so that counts of words are at chance, one half. It is what tasks on the
order of a text teach, and what class labels hardly need.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from workbench.evaluation import intervals
from workbench.evaluation.feature_scores import TRAINED, Array, row
from workbench.evaluation.probe import probe
from workbench.records import Gain, Score

ORDER = "order probe"
TARGET = "order of the halves"
UNTRAINED = "random init"

Floats = npt.NDArray[np.float64]


def answers(kept: Mapping[str, Array], swapped: Mapping[str, Array]) -> Floats:
    """float64 (n,): for each test text the share of its two forms that is told right: 0, .5 or 1.

    kept, swapped: float (n, d) by split, features of the texts as they are and with their halves
    swapped, in the same order.
    """
    both = {split: np.concatenate([kept[split], swapped[split]]) for split in kept}
    truth = {
        split: np.repeat(np.array([1, 0], np.int64), len(part)) for split, part in kept.items()
    }
    probed = probe(
        both["train"],
        truth["train"],
        both.get("validation", both["train"][:0]),
        truth.get("validation", truth["train"][:0]),
        both["test"],
    )
    right: Floats = (probed.predicted == truth["test"]).reshape(2, -1).mean(axis=0)
    return right


def compare(trained: Floats, untrained: Floats) -> tuple[list[Score], list[Gain]]:
    """(scores, gains) of the trained and the untrained encoder, from the ``answers`` of both."""
    n = len(trained)
    scores = [
        row(ORDER, "accuracy", name, TARGET, "test", intervals.of_influence(right[None]), n)
        for name, right in ((TRAINED, trained), (UNTRAINED, untrained))
    ]
    gained = intervals.paired(trained - untrained)
    gain: Gain = {
        "protocol": ORDER,
        "metric": "accuracy",
        "over": UNTRAINED,
        "target": TARGET,
        "split": "test",
        "value": gained.value,
        "low": gained.low,
        "high": gained.high,
        "n": n,
    }
    return scores, [gain]

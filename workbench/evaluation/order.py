"""Order probe: does a representation tell a text from the same text with its halves swapped?

Both hold the same words, so that counts of words are at chance, one half. It is what tasks on the
order of a text teach, and what class labels hardly need.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from workbench.evaluation import intervals
from workbench.evaluation.feature_scores import Array, Ints, Scored, Setup, row
from workbench.evaluation.gains import gains_over
from workbench.evaluation.probe import probe
from workbench.records import Gain, Score

ORDER = "order probe"
TARGET = "order of the halves"


def score(name: str, kept: Mapping[str, Array], swapped: Mapping[str, Array]) -> Scored:
    """One kind of features. kept, swapped: float (n, d) by split, of the texts as they are and with
    their halves swapped, in the same order."""
    both = {split: np.concatenate([kept[split], swapped[split]]) for split in kept}
    truth = {split: truth_of(len(features)) for split, features in kept.items()}
    empty = both["train"][:0]
    probed = probe(
        both["train"],
        truth["train"],
        both.get("validation", empty),
        truth.get("validation", truth_of(0)),
        both["test"],
    )
    right = (probed.predicted == truth["test"]).reshape(2, -1).mean(axis=0)
    value = intervals.mean_over_draws(right[None, :])
    scores = (row(ORDER, "accuracy", name, TARGET, "test", value, len(right)),)
    return Scored(scores, {ORDER: probed.predicted}, {ORDER: probed.choice})


def truth_of(n: int) -> Ints:
    """int64 (2n,): 1 for n texts as they are, then 0 for the same swapped."""
    return np.repeat(np.array([1, 0], np.int64), n)


def compare(trained: Scored, untrained: Scored, n: int) -> tuple[list[Score], list[Gain]]:
    """(scores, gains) of the trained and the untrained encoder over n test texts."""
    gains = gains_over(trained, untrained, "random init", truth_of(n), Setup(TARGET))
    return [*trained.scores, *untrained.scores], [g for g in gains if g["metric"] == "accuracy"]

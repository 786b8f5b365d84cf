"""What the trained features score more than others, on the same samples, with intervals."""

from __future__ import annotations

from typing import Any

import numpy as np

from workbench.evaluation import detection, f1, intervals
from workbench.evaluation.feature_scores import CLUSTERING, DISTANCES, Ints, Scored
from workbench.evaluation.intervals import Interval


def gains_over(
    trained: Scored,
    other: Scored,
    over: str,
    truth: Ints,
    *,
    target: str,
    split: str = "test",
    normal: int | None = None,
) -> list[dict[str, Any]]:
    """The trained features' scores less the others', of ``split`` with these true classes.

    Accuracy for every protocol with predicted classes that both have, macro F1 for those without
    draws of labels, AUROC for distances from normal.
    """
    out: list[dict[str, Any]] = []
    strange = truth != normal
    for key, mine in trained.outcomes.items():
        protocol, _, level = key.partition("/")
        if key not in other.outcomes or protocol == CLUSTERING or not len(truth):
            continue
        theirs = other.outcomes[key]
        found: dict[str, Interval] = {}
        if protocol in DISTANCES:
            if 0 < strange.sum() < len(truth):
                found["auroc"] = detection.auroc_gain(mine, theirs, strange)
        else:
            difference = (mine == truth).astype(np.float64) - (theirs == truth)
            found["accuracy"] = intervals.paired(difference)
            if not level:
                found["macro_f1"] = f1.gain(truth, mine, theirs)
        for metric, interval in found.items():
            row: dict[str, Any] = {"protocol": protocol, "metric": metric, "over": over}
            row |= {"target": target, "split": split, **interval._asdict(), "n": len(truth)}
            out.append(row | ({"labels_per_class": int(level)} if level else {}))
    return out

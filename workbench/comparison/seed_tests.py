"""Two configurations over paired seeds: the mean difference of their gains, and a sign-flip test.

Only this speaks of what was trained rather than of one trained model: it sees how much the outcome
varies with the seed. A two-sided test of k pairs cannot reach p below 2 / 2^k, so three seeds never
show a difference at the 5 % level, and six just can, if two configurations are all there are.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import Any

import numpy as np

from workbench.comparison.groups import Group, half_of_seeds
from workbench.comparison.guard import readouts
from workbench.comparison.paired import LEVEL
from workbench.comparison.reading import ANOMALY, KNN, PROBE
from workbench.evaluation.significance import holm, sign_flip, smallest_p

FEWEST_TO_RANK = 6


def seed_tests(groups: Sequence[Group]) -> list[dict[str, Any]]:
    """``seed_tests`` of the comparison object: each two configurations with two seeds in common.

    Entries: a, b (names), seeds, by: {protocol: {differences, difference, low, high, p}}, p (the
    greatest of the protocols), p_holm over all entries, least (the smallest p_holm that these
    seeds could have given), agree (all protocols have the difference on one side). Where the two
    are of families that are read out differently, nearest neighbours and the simple classifier
    both count; that both show it is an intersection of tests, which needs no correction (Berger
    1982). Low and high are Student's t over the seeds, on these samples.
    """
    out = []
    for a, b in combinations(groups, 2):
        if a.budget != b.budget:
            continue
        by = {
            protocol: found
            for protocol in protocols_for(a, b)
            if (found := _paired(a.gains(protocol), b.gains(protocol))) is not None
        }
        if len(by) < len(protocols_for(a, b)):
            continue
        signs = {int(np.sign(row["difference"])) for row in by.values()}
        seeds = min((row["seeds"] for row in by.values()), key=len)
        out.append(
            {
                "a": a.name,
                "b": b.name,
                "budget": a.budget,
                "seeds": seeds,
                "by": by,
                "agree": len(signs) == 1,
                "p": max(row["p"] for row in by.values()),
            }
        )
    for row, p in zip(out, holm([row["p"] for row in out]), strict=True):
        row["p_holm"] = p
        row["least"] = min(1.0, len(out) * smallest_p(len(row["seeds"])))
    return out


def protocols_for(a: Group, b: Group) -> list[str]:
    """By which protocols two configurations are compared: one, or two that have to agree."""
    if a.gains(ANOMALY) and not a.gains(KNN):
        return [ANOMALY]
    return [KNN, PROBE] if len(readouts([a.runs[0], b.runs[0]])) > 1 else [KNN]


def shown(row: dict[str, Any]) -> bool:
    """Whether a test's result may be called "scores higher": six paired seeds or more, all
    protocols on one side, and an adjusted p below .05."""
    return len(row["seeds"]) >= FEWEST_TO_RANK and row["agree"] and row["p_holm"] < LEVEL


def seeds_needed(tests: int) -> int:
    """The fewest paired seeds with which the strictest of ``tests`` tests can reach p < .05."""
    k = FEWEST_TO_RANK
    while tests * smallest_p(k) >= LEVEL:
        k += 1
    return k


def _paired(a: dict[int, float], b: dict[int, float]) -> dict[str, Any] | None:
    seeds = sorted(set(a) & set(b))
    if len(seeds) < 2:
        return None
    values = [a[seed] - b[seed] for seed in seeds]
    mean, half = float(np.mean(values)), half_of_seeds(values)
    return {
        "seeds": seeds,
        "differences": values,
        "difference": mean,
        "low": mean - half,
        "high": mean + half,
        "p": sign_flip(values),
    }

"""Two configurations over paired seeds: the mean difference of their gains, and a sign-flip test.

Only this test compares methods rather than single trained models, because it sees how much the
outcome varies with the seed. A two-sided test of k pairs cannot reach p below 2 / 2^k. So three
seeds never show a difference at the 5 % level; six can, if there are only two configurations.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np

from workbench.comparison.groups import Group, half_of_seeds
from workbench.comparison.guard import readouts
from workbench.comparison.records import ProtocolTest, SeedTest
from workbench.comparison.run_fields import ANOMALY, KNN, PROBE
from workbench.comparison.run_pairs import LEVEL as LEVEL
from workbench.evaluation.significance import holm, sign_flip, smallest_p

FEWEST_TO_RANK = 6


def seed_tests(groups: Sequence[Group], split: str) -> list[SeedTest]:
    """Each two configurations of one budget with two seeds or more in common, by gains on
    ``split``.

    Where their families are read out differently, nearest neighbours and the simple classifier
    both have to show the difference. That is an intersection of tests, which needs no correction
    (Berger 1982). The intervals are Student's t over the seeds, on these samples.
    """
    tested: list[tuple[Group, Group, dict[str, ProtocolTest]]] = []
    for a, b in combinations(groups, 2):
        if a.budget != b.budget:
            continue
        protocols = protocols_for(a, b, split)
        by = {
            protocol: test
            for protocol in protocols
            if (test := _paired(a.gains(protocol, split), b.gains(protocol, split))) is not None
        }
        if len(by) == len(protocols):
            tested.append((a, b, by))
    p_values = [max(test["p"] for test in by.values()) for *_, by in tested]
    return [
        _seed_test(a, b, by, adjusted, len(tested))
        for (a, b, by), adjusted in zip(tested, holm(p_values), strict=True)
    ]


def _seed_test(
    a: Group, b: Group, by: dict[str, ProtocolTest], adjusted: float, tests: int
) -> SeedTest:
    """adjusted: the p value by Holm. tests: how many there are."""
    seeds = min((test["seeds"] for test in by.values()), key=len)
    return {
        "a": a.name,
        "b": b.name,
        "budget": a.budget,
        "seeds": seeds,
        "by": by,
        "agree": len({int(np.sign(test["difference"])) for test in by.values()}) == 1,
        "p": max(test["p"] for test in by.values()),
        "p_holm": adjusted,
        "least": min(1.0, tests * smallest_p(len(seeds))),
    }


def protocols_for(a: Group, b: Group, split: str) -> list[str]:
    """The protocols by which two configurations are compared: one, or two that have to agree."""
    if a.gains(ANOMALY, split) and not a.gains(KNN, split):
        return [ANOMALY]
    return [KNN, PROBE] if len(readouts([a.runs[0], b.runs[0]])) > 1 else [KNN]


def is_shown(row: SeedTest) -> bool:
    """Whether a test's result may be called "scores higher": six paired seeds or more, all
    protocols on one side, and an adjusted p below .05."""
    return len(row["seeds"]) >= FEWEST_TO_RANK and row["agree"] and row["p_holm"] < LEVEL


def seeds_needed(tests: int) -> int:
    """The fewest paired seeds with which the strictest of ``tests`` tests can reach p < .05."""
    k = FEWEST_TO_RANK
    while tests * smallest_p(k) >= LEVEL:
        k += 1
    return k


def _paired(a: dict[int, float], b: dict[int, float]) -> ProtocolTest | None:
    """a, b: the gain of each seed. None with fewer than two seeds in common."""
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

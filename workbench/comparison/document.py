"""The ``comparison`` object of ``workbench pilot`` and ``workbench compare``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from workbench.comparison.decisions import decisions
from workbench.comparison.differences import differences
from workbench.comparison.evidence import NONE, Evidence
from workbench.comparison.groups import grouped, summaries
from workbench.comparison.guard import guard
from workbench.comparison.paired import pairs
from workbench.comparison.reading import Run, main_gain
from workbench.comparison.seed_tests import seed_tests
from workbench.comparison.sentences import fair_groups, sentences
from workbench.comparison.times import order_held


def compare(runs: Sequence[Run], evidence: Evidence = NONE) -> dict[str, Any]:
    """Everything that is said of ``runs`` side by side, as JSON.

    fair, problems, forced, notes: the guard. differences: of the configurations. gains: each run's
    first number. seeds: runs by configuration, their mean gain. pairs, seed_tests: what tells two
    of them apart. times: whether the order held, null for one time. decisions: what to do with
    each task. looks: how often the test was open. sentences: all that in words.
    Nothing is set in an order (pairs, seed_tests, decisions) where that would be unfair.
    """
    fairness = guard(runs)
    groups = grouped(runs)
    cells = fair_groups(groups, fairness)
    return {
        "fair": fairness.fair,
        "problems": list(fairness.problems),
        "forced": list(fairness.forced),
        "notes": list(fairness.notes),
        "differences": [asdict(row) for row in differences(runs)],
        "gains": [
            {"run": run["id"], "task": run["config"]["task"], **row}
            for run in runs
            if (row := main_gain(run)) is not None
        ],
        "seeds": summaries(groups),
        "pairs": pairs(runs, evidence) if fairness.fair else [],
        "seed_tests": [row for cell in cells for row in seed_tests(cell)],
        "times": order_held(groups),
        "decisions": decisions(groups, evidence) if fairness.fair else [],
        "looks": [asdict(looks) for looks in evidence.looks],
        "sentences": sentences(runs, evidence),
    }

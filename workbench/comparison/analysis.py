"""What is computed once for a comparison, and used by its sentences, tables and decisions alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from workbench.comparison.basis import basis
from workbench.comparison.evidence import NONE, Evidence
from workbench.comparison.groups import Group, group_runs
from workbench.comparison.guard import Guard, guard
from workbench.comparison.lead_metric import BALANCED, MACRO_F1, lead_metric
from workbench.comparison.records import Pair, Relation, SeedTest, StepsRecord
from workbench.comparison.relations import relations
from workbench.comparison.run_fields import main_gain
from workbench.comparison.run_pairs import pairs
from workbench.comparison.seed_tests import seed_tests
from workbench.comparison.step_counts import unequal_steps
from workbench.records import RunRecord


@dataclass(frozen=True)
class Analysis:
    """Runs side by side.

    runs: all of them. groups: by configuration. scored: the same, with only the runs that have a
    gain. fairness: of all runs. split: the basis of every order (``basis.py``). cells: of
    ``scored``, those of one budget together. If an order would be unfair, cells, pairs, tests and
    relations are empty, and unequal_steps is None.
    """

    runs: Sequence[RunRecord]
    evidence: Evidence
    groups: Sequence[Group]
    scored: Sequence[Group]
    fairness: Guard
    split: str
    cells: Sequence[Sequence[Group]]
    pairs: Sequence[Pair]
    tests: Sequence[SeedTest]
    relations: Sequence[Relation]
    unequal_steps: StepsRecord | None


def analyse(runs: Sequence[RunRecord], evidence: Evidence = NONE) -> Analysis:
    """Compute it. evidence: without predictions, models are compared by their gains."""
    runs = _of_one_metric(runs)
    with_gain = [run for run in runs if main_gain(run) is not None]
    fairness, split = guard(runs), basis(with_gain)
    groups = group_runs(runs)
    scored = [
        Group(group.name, members)
        for group in groups
        if (members := tuple(run for run in group.runs if main_gain(run) is not None))
    ]
    cells: dict[str, list[Group]] = {}
    for group in scored if fairness.fair else ():
        cells.setdefault(group.budget, []).append(group)
    run_pairs = pairs(with_gain, evidence) if fairness.fair else []
    return Analysis(
        runs,
        evidence,
        groups,
        scored,
        fairness,
        split,
        list(cells.values()),
        run_pairs,
        [row for cell in cells.values() for row in seed_tests(cell, split)],
        [row for cell in cells.values() for row in relations(cell, run_pairs, split)],
        unequal_steps(groups) if fairness.fair else None,
    )


def _of_one_metric(runs: Sequence[RunRecord]) -> Sequence[RunRecord]:
    """The runs without gains in balanced accuracy, if some older ones of them have none: macro F1
    then leads for all."""
    if not {lead_metric(run) for run in runs} >= {BALANCED, MACRO_F1}:
        return runs
    out = []
    for run in runs:
        one = run.copy()
        one["gains"] = [row for row in run["gains"] if row["metric"] != BALANCED]
        out.append(one)
    return out

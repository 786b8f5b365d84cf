"""The whole comparison as JSON, as ``workbench pilot`` and ``workbench compare`` give it."""

from __future__ import annotations

from collections.abc import Sequence

from workbench.comparison.decisions import decisions
from workbench.comparison.differences import differences
from workbench.comparison.evidence import NONE, Evidence, Looks
from workbench.comparison.groups import group_runs, summaries
from workbench.comparison.guard import guard
from workbench.comparison.records import ComparisonRecord, DifferenceRecord, LooksRecord, RunGain
from workbench.comparison.run_fields import main_gain
from workbench.comparison.run_pairs import pairs
from workbench.comparison.seed_tests import seed_tests
from workbench.comparison.sentences import fair_groups, sentences
from workbench.comparison.times import order_change
from workbench.records import RunRecord


def compare(runs: Sequence[RunRecord], evidence: Evidence = NONE) -> ComparisonRecord:
    """Everything that is known of ``runs`` side by side. Nothing is put in an order (pairs,
    seed_tests, decisions) where that would be unfair."""
    fairness = guard(runs)
    groups = group_runs(runs)
    cells = fair_groups(groups, fairness)
    return {
        "fair": fairness.fair,
        "problems": list(fairness.problems),
        "forced": list(fairness.forced),
        "notes": list(fairness.notes),
        "differences": [
            DifferenceRecord(field=row.field, values=row.values) for row in differences(runs)
        ],
        "gains": [
            RunGain(run=run["id"], task=run["config"]["task"], **row)
            for run in runs
            if (row := main_gain(run)) is not None
        ],
        "seeds": summaries(groups),
        "pairs": pairs(runs, evidence) if fairness.fair else [],
        "seed_tests": [row for cell in cells for row in seed_tests(cell)],
        "times": order_change(groups),
        "decisions": decisions(groups, evidence) if fairness.fair else [],
        "looks": [_looks_record(looks) for looks in evidence.looks],
        "sentences": sentences(runs, evidence),
    }


def _looks_record(looks: Looks) -> LooksRecord:
    return {
        "fingerprint": looks.fingerprint,
        "name": looks.name,
        "runs": looks.runs,
        "closed": looks.closed,
    }

"""The whole comparison as JSON, as ``workbench pilot`` and ``workbench compare`` give it."""

from __future__ import annotations

from collections.abc import Sequence

from workbench.comparison.analysis import analyse
from workbench.comparison.decisions import decisions
from workbench.comparison.differences import differences
from workbench.comparison.evidence import NONE, Evidence, Looks
from workbench.comparison.groups import summaries
from workbench.comparison.next_step import next_step
from workbench.comparison.records import ComparisonRecord, DifferenceRecord, LooksRecord, RunGain
from workbench.comparison.run_fields import main_gain
from workbench.comparison.sentences import headline_of, sentences_of
from workbench.comparison.times import order_change
from workbench.records import RunRecord


def compare(runs: Sequence[RunRecord], evidence: Evidence = NONE) -> ComparisonRecord:
    """Everything that is known of ``runs`` side by side. Nothing is put in an order (pairs,
    seed_tests, relations, decisions) where that would be unfair."""
    analysis = analyse(runs, evidence)
    fairness = analysis.fairness
    chosen = decisions(analysis) if fairness.fair else []
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
            for run in analysis.runs
            if (row := main_gain(run)) is not None
        ],
        "seeds": summaries(analysis.groups),
        "pairs": list(analysis.pairs),
        "seed_tests": list(analysis.tests),
        "relations": list(analysis.relations),
        "times": order_change(analysis.groups),
        "unequal_steps": analysis.unequal_steps,
        "decisions": chosen,
        "decision": next_step(analysis, chosen),
        "looks": [_looks_record(looks) for looks in evidence.looks],
        "headline": headline_of(analysis),
        "sentences": sentences_of(analysis),
    }


def _looks_record(looks: Looks) -> LooksRecord:
    return {
        "fingerprint": looks.fingerprint,
        "name": looks.name,
        "runs": looks.runs,
        "closed": looks.closed,
    }

"""The samples on which runs are compared and chosen: validation samples wherever there are any.

A choice must not see the test split. So every order, relation and decision of a comparison reads
the gains of one split, its basis; only each run's own numbers are of the split that it shows.
"""

from __future__ import annotations

from collections.abc import Sequence

from workbench.comparison.run_fields import ANOMALY, KNN, closed, gain_by, validation_gain
from workbench.records import Gain, RunRecord

VALIDATION, TEST = "validation", "test"


def basis(runs: Sequence[RunRecord]) -> str:
    """``validation`` if each run that has a gain has one of validation samples, else the split that
    the runs show."""
    scored = [run for run in runs if run.get("gains")]
    if scored and all(
        any(validation_gain(run, protocol) is not None for protocol in (KNN, ANOMALY))
        for run in scored
    ):
        return VALIDATION
    splits = {str(row.get("split", TEST)) for run in scored for row in run["gains"]}
    return VALIDATION if splits == {VALIDATION} else TEST


def gain_on(run: RunRecord, protocol: str, split: str) -> Gain | None:
    """The run's gain by the protocol's first metric on ``split``, a basis; None if it has none."""
    if split != VALIDATION:
        return gain_by(run, protocol)
    # Never the test row instead, should the validation split lack a protocol.
    return validation_gain(run, protocol) or (gain_by(run, protocol) if closed(run) else None)


def first_gain(run: RunRecord, split: str) -> Gain | None:
    """The gain by nearest neighbours, or of finding anomalies, on ``split``."""
    return gain_on(run, KNN, split) or gain_on(run, ANOMALY, split)

"""What a run's readouts answered on validation samples, for maps and for comparing errors.

Errors are looked at on validation samples only: looking at them is choosing.
"""

from __future__ import annotations

from collections.abc import Sequence

from workbench.comparison import Predictions
from workbench.comparison.run_fields import KNN, PROBE
from workbench.stored_runs.compare import read_predictions
from workbench.stored_runs.stored_run import StoredRun

# By what a class was predicted, in a sentence.
READ_BY = {KNN: "the vote of nearest neighbours", PROBE: "a simple classifier on frozen features"}


def predictions(run: StoredRun) -> Predictions | None:
    """The predicted classes of validation samples; None where there are none, as without labels or
    where only normal samples were trained on."""
    return read_predictions(run.files.predictions("validation"))


def protocol(found: Sequence[Predictions | None]) -> str | None:
    """The first readout by which any of the runs answered; None if none did."""
    return next(
        (name for name in READ_BY for one in found if one is not None and name in one.answers), None
    )

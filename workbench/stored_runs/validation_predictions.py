"""The classes that a run's readouts predicted for validation samples, for maps and error tables.

Errors are shown of validation samples only, because people choose runs by what they see.
"""

from __future__ import annotations

from collections.abc import Sequence

from workbench.comparison import Predictions
from workbench.comparison.run_fields import KNN, PROBE
from workbench.stored_runs.compare import read_predictions
from workbench.stored_runs.stored_run import StoredRun

# The readouts by protocol, as they are named within a sentence.
READOUTS = {KNN: "the vote of nearest neighbours", PROBE: "a simple classifier on frozen features"}


def predictions(run: StoredRun) -> Predictions | None:
    """The predicted classes of validation samples. None if there are none, as without labels or if
    the training split has normal samples alone."""
    return read_predictions(run.files.predictions("validation"))


def protocol(predictions_of_runs: Sequence[Predictions | None]) -> str | None:
    """The protocol of the first of ``READOUTS`` that any of the runs has; None if none has one."""
    stored = [predictions for predictions in predictions_of_runs if predictions is not None]
    return next((name for name in READOUTS for one in stored if name in one.answers), None)

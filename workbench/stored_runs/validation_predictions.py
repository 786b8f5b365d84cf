"""The classes that a run's readouts predicted for validation samples, for maps and error tables.

Errors are shown of validation samples only, because people choose runs by what they see.
"""

from __future__ import annotations

from collections.abc import Sequence

from workbench import damage
from workbench.comparison import Predictions
from workbench.comparison.run_fields import KNN, PROBE
from workbench.data.dataset import Dataset
from workbench.stored_runs.compare import read_predictions
from workbench.stored_runs.stored_run import StoredRun

# The readouts by protocol, as they are named within a sentence.
READOUTS = {KNN: "the vote of nearest neighbours", PROBE: "a simple classifier on frozen features"}


def predictions(run: StoredRun) -> Predictions | None:
    """The predicted classes of validation samples. None if there are none, as without labels or if
    the training split has normal samples alone. Raises DamageError for a file with classes or
    samples that the data set does not have."""
    path = run.files.predictions("validation")
    found = read_predictions(path)
    if found is not None:
        with damage.reading(path):
            _check(found, run.data)
    return found


def _check(found: Predictions, data: Dataset | None) -> None:
    """Raise ContentError for positions or classes that there are not in ``data``."""
    label = None if data is None else data.info.label
    if data is None or label is None:
        return
    classes = len(label.classes)
    for name, numbers, most in (
        ("samples", found.rows, data.info.total),
        ("classes", found.truth, classes),
        *(("classes", numbers, classes) for numbers in found.answers.values()),
    ):
        if len(numbers) and not (numbers.min() >= -1 and numbers.max() < most):
            raise damage.ContentError(f"it names {name} that the data set does not have")


def protocol(predictions_of_runs: Sequence[Predictions | None]) -> str | None:
    """The protocol of the first of ``READOUTS`` that any of the runs has; None if none has one."""
    stored = [predictions for predictions in predictions_of_runs if predictions is not None]
    return next((name for name in READOUTS for one in stored if name in one.answers), None)

"""What a comparison may use beside the runs' records: predictions, learning curves, looks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

Curve = Sequence[tuple[float, float]]


@dataclass(frozen=True)
class Predictions:
    """The classes that a run's classifiers predicted for scored samples.

    rows: int64 (n,), positions of the samples in the data set. truth: int64 (n,), their classes.
    answers: by protocol, int64 (n,), the predicted classes.
    """

    rows: npt.NDArray[np.int64]
    truth: npt.NDArray[np.int64]
    answers: Mapping[str, npt.NDArray[Any]]


@dataclass(frozen=True)
class Looks:
    """How many runs' test scores have been open for a data set.

    name: of the data set. runs: of this home, as far as they are still there. closed: whether
    the test scores are hidden now.
    """

    fingerprint: str
    name: str
    runs: int
    closed: bool


@dataclass(frozen=True)
class Evidence:
    """predictions: by run id, of the split that the run shows. curves: by run id, the kNN accuracy
    on validation samples over steps. looks: one entry a data set. validation: by run id,
    predictions for validation samples."""

    predictions: Mapping[str, Predictions] = field(default_factory=dict)
    curves: Mapping[str, Curve] = field(default_factory=dict)
    looks: Sequence[Looks] = ()
    validation: Mapping[str, Predictions] = field(default_factory=dict)


NONE = Evidence()

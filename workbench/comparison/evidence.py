"""What a comparison may use beside the run objects: predictions, learning curves, looks taken."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

Curve = Sequence[tuple[float, float]]


@dataclass(frozen=True)
class Predictions:
    """What a run's readouts answered on evaluated samples.

    rows: int64 (n,), which samples. truth: int64 (n,), their classes. answers: by protocol, the
    class predicted for each, int64 (n,).
    """

    rows: npt.NDArray[np.int64]
    truth: npt.NDArray[np.int64]
    answers: Mapping[str, npt.NDArray[Any]]


@dataclass(frozen=True)
class Looks:
    """How many runs' test scores have been open for a data set.

    name: what the data set is called. runs: of this home, as far as they are still there.
    closed: whether the test is kept closed now.
    """

    fingerprint: str
    name: str
    runs: int
    closed: bool


@dataclass(frozen=True)
class Evidence:
    """By run id: predictions, of the split that the run's scores are of, and the curve of the
    neighbours' accuracy on validation samples over steps."""

    predictions: Mapping[str, Predictions] = field(default_factory=dict)
    curves: Mapping[str, Curve] = field(default_factory=dict)
    looks: Sequence[Looks] = ()


NONE = Evidence()

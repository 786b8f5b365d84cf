"""Invariance: how far an augmentation moves a representation, relative to different samples.

0: the representation does not change. 1: it moves as far as another sample lies. Only views that
the augmentation changed count, so that its probability makes no difference.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.stats import t as student

from workbench.diagnostics.embeddings import unit_rows
from workbench.errors import RequestError

# Cosine distances below this are the rounding of single precision.
ONE_PLACE = 1e-6
_FEWEST = 2


@dataclass(frozen=True)
class Movement:
    """value with its 95 % interval: mean cosine distance of a changed view to its sample, divided
    by the mean cosine distance of two different samples (``apart``). None where all samples lie in
    one place, or exactly one sample was changed.

    n: samples with a changed view; changed: the share of all views that were.
    """

    value: float | None
    low: float | None
    high: float | None
    n: int
    changed: float
    apart: float


def movement(
    h: npt.NDArray[Any], views: npt.NDArray[Any], changed: npt.NDArray[np.bool_]
) -> Movement:
    """h: (n, d), the samples as they are; views: (n, v, d), augmented; changed: bool (n, v),
    whether a view differs from its sample.

    The interval covers the noise of the samples in numerator and denominator (delta method; the
    denominator is a U-statistic) and that of the draws of views within a sample; Student's t.
    An augmentation that changed no view moves nothing: 0, exactly. Raises RequestError for fewer
    than two samples.
    """
    n = len(h)
    if n < _FEWEST:
        raise RequestError(
            f"{n} samples are too few to measure by.",
            field="RUN",
            remedy="Give data with at least 2 validation or training samples.",
        )
    clean = unit_rows(np.asarray(h, np.float64))
    augmented = unit_rows(np.asarray(views, np.float64))
    # Mean distance of each sample from the others.
    others = 1.0 - (clean @ clean.sum(axis=0) - (clean * clean).sum(axis=1)) / (n - 1)
    apart = max(0.0, float(others.mean()))
    touched = changed.any(axis=1)
    m, share = int(touched.sum()), float(changed.mean())
    if apart <= ONE_PLACE:
        return Movement(None, None, None, m, share, apart)
    if m == 0:
        return Movement(0.0, 0.0, 0.0, 0, share, apart)
    if m < _FEWEST:
        return Movement(None, None, None, m, share, apart)
    distances = np.maximum(0.0, 1.0 - (clean[:, None] * augmented).sum(axis=2))
    counted = np.maximum(1, changed.sum(axis=1))
    moved = np.where(touched, (distances * changed).sum(axis=1) / counted, 0.0)
    mean = float(moved.sum() / m)
    value = mean / apart
    influence = np.where(touched, (moved - mean) * n / m, 0.0) / apart
    influence -= value * 2.0 * (others - apart) / apart
    half = float(student.ppf(0.975, m - 1) * influence.std(ddof=1) / np.sqrt(n))
    return Movement(value, max(0.0, value - half), value + half, m, share, apart)

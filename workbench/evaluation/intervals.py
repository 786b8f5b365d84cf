"""95 % intervals of scores and of differences between two features on the same test samples.

They cover the noise of the test sample (and of the label draws where there are several), not that
of the training seed: one run's interval is about this run. Scores stay in [0, 1], differences in
[-1, 1], and none is null: where all samples agree, the interval still has a width.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.stats import t as student

Z = 1.959963984540054
Floats = npt.NDArray[np.floating[Any]]


class Estimate(NamedTuple):
    """A value with its 95 % interval: low <= value <= high."""

    value: float
    low: float
    high: float


def wilson(successes: float, n: float) -> Estimate:
    """Wilson's score interval of a share; n > 0. Wilson 1927, equation 2 of Newcombe 1998.

    Never empty: 0 of 10 gives [0, 0.28], and 10 of 10 gives [0.72, 1].
    """
    share = successes / n
    centre = (share + Z * Z / (2 * n)) / (1 + Z * Z / n)
    half = Z * np.sqrt(share * (1 - share) / n + Z * Z / (4 * n * n)) / (1 + Z * Z / n)
    return within(share, centre - half, centre + half, 0.0, 1.0)


def in_unit(value: float, variance: float, n: float, *, most: float) -> Estimate:
    """The interval of a score in [0, 1] with this sampling variance, in Wilson's form.

    The score is put into ``wilson`` with the number of samples that would give that variance, at
    most ``most``, so that the interval never leaves [0, 1]. Where all samples agree the variance
    is 0, and Wilson's interval of n samples is taken.
    """
    spread = value * (1 - value)
    if variance <= 0 or spread <= 0:
        return wilson(value * n, n)
    effective = min(spread / variance, most)
    return wilson(value * effective, effective)


def of_influence(influence: Floats) -> Estimate:
    """A score in [0, 1] from its influence values, float (n,) or (draws, n), whose mean it is.

    Delta method: a smooth function of the sample behaves as the mean of what each sample adds to
    it. Draws of labels add the square of their own half width (Student's t over their means).
    """
    table = np.atleast_2d(influence)
    n, value = table.shape[1], float(np.clip(table.mean(), 0.0, 1.0))
    half = np.hypot(_half_of_samples(table.mean(axis=0)), half_of_draws(table.mean(axis=1)))
    return in_unit(value, float((half / Z) ** 2), n, most=table.size)


def mean_over_draws(correct: npt.NDArray[np.bool_]) -> Estimate:
    """Accuracy averaged over draws of labels; bool (draws, n), the same n samples in each.

    There are two noises: which samples are tested, and which labels were drawn. Each gives a half
    width, and their squares add (``of_influence``). One draw gives Wilson's interval.
    """
    return of_influence(correct.astype(np.float64))


def paired(differences: Floats) -> Estimate:
    """The mean of per-sample differences in [-1, 1], float (n,) or (draws, n).

    Bonett and Price 2012 (Laplace-adjusted Wald interval of paired shares): one sample for and one
    against are added before the normal interval, so that equal features get an interval around 0
    and not a point. Draws of labels add their own half width as in ``mean_over_draws``.
    """
    table = np.atleast_2d(np.asarray(differences, np.float64))
    item = np.append(table.mean(axis=0), (1.0, -1.0))
    half = np.hypot(_half_of_samples(item), half_of_draws(table.mean(axis=1)))
    centre = float(item.mean())
    return within(float(table.mean()), centre - half, centre + half, -1.0, 1.0)


def half_of_draws(values: Floats) -> float:
    """Half width of the mean of ``values`` (one a draw of labels) by Student's t; 0 for one."""
    draws = len(values)
    if draws < 2:
        return 0.0
    return float(student.ppf(0.975, draws - 1) * np.std(values, ddof=1) / np.sqrt(draws))


def within(value: float, low: float, high: float, least: float, most: float) -> Estimate:
    """The interval cut to [least, most], and widened to hold its value."""
    low, high = max(least, min(float(low), value)), min(most, max(float(high), value))
    return Estimate(float(value), low, high)


def _half_of_samples(values: Floats) -> float:
    return float(Z * np.std(values) / np.sqrt(len(values)))

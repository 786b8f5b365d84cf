"""Every metric against its paper's formula, written out plainly, loops and all."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pytest
import scipy.linalg

from workbench.diagnostics import metrics, views

RNG = np.random.default_rng(3)
CLOSE = 1e-6


def anisotropic(n: int, d: int, offset: float = 0.0) -> Any:
    mixing = RNG.standard_normal((d, d)) / np.sqrt(np.arange(1, d + 1))
    return RNG.standard_normal((n, d)) @ mixing + offset * RNG.standard_normal(d)


DATA = {
    "more rows": anisotropic(90, 30),
    "fewer rows": anisotropic(25, 60),
    "offset": anisotropic(70, 12, 4.0),
    "relu": np.maximum(anisotropic(60, 20), 0),
    "single precision": anisotropic(80, 16, 1.0).astype(np.float32),
    "two columns": anisotropic(40, 2),
}
every_data = pytest.mark.parametrize("z", DATA.values(), ids=DATA)


def normalised(z: Any) -> Any:
    z = np.asarray(z, np.float64)
    return np.array([row / math.sqrt(sum(x * x for x in row)) for row in z])


def pairs(z: Any) -> Any:
    return itertools.combinations(normalised(z), 2)


def eigenvalues(z: Any) -> Any:
    """Of the centred covariance, descending; those that the sample can have."""
    lam = scipy.linalg.eigvalsh(np.cov(np.asarray(z, np.float64).T, bias=True))[::-1]
    return lam[: min(len(z) - 1, np.shape(z)[1])]


@every_data
def test_std_and_cosine(z: Any) -> None:
    unit = normalised(z)
    n, d = unit.shape
    deviations = [
        math.sqrt(sum((x - sum(column) / n) ** 2 for x in column) / n) for column in unit.T
    ]
    assert metrics.std_sqrt_d(z) == pytest.approx(sum(deviations) / d * math.sqrt(d), abs=CLOSE)
    cosines = [a @ b for a, b in pairs(z)]
    assert metrics.mean_cosine(z) == pytest.approx(sum(cosines) / len(cosines), abs=CLOSE)


@every_data
def test_uniformity(z: Any) -> None:
    potential = [math.exp(-2 * ((a - b) ** 2).sum()) for a, b in pairs(z)]
    wanted = math.log(sum(potential) / len(potential))
    assert metrics.uniformity(z) == pytest.approx(wanted, abs=CLOSE)


def test_uniformity_over_several_blocks_of_rows() -> None:
    z = anisotropic(600, 5, 0.5)
    potential = [math.exp(-2 * ((a - b) ** 2).sum()) for a, b in pairs(z)]
    wanted = math.log(sum(potential) / len(potential))
    assert metrics.uniformity(z) == pytest.approx(wanted, abs=CLOSE)


@every_data
def test_rankme(z: Any) -> None:
    s = scipy.linalg.svdvals(np.asarray(z, np.float64))
    p = [value / sum(s) + 1e-7 for value in s]
    wanted = math.exp(-sum(x * math.log(x) for x in p))
    assert metrics.rankme(z) == pytest.approx(wanted, rel=CLOSE)


@every_data
def test_participation_ratio_top_share_and_nesum(z: Any) -> None:
    lam = eigenvalues(z)
    wanted = sum(lam) ** 2 / sum(x * x for x in lam)
    assert metrics.participation_ratio(z) == pytest.approx(wanted, rel=CLOSE)
    assert metrics.top_share(z) == pytest.approx(lam[0] / sum(lam), rel=CLOSE)
    assert metrics.nesum(z) == pytest.approx(sum(x / lam[0] for x in lam), rel=CLOSE)


@pytest.mark.parametrize(
    ("n", "d", "first", "last"),
    [(400, 130, 10, 100), (60, 40, 10, 40), (30, 64, 10, 29), (50, 12, 1, 12), (12, 50, 1, 11)],
)
def test_alpha_req_is_a_weighted_line_through_the_logarithms(
    n: int, d: int, first: int, last: int
) -> None:
    z = anisotropic(n, d)
    j = np.arange(first, last + 1)
    # polyfit weighs residuals, not their squares.
    slope, _ = np.polyfit(np.log(j), np.log(eigenvalues(z)[j - 1]), 1, w=np.sqrt(1 / j))
    assert metrics.alpha_req(z) == pytest.approx(-slope, rel=CLOSE)


@every_data
def test_off_diagonal(z: Any) -> None:
    columns = np.asarray(z, np.float64).T
    squares = [
        np.corrcoef(a, b)[0, 1] ** 2
        for i, a in enumerate(columns)
        for j, b in enumerate(columns)
        if i != j and a.std() > 0 and b.std() > 0
    ]
    wanted = math.sqrt(sum(squares) / len(squares))
    assert metrics.off_diagonal(z) == pytest.approx(wanted, rel=CLOSE)


VIEWS = {
    "few views": anisotropic(50, 12, 1.0)[:, None] + 0.4 * RNG.standard_normal((50, 3, 12)),
    "fewer samples than columns": anisotropic(9, 20)[:, None] + RNG.standard_normal((9, 4, 20)),
    "pairs": anisotropic(40, 5)[:, None] + 0.2 * RNG.standard_normal((40, 2, 5)),
}
every_views = pytest.mark.parametrize("v", VIEWS.values(), ids=VIEWS)


@every_views
def test_alignment(v: Any) -> None:
    distances = [((a - b) ** 2).sum() for sample in v for a, b in pairs(sample)]
    wanted = sum(distances) / len(distances)
    assert views.alignment(v) == pytest.approx(wanted, rel=CLOSE)


@every_views
@pytest.mark.parametrize("delta", [1e-4, 0.1])
def test_lidar(v: Any, delta: float) -> None:
    n, q, d = v.shape
    means = [sum(sample) / q for sample in v]
    mean = sum(means) / n
    between = sum(np.outer(m - mean, m - mean) for m in means) / (n - 1)
    within = sum(
        np.outer(x - m, x - m) for sample, m in zip(v, means, strict=True) for x in sample
    ) / (n * (q - 1))
    half = scipy.linalg.fractional_matrix_power(within + delta * np.eye(d), -0.5)
    mu = np.maximum(scipy.linalg.eigvalsh(half @ between @ half), 0)
    # Directions that n means cannot have are no part of the entropy.
    p = np.sort(mu)[::-1][: min(n, d)] / mu.sum() + 1e-7
    assert views.lidar(v, delta) == pytest.approx(math.exp(-(p * np.log(p)).sum()), rel=CLOSE)

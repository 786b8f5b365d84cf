"""The collapse metrics on isotropic, constant and low-rank embeddings."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from workbench.diagnostics import metrics
from workbench.errors import RequestError

RNG = np.random.default_rng(0)
GAUSSIAN = RNG.standard_normal((2000, 128))
CONSTANT = np.full((200, 16), 0.3)


def rank_of(r: int) -> Any:
    return RNG.standard_normal((2000, r)) @ np.linalg.qr(RNG.standard_normal((128, r)))[0].T


def test_isotropic_embeddings_reach_every_reference() -> None:
    found = metrics.summarise(GAUSSIAN)
    n, d = GAUSSIAN.shape
    assert found["std_sqrt_d"] == pytest.approx(1, abs=0.01)
    assert found["mean_cosine"] == pytest.approx(0, abs=0.01)
    assert found["rankme"] == pytest.approx(metrics.rankme_gaussian(n, d), rel=0.01)
    assert found["rankme_ratio"] == pytest.approx(1, abs=0.01)
    assert found["participation_ratio"] == pytest.approx(n * d / (n + d), rel=0.01)
    assert found["top_share"] < 0.02
    assert (found["n"], found["d"]) == (n, d)


def test_summarise_gives_each_metric_by_itself() -> None:
    z = RNG.standard_normal((60, 7)) * np.arange(1, 8) + 2
    found = metrics.summarise(z)
    for name in ("std_sqrt_d", "mean_cosine", "rankme", "participation_ratio", "top_share"):
        assert found[name] == pytest.approx(getattr(metrics, name)(z))


def test_constant_embeddings_are_at_the_other_end() -> None:
    found = metrics.summarise(CONSTANT)
    assert found["std_sqrt_d"] == pytest.approx(0, abs=1e-9)
    assert found["mean_cosine"] == pytest.approx(1)
    assert found["rankme"] == pytest.approx(1, abs=1e-3)
    assert found["participation_ratio"] == 0
    assert found["top_share"] == 1


def test_zero_embeddings_have_numbers_too() -> None:
    assert all(np.isfinite(list(metrics.summarise(np.zeros((5, 3))).values())))


def test_no_single_metric_sees_both_kinds_of_collapse() -> None:
    pair = np.sign(RNG.standard_normal((2000, 1))) * RNG.standard_normal(128)
    pair = pair + 0.01 * RNG.standard_normal(pair.shape)
    found = metrics.summarise(pair)
    assert found["std_sqrt_d"] > 0.7
    assert found["mean_cosine"] == pytest.approx(0, abs=0.02)
    assert found["participation_ratio"] < 1.1
    close = metrics.summarise(5 + 0.001 * RNG.standard_normal((2000, 128)))
    assert close["mean_cosine"] > 0.999
    assert close["participation_ratio"] > 100
    assert close["rankme"] < 1.5


@pytest.mark.parametrize("r", [1, 4, 16])
def test_rank_is_counted(r: int) -> None:
    found = metrics.summarise(rank_of(r))
    assert found["rankme"] == pytest.approx(r, rel=0.03)
    assert found["participation_ratio"] == pytest.approx(r, rel=0.03)


@pytest.mark.parametrize("d", [2, 8, 64])
def test_an_identity_covariance_gives_the_closed_forms(d: int) -> None:
    """+-e_j: covariance I/d exactly, so every limit holds to rounding."""
    z = np.vstack([np.eye(d), -np.eye(d)])
    assert metrics.spectrum(z) == pytest.approx(np.full(d, 1 / d))
    assert metrics.participation_ratio(z) == pytest.approx(d)
    assert metrics.top_share(z) == pytest.approx(1 / d)
    assert metrics.rankme(z) == pytest.approx(d, rel=1e-4)
    assert metrics.std_sqrt_d(z) == pytest.approx(1)
    # n = 2d unit rows that sum to zero: (0 - n) / (n (n - 1)).
    assert metrics.mean_cosine(z) == pytest.approx(-1 / (2 * d - 1))


def test_mean_cosine_is_the_mean_over_pairs() -> None:
    z = RNG.standard_normal((9, 4)) + 1
    unit = z / np.linalg.norm(z, axis=1, keepdims=True)
    pairs = [unit[i] @ unit[j] for i in range(9) for j in range(9) if i != j]
    assert metrics.mean_cosine(z) == pytest.approx(np.mean(pairs))


def test_the_spectrum_is_that_of_numpys_covariance() -> None:
    z = RNG.standard_normal((40, 6)) * [4, 3, 2, 1, 1, 1] + 7
    wanted = np.linalg.eigvalsh(np.cov(z.T, bias=True))[::-1]
    assert metrics.spectrum(z) == pytest.approx(wanted)


def test_rankme_is_the_papers_formula_on_uncentred_values() -> None:
    z = RNG.standard_normal((30, 5)) + 3
    s = np.linalg.svd(z, compute_uv=False)
    p = s / s.sum() + 1e-7
    assert metrics.rankme(z) == pytest.approx(np.exp(-(p * np.log(p)).sum()))
    assert metrics.rankme(z) < metrics.rankme(z - z.mean(axis=0))


@pytest.mark.parametrize("scale", [1e-3, 1e3])
def test_scale_does_not_matter(scale: float) -> None:
    z = RNG.standard_normal((50, 6)) * np.arange(1, 7)
    one, two = metrics.summarise(z), metrics.summarise(scale * z)
    assert two == pytest.approx(one)


def test_few_rows_have_a_reference_of_their_own() -> None:
    assert metrics.rankme_gaussian(256, 512) == pytest.approx(237, abs=2)
    assert metrics.rankme_gaussian(2000, 512) == pytest.approx(494, abs=2)


@pytest.mark.parametrize(
    "z",
    [
        np.zeros(5),
        np.zeros((1, 3)),
        np.zeros((3, 0)),
        np.zeros((2, 2, 2)),
        np.array([["a", "b"], ["c", "d"]]),
        np.array([[1.0, np.nan], [0, 1]]),
        np.array([[1.0, np.inf], [0, 1]]),
    ],
)
def test_what_is_no_embedding_is_refused_with_a_remedy(z: Any) -> None:
    with pytest.raises(RequestError) as caught:
        metrics.summarise(z)
    assert caught.value.remedy

"""What each metric says of embeddings whose answer is known: closed forms and degenerate input."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from workbench.diagnostics import metrics, views
from workbench.errors import RequestError

RNG = np.random.default_rng(1)
N, D = 2000, 512


def _isotropic(rng: Any) -> Any:
    return rng.standard_normal((N, D))


def _after_relu(rng: Any) -> Any:
    return np.maximum(_isotropic(rng), 0)


def _antipodal(rng: Any) -> Any:
    pair = np.sign(rng.standard_normal((N, 1))) * rng.standard_normal(D)
    return pair + 0.01 * _isotropic(rng)


def _rank_8(rng: Any) -> Any:
    return rng.standard_normal((N, 8)) @ rng.standard_normal((8, D))


def _tight_classes(rng: Any) -> Any:
    return rng.standard_normal((10, D))[np.arange(N) % 10] + 0.02 * _isotropic(rng)


def _offset(rng: Any) -> Any:
    return 10 + _isotropic(rng)


def _constant_with_noise(rng: Any) -> Any:
    return 5 + 0.005 * _isotropic(rng)


# std sqrt(d), mean cosine, uniformity, RankMe, that of centred data, participation ratio.
KNOWN = {
    "isotropic": (_isotropic, 1.00, 0.00, -3.98, 494, 494, 407),
    "relu of isotropic": (_after_relu, 0.825, 0.319, -2.72, 468, 494, 407),
    "antipodal pair": (_antipodal, 0.81, 0.00, -0.69, 4.9, 4.9, 1.0),
    "rank 8": (_rank_8, 0.97, 0.00, -3.08, 8.0, 8.0, 7.8),
    "10 tight classes": (_tight_classes, 0.92, 0.09, -2.15, 23, 22, 8.8),
    "common mean": (_offset, 0.10, 0.99, -0.04, 128, 494, 407),
    "constant with noise": (_constant_with_noise, 0.001, 1.00, 0.0, 1.3, 494, 407),
}


@pytest.mark.parametrize(
    ("make", "std", "cosine", "uniformity", "rankme", "centred", "participation"),
    KNOWN.values(),
    ids=KNOWN,
)
def test_which_metric_sees_what(
    make: Any,
    std: float,
    cosine: float,
    uniformity: float,
    rankme: float,
    centred: float,
    participation: float,
) -> None:
    """n 2,000, d 512. Locations to 0.02, spectra to 5 %: more than two draws differ by."""
    z = make(np.random.default_rng(0))
    found = metrics.summarise(z)
    assert found["std_sqrt_d"] == pytest.approx(std, abs=0.02)
    assert found["mean_cosine"] == pytest.approx(cosine, abs=0.02)
    assert found["uniformity"] == pytest.approx(uniformity, abs=0.02)
    assert found["rankme"] == pytest.approx(rankme, rel=0.05)
    assert found["participation_ratio"] == pytest.approx(participation, rel=0.05)
    assert found["rankme_ratio"] == pytest.approx(rankme / 494, rel=0.05)
    assert metrics.rankme(z - z.mean(axis=0)) == pytest.approx(centred, rel=0.05)


def test_isotropic_embeddings_are_at_the_healthy_end() -> None:
    found = metrics.summarise(_isotropic(RNG))
    assert found["uniformity"] == pytest.approx(-4 + 8 / D, abs=0.005)
    assert found["nesum"] == pytest.approx(D / (1 + math.sqrt(D / N)) ** 2, rel=0.03)
    assert found["off_diagonal"] == pytest.approx(1 / math.sqrt(N - 1), rel=0.01)
    assert 0 < found["alpha_req"] < 0.2


def _with_spectrum(lam: Any, n: int) -> Any:
    """(n, d) whose centred covariance has exactly these eigenvalues."""
    z = RNG.standard_normal((n, len(lam)))
    q = np.linalg.qr(z - z.mean(axis=0))[0]
    rotation = np.linalg.qr(RNG.standard_normal((len(lam), len(lam))))[0]
    return np.sqrt(n) * q * np.sqrt(lam) @ rotation


@pytest.mark.parametrize("d", [3, 15, 60, 200])
@pytest.mark.parametrize("alpha", [0.0, 0.5, 1.0, 2.0])
def test_a_power_law_has_its_exponent(alpha: float, d: int) -> None:
    lam = np.arange(1, d + 1, dtype=float) ** -alpha
    z = _with_spectrum(lam, 2 * d + 1)
    assert metrics.alpha_req(z) == pytest.approx(alpha, abs=1e-6)
    assert metrics.nesum(z) == pytest.approx(lam.sum(), rel=1e-6)


@pytest.mark.parametrize("r", [1, 4, 9])
def test_low_rank_falls_steeply_in_either_precision(r: int) -> None:
    z = RNG.standard_normal((300, r)) @ RNG.standard_normal((r, 64))
    for precision in (np.float64, np.float32):
        found = metrics.summarise(z.astype(precision))
        assert found["alpha_req"] > 4
        assert 1 <= found["nesum"] <= r + 1e-6


def test_alpha_req_is_blind_to_one_direction_before_isotropic_noise() -> None:
    noise = RNG.standard_normal((1000, 128))
    assert metrics.alpha_req(noise + 100 * RNG.standard_normal((1000, 1))) == pytest.approx(
        metrics.alpha_req(noise), abs=0.05
    )


def test_classes_give_the_logarithm_of_their_number() -> None:
    for count in (2, 5, 10):
        corners = np.eye(128)[np.arange(count)][np.arange(1000) % count]
        # Orthogonal classes lie at a squared distance of 2.
        within = (1000 / count - 1) / 999
        wanted = math.log(within + (1 - within) * math.exp(-4))
        assert metrics.uniformity(corners) == pytest.approx(wanted, abs=1e-9)
        assert metrics.uniformity(corners) == pytest.approx(-math.log(count), abs=0.2)


def test_columns_that_copy_each_other_correlate_and_independent_ones_do_not() -> None:
    one = RNG.standard_normal((500, 1))
    assert metrics.off_diagonal(one * [1, -2, 3]) == pytest.approx(1)
    squares = np.array([[1, 1], [1, -1], [-1, 1], [-1, -1]])
    assert metrics.off_diagonal(squares) == pytest.approx(0, abs=1e-12)
    # Two pairs of copies: 4 of 12 entries are 1.
    assert metrics.off_diagonal(np.repeat(squares, 2, axis=1)) == pytest.approx(math.sqrt(4 / 12))


def test_constant_columns_are_no_part_of_the_correlation() -> None:
    z = RNG.standard_normal((50, 4))
    padded = np.hstack([z, np.full((50, 3), 0.1), np.zeros((50, 1))])
    assert metrics.off_diagonal(padded) == pytest.approx(metrics.off_diagonal(z))
    assert metrics.off_diagonal(padded[:, 3:]) == 0


def test_more_rows_than_are_paired_change_uniformity_little() -> None:
    z = np.sort(RNG.standard_normal((9000, 3)), axis=0)
    assert metrics.uniformity(z) == pytest.approx(metrics.uniformity(z[::3]), abs=0.02)


DEGENERATE = {
    "zeros": np.zeros((5, 3)),
    "constant": np.full((200, 16), 0.3),
    "constant and huge": np.full((20, 4), 1e300),
    "two rows": RNG.standard_normal((2, 40)),
    "two rows, one column": np.array([[1.0], [-1.0]]),
    "one column": RNG.standard_normal((30, 1)),
    "one constant column": np.ones((30, 1)),
    "n < d": RNG.standard_normal((12, 90)),
    "constant columns": np.hstack([RNG.standard_normal((40, 3)), np.full((40, 5), 7.0)]),
    "a row of zeros": np.vstack([np.zeros(6), RNG.standard_normal((40, 6))]),
    "tiny": 1e-300 * RNG.standard_normal((40, 6)),
    "huge": 1e300 * RNG.standard_normal((40, 6)),
    "integers": RNG.integers(0, 3, (40, 6)),
    "rank one, exactly": np.outer(np.arange(20.0), np.ones(5)),
}


@pytest.mark.parametrize("z", DEGENERATE.values(), ids=DEGENERATE)
def test_odd_embeddings_have_numbers_within_their_limits(z: Any) -> None:
    found = metrics.summarise(z)
    n, d = z.shape
    assert all(math.isfinite(value) for value in found.values())
    assert 0 <= found["off_diagonal"] <= 1 + 1e-9
    assert -8 - 1e-9 <= found["uniformity"] <= 1e-9
    assert 0 <= found["nesum"] <= min(n - 1, d) + 1e-9
    assert 0 <= found["participation_ratio"] <= min(n - 1, d) + 1e-9
    assert 1 - 1e-6 <= found["rankme"] <= min(n, d) * (1 + 1e-4)
    assert 0 < found["top_share"] <= 1
    assert found["alpha_req"] >= 0


def test_no_metric_changes_with_scale() -> None:
    z = RNG.standard_normal((60, 9)) @ np.diag(np.arange(1.0, 10)) + 3
    once = metrics.summarise(z)
    assert list(once) == list(metrics.METRICS)
    for scale in (1e-200, 1e-3, 1e200):
        assert metrics.summarise(scale * z) == pytest.approx(once)


def test_a_constant_is_named_alike_at_any_size() -> None:
    for value in (1e-300, 0.3, 1e9, 1e300):
        found = metrics.summarise(np.full((50, 7), value))
        assert found["std_sqrt_d"] == pytest.approx(0, abs=1e-9)
        assert found["uniformity"] == pytest.approx(0, abs=1e-9)
        assert (found["participation_ratio"], found["nesum"], found["alpha_req"]) == (0, 0, 0)
        assert (found["top_share"], found["off_diagonal"]) == (1, 0)


def test_complex_numbers_are_no_embeddings() -> None:
    with pytest.raises(RequestError, match="complex"):
        metrics.summarise(np.ones((4, 4), complex))


def _classes(n: int, q: int, d: int, rank: int, noise: float) -> Any:
    """(n, q, d): samples isotropic in their first ``rank`` columns, views with noise in all."""
    samples = np.zeros((n, 1, d))
    samples[:, 0, :rank] = RNG.standard_normal((n, rank))
    return samples + noise * RNG.standard_normal((n, q, d))


def test_alignment_has_its_limits() -> None:
    same = np.repeat(RNG.standard_normal((50, 1, 8)), 3, axis=1)
    assert views.alignment(same) == pytest.approx(0, abs=1e-12)
    opposite = np.stack([same[:, 0], -same[:, 0]], axis=1)
    assert views.alignment(opposite) == pytest.approx(4)
    strangers = RNG.standard_normal((2000, 2, 64))
    assert views.alignment(strangers) == pytest.approx(2, abs=0.02)
    assert views.alignment(np.ones((5, 2, 3))) == 0
    assert views.alignment(1e300 * opposite) == pytest.approx(4)


def test_lidar_of_perfect_views_is_the_effective_rank_of_the_samples() -> None:
    samples = RNG.standard_normal((400, 32)) * np.linspace(1, 2, 32)
    lam = np.linalg.eigvalsh(np.cov(samples.T))
    p = lam / lam.sum()
    found = views.lidar(np.repeat(samples[:, None], 3, axis=1))
    assert found == pytest.approx(math.exp(-(p * np.log(p)).sum()), rel=1e-4)
    flat = np.vstack([np.eye(16), -np.eye(16)])
    assert views.lidar(np.repeat(flat[:, None], 2, axis=1)) == pytest.approx(16, rel=1e-4)


def test_lidar_cannot_tell_isotropic_samples_from_views_without_signal() -> None:
    n, q, d = 250, 4, 64
    for noise in (0.1, 0.5, 2.0):
        found = views.summarise_views(_classes(n, q, d, d, noise))
        assert found["lidar_ratio"] == pytest.approx(1, abs=0.04)
    nothing = views.summarise_views(RNG.standard_normal((n, q, d)))
    assert nothing["lidar_ratio"] == pytest.approx(1, abs=0.04)
    assert nothing["alignment"] == pytest.approx(2, abs=0.05)


@pytest.mark.parametrize("r", [1, 4, 12])
def test_lidar_counts_directions_that_tell_samples_apart(r: int) -> None:
    found = views.summarise_views(_classes(250, 4, 64, r, 0.02))
    assert found["lidar"] == pytest.approx(r, rel=0.25)
    assert found["lidar_ratio"] < 0.3
    # Noise in the views drowns them, and every direction counts again.
    drowned = views.summarise_views(_classes(250, 4, 64, r, 30.0))
    assert drowned["lidar_ratio"] == pytest.approx(1, abs=0.05)


def test_lidar_does_not_see_that_one_direction_holds_all_variance() -> None:
    v = _classes(250, 4, 64, 64, 0.3)
    v[:, :, 0] *= 30
    assert metrics.participation_ratio(v[:, 0]) < 1.3
    assert views.summarise_views(v)["lidar_ratio"] > 0.9


def test_lidar_does_not_change_with_scale_or_offset() -> None:
    v = _classes(80, 3, 10, 5, 0.2)
    once = views.summarise_views(v)
    for scale in (1e-300, 1e-3, 1e6, 1e290):
        assert views.summarise_views(scale * v) == pytest.approx(once)
    assert views.summarise_views(v + 5)["lidar"] == pytest.approx(once["lidar"])


@pytest.mark.parametrize(
    "v", [np.zeros((5, 2, 3)), np.full((40, 4, 6), 0.3), np.full((9, 2, 1), 1e9)]
)
def test_constant_views_show_one_direction(v: Any) -> None:
    found = views.summarise_views(v)
    assert found["alignment"] == pytest.approx(0, abs=1e-12)
    assert found["lidar"] == 1
    assert 0 < found["lidar_ratio"] <= 1 + 1e-6


def test_too_few_views_for_the_columns_have_no_lidar() -> None:
    assert set(views.summarise_views(RNG.standard_normal((5, 3, 11)))) == {"alignment"}
    assert "lidar" in views.summarise_views(RNG.standard_normal((5, 3, 10)))
    one_column = views.summarise_views(RNG.standard_normal((2, 2, 1)))
    assert (one_column["lidar"], one_column["lidar_ratio"]) == pytest.approx((1, 1))


@pytest.mark.parametrize(
    "v",
    [
        np.zeros((4, 3)),
        np.zeros((1, 2, 3)),
        np.zeros((4, 1, 3)),
        np.zeros((4, 2, 0)),
        np.full((4, 2, 3), np.nan),
        np.ones((4, 2, 3), complex),
    ],
)
def test_what_are_no_views_is_refused_with_a_remedy(v: Any) -> None:
    with pytest.raises(RequestError) as caught:
        views.summarise_views(v)
    assert caught.value.remedy

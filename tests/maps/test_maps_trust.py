from __future__ import annotations

import numpy as np
import pytest
from sklearn.manifold import trustworthiness as known

from workbench.errors import RequestError
from workbench.maps.trust import sentence, trustworthiness


def test_identity_is_one() -> None:
    xy = np.random.default_rng(0).standard_normal((100, 2))
    assert trustworthiness(xy, xy) == 1.0


@pytest.mark.parametrize("metric", ["euclidean", "cosine"])
def test_equals_sklearn(metric: str) -> None:
    rng = np.random.default_rng(1)
    h, xy = rng.standard_normal((150, 12)), rng.standard_normal((150, 2))
    expected = known(h, xy, n_neighbors=10, metric=metric)
    assert trustworthiness(h, xy, k=10, metric=metric) == pytest.approx(expected)  # type: ignore[arg-type]
    assert expected < 0.6


def test_a_sample_is_seeded_and_close() -> None:
    rng = np.random.default_rng(2)
    h = rng.standard_normal((400, 8)) * np.array([9, 6, 1, 1, 1, 1, 1, 1])
    whole, part = trustworthiness(h, h[:, :2]), trustworthiness(h, h[:, :2], sample=200)
    assert part == trustworthiness(h, h[:, :2], sample=200)
    assert part != trustworthiness(h, h[:, :2], sample=200, seed=1)
    assert abs(whole - part) < 0.05


def test_ties_are_no_error_of_the_map() -> None:
    same = np.ones((30, 5))
    assert trustworthiness(same, np.random.default_rng(3).standard_normal((30, 2))) == 1.0


def test_few_points_and_mismatch() -> None:
    xy = np.random.default_rng(4).standard_normal((5, 2))
    assert trustworthiness(xy, xy) == 1.0
    with pytest.raises(RequestError):
        trustworthiness(xy, xy[:4])


def test_sentence_warns_more_the_lower_the_number() -> None:
    assert "do not read groups" in sentence(0.6)
    assert "some are not" in sentence(0.9)
    assert "nearly always" in sentence(0.98)

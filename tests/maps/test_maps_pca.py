from __future__ import annotations

import numpy as np
import pytest
from sklearn.decomposition import PCA

from workbench.errors import RequestError
from workbench.maps.pca import pca


@pytest.mark.parametrize("shape", [(120, 10), (20, 64)])
def test_equals_sklearn_up_to_sign(shape: tuple[int, int]) -> None:
    h = np.random.default_rng(0).standard_normal(shape) * np.linspace(3, 1, shape[1])
    xy, shares = pca(h)
    known = PCA(2, svd_solver="full").fit(h)
    expected = known.transform(h)
    expected *= np.sign((expected * xy).sum(axis=0))
    np.testing.assert_allclose(xy, expected, atol=1e-4)
    np.testing.assert_allclose(shares, known.explained_variance_ratio_, rtol=1e-9)
    assert xy.dtype == np.float32


def test_signs_do_not_depend_on_the_order_of_rows() -> None:
    h = np.random.default_rng(1).standard_normal((80, 6)) * np.arange(6, 0, -1)
    order = np.random.default_rng(2).permutation(80)
    np.testing.assert_allclose(pca(h)[0][order], pca(h[order])[0], atol=1e-5)


def test_constant_and_one_column() -> None:
    xy, shares = pca(np.full((10, 4), 3.0))
    assert not xy.any()
    assert not shares.any()
    xy, shares = pca(np.arange(10.0)[:, None])
    assert np.ptp(xy[:, 0]) == pytest.approx(9)
    assert not xy[:, 1].any()
    assert shares.tolist() == [1.0, 0.0]


def test_refuses_nan() -> None:
    with pytest.raises(RequestError, match="NaN"):
        pca(np.array([[1.0, np.nan], [0.0, 1.0]]))

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from workbench.errors import RequestError
from workbench.maps.trust import trustworthiness
from workbench.maps.umap import umap_layout, umap_map, warm_up

RNG = np.random.default_rng(0)


def _blobs() -> tuple[np.ndarray, np.ndarray]:
    labels = np.repeat(np.arange(4), 50)
    return RNG.standard_normal((4, 60))[labels] * 4 + RNG.standard_normal((200, 60)), labels


def test_a_seed_repeats_and_groups_are_kept() -> None:
    h, labels = _blobs()
    first, again, other = umap_map(h, seed=3), umap_map(h, seed=3), umap_map(h, seed=4)
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)
    assert first.shape == (200, 2)
    assert first.dtype == np.float32
    centres = np.stack([first[labels == c].mean(0) for c in range(4)])
    nearest = ((first[:, None] - centres) ** 2).sum(-1).argmin(1)
    assert (nearest == labels).mean() > 0.98
    assert trustworthiness(h, first, metric="cosine") > 0.75


@pytest.mark.parametrize("value", [0.0, 1.0, 5e3])
def test_constant_input_draws_no_cloud_and_says_so(value: float) -> None:
    layout = umap_layout(np.full((50, 8), value))
    assert not layout.xy.any()
    assert "same point" in layout.notes[0]


def test_collapsed_but_for_noise_says_so() -> None:
    layout = umap_layout(5 + 1e-3 * RNG.standard_normal((60, 16)))
    assert np.isfinite(layout.xy).all()
    assert any("almost in one place" in note for note in layout.notes)


@pytest.mark.parametrize("n", [2, 3, 5, 16])
def test_few_samples(n: int) -> None:
    layout = umap_layout(RNG.standard_normal((n, 7)))
    assert layout.xy.shape == (n, 2)
    assert np.isfinite(layout.xy).all()
    assert layout.notes


def test_duplicates_constant_columns_and_one_column() -> None:
    few = np.repeat(RNG.standard_normal((3, 8)), 40, axis=0)
    few[:, 2:5] = 0
    for h in (few, RNG.standard_normal((60, 1)), np.repeat(np.eye(2), 30, axis=0)):
        assert np.isfinite(umap_map(h)).all()


def test_starts_where_it_is_told() -> None:
    h, _ = _blobs()
    start = umap_map(h)
    mirrored = umap_map(h, init=start * [-1, 1])
    assert np.corrcoef(start[:, 0], mirrored[:, 0])[0, 1] < -0.5


def test_refuses_nan() -> None:
    with pytest.raises(RequestError):
        umap_map(np.full((5, 2), np.nan))


def test_warm_up_runs() -> None:
    warm_up()


def test_loads_without_umap_torch_or_sklearn() -> None:
    code = (
        "import sys, workbench.maps.umap, workbench.maps.trust, workbench.maps.align, "
        "workbench.maps.agreement; "
        "sys.exit(bool({'umap', 'torch', 'sklearn', 'numba'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0

"""Whitening: training samples have mean 0 and the identity as covariance."""

from __future__ import annotations

import numpy as np

from workbench.evaluation.whitening import whiten


def test_directions_of_training_samples_vary_alike_and_others_follow() -> None:
    rng = np.random.default_rng(0)
    turn = rng.standard_normal((6, 6)) * np.array([4.0, 3.0, 2.0, 1.0, 0.7, 0.5])
    parts = {split: rng.standard_normal((500, 6)) @ turn + 4.0 for split in ("train", "test")}
    found = whiten(parts)
    np.testing.assert_allclose(found["train"].mean(axis=0), 0, atol=1e-4)
    np.testing.assert_allclose(np.cov(found["train"].T, bias=True), np.eye(6), atol=1e-3)
    # The same map for both splits: distances by the training covariance.
    apart = parts["test"][0] - parts["test"][1]
    wanted = apart @ np.linalg.inv(np.cov(parts["train"].T, bias=True)) @ apart
    assert np.isclose(((found["test"][0] - found["test"][1]) ** 2).sum(), wanted, rtol=1e-3)


def test_directions_that_do_not_vary_are_left_out() -> None:
    x = np.random.default_rng(0).standard_normal((50, 3))
    found = whiten({"train": np.hstack([x, x[:, :1], np.ones((50, 2))])})
    assert found["train"].shape == (50, 3)
    assert (whiten({"train": np.ones((9, 4))})["train"] == 0).all()

"""Features and labels of made-up samples: pure arrays."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest


@pytest.fixture
def blobs() -> Callable[..., tuple[dict[str, npt.NDArray[np.float32]], dict[str, Any]]]:
    """Features and labels by split: one Gaussian blob a class; ``apart`` decides how hard it is."""

    def make(
        apart: float = 2.0, classes: int = 4, dim: int = 8, seed: int = 0, **counts: int
    ) -> tuple[dict[str, npt.NDArray[np.float32]], dict[str, Any]]:
        rng = np.random.default_rng(seed)
        centres = apart * rng.standard_normal((classes, dim))
        sizes = {"train": 200, "validation": 80, "test": 160} | counts
        labels = {s: rng.permutation(np.arange(n) % classes) for s, n in sizes.items()}
        features = {
            s: (centres[y] + rng.standard_normal((len(y), dim))).astype(np.float32)
            for s, y in labels.items()
        }
        return features, labels

    return make

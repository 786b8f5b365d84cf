"""Small data sets in the cache's layout, without the data room: pure arrays on disk."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from workbench.data.dataset import SPLITS, DataInfo, Dataset, Target

MakeData = Callable[..., Dataset]


@pytest.fixture
def make_data(tmp_path: Path) -> MakeData:
    """A Dataset with the given labels by split (-1: missing; none given: no label column)."""

    def make(
        labels: dict[str, npt.NDArray[np.int64]] | None = None,
        counts: dict[str, int] | None = None,
        **changes: Any,
    ) -> Dataset:
        folder = tmp_path / "cache"
        folder.mkdir()
        if labels is not None:
            counts = {split: len(labels[split]) for split in SPLITS if split in labels}
            column = np.concatenate([labels[split] for split in SPLITS if split in labels])
            pq.write_table(pa.table({"label": column}), folder / "targets.parquet")
            classes = tuple(f"class {i}" for i in range(int(column.max()) + 1))
            changes = {"targets": (Target("label", classes),)} | changes
        known = {"name": "made", "title": "", "source": "", "fingerprint": "abc", "size": (4, 4)}
        known |= {"modality": "image", "channels": 1}
        info = DataInfo(**(known | {"counts": counts} | changes))  # type: ignore[arg-type]
        (folder / "info.json").write_text(json.dumps(info.to_json()), "utf-8")
        rng = np.random.default_rng(0)
        np.save(folder / "images.npy", rng.integers(0, 256, (info.total, 1, 4, 4), np.uint8))
        return Dataset.open(folder)

    return make


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

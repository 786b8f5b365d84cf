"""A home of one's own for every test, and small prepared data sets made of arrays."""

from __future__ import annotations

import json
import sys
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

# Tests are imported by path, which leaves out the helpers beside them.
sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "source"
    folder.mkdir()
    return folder


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

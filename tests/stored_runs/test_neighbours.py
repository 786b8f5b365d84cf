"""Nearest neighbours of one sample of a real run."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from workbench.errors import RequestError
from workbench.store.store import Store
from workbench.stored_runs import feature_spaces, neighbours
from workbench.stored_runs.stored_run import StoredRun
from workbench.training.check_sample import rows as check_rows


@pytest.fixture(scope="module")
def run(finished_home: Path) -> StoredRun:
    rows = Store.open(finished_home).runs()
    return StoredRun(finished_home, next(row for row in rows if row.config["task"] == "simclr"))


def test_neighbours_are_the_nearest_by_cosine_among_train_and_validation(run: StoredRun) -> None:
    found = neighbours.read(run)
    rows, h, u = feature_spaces.embedded(run)
    assert run.data is not None
    assert rows.max() < run.data.rows("test").start
    row = int(rows[7])
    for nearest, stored in zip(found.nearest(row, 5), (h, u), strict=True):
        unit = stored / np.linalg.norm(stored, axis=1, keepdims=True)
        cosine = unit @ unit[7]
        cosine[7] = -2
        assert np.allclose(nearest.cosine, np.sort(cosine)[::-1][:5], atol=1e-5)
        assert set(nearest.rows) == set(rows[np.argsort(-cosine)[:5]])
        assert row not in nearest.rows
    with pytest.raises(RequestError, match="none of the"):
        found.nearest(run.data.rows("test").start, 5)


def test_all_check_samples_may_be_asked_for_their_neighbours(run: StoredRun) -> None:
    assert run.data is not None
    count = len(load_file(str(run.files.checks()[0][1]))["h"])
    assert set(check_rows(run.data.info, count)) <= set(neighbours.read(run).rows.tolist())

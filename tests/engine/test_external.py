"""What the engine answers of embeddings from elsewhere beside runs."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import numpy as np
import pytest

from workbench.engine.handlers import external
from workbench.engine.replies import ExternalColumn
from workbench.engine.requests import ExternalRequest
from workbench.errors import RequestError

sys.path.insert(0, str(Path(__file__).parents[1] / "app"))
from drawn_runs import dataset, draw


def test_a_file_is_checked_scored_and_given_back(digits_home: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    shutil.copytree(digits_home, home)
    data = dataset(home)
    run_id = draw(home, data)
    assert data.info.label is not None
    labels = data.target(data.info.label.name)
    features = 4 * np.eye(10)[labels] + np.random.default_rng(0).normal(0, 1, (len(labels), 10))
    np.save(tmp_path / "mine.npy", features)
    request = ExternalRequest((run_id,), "mine", tmp_path / "mine.npy")
    column = ExternalColumn.of(external.handle(request, home))
    assert (column.record["id"], column.record["status"]) == ("mine", "outside")
    knn = next(row for row in column.record["scores"] if row["protocol"] == "knn")
    assert knn["value"] > 0.9
    assert column.rows.tolist() == list(range(data.rows("test").start)), "no test sample"
    np.testing.assert_allclose(column.features, features[column.rows], rtol=1e-6)
    np.save(tmp_path / "mine.npy", features[:-1])
    with pytest.raises(RequestError, match="samples"):
        external.handle(request, home)

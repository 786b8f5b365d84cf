"""What the engine answers of embeddings from elsewhere beside runs."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import numpy as np
import pytest

from workbench.engine.handlers.external import beside
from workbench.engine.wire import Message
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
    told = 4 * np.eye(10)[labels] + np.random.default_rng(0).normal(0, 1, (len(labels), 10))
    np.save(tmp_path / "mine.npy", told)
    asked = {"runs": [run_id], "name": "mine", "file": str(tmp_path / "mine.npy")}
    answer = beside(Message(asked), home)
    document = answer.values["document"]
    assert (document["id"], document["status"]) == ("mine", "outside")
    knn = next(row for row in document["scores"] if row["protocol"] == "knn")
    assert knn["value"] > 0.9
    rows = answer.arrays["rows"]
    assert rows.tolist() == list(range(data.rows("test").start)), "no test sample"
    np.testing.assert_allclose(answer.arrays["features"], told[rows], rtol=1e-6)
    np.save(tmp_path / "mine.npy", told[:-1])
    with pytest.raises(RequestError, match="samples"):
        beside(Message(asked), home)

"""Several runs in a notebook, with arrays from elsewhere, neighbours and agreement."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import workbench as wb
from workbench.data.dataset import Dataset
from workbench.errors import RequestError


@pytest.fixture(scope="module")
def runs(finished_home: Path) -> list[wb.Run]:
    return wb.list_runs(finished_home)


@pytest.fixture(scope="module")
def pixels(finished_home: Path, runs: list[wb.Run]) -> np.ndarray:
    data = Dataset.open(finished_home / "data" / runs[0].row.config["data"]["fingerprint"])
    return np.asarray(data.images).reshape(data.info.total, -1)


def test_arrays_stand_beside_runs(runs: list[wb.Run], pixels: np.ndarray) -> None:
    found = wb.compare(*runs, {"pixels": pixels})
    scores = found.scores
    assert set(scores["run"]) == {*(run.id for run in runs), "pixels"}
    rows = scores[(scores["protocol"] == "knn") & (scores["metric"] == "accuracy")]
    assert len(set(rows[rows["features"] == "trained"]["n"])) == 1
    assert "pixels" in found.agreement().data[0].y
    assert len(wb.compare(runs[0], {"pixels": pixels}).json["runs"]) == 2
    with pytest.raises(RequestError, match="one run is given"):
        wb.compare(runs[0])
    with pytest.raises(RequestError, match="no run is given"):
        wb.compare({"a": pixels, "b": pixels})
    with pytest.raises(RequestError, match="rows"):
        _ = wb.compare(runs[0], {"few": pixels[:5]}).json


def test_neighbours_are_html_that_a_notebook_shows(runs: list[wb.Run]) -> None:
    one, both = runs[0].neighbours(), wb.compare(*runs).neighbours(draw=1)
    assert one._repr_html_().count("pixels only") == 6
    assert both._repr_html_().count("untrained encoder") == 6
    assert "<script" not in both._repr_html_()

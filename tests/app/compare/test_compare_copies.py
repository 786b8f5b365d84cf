"""Copies of training samples among the test samples: Compare and a run's page say what they do."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from drawn_runs import dataset, draw
from page_reading import texts

from workbench.store.store import Store


@pytest.fixture(scope="module")
def copied_home(digits_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One run; 138 of its 300 test images equal a training image."""
    home = tmp_path_factory.mktemp("copied") / "home"
    shutil.copytree(digits_home, home)
    run_id = draw(home, dataset(home), "simclr")
    store = Store.open(home)
    scores = store.run(run_id).summary["scores"]
    for row in scores:
        row["without_copies"] = {"n": 162, "value": 0.25, "low": 0.2, "high": 0.3}
    store.merge_summary(run_id, {"scores": scores})
    return home


def test_compare_shows_the_scores_without_copies(open_page, copied_home: Path) -> None:
    (row,) = Store.open(copied_home).runs()
    app = open_page(copied_home, "compare", runs=row.id, scores="true")
    assert "138 of 300 test images equal a training image" in texts(app)
    tables = [frame.value for frame in app.dataframe if "without copies" in frame.value.columns]
    (table,) = tables
    assert (table["without copies"] == 0.25).all()
    assert (table["n without copies"] == 162).all()


def test_a_run_shows_it_too(open_page, copied_home: Path) -> None:
    (row,) = Store.open(copied_home).runs()
    app = open_page(copied_home, "runs", run=row.id)
    assert "138 of 300 test images equal a training image" in texts(app)

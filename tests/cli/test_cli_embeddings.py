"""``workbench compare --embeddings``: what comes from elsewhere stands beside runs."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file

from workbench.cli.main import workbench
from workbench.data.dataset import Dataset
from workbench.store.store import Store


@pytest.fixture
def compare(finished_home: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., Any]:
    """Run ``workbench compare`` of the finished runs; status, stdout and stderr."""
    ids = [row.id for row in Store.open(finished_home).runs()]

    def run(*words: object) -> tuple[int, str, str]:
        args = ["compare", *ids, *map(str, words), "--home", str(finished_home)]
        status = workbench.main(args)
        told = capsys.readouterr()
        return status, told.out, told.err

    return run


@pytest.fixture
def exported(finished_home: Path, tmp_path: Path) -> tuple[str, Path]:
    """A run's id and a .npy of its representations of all samples, as an encoder gives them."""
    row = Store.open(finished_home).runs()[0]
    stored = load_file(finished_home / "runs" / row.id / "embeddings.safetensors")
    data = Dataset.open(finished_home / "data" / row.config["data"]["fingerprint"])
    h = np.zeros((data.info.total, stored["h_train"].shape[1]), np.float32)
    for split in data.info.counts:
        h[stored[f"index_{split}"]] = stored[f"h_{split}"]
    np.save(tmp_path / "h.npy", h)
    return row.id, tmp_path / "h.npy"


def test_a_runs_own_embeddings_come_out_as_the_run(
    compare: Callable[..., Any], exported: tuple[str, Path], tmp_path: Path
) -> None:
    run_id, path = exported
    report = tmp_path / "report.html"
    status, out, err = compare("--embeddings", f"mine={path}", "--json", "--html", report)
    assert status == 0, err
    document = json.loads(out)
    *runs, mine = document["runs"]
    (same,) = [run for run in runs if run["id"] == run_id]
    assert set(same) <= set(mine)
    assert mine["status"] == "outside"

    def knn(run: dict[str, Any]) -> dict[str, Any]:
        rows = (r for r in run["scores"] if (r["protocol"], r["metric"]) == ("knn", "accuracy"))
        return next(row for row in rows if row["features"] == "trained")

    assert knn(mine)["n"] == knn(same)["n"]
    # The stored ones are in half precision.
    assert knn(mine)["value"] == pytest.approx(knn(same)["value"], abs=0.01)
    found = document["comparison"]["agreement"]
    at, other = found["keys"].index(run_id), found["keys"].index("outside mine")
    assert found["overlap"][at][other] == 1.0
    assert found["cka"][at][other] == pytest.approx(1.0)
    assert not any(row["run"] == "mine" for row in document["comparison"]["gains"])
    assert "find the same samples similar" in report.read_text("utf-8")


def test_it_stands_in_the_table_for_a_terminal(
    compare: Callable[..., Any], exported: tuple[str, Path]
) -> None:
    status, out, err = compare("--embeddings", f"mine={exported[1]}")
    assert status == 0, err
    assert any(line.startswith("mine ") for line in out.splitlines())
    assert "mine shares" in out
    assert "neighbours in common" in out


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("mine", "NAME=FILE"),
        ("mine=/no/such/file.npy", "is not there"),
        ("mine@train={path}", "the train split has"),
    ],
)
def test_what_cannot_stand_beside_runs_is_exit_2(
    compare: Callable[..., Any], exported: tuple[str, Path], given: str, said: str
) -> None:
    status, out, err = compare("--embeddings", given.format(path=exported[1]), "--json")
    assert (status, out) == (2, "")
    assert err.startswith("--embeddings")
    assert said in err
    assert 2 <= len(err.splitlines()) <= 6

"""The collapse check of a file: its metrics, its reason, and what is refused."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from workbench.diagnostics import files
from workbench.diagnostics.metrics import METRICS
from workbench.errors import RequestError

RNG = np.random.default_rng(0)


@pytest.fixture
def save(tmp_path: Path) -> Any:
    def write(array: Any, name: str = "z.npy", **more: Any) -> Path:
        np.save(tmp_path / name, array, **more)
        return tmp_path / name

    return write


def test_a_file_gets_verdict_and_metrics(save: Any) -> None:
    document = files.diagnose(save(RNG.standard_normal((300, 16)).astype(np.float16)))
    assert set(document) == {"verdict", "metrics"}
    assert document["verdict"]["label"] == "no sign of collapse"
    assert document["metrics"]["n"] == 300
    assert "neighbours_agree" not in document["metrics"]
    json.dumps(document, allow_nan=False)
    text = files.as_text(document)
    assert "passed; quality not judged" in text
    assert len(text.splitlines()) == 2 + len(document["metrics"])


def test_labels_of_any_kind_add_how_neighbours_agree(save: Any) -> None:
    side = RNG.integers(0, 2, 200)
    z = RNG.standard_normal((200, 4)) + 6 * np.outer(2 * side - 1, np.ones(4))
    for names in (side, np.array(["left", "right"])[side], side.astype(float)):
        document = files.diagnose(save(z), save(names, "labels.npy"))
        assert document["metrics"]["neighbours_agree"] == 1.0
    mixed = files.diagnose(save(z), save(RNG.permutation(side), "labels.npy"))
    assert 0.3 < mixed["metrics"]["neighbours_agree"] < 0.7


def test_collapse_is_named_with_what_to_look_at(save: Any) -> None:
    document = files.diagnose(save(np.ones((20, 3))))
    assert document["verdict"]["label"] == "complete collapse"
    assert document["verdict"]["advice"] in files.as_text(document)


def test_large_files_are_drawn_from_and_that_is_said(
    save: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "MOST_ROWS", 100)
    labels = save(np.arange(250) % 2, "labels.npy")
    path = save(RNG.standard_normal((250, 4)))
    document = files.diagnose(path, labels)
    assert document["metrics"]["n"] == 100
    assert "100 rows were drawn from 250" in document["verdict"]["reason"]
    assert document == files.diagnose(path, labels)


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (np.zeros(4), "shape (4,)"),
        (np.zeros((2, 2, 2)), "shape (2, 2, 2)"),
        (np.zeros((1, 4)), "1 x 4"),
        (np.zeros((4, 0)), "4 x 0"),
        (np.ones((3, 2), complex), "complex128"),
        (np.ones((3, 2), bool), "bool"),
        (np.array([["a", "b"]]), "type <U1"),
        (np.array([[1.0, np.nan], [1, 2], [np.inf, 0]]), "2 of 3 rows"),
    ],
)
def test_odd_arrays_are_refused_by_name(save: Any, array: Any, message: str) -> None:
    with pytest.raises(RequestError, match=r"z\.npy") as caught:
        files.diagnose(save(array))
    assert message in caught.value.message
    assert caught.value.field == "FILE"
    assert caught.value.remedy


def test_files_that_are_no_arrays_are_refused(save: Any, tmp_path: Path) -> None:
    pickled = save(np.array([{"a": 1}]), "pickled.npy", allow_pickle=True)
    np.savez(tmp_path / "many.npz", a=np.eye(3))
    (tmp_path / "text.npy").write_text("hello", "utf-8")
    (tmp_path / "empty.npy").touch()
    for name in (pickled.name, "many.npz", "text.npy", "empty.npy"):
        with pytest.raises(RequestError, match=r"no \.npy file"):
            files.diagnose(tmp_path / name)
    with pytest.raises(RequestError, match="is not there"):
        files.diagnose(tmp_path / "missing.npy")
    with pytest.raises(RequestError, match="cannot be read"):
        files.diagnose(tmp_path)


@pytest.mark.parametrize(
    ("labels", "message"),
    [(np.arange(2), r"shape \(2,\) for 3"), (np.zeros((3, 1)), r"shape \(3, 1\)")],
)  # fmt: skip
def test_labels_that_do_not_fit_are_refused(save: Any, labels: Any, message: str) -> None:
    with pytest.raises(RequestError, match=message) as caught:
        files.diagnose(save(np.eye(3)), save(labels, "labels.npy"))
    assert caught.value.field == "--labels"


def test_labels_of_one_class_give_an_answer_with_its_caveat(save: Any) -> None:
    z = save(RNG.standard_normal((40, 3)))
    document = files.diagnose(z, save(np.zeros(40), "labels.npy"))
    assert "all of one class" in document["verdict"]["reason"]
    assert "neighbours_agree" not in document["metrics"]
    some = np.where(np.arange(40) < 10, np.nan, np.arange(40) % 2)
    document = files.diagnose(z, save(some, "labels.npy"))
    assert "10 of 40 labels are missing" in document["verdict"]["reason"]
    assert 0 <= document["metrics"]["neighbours_agree"] <= 1


def test_columns_that_do_not_vary_are_said(save: Any) -> None:
    z = RNG.standard_normal((200, 6))
    z[:, :2] = 0.5
    assert "2 of 6 columns are constant" in files.diagnose(save(z))["verdict"]["reason"]


def test_fewer_rows_than_columns_get_an_answer_with_its_caveat(save: Any) -> None:
    document = files.diagnose(save(RNG.standard_normal((20, 64))))
    assert document["verdict"]["label"] == "no sign of collapse"
    assert "20 rows for 64 columns" in document["verdict"]["reason"]


def test_a_table_is_judged_as_its_array_is(save: Any, tmp_path: Path) -> None:
    z = RNG.standard_normal((60, 5))
    columns = {f"x{i}": z[:, i] for i in range(5)}
    names = np.arange(60) % 3
    pq.write_table(pa.table({"label": names, **columns}), tmp_path / "z.parquet")
    table = files.diagnose(tmp_path / "z.parquet", tmp_path / "z.parquet")
    array = files.diagnose(save(z), save(names, "labels.npy"))
    assert table["metrics"] == array["metrics"]
    assert "left out: label" in table["verdict"]["reason"]


def test_every_metric_has_its_meaning(save: Any) -> None:
    labels = save(np.arange(300) % 3, "labels.npy")
    document = files.diagnose(save(RNG.standard_normal((300, 16))), labels)
    assert set(document["metrics"]) == {*METRICS, "neighbours_agree"}
    lines = files.as_text(document).splitlines()[-len(document["metrics"]) :]
    meanings = [metric.meaning for metric in METRICS.values()]
    for line, meaning in zip(lines, [*meanings, "nearest neighbours share the label"], strict=True):
        assert line.split(maxsplit=1)[1] == meaning


def test_it_needs_no_torch_and_no_sklearn() -> None:
    code = (
        "import sys, workbench.diagnostics.files;"
        "sys.exit(any(name in sys.modules for name in ('torch', 'sklearn', 'umap')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0

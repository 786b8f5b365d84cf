"""Embeddings from elsewhere: whose they are, what is refused, what they score."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from workbench.data import prepare_arrays, sampling
from workbench.data.dataset import Dataset
from workbench.errors import RequestError
from workbench.evaluation import knn
from workbench.stored_runs import external_embeddings, external_scores
from workbench.stored_runs.external_embeddings import External

RNG = np.random.default_rng(0)


@pytest.fixture(scope="module")
def digits(digits_home: Path) -> Dataset:
    return Dataset.open(next((digits_home / "data").glob("*/info.json")).parent)


@pytest.fixture(scope="module")
def pixels(digits: Dataset) -> np.ndarray:
    return np.asarray(digits.images).reshape(digits.info.total, -1).astype(np.float32)


@pytest.fixture
def config(digits: Dataset) -> dict[str, Any]:
    return {"data": {"source": "sample:digits", "fingerprint": digits.info.fingerprint}}


def table(path: Path, h: np.ndarray, **columns: Any) -> Path:
    lists = pa.FixedSizeListArray.from_arrays(pa.array(np.ravel(h)), h.shape[1])
    pq.write_table(pa.table({**columns, "h": lists}), path)
    return path


def test_every_way_of_naming_samples_finds_the_same(
    digits: Dataset, pixels: np.ndarray, tmp_path: Path
) -> None:
    np.save(tmp_path / "all.npy", pixels)
    for split in ("train", "validation", "test"):
        np.save(tmp_path / f"{split}.npy", pixels[digits.rows(split)])  # type: ignore[arg-type]
    order = RNG.permutation(len(pixels))
    ids = [digits.ids[row] for row in order]
    table(tmp_path / "ids.parquet", pixels[order], id=ids)
    table(tmp_path / "rows.parquet", pixels[order], row=order)
    specs = [
        f"all={tmp_path}/all.npy",
        f"parts@test={tmp_path}/test.npy",
        f"ids={tmp_path}/ids.parquet",
        f"parts@train={tmp_path}/train.npy",
        f"rows={tmp_path}/rows.parquet",
        f"parts@validation={tmp_path}/validation.npy",
    ]
    found = external_embeddings.read_files(specs, digits)
    assert [one.name for one in found] == ["all", "parts", "ids", "rows"]
    for one in [
        *found,
        *external_embeddings.of_arrays({"array": pixels.astype(np.float64)}, digits),
    ]:
        np.testing.assert_array_equal(one.rows, np.arange(len(pixels)))
        np.testing.assert_array_equal(one.values, pixels)
        assert one.notes == ()


def test_names_of_files_are_ids(tmp_path: Path) -> None:
    images = RNG.integers(0, 255, (30, 8, 8)).astype(np.uint8)
    _, data = prepare_arrays(images, tmp_path, labels=["a", "b"] * 15)
    h = RNG.standard_normal((30, 4)).astype(np.float32)
    path = table(tmp_path / "h.parquet", h, id=list(range(30)))
    (found,) = external_embeddings.read_files([f"mine={path}"], data)
    np.testing.assert_array_equal(found.values, h[[int(name) for name in data.ids]])


def test_samples_may_be_missing_and_that_is_said(
    digits: Dataset, pixels: np.ndarray, config: dict[str, Any]
) -> None:
    rows = digits.rows("train")
    (found,) = external_embeddings.of_arrays({"some": {"train": pixels[rows]}}, digits)
    assert "1,078 of 1,797 samples have no embedding" in found.notes[0]
    document = external_scores.record(found, digits, config)
    assert document["scores"] == []
    assert any("No labelled sample in the test split" in note for note in document["notes"])
    assert document["verdict"]["label"] == "no sign of collapse"


REFUSED = [
    ("noequals", "not NAME=FILE"),
    ("=h.npy", "not NAME=FILE"),
    ("x=", "not NAME=FILE"),
    ("x@dev={at}/all.npy", "unknown split 'dev'"),
    ("x={at}/gone.npy", "is not there"),
    ("x={at}/few.npy", "there are 5 rows, but the data set has 1,797"),
    ("x@test={at}/few.npy", "but the test split has 719"),
    ("x={at}/flat.npy", "shape (5,)"),
    ("x={at}/nan.npy", "1 of 1797 rows"),
    ("x={at}/strange.parquet", "2 of 3 rows are of no sample of 'digits': 'cat.png', 'dog.png'"),
    ("x={at}/far.parquet", "1 of 2 rows are of no sample"),
    ("x={at}/twice.parquet", "1 samples come more than once, such as 'train/3'"),
    ("x={at}/one.parquet", "1 of its rows are"),
    ("x@test={at}/far.parquet", "'@test' has no meaning"),
]


@pytest.mark.parametrize(("spec", "said"), REFUSED, ids=[said[:30] for _, said in REFUSED])
def test_what_does_not_fit_is_refused_with_field_and_remedy(
    digits: Dataset, pixels: np.ndarray, tmp_path: Path, spec: str, said: str
) -> None:
    nan = pixels.copy()
    nan[3, 0] = np.nan
    arrays = {"all": pixels, "few": pixels[:5], "flat": pixels[:5, 0], "nan": nan}
    for name, array in arrays.items():
        np.save(tmp_path / f"{name}.npy", array)
    table(tmp_path / "strange.parquet", pixels[:3], id=["train/0", "cat.png", "dog.png"])
    table(tmp_path / "far.parquet", pixels[:2], row=[0, 1797])
    table(tmp_path / "twice.parquet", pixels[:3], id=["train/3", "train/4", "train/3"])
    table(tmp_path / "one.parquet", pixels[:1], id=["train/3"])
    with pytest.raises(RequestError) as caught:
        external_embeddings.read_files([spec.format(at=tmp_path)], digits)
    assert said in caught.value.message
    assert (caught.value.field or "").startswith("--embeddings")
    assert caught.value.remedy


def test_files_of_one_name_have_one_width_and_no_sample_twice(
    digits: Dataset, pixels: np.ndarray
) -> None:
    train, test = (pixels[digits.rows(split)] for split in ("train", "test"))  # type: ignore[arg-type]
    with pytest.raises(RequestError, match="3 and 64 columns"):
        external_embeddings.of_arrays({"x": {"train": train, "test": test[:, :3]}}, digits)
    nan = np.full_like(train, np.nan)
    for bad, said in ((train[0], "shape"), (train.astype(bool), "bool"), (nan, "NaN")):
        with pytest.raises(RequestError, match=said):
            external_embeddings.of_arrays({"x": {"train": bad}}, digits)


def test_a_document_scores_the_samples_that_runs_are_scored_on(
    digits: Dataset, pixels: np.ndarray, config: dict[str, Any]
) -> None:
    (found,) = external_embeddings.of_arrays({"pixels": pixels}, digits)
    document = external_scores.record(found, digits, config)
    assert (document["status"], document["config"]["task"]) == ("outside", "outside")
    assert document["gains"] == []
    assert any(name.startswith("h.") for name in document["verdict"]["metrics"])
    rows = {(r["protocol"], r["metric"]): r for r in document["scores"]}
    assert {("knn", "accuracy"), ("linear probe", "accuracy")} <= set(rows)
    chosen, labels = sampling.choose(digits), digits.target("label")
    predicted = knn.predict(
        pixels[chosen["train"]], labels[chosen["train"]], pixels[chosen["test"]]
    )
    share = float((predicted == labels[chosen["test"]]).mean())
    row = rows["knn", "accuracy"]
    assert row["value"] == pytest.approx(share)
    assert (row["features"], row["split"], row["n"]) == ("trained", "test", 719)
    assert row["low"] < share < row["high"]


def test_test_labels_change_no_choice_and_no_verdict(
    digits: Dataset, pixels: np.ndarray, config: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    (found,) = external_embeddings.of_arrays({"pixels": pixels}, digits)
    before = external_scores.record(found, digits, config)
    shuffled = digits.target("label")
    test = digits.rows("test")
    shuffled[test] = RNG.permutation(shuffled[test])
    monkeypatch.setattr(Dataset, "target", lambda *_: shuffled)
    after = external_scores.record(found, digits, config)
    assert after["verdict"] == before["verdict"]
    assert after["notes"] == before["notes"], "the penalty is named there"
    assert after["scores"] != before["scores"]


def test_a_closed_test_stays_closed(
    digits: Dataset, pixels: np.ndarray, config: dict[str, Any]
) -> None:
    (found,) = external_embeddings.of_arrays({"pixels": pixels}, digits)
    document = external_scores.record(found, digits, config, hidden=True)
    assert document["test"] == "closed"
    assert {row["split"] for row in document["scores"]} == {"validation"}
    assert {row["n"] for row in document["scores"]} == {359}
    assert {row["protocol"] for row in document["scores"]} == {"guess", "knn", "linear probe"}
    spoiled = pixels.copy()
    spoiled[digits.rows("test")] = 0
    (other,) = external_embeddings.of_arrays({"pixels": spoiled}, digits)
    assert (
        external_scores.record(other, digits, config, hidden=True)["scores"] == document["scores"]
    )


@pytest.mark.parametrize(
    ("columns", "label", "said"),
    [
        (0, "complete collapse", ""),
        (1, "no sign of collapse", ""),
        (300, "no sign of collapse", "with fewer than four rows a column"),
    ],
)
def test_odd_embeddings_get_an_answer(tmp_path: Path, columns: int, label: str, said: str) -> None:
    images = RNG.integers(0, 255, (90, 8, 8)).astype(np.uint8)
    read, data = prepare_arrays(images, tmp_path, labels=["a", "b"] * 45)
    h = RNG.standard_normal((90, columns)) if columns else np.full((90, 4), 2.5)
    (found,) = external_embeddings.of_arrays({"odd": h}, data)
    document = external_scores.record(found, data, {"data": {"source": read.source}})
    assert document["scores"]
    assert document["verdict"]["label"] == label
    assert said in document["verdict"]["reason"]


def test_without_labels_there_is_a_check_and_a_note(tmp_path: Path) -> None:
    images = RNG.integers(0, 255, (90, 8, 8)).astype(np.uint8)
    _, data = prepare_arrays(images, tmp_path)
    (found,) = external_embeddings.of_arrays({"h": RNG.standard_normal((90, 5))}, data)
    document = external_scores.record(found, data, {"data": {}})
    assert document["scores"] == []
    assert any("No labels" in note for note in document["notes"])
    assert document["verdict"] is not None


def test_no_test_sample_is_in_the_space_for_agreement(digits: Dataset, pixels: np.ndarray) -> None:
    (found,) = external_embeddings.of_arrays({"pixels": pixels}, digits)
    space = external_scores.space(found, digits)
    assert space.rows.max() == digits.rows("test").start - 1
    np.testing.assert_array_equal(space.features, pixels[: digits.rows("test").start])
    only = External("t", np.arange(1100, 1110), pixels[1100:1110])
    verdict, said = external_scores._verdict(only, digits)
    assert verdict is None
    assert "Only test samples" in said[0]

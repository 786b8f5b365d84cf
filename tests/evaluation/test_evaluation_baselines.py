"""Pixels and word counts as features, the shelf of stored scores, and the files of a run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from safetensors.numpy import load_file

from workbench.evaluation import baselines, run_files
from workbench.evaluation.scores import evaluate


def test_small_images_are_taken_as_they_are() -> None:
    images = np.random.default_rng(0).integers(0, 256, (6, 3, 8, 8), np.uint8)
    found = baselines.raw_input(images, np.array([4, 1]))
    assert np.array_equal(found, images[[4, 1]].reshape(2, -1).astype(np.float32) / 255)


@pytest.mark.parametrize("shape", [(1, 64, 64), (3, 33, 50), (3, 20, 20)])
def test_large_images_are_averaged_over_squares(shape: tuple[int, int, int]) -> None:
    images = np.random.default_rng(0).integers(0, 256, (2, *shape), np.uint8)
    found = baselines.raw_input(images, np.arange(2))
    assert found.shape[1] <= baselines.MOST_PIXELS
    channels, height, width = shape
    side = next(s for s in range(1, 99) if channels * -(-height // s) * -(-width // s) <= 1024)
    grid = found.reshape(2, channels, -(-height // side), -(-width // side))
    last = images[1, -1, (grid.shape[2] - 1) * side :, (grid.shape[3] - 1) * side :]
    assert grid[1, -1, -1, -1] == pytest.approx(last.mean() / 255, abs=1e-6)
    assert grid[0, 0, 0, 0] == pytest.approx(images[0, 0, :side, :side].mean() / 255, abs=1e-6)


def test_scores_are_kept_and_read_back_equal(blobs: Any, tmp_path: Path) -> None:
    features, labels = blobs()
    part = evaluate({"raw input": features}, labels, target="label", n_classes=4).parts["raw input"]
    path = tmp_path / "deep" / baselines.key(features="raw input", target="label")
    assert baselines.read(path) is None
    baselines.write(path, part)
    again = baselines.read(path)
    assert again is not None
    assert [dict(row) for row in again.scores] == [dict(row) for row in part.scores]
    assert again.choices == part.choices
    assert again.validation is not None
    assert part.validation is not None
    assert list(again.outcomes) == list(part.outcomes)
    assert [dict(r) for r in again.validation.scores] == [dict(r) for r in part.validation.scores]
    assert list(again.validation.outcomes) == list(part.validation.outcomes)
    assert again.outcomes.keys() == part.outcomes.keys()
    assert all(np.array_equal(again.outcomes[k], v) for k, v in part.outcomes.items())
    assert [p.name for p in path.parent.iterdir()] == [path.name]


def test_a_damaged_or_foreign_file_is_no_baseline(tmp_path: Path) -> None:
    path = tmp_path / "x.safetensors"
    path.write_bytes(b"not a tensor")
    assert baselines.read(path) is None


def test_keys_tell_options_apart() -> None:
    one = baselines.key(features="raw input", full=False)
    assert one == baselines.key(full=False, features="raw input")
    assert one != baselines.key(features="raw input", full=True)


def test_k_is_part_of_the_key_where_it_decides_a_score_and_is_not_the_former_one() -> None:
    protocols = ("knn", "linear probe")
    assert baselines.neighbours_key("random init", protocols, 20) == {}
    assert baselines.neighbours_key("random init", protocols, 5) == {"neighbours": 5}
    assert baselines.neighbours_key("raw input", protocols, 1) == {"neighbours": 1}
    assert baselines.neighbours_key("tf-idf", protocols, 5) == {}
    assert baselines.neighbours_key("lsa", protocols, 5) == {}
    assert baselines.neighbours_key("random init", ("linear probe",), 5) == {}
    assert baselines.neighbours_key("random init", ("nuisance probe",), 5) == {}


def test_scores_from_before_k_could_be_chosen_are_of_20_neighbours(
    blobs: Any, tmp_path: Path
) -> None:
    features, labels = blobs()
    part = evaluate({"raw input": features}, labels, target="label", n_classes=4).parts["raw input"]
    path = tmp_path / "scores.safetensors"
    baselines.write(path, part)
    arrays, document = baselines.read_arrays(path) or ({}, {})
    for side in (document, document["validation"]):
        for row in side["scores"]:
            row.pop("neighbours", None)
    baselines.write_arrays(path, arrays, document)
    again = baselines.read(path)
    assert again is not None
    assert again.validation is not None
    for row in (*again.scores, *again.validation.scores):
        assert row.get("neighbours") == (20 if row["protocol"] == "knn" else None)


def test_the_spectrum_is_that_of_the_covariance() -> None:
    x = np.random.default_rng(0).standard_normal((50, 6)) * [5, 3, 1, 1, 1, 0] + 9
    values = np.linalg.eigvalsh(np.cov(x.T))[::-1]
    assert run_files.spectrum(x) == pytest.approx(values / values.sum(), abs=1e-9)
    wide = run_files.spectrum(x.T)
    assert len(wide) == 6
    assert sum(wide) == pytest.approx(1)
    assert run_files.spectrum(np.ones((9, 4))) == [0.0] * 4
    assert len(run_files.spectrum(np.random.default_rng(0).standard_normal((400, 300)))) == 256


def test_rows_are_found_across_splits() -> None:
    rows = {"train": np.array([3, 8]), "validation": np.array([11])}
    values = {"train": np.array([[3.0], [8]]), "validation": np.array([[11.0]])}
    assert run_files.pick(values, rows, np.array([11, 3])).tolist() == [[11.0], [3.0]]
    for missing in (4, 99):
        with pytest.raises(KeyError):
            run_files.pick(values, rows, np.array([missing]))


def test_embeddings_are_halved_only_where_that_holds_them(tmp_path: Path) -> None:
    h, u = np.array([[1.0, 2]], np.float32), np.array([[1e6, 2]], np.float32)
    run_files.write_embeddings(tmp_path / "e", {"train": np.array([7])}, {"train": h}, {"train": u})
    found = load_file(str(tmp_path / "e"))
    assert found["h_train"].dtype == np.float16
    assert found["u_train"].dtype == np.float32
    assert found["index_train"].tolist() == [7]


def test_predictions_have_a_column_a_protocol(tmp_path: Path) -> None:
    predictions = {"knn": np.array([0, 1]), "linear probe": np.array([1, 1])}
    run_files.write_predictions(tmp_path / "p", np.array([5, 9]), np.array([0, 1]), predictions)
    assert pq.read_table(tmp_path / "p").to_pydict() == {
        "row": [5, 9], "truth": [0, 1], "knn": [0, 1], "probe": [1, 1],
    }  # fmt: skip

"""Scores without the test samples that equal a training sample."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from workbench.evaluation import baselines
from workbench.evaluation.feature_scores import ANOMALY, CLUSTERING, FEW, GUESS, KNN, PROBE
from workbench.evaluation.scores import Evaluation, evaluate
from workbench.records import Score

N_TRAIN, N_TEST, N_COPIES = 60, 30, 12


def evaluated(copies: bool = True, normal: int | None = None) -> Evaluation:
    """Noise features whose first test samples are copies of training samples: these alone are
    recognised."""
    rng = np.random.default_rng(0)
    train, test, chooser = (rng.normal(size=(n, 8)) for n in (N_TRAIN, N_TEST, 20))
    labels = {"train": np.arange(N_TRAIN) % 3, "test": np.arange(N_TEST) % 3}
    labels["validation"] = np.arange(20) % 3
    test[:N_COPIES] = train[:N_COPIES]
    if normal is not None:
        labels["train"] = np.zeros(N_TRAIN, np.int64)
    marks = {"test": np.arange(N_TEST) < N_COPIES, "validation": np.zeros(20, np.bool_)}
    features = {"train": train, "validation": chooser, "test": test}
    return evaluate(
        {"trained": features, "raw input": features},
        labels,
        target="label",
        n_classes=3,
        normal=normal,
        neighbours=1,
        copies=marks if copies else None,
    )


def rows_by(evaluation: Evaluation, protocol: str, metric: str) -> list[Score]:
    return [
        row for row in evaluation.scores if (row["protocol"], row["metric"]) == (protocol, metric)
    ]


def test_neighbours_know_copies_alone() -> None:
    """With one neighbour every copy is right; the score without copies is that of guessing."""
    for row in rows_by(evaluated(), KNN, "accuracy"):
        without = row["without_copies"]
        assert without["n"] == N_TEST - N_COPIES
        right = without["value"] * without["n"]
        assert right == pytest.approx(row["value"] * N_TEST - N_COPIES)
        assert without["low"] <= without["value"] <= without["high"]
        assert without["value"] < row["value"]


def test_every_protocol_with_labels_has_both_scores() -> None:
    rows = evaluated().scores
    assert {row["protocol"] for row in rows} == {KNN, PROBE, FEW, CLUSTERING, GUESS}
    for row in rows:
        assert ("without_copies" in row) == (row["protocol"] != CLUSTERING)
        assert row.get("without_copies", {"n": 18})["n"] == 18


def test_distances_from_normal_have_both_scores() -> None:
    (row, *_) = rows_by(evaluated(normal=0), ANOMALY, "auroc")
    assert row["without_copies"]["n"] == 18
    assert 0 <= row["without_copies"]["value"] <= 1


def test_a_split_without_copies_has_one_score() -> None:
    evaluation = evaluated()
    assert evaluation.validation is not None
    assert all("without_copies" not in row for row in evaluation.validation.scores)
    plain = evaluated(copies=False)
    assert all("without_copies" not in row for row in plain.scores)
    for row, other in zip(evaluation.scores, plain.scores, strict=True):
        assert {name: row[name] for name in other} == other  # type: ignore[literal-required]


def test_where_all_samples_are_copies_nothing_is_scored_without() -> None:
    features = {s: np.random.default_rng(1).normal(size=(12, 4)) for s in ("train", "test")}
    labels = {split: np.arange(12) % 2 for split in features}
    result = evaluate(
        {"trained": features},
        labels,
        target="label",
        n_classes=2,
        protocols=(KNN,),
        copies={"test": np.ones(12, np.bool_)},
    )
    assert all(row["without_copies"] == {"n": 0} for row in result.scores)


def test_samples_without_a_label_are_left_aside() -> None:
    rng = np.random.default_rng(2)
    features = {split: rng.normal(size=(20, 4)) for split in ("train", "test")}
    labels = {split: np.arange(20) % 2 for split in features}
    labels["test"][:5] = -1
    copies = {"test": np.arange(20) < 8}
    result = evaluate(
        {"trained": features},
        labels,
        target="label",
        n_classes=2,
        protocols=(KNN,),
        copies=copies,
    )
    assert all(row["n"] == 15 and row["without_copies"]["n"] == 12 for row in result.scores)


def test_a_stored_baseline_keeps_it(tmp_path: Path) -> None:
    part = evaluated().parts["raw input"]
    baselines.write(tmp_path / "one.safetensors", part)
    stored = baselines.read(tmp_path / "one.safetensors")
    assert stored is not None
    assert stored.scores == part.scores
    assert any("without_copies" in row for row in stored.scores)

"""Scores and gains of made-up features, against what each protocol is by definition."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from workbench.evaluation import knn
from workbench.evaluation.feature_scores import (
    ANOMALY,
    CLUSTERING,
    FEW,
    GUESS,
    KNN,
    MAHALANOBIS,
    PROBE,
)
from workbench.evaluation.label_efficiency import draw, label_efficiency, levels_for
from workbench.evaluation.scores import evaluate

KEYS = {"protocol", "metric", "features", "representation", "target", "split"}
KEYS |= {"value", "low", "high", "n"}
MORE = {FEW: {"labels_per_class"}, KNN: {"neighbours"}}


def pick(rows: list[dict[str, Any]], **wanted: Any) -> dict[str, Any]:
    (row,) = [row for row in rows if all(row.get(k) == v for k, v in wanted.items())]
    return row


def test_scores_and_gains_have_the_documented_shape(blobs: Any) -> None:
    good, labels = blobs(apart=2.0)
    poor = {s: np.random.default_rng(1).standard_normal(x.shape) for s, x in good.items()}
    features = {"random init": poor, "trained": good, "raw input": poor}
    found = evaluate(features, labels, target="label", n_classes=4)
    keys = [
        (r["protocol"], r["metric"], r["features"], r.get("labels_per_class")) for r in found.scores
    ]
    assert len(keys) == len(set(keys)) == 3 * (3 + 3 + 2 * 4 + 2) + 3
    for row in found.scores:
        guess = row["features"] == "largest class"
        assert set(row) == KEYS | MORE.get(row["protocol"], set())
        least = -1 if row["metric"] == "ari" else 0
        assert least <= row["low"] <= row["value"] <= row["high"] <= 1
        wanted = (160, "test", "none" if guess else "h")
        assert (row["n"], row["split"], row["representation"]) == wanted
    assert next(r["features"] for r in found.scores) == "trained"
    assert {r["over"] for r in found.gains} == {"random init", "raw input"}
    assert {r["metric"] for r in found.gains} == {"accuracy", "balanced_accuracy", "macro_f1"}
    for row in found.gains:
        assert -1 <= row["low"] <= row["value"] <= row["high"] <= 1
    assert pick(found.gains, protocol=KNN, metric="accuracy", over="random init")["low"] > 0.3
    assert set(found.predictions) == {KNN, PROBE}
    assert np.array_equal(found.truth, labels["test"])


def test_the_largest_class_of_the_scored_samples_is_a_baseline_on_both_splits(blobs: Any) -> None:
    features, labels = blobs(apart=2.0)
    labels["test"] = np.where(np.arange(160) < 120, 2, labels["test"] % 2)
    found = evaluate({"trained": features}, labels, target="label", n_classes=4)
    rows = {r["metric"]: r for r in found.scores if r["features"] == "largest class"}
    share = np.bincount(labels["test"]).max() / 160
    assert {row["protocol"] for row in rows.values()} == {"guess"}
    assert rows["accuracy"]["value"] == pytest.approx(share)
    assert rows["balanced_accuracy"]["value"] == pytest.approx(1 / 3)
    assert rows["accuracy"]["low"] < share < rows["accuracy"]["high"]
    assert found.validation is not None
    (validated,) = [
        r
        for r in found.validation.scores
        if (r["features"], r["metric"]) == ("largest class", "accuracy")
    ]
    assert (validated["split"], validated["n"]) == ("validation", len(labels["validation"]))


def vote(bank: Any, labels: Any, query: Any, k: int) -> int:
    """The class that the k nearest vote for: exp(cosine / 0.07) each."""
    cosines = bank @ query / np.linalg.norm(bank, axis=1) / np.linalg.norm(query)
    nearest = np.argsort(-cosines)[:k]
    return int(np.bincount(labels[nearest], np.exp(cosines[nearest] / 0.07)).argmax())


@pytest.mark.parametrize("k", [1, 5])
def test_as_many_neighbours_vote_as_are_asked_for(blobs: Any, k: int) -> None:
    """On test and on validation, for the trained features and for a baseline."""
    features, labels = blobs(apart=0.7)
    pixels = {s: np.abs(x[:, :3]) for s, x in features.items()}
    given = {"trained": features, "raw input": pixels}
    found = evaluate(given, labels, target="label", n_classes=4, neighbours=k)
    assert found.validation is not None
    centred = {s: x - pixels["train"].mean(axis=0) for s, x in pixels.items()}
    for split, rows in (("test", found.scores), ("validation", found.validation.scores)):
        for name, kind in (("trained", features), ("raw input", centred)):
            bank = kind["train"].astype(np.float64)
            predicted = [vote(bank, labels["train"], q.astype(float), k) for q in kind[split]]
            row = pick(rows, protocol=KNN, metric="accuracy", features=name)
            assert row["value"] == pytest.approx(np.mean(predicted == labels[split]))
    for one in (found, found.validation):
        for row in [*one.scores, *one.gains]:
            assert row.get("neighbours") == (k if row["protocol"] == KNN else None)


def test_small_classes_lower_k_and_the_row_says_what_was_asked_for(blobs: Any) -> None:
    features, labels = blobs(train=40)
    one, same = (
        evaluate({"trained": features}, labels, target="label", n_classes=4, neighbours=k)
        for k in (7, 5)
    )
    assert "Neighbours: 5 instead of 7, for the classes are small." in one.notes
    assert np.array_equal(one.predictions[KNN], same.predictions[KNN])
    assert {r["neighbours"] for r in one.scores if r["protocol"] == KNN} == {7}


def test_equal_features_gain_nothing(blobs: Any) -> None:
    features, labels = blobs(apart=0.6)
    found = evaluate(
        {"trained": features, "random init": features}, labels, target="label", n_classes=4
    )
    for row in found.gains:
        assert row["low"] < row["value"] == 0 < row["high"]


NORMALS = {"train": np.zeros(60, int), "validation": np.arange(40) % 2, "test": np.arange(80) % 3}


@pytest.mark.parametrize("normal", [None, 0])
def test_no_choice_depends_on_the_test_labels(blobs: Any, normal: int | None) -> None:
    """Scaling, penalty, clusters, distances and every answer, on test and on validation."""
    features, labels = blobs(apart=0.5, train=60, validation=40, test=80)
    if normal is not None:
        labels = NORMALS
    words = {s: np.abs(x) for s, x in features.items()}
    given = {"trained": features, "raw input": words, "lsa": words}
    other = labels | {"test": np.random.default_rng(3).permutation(labels["test"])}
    one, two = (
        evaluate(given, known, target="label", n_classes=4, normal=normal)
        for known in (labels, other)
    )
    for name, part in one.parts.items():
        again = two.parts[name]
        assert part.choices == again.choices
        assert part.outcomes.keys() == again.outcomes.keys()
        for protocol, outcome in part.outcomes.items():
            assert np.array_equal(outcome, again.outcomes[protocol])
        assert part.validation is not None
        assert again.validation is not None
        assert part.validation.scores == again.validation.scores
        assert [{**r, "value": 0, "low": 0, "high": 0} for r in part.scores] == [
            {**r, "value": 0, "low": 0, "high": 0} for r in again.scores
        ]
    assert one.notes == two.notes
    assert one.scores != two.scores


def test_validation_is_scored_like_test(blobs: Any) -> None:
    features, labels = blobs(apart=0.8)
    poor = {s: x[:, :2] for s, x in features.items()}
    found = evaluate(
        {"trained": features, "random init": poor}, labels, target="label", n_classes=4
    )
    validation = found.validation
    assert validation is not None
    assert {r["split"] for r in validation.scores + validation.gains} == {"validation"}
    assert {r["protocol"] for r in validation.scores} == {KNN, PROBE, CLUSTERING, GUESS}
    assert {r["protocol"] for r in validation.gains} == {KNN, PROBE}
    assert {r["n"] for r in validation.scores} == {80}
    assert np.array_equal(validation.truth, labels["validation"])
    for protocol in (KNN, PROBE):
        predicted = validation.predictions[protocol]
        row = pick(validation.scores, protocol=protocol, metric="accuracy", features="trained")
        assert row["value"] == pytest.approx((predicted == labels["validation"]).mean())
    assert np.array_equal(
        validation.predictions[KNN],
        knn.predict(features["train"], labels["train"], features["validation"]),
    )


def test_distances_are_scored_on_validation_where_it_has_anomalies(blobs: Any) -> None:
    features, _ = blobs(train=60, validation=40, test=80)
    found = evaluate(
        {"trained": features}, NORMALS, target="label", n_classes=3, normal=0
    ).validation
    assert found is not None
    assert {(r["protocol"], r["metric"], r["n"]) for r in found.scores} == {
        (p, m, 40) for p in (ANOMALY, MAHALANOBIS) for m in ("auroc", "auprc", "fpr95")
    }
    assert set(found.predictions) == {ANOMALY}


@pytest.mark.parametrize("rows", [3, 200])
@pytest.mark.parametrize("kind", ["wide", "constant", "partly constant"])
def test_degenerate_features_get_numbers_and_a_note(blobs: Any, kind: str, rows: int) -> None:
    features, labels = blobs(train=rows, dim=300 if kind == "wide" else 6)
    if kind != "wide":
        features = {
            s: np.where(np.arange(6) < (6 if kind == "constant" else 2), 1.0, x)
            for s, x in features.items()
        }
    found = evaluate({"trained": features}, labels, target="label", n_classes=4)
    assert found.validation is not None
    for row in found.scores + found.validation.scores:
        assert np.isfinite([row["value"], row["low"], row["high"]]).all()
    words = {"wide": "than columns", "constant": "those of guessing", "partly constant": "2 of 6"}
    assert any(words[kind] in note for note in found.notes)


def test_one_class_in_the_test_split_is_said(blobs: Any) -> None:
    features, labels = blobs()
    labels = labels | {"test": np.zeros(160, int)}
    found = evaluate({"trained": features}, labels, target="label", n_classes=4)
    assert any("all of one class" in note for note in found.notes)
    assert not [r for r in found.scores if r["protocol"] == CLUSTERING]
    assert all(np.isfinite([r["value"], r["low"], r["high"]]).all() for r in found.scores)


def test_features_that_saw_all_labels_have_no_scores_with_few(blobs: Any) -> None:
    features, labels = blobs()
    given = {"trained": features, "random init": features}
    found = evaluate(given, labels, target="label", n_classes=4, trained_on_labels=True)
    scored = {(row["features"], row["protocol"]) for row in found.scores}
    assert {p for name, p in scored if name == "trained"} == {KNN, PROBE}
    assert ("random init", FEW) in scored
    assert any("trained with every training label" in note for note in found.notes)


def test_further_features_are_scored_like_the_trained_ones(blobs: Any) -> None:
    features, labels = blobs()
    given = {"random init": features, "pretrained": features, "supervised": features}
    found = evaluate({"trained": features} | given, labels, target="label", n_classes=4)
    assert list(found.parts) == ["trained", "supervised", "pretrained", "random init"]
    rows = {
        name: [(r["protocol"], r["metric"], r["value"]) for r in part.scores]
        for name, part in found.parts.items()
    }
    assert rows["pretrained"] == rows["trained"]
    assert rows["supervised"] == [row for row in rows["trained"] if row[0] in (KNN, PROBE)]
    assert {r["over"] for r in found.gains} == {"supervised", "pretrained", "random init"}


def test_the_test_features_change_no_choice_either(blobs: Any) -> None:
    features, labels = blobs(apart=0.5)
    other = features | {"test": 100 * features["test"] + 7}
    one = evaluate({"trained": features}, labels, target="label", n_classes=4)
    two = evaluate({"trained": other}, labels, target="label", n_classes=4)
    assert one.parts["trained"].choices == two.parts["trained"].choices


def test_it_repeats_and_stored_baselines_change_nothing(blobs: Any) -> None:
    features, labels = blobs(apart=0.6)
    poor = {s: x[:, :2] for s, x in features.items()}
    given = {"trained": features, "random init": poor}
    one = evaluate(given, labels, target="label", n_classes=4, seed=5)
    stored = {"random init": one.parts["random init"]}
    two = evaluate(
        {"trained": features}, labels, target="label", n_classes=4, seed=5, stored=stored
    )
    assert one.scores == two.scores
    assert one.gains == two.gains


def test_missing_labels_are_left_out(blobs: Any) -> None:
    features, labels = blobs(apart=3.0)
    labels = {s: np.where(np.arange(len(y)) % 2, y, -1) for s, y in labels.items()}
    found = evaluate({"trained": features}, labels, target="label", n_classes=4)
    assert {row["n"] for row in found.scores} == {80}
    assert found.kept.tolist() == list(range(1, 160, 2))
    assert pick(found.scores, protocol=PROBE, metric="accuracy")["value"] > 0.95


@pytest.mark.parametrize(
    ("labels", "reason"),
    [
        ({}, "No labels"),
        ({"train": [-1, -1], "test": [-1]}, "No labels"),
        ({"train": [0, 1, 0, 1]}, "in the test split"),
        ({"train": [0, 1], "test": [-1, -1]}, "in the test split"),
        ({"train": [-1, -1], "test": [0, 1]}, "in the train split"),
        ({"train": [1, 1], "test": [0, 1]}, "all of one class"),
    ],
)
def test_what_cannot_be_scored_is_said(labels: dict[str, Any], reason: str) -> None:
    given = {s: np.array(y) for s, y in labels.items()}
    features = {s: np.ones((len(y), 3)) for s, y in given.items()}
    found = evaluate({"trained": features}, given, target="label", n_classes=2)
    assert found.scores == found.gains == []
    assert reason in found.notes[0]


@pytest.mark.parametrize("protocol", [KNN, PROBE, FEW])
def test_two_samples_and_one_to_test_are_enough(protocol: str) -> None:
    labels = {"train": np.array([0, 1]), "test": np.array([1])}
    features = {"train": np.array([[0.0, 1], [1, 0]]), "test": np.array([[1.0, 0.1]])}
    found = evaluate(
        {"trained": features, "random init": features},
        labels,
        target="label",
        n_classes=2,
        protocols=(protocol,),
    )
    row = pick(found.scores, metric="accuracy", features="trained")
    assert (row["value"], row["n"]) == (1.0, 1)
    assert row["low"] < 0.5


def test_odd_classes_are_named_in_notes(blobs: Any) -> None:
    features, labels = blobs(classes=5, train=100)
    train = np.where(labels["train"] == 4, 3, labels["train"])
    test = np.where(labels["test"] == 0, 1, labels["test"])
    given = {"train": train, "test": test}
    parts = {s: features[s] for s in given}
    found = evaluate({"trained": parts}, given, target="label", n_classes=5)
    text = " ".join(found.notes)
    assert "test split without a training sample: 1;" in text
    assert "without a test sample: 1;" in text
    assert "Neighbours: 10 instead of 20" in text
    assert "fixed middle" in text


def test_anomaly_replaces_the_other_protocols(blobs: Any) -> None:
    rng = np.random.default_rng(0)
    labels = {"train": np.zeros(60, int), "test": np.repeat([0, 1, 2], [30, 20, 10])}
    features = {
        "train": rng.standard_normal((60, 4)),
        "test": rng.standard_normal((60, 4)) + 3.0 * labels["test"][:, None],
    }
    noise = {s: rng.standard_normal(x.shape) for s, x in features.items()}
    found = evaluate(
        {"trained": features, "random init": noise},
        labels,
        target="label",
        n_classes=3,
        normal=0,
        classes=("normal", "scratch", "dent"),
    )
    assert [(r["protocol"], r["metric"]) for r in found.scores if r["features"] == "trained"] == [
        *[("anomaly", metric) for metric in ("auroc", "auprc", "fpr95", "auroc", "auroc")],
        *[("anomaly mahalanobis", metric) for metric in ("auroc", "auprc", "fpr95")],
    ]
    mine = [r for r in found.scores if r["features"] == "trained" and r["protocol"] == "anomaly"]
    whole = pick(mine, target="label", metric="auroc")
    dent = pick(mine, target="label=dent")
    assert (whole["n"], dent["n"]) == (60, 40)
    assert dent["value"] >= whole["value"] > 0.95
    assert [(g["protocol"], g["over"], g["target"]) for g in found.gains] == [
        ("anomaly", "random init", "label"),
        ("anomaly mahalanobis", "random init", "label"),
    ]
    assert all(gain["low"] > 0.2 for gain in found.gains)
    assert "30 of 60 test samples (50%)" in found.notes[0]
    assert found.validation is not None
    assert found.validation.scores == found.validation.gains == []


def test_anomaly_needs_both_kinds_in_the_test_split() -> None:
    labels = {"train": np.zeros(5, int), "test": np.zeros(4, int)}
    features = {s: np.ones((len(y), 2)) for s, y in labels.items()}
    found = evaluate({"trained": features}, labels, target="label", n_classes=2, normal=0)
    assert "normal and other samples" in found.notes[0]


def test_levels_are_those_that_half_of_the_classes_can_fill() -> None:
    assert levels_for(np.repeat([0, 1, 2], [60, 60, 3])) == (1, 5, 10, 50)
    assert levels_for(np.array([0, 1, 2])) == (1,)
    assert levels_for(np.repeat([0, 1], 100)) == (1, 5, 10, 50, 100)


def test_draws_are_stratified_nested_and_shared_between_runs() -> None:
    labels = np.repeat([0, 1, 2], [50, 20, 2])
    five, ten = draw(labels, 5, 0, seed=1), draw(labels, 10, 0, seed=1)
    assert np.bincount(labels[five]).tolist() == [5, 5, 2]
    assert np.isin(five, ten).all()
    assert np.array_equal(five, draw(labels, 5, 0, seed=1))
    assert not np.array_equal(five, draw(labels, 5, 1, seed=1))


def test_more_labels_score_higher(blobs: Any) -> None:
    features, labels = blobs(apart=0.6, dim=20, train=400)
    parts = [features[s] for s in ("train", "validation", "test")]
    levels = label_efficiency(parts[0], labels["train"], parts[1], labels["validation"], parts[2])
    right = [float((level.predicted == labels["test"]).mean()) for level in levels]
    assert [level.labels_per_class for level in levels] == [1, 5, 10, 50, 100]
    assert right[0] < right[2] < right[4]
    assert all(level.predicted.shape == (5, 160) for level in levels)

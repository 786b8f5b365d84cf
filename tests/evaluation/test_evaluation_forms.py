"""Validation chooses between several forms of one kind of features."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from workbench.evaluation.feature_scores import FEW, PROBE
from workbench.evaluation.forms import Forms, best_form, first_form, pick
from workbench.evaluation.scores import evaluate


def made(noise: float, seed: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """Two classes a distance of 2 apart, in five dimensions of noise."""
    rng = np.random.default_rng(0)
    counts = {"train": 80, "validation": 40, "test": 50}
    labels = {split: rng.integers(0, 2, n) for split, n in counts.items()}
    draw = np.random.default_rng(seed)
    features = {
        split: (y[:, None] * 2.0 + noise * draw.standard_normal((len(y), 5))).astype(np.float32)
        for split, y in labels.items()
    }
    return features, labels


def test_the_better_form_is_scored_and_named() -> None:
    poor, labels = made(8.0, 1)
    good, _ = made(0.3, 2)
    forms = Forms({"poor ones": poor, "good ones": good})
    found = evaluate({"lsa": forms}, labels, target="t", n_classes=2)
    alone = evaluate({"lsa": good}, labels, target="t", n_classes=2)
    for outcome in (PROBE, f"{FEW}/5"):
        both = (one.parts["lsa"].outcomes[outcome] for one in (found, alone))
        assert np.array_equal(*both)
    assert "Of 'lsa' for 't', good ones were chosen on validation." in found.notes


@pytest.mark.parametrize("sparse", [False, True])
def test_test_labels_have_no_part_in_the_choice(sparse: bool) -> None:
    poor, labels = made(8.0, 1)
    good, _ = made(0.3, 2)
    if sparse:
        poor, good = ({s: csr_matrix(x) for s, x in one.items()} for one in (poor, good))
    truth = {split: labels[split] for split in ("train", "validation")}
    assert best_form(Forms({"poor": poor, "good": good}), truth)[1] == "good"


def test_shuffled_test_labels_change_neither_choice_nor_answers() -> None:
    poor, labels = made(8.0, 1)
    good, _ = made(0.3, 2)
    forms = Forms({"poor ones": poor, "good ones": good})
    shuffled = labels | {"test": labels["test"][::-1].copy()}
    first, second = (
        evaluate({"lsa": forms}, truth, target="t", n_classes=2) for truth in (labels, shuffled)
    )
    assert not np.array_equal(labels["test"], shuffled["test"])
    answers = (found.parts["lsa"].outcomes[PROBE] for found in (first, second))
    assert np.array_equal(*answers)
    assert [note for note in first.notes if "chosen" in note] == [
        note for note in second.notes if "chosen" in note
    ]


def test_where_all_forms_are_equal_nothing_is_said_to_be_chosen() -> None:
    good, labels = made(0.3, 2)
    one_class = {split: np.zeros_like(y) for split, y in labels.items()}
    assert best_form(Forms({"a": good, "b": good}), one_class) == (good, "")


def test_without_validation_labels_the_first_form_stands() -> None:
    poor, labels = made(8.0, 1)
    good, _ = made(0.3, 2)
    truth = {"train": labels["train"], "test": labels["test"]}
    features, name = best_form(Forms({"poor": poor, "good": good}), truth)
    assert (features is poor, name) == (True, "")
    assert best_form(good, labels) == (good, "")


def test_rows_are_picked_of_each_form() -> None:
    splits, _ = made(1.0, 1)
    rows = {split: np.arange(5) for split in splits}
    picked = pick(Forms({"a": splits, "b": splits}), rows)
    assert isinstance(picked, Forms)
    assert all(one["test"].shape == (5, 5) for one in picked.by_name.values())
    assert first_form(pick(splits, rows))["train"].shape == (5, 5)

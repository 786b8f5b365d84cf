"""Imbalanced data: the largest class is a baseline, and balanced accuracy leads."""

from __future__ import annotations

from typing import Any

import numpy as np
from comparison_making import around, gain_row, run, score_row

from workbench import comparison
from workbench.comparison import Evidence, Predictions
from workbench.comparison.lead_metric import largest_class, lead_metric
from workbench.comparison.simple_baselines import behind_words


def imbalanced(
    task: str,
    accuracy: float,
    balanced: float | None,
    *,
    share: float = 0.8,
    classes: int = 4,
    reached: float = 0.9,
    **more: Any,
) -> dict[str, Any]:
    """A run of ``classes`` classes whose largest has ``share`` of the samples.

    accuracy, balanced: gains; None: an older run, which has macro F1 alone. reached: its accuracy.
    """
    made = run(task, around(accuracy), **more)
    metric = "macro_f1" if balanced is None else "balanced_accuracy"
    made["gains"].append(gain_row(*around(0.3 if balanced is None else balanced), metric=metric))
    made["scores"][0] |= {"value": reached, "low": reached - 0.02, "high": reached + 0.02}
    guess = {"protocol": "guess", "representation": "none"}
    made["scores"] += [
        score_row("largest class", value=share, **guess),
        score_row("largest class", metric="balanced_accuracy", value=1 / classes, **guess),
    ]
    return made


def test_balanced_accuracy_decides_where_the_largest_class_is_too_large() -> None:
    runs = [imbalanced("simclr", 0.0, 0.3), imbalanced("byol", 0.1, 0.0)]
    assert {lead_metric(one) for one in runs} == {"balanced_accuracy"}
    rows = comparison.decisions(comparison.analyse(runs))
    assert [row["decision"] for row in rows] == ["run next", "ruled out"]
    assert rows[0]["reason"].startswith("Gain in balanced accuracy on test samples +30.0 points")
    document = comparison.compare(runs)
    assert [row["metric"] for row in document["gains"]] == ["balanced_accuracy"] * 2
    assert document["headline"][0] == document["sentences"][0]
    assert document["headline"][0].startswith(
        "The largest class has 80.0% of 719 scored test samples, 3.2 times its fair share."
    )
    assert any("30.0 points of balanced accuracy above" in line for line in document["sentences"])


def test_accuracy_leads_where_the_classes_are_about_even() -> None:
    made = imbalanced("simclr", 0.1, 0.3, share=0.37)
    largest = largest_class(made)
    assert largest is not None
    assert not largest.too_large
    assert lead_metric(made) == "accuracy"
    assert "fair share" not in " ".join(comparison.sentences([made]))
    assert lead_metric(run()) == "accuracy"


def test_runs_that_only_equal_the_largest_class_are_named_first() -> None:
    runs = [imbalanced("simclr", 0.0, 0.0, reached=0.8), imbalanced("byol", 0.0, 0.0, reached=0.8)]
    lines = comparison.compare(runs)["headline"]
    assert lines[1] == (
        "All runs here are no better than always guessing the largest class (80.0% accuracy)."
    )
    runs[1] = imbalanced("byol", 0.1, 0.1, reached=0.9)
    text = " ".join(comparison.compare(runs)["headline"])
    assert "SimCLR (seed 0) is no better than always guessing" in text
    assert behind_words(runs[0]).startswith("No better than always guessing the largest class")
    assert not behind_words(runs[1])


def test_macro_f1_leads_for_older_runs_and_for_newer_ones_beside_them() -> None:
    older, newer = imbalanced("simclr", 0.1, None), imbalanced("byol", 0.1, 0.2)
    newer["gains"].append(gain_row(*around(0.05), metric="macro_f1"))
    assert lead_metric(older) == "macro_f1"
    document = comparison.compare([older, newer])
    assert [row["metric"] for row in document["gains"]] == ["macro_f1", "macro_f1"]
    assert [row["value"] for row in document["gains"]] == [0.3, 0.05]
    assert "So macro F1 leads" in document["headline"][0]


def test_models_are_compared_by_balanced_accuracy_on_the_same_samples() -> None:
    """One finds half of the rare class, the other none; by accuracy the other one is ahead."""
    truth = np.repeat([0, 1], (900, 100))
    rare = np.where(truth == 1, np.arange(1000) % 2, 0)
    rare[:60] = 1
    answers = {"simclr": rare, "byol": np.zeros(1000, np.int64)}
    runs = [imbalanced(task, 0.0, 0.0, classes=2, share=0.9) for task in answers]
    evidence = Evidence(
        {
            one["id"]: Predictions(np.arange(1000), truth, {"knn": answers[one["config"]["task"]]})
            for one in runs
        }
    )
    (pair,) = comparison.analyse(runs, evidence).pairs
    assert pair["basis"] == "same samples"
    assert pair["difference"] > 0.2
    assert pair["p"] is not None
    assert pair["p"] < 1e-4
    (row,) = comparison.compare(runs, evidence)["relations"]
    assert row["relation"] == "higher"

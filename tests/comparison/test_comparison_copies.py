"""Scores without the samples that equal a training sample: in sentences, texts and tables."""

from __future__ import annotations

from typing import Any

from comparison_making import run, score_row

from workbench import comparison
from workbench.comparison.copies import flat
from workbench.export.report import tables
from workbench.stored_runs.compare import compare_text
from workbench.stored_runs.run_text import run_text

WITHOUT = {"n": 112, "value": 0.812, "low": 0.73, "high": 0.87}


def copied(seed: int = 0, **changes: Any) -> dict[str, Any]:
    """A run with 138 copies among 250 test samples."""
    made = run(seed=seed, n=250, **changes) | {"reason": None, "status": "finished"}
    made["scores"] = [
        score_row(n=250, without_copies=dict(WITHOUT)),
        score_row("random init", n=250, value=0.8, without_copies=WITHOUT | {"value": 0.7}),
    ]
    return made


def test_a_sentence_counts_the_copies_and_gives_the_scores_without_them() -> None:
    runs = [copied(name="first"), copied(1, name="second")]
    (sentence,) = comparison.copies_sentences(runs)
    assert sentence.startswith("138 of 250 test images equal a training image")
    assert "first 81.2% (with them 90.0%); second 81.2% (with them 90.0%)." in sentence
    assert sentence in comparison.sentences(runs)
    assert sentence in comparison.compare(runs)["sentences"]


def test_texts_and_validation_samples_are_called_what_they_are() -> None:
    made = copied(encoder="text_mini")
    for row in made["scores"]:
        row["split"] = "validation"
    (sentence,) = comparison.copies_sentences([made])
    assert sentence.startswith("138 of 250 validation texts equal a training text")
    (unknown,) = comparison.copies_sentences([copied(encoder="outside")])
    assert unknown.startswith("138 of 250 test samples equal a training sample")


def test_where_all_samples_are_copies_no_score_is_given() -> None:
    made = copied()
    for row in made["scores"]:
        row["without_copies"] = {"n": 0}
    (sentence,) = comparison.copies_sentences([made])
    assert sentence == "250 of 250 test images equal a training image: no score is free of copies."
    assert comparison.without_copies(made["scores"][0]) == "n=0"


def test_many_runs_are_counted_and_not_all_named() -> None:
    (sentence,) = comparison.copies_sentences([copied(seed) for seed in range(9)])
    assert sentence.endswith("; 3 more runs in the table.")


def test_texts_of_commands_show_the_score_beside_the_other() -> None:
    made = copied(name="first")
    shown = run_text(made)
    assert "90.0% [88.0%, 92.0%] (without copies 81.2% [73.0%, 87.0%], n=112)" in shown
    assert "138 of 250 test images equal a training image" in shown
    document = {"runs": [made], "comparison": comparison.compare([made]) | {"agreement": None}}
    lines = compare_text(document).splitlines()  # type: ignore[arg-type]
    assert "no copies" in lines[0]
    assert " 90.0%     81.2%     80.0%" in lines[1]


def test_the_report_and_tables_of_a_notebook_have_columns_for_it() -> None:
    made = copied()
    html = tables.scores([made], ["first"])
    assert "without copies of training samples" in html
    assert "81.2% [73.0%, 87.0%], n=112" in html
    assert flat(made["scores"][0])["value_without_copies"] == 0.812
    assert "without_copies" not in flat(made["scores"][0])


def test_nothing_is_shown_where_there_are_no_copies() -> None:
    made = run() | {"reason": None}
    assert not comparison.copies_sentences([made])
    assert "copies" not in run_text(made)
    assert "copies" not in tables.scores([made], ["first"])
    document = {"runs": [made], "comparison": comparison.compare([made]) | {"agreement": None}}
    assert "copies" not in compare_text(document)  # type: ignore[arg-type]
    assert flat(made["scores"][0]) == made["scores"][0]

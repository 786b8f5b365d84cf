"""Verdicts in plain sentences, rendered from label and metrics; old runs get them too."""

from __future__ import annotations

from typing import Any, get_args

import pytest

from workbench.diagnostics import verdict_words
from workbench.diagnostics.zones import Label
from workbench.records import VerdictRecord

METRICS = {
    "std_sqrt_d": 0.76,
    "mean_cosine": 0.1,
    "top_share": 0.93,
    "rankme_ratio": 0.04,
    "participation_ratio": 1.15,
    "n": 500.0,
    "d": 64.0,
}
SENTENCES = {
    "complete collapse": "All samples get nearly the same output: their spread is 0.76, and a "
    "healthy model's is about 1.",
    "dimensional collapse": "One direction holds 93 % of the variation; a healthy model uses many.",
    "low rank": "The outputs use few directions: RankMe is 4 % of that of evenly spread ones.",
    "no sign of collapse": "The outputs differ and use many directions: about 1 of 64.",
}
OLD = "Projections are spread out (std times sqrt(d) 0.77), RankMe 4% of isotropic data's."


def stored(label: str, space: str = "z", **changes: Any) -> VerdictRecord:
    metrics = {f"{space}.{name}": value for name, value in (METRICS | changes).items()}
    return {"label": label, "reason": OLD, "since_step": 3, "metrics": metrics}


@pytest.mark.parametrize("label", sorted(SENTENCES))
def test_an_old_run_is_shown_in_plain_words(label: str) -> None:
    shown = verdict_words.rendered(stored(label))
    assert shown is not None
    assert shown["reason"] == SENTENCES[label]
    assert (shown["label"], shown["since_step"]) == (label, 3)


def test_labels_are_all_rendered_but_those_that_need_the_losses_or_the_history() -> None:
    silent = {name for name in get_args(Label) if verdict_words.reason(name, METRICS) is None}
    assert silent == {"not learning", "too early to say"}


def test_what_label_and_metrics_do_not_give_stays_as_it_was_stored() -> None:
    bare: Any = {"reason": "A reason.", "since_step": 1}
    for label, metrics in (("not learning", METRICS), ("low rank", {}), ("low rank", {"z.d": 8})):
        shown = verdict_words.rendered(bare | {"label": label, "metrics": metrics})
        assert shown is not None
        assert shown["reason"] == "A reason."
    assert verdict_words.rendered(None) is None


def test_an_old_spread_that_still_grows_is_shown_in_plain_words() -> None:
    shown = verdict_words.rendered(stored("too early to say"))
    assert shown is not None
    assert shown["reason"].startswith("The outputs lie close together but still spread: 0.76 now")


def test_a_task_without_projections_is_named_and_the_numbers_are_those_of_its_encoder() -> None:
    shown = verdict_words.rendered(stored("low rank", "h"))
    assert shown is not None
    assert shown["reason"].endswith("so the encoder's own output is judged.")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"top_share": 0.996}, "holds more than 99 % of"),
        ({"top_share": 0.5, "participation_ratio": 2.1}, "About 2.1 of 64 directions hold"),
    ],
)
def test_few_directions_are_one_or_a_number(changes: dict[str, float], words: str) -> None:
    found = verdict_words.reason("dimensional collapse", METRICS | changes)
    assert words in (found or "")


def test_a_share_is_never_rounded_to_nothing() -> None:
    assert "less than 1 %" in (verdict_words.reason("low rank", {"rankme_ratio": 0.002}) or "")
    assert "less than 0.01" in (
        verdict_words.reason("complete collapse", {"std_sqrt_d": 0.001}) or ""
    )


def test_advice_of_an_old_run_is_of_today() -> None:
    old = stored("low rank")
    old["advice"] = "few directions are no fault if there are few classes"
    shown = verdict_words.rendered(old)
    assert shown is not None
    assert shown.get("advice") == verdict_words.ADVICE["low rank"]

"""What differs between runs, and whether it had to."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from comparison_making import run, score_row

from workbench import comparison, registry
from workbench.tasks.base import Needs


def test_differences_are_the_fields_that_differ_by_dotted_name() -> None:
    found = comparison.differences(
        [run(options={"temperature": 0.5}), run(options={"temperature": 0.1})]
    )
    assert [(row.field, row.values) for row in found] == [("options.temperature", (0.5, 0.1))]


def test_a_field_that_one_run_lacks_is_a_difference() -> None:
    found = comparison.differences([run(options={"temperature": 0.5}), run("rotation")])
    rows = {row.field: row.values for row in found}
    assert rows["options.temperature"] == (0.5, None)
    assert rows["task"] == ("simclr", "rotation")


def test_augmentations_are_fields_of_their_own_and_no_value_is_a_dict() -> None:
    flip = {"name": "horizontal_flip", "options": {}}
    blur = {"name": "gaussian_blur", "options": {"p": 0.5, "sigma": [0.1, 2.0]}}
    found = comparison.differences([run(augment=[flip, blur]), run(augment=[flip]), run()])
    rows = {
        comparison.field_words(row.field): [comparison.value_words(value) for value in row.values]
        for row in found
    }
    assert rows["augment: gaussian_blur"] == ["p 0.5, sigma 0.1, 2", "–", "–"]
    assert rows["augment: horizontal_flip"] == ["used", "used", "–"]
    assert not any("{" in value for values in rows.values() for value in values)


def test_a_changed_option_is_named_in_words() -> None:
    blur = {"name": "gaussian_blur", "options": {}}
    before = run(augment=[blur])["config"]

    def changed(**more: Any) -> str:
        return comparison.changes(before, run(**{"augment": [blur], **more})["config"])

    assert changed(options={"temperature": 0.1}) == "temperature 0.1"
    assert changed(train={"batch_size": 64}) == "train.batch_size 64"
    assert changed(budget={"steps": 50}) == "50 steps"
    assert changed(augment=[]) == "no gaussian blur"
    assert changed(seed=3) == ""
    many = {"temperature": 0.1, "a": 1, "b": 2}
    assert changed(options=many) == "a 1, b 2 and 1 more"


def test_equal_runs_do_not_differ() -> None:
    assert comparison.differences([run(), run()]) == []


def test_runs_of_equal_data_budget_and_device_may_be_ranked() -> None:
    guard = comparison.guard([run(), run("moco_v2")])
    assert guard.fair
    assert guard == comparison.Guard((), ())


def test_runs_scored_by_other_numbers_of_neighbours_may_not_be_ranked() -> None:
    runs = [run() | {"scores": [score_row(neighbours=k)]} for k in (5, 20)]
    (problem,) = comparison.guard(runs).problems
    assert "numbers of neighbours (5, 20)" in problem
    # Runs from before k could be chosen were scored with the default.
    old = run() | {"scores": [score_row()]}
    assert comparison.guard([old, runs[1]]).fair


@pytest.mark.parametrize(
    ("other", "words"),
    [
        (run(data={"source": "sample:digits", "fingerprint": "xyz"}), "different data"),
        (run(budget={"seconds": 60.0}), "different training times"),
        (run(budget={"steps": 20}), "different training times"),
        (run(device="cuda"), "different devices"),
        (run(n=500), "different numbers of samples"),
        (run(test="closed"), "some validation scores"),
        (run(encoder="resnet18"), "although all these tasks take the same one"),
        (run(encoder_options={"width": 64}), "different options (width)"),
    ],
)
def test_what_makes_a_comparison_unfair_is_named(other: dict[str, Any], words: str) -> None:
    guard = comparison.guard([run(), other])
    assert not guard.fair
    assert len(guard.problems) == 1
    assert words in guard.problems[0]


def test_runs_of_other_times_may_be_scored_on_other_numbers_of_samples() -> None:
    """How many samples are scored follows the training time: of a pilot with two times as well."""
    short, long = {"seconds": 20.0}, {"seconds": 60.0}
    runs = [
        run(task, budget=b, n=n)
        for task in ("simclr", "byol")
        for b, n in ((short, 500), (long, 1500))
    ]
    assert comparison.guard(runs).fair
    runs[0] = run("simclr", budget=short, n=1000)
    (problem,) = comparison.guard(runs).problems
    assert "different numbers of samples" in problem


def trained(**facts: Any) -> dict[str, Any]:
    """A run that tells how it was computed."""
    made = run()
    return made | {"training": {"device": "cpu", "threads": 2, "precision": "fp32"} | facts}


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"threads": 1}, "different numbers of threads (1, 2)"),
        ({"precision": "bf16"}, "different precisions (bf16, fp32)"),
    ],
)
def test_runs_that_were_computed_differently_may_not_be_ranked(
    facts: dict[str, Any], words: str
) -> None:
    (problem,) = comparison.guard([trained(), trained(**facts)]).problems
    assert words in problem


def test_what_an_older_run_does_not_tell_is_no_difference() -> None:
    assert comparison.guard([trained(), run()]).fair
    other = trained(precision="bf16")
    other["config"]["encoder"] = "vit_mini"
    problems = comparison.guard([trained(), other]).problems
    assert not any("precision" in problem for problem in problems), "it goes with the encoder"
    gpus = [trained(device="cuda", threads=number) for number in (1, 8)]
    assert comparison.guard(gpus).fair, "the GPU computes"


def test_a_protocol_that_only_one_run_was_asked_for_is_not_unfair() -> None:
    more = run("byol")
    more["scores"] = [*more["scores"], score_row(protocol="fine-tuning", n=100)]
    assert comparison.guard([run(), more]).fair


def test_a_budget_is_named_with_its_unit() -> None:
    (problem,) = comparison.guard([run(), run(budget={"steps": 50})]).problems
    assert "20 seconds" in problem
    assert "50 steps" in problem


def test_data_of_one_source_are_told_by_how_they_were_read() -> None:
    (problem,) = comparison.guard(
        [run(), run(data={"source": "sample:digits", "fingerprint": "xyz", "size": 16})]
    ).problems
    assert "of one source (it was read differently: size)" in problem
    (problem,) = comparison.guard(
        [run(), run(data={"source": "sample:digits", "fingerprint": "xyz"})]
    ).problems
    assert "it has changed since" in problem


def test_an_encoder_that_a_task_forces_is_not_unfair(monkeypatch: pytest.MonkeyPatch) -> None:
    @dataclasses.dataclass(frozen=True)
    class Patches(registry.task("mae")):  # type: ignore[misc]
        needs = Needs(encoders=("vit",))

    @dataclasses.dataclass(frozen=True)
    class Maps(registry.task("simclr")):  # type: ignore[misc]
        needs = Needs(encoders=("conv",))

    known = {**registry.tasks(), "patches": Patches, "maps": Maps}
    monkeypatch.setattr(registry, "tasks", lambda: known)
    guard = comparison.guard([run("maps"), run("patches", encoder="vit_mini")])
    assert guard.fair
    assert len(guard.forced) == 1
    assert "untrained version of its own" in guard.forced[0]
    # That two of the three differ within one kind was avoidable.
    three = [run("maps"), run("byol", encoder="resnet18"), run("patches", encoder="vit_mini")]
    assert not comparison.guard(three).fair


def test_an_encoder_of_which_a_common_kind_was_to_be_had_is_unfair() -> None:
    assert not comparison.guard([run(), run("mae", encoder="vit_mini")]).fair


def test_an_option_of_the_encoder_that_a_task_sets_is_forced() -> None:
    text = {"encoder": "text_mini"}
    guard = comparison.guard(
        [run("mlm", **text), run("causal_lm", encoder_options={"causal": True}, **text)]
    )
    assert guard.fair
    assert "(causal), as their tasks need" in guard.forced[0]


def test_several_times_are_fair_where_every_task_had_each_of_them() -> None:
    times = ({"seconds": 20.0}, {"seconds": 60.0})
    runs = [run(task, budget=time) for task in ("simclr", "byol") for time in times]
    guard = comparison.guard(runs)
    assert guard.fair
    assert "20 seconds and 60 seconds" in guard.notes[0]
    assert not comparison.guard(runs[:3]).fair


def test_kinds_of_tasks_with_other_readouts_are_named() -> None:
    (note,) = comparison.guard([run(), run("byol"), run("mae")]).notes
    assert "joint embedding, masked" in note
    assert "only where both scores agree" in note

"""Unequal steps in equal time."""

from __future__ import annotations

from typing import Any

import pytest
from comparison_making import around, run

from workbench import comparison


def stepped(task: str, steps: int, **more: Any) -> dict[str, Any]:
    made = run(task, around(0.1), **more)
    made["training"] |= {"steps": steps, "seconds": 20.0}
    return made


def test_steps_that_differ_by_more_than_a_quarter_are_flagged_with_the_runs_by_steps() -> None:
    document = comparison.compare([stepped("simclr", 130), stepped("vicreg", 73)])
    unequal = document["unequal_steps"]
    assert unequal is not None
    assert unequal["ratio"] == pytest.approx(130 / 73)
    assert unequal["steps"] == {"SimCLR": [130], "VICReg": [73]}
    assert unequal["sentence"].startswith(
        "Unequal steps: in 20 seconds, SimCLR made 130 steps, 1.8 times as many as VICReg (73)."
    )
    assert unequal["sentence"] in document["sentences"]
    assert [(row["like"], row["budget"]) for row in unequal["runs"]] == [
        ("simclr-0-20", {"steps": 130}),
        ("vicreg-0-20", {"steps": 130}),
    ]
    assert unequal["seconds"] == pytest.approx(20 + 20 * 130 / 73)


def test_seeds_of_one_task_are_flagged_too() -> None:
    document = comparison.compare([stepped("vicreg", 130), stepped("vicreg", 73, seed=1)])
    unequal = document["unequal_steps"]
    assert unequal is not None
    assert "VICReg made 73 to 130 steps" in unequal["sentence"]
    assert [row["seed"] for row in unequal["runs"]] == [0, 1]


def test_nothing_is_flagged_for_like_steps_budgets_in_steps_or_other_data() -> None:
    def flagged(*runs: dict[str, Any]) -> object:
        return comparison.compare(runs)["unequal_steps"]

    assert flagged(stepped("simclr", 125), stepped("byol", 100)) is None
    by_steps = {"budget": {"steps": 100.0}}
    assert flagged(stepped("simclr", 100, **by_steps), stepped("byol", 60, **by_steps)) is None
    other = {"data": {"source": "x", "fingerprint": "other"}}
    assert flagged(stepped("simclr", 200), stepped("byol", 100, **other)) is None
    assert flagged(run("simclr"), run("byol")) is None

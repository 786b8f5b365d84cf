"""What to run next."""

from __future__ import annotations

from typing import Any

import pytest
from comparison_making import around, run

from workbench import comparison
from workbench.comparison import Evidence
from workbench.comparison.records import NextStep


def decided(*runs: dict[str, Any], evidence: Evidence | None = None) -> NextStep:
    step = comparison.compare(runs, evidence or Evidence())["decision"]
    assert step is not None
    return step


def seeds(task: str, *levels: float, half: float = 0.02, **more: Any) -> list[dict[str, Any]]:
    return [run(task, around(level, half), seed=seed, **more) for seed, level in enumerate(levels)]


def test_the_task_that_leads_runs_longer() -> None:
    lead = run("simclr", around(0.3), seed=4)
    step = decided(lead, run("byol", around(0.1)))
    assert (step["action"], step["task"], step["seeds"]) == ("run longer", "simclr", 1)
    assert step["seconds"] == 100.0
    assert step["runs"] == [{"like": lead["id"], "seed": 4, "budget": {"seconds": 100.0}}]
    assert "above the untrained encoder and every other task" in step["reason"]


@pytest.mark.parametrize(("have", "added"), [(1, 2), (2, 1), (3, 3), (5, 1), (6, 6)])
def test_without_a_clear_difference_more_seeds_are_run(have: int, added: int) -> None:
    other = [0.299 + 0.06 * (-1) ** seed for seed in range(have)] if have > 1 else [0.299]
    step = decided(*seeds("simclr", *[0.3] * have), *seeds("byol", *other))
    assert (step["action"], step["task"], step["seeds"]) == ("add seeds", step["task"], added)
    assert set(str(step["task"]).split(",")) == {"simclr", "byol"}
    assert step["seconds"] == 20.0
    new = {row["seed"] for row in step["runs"] if row["like"].startswith("simclr")}
    assert new == set(range(have, have + added))
    assert f"Add {added} seeds." in step["reason"]


def test_too_early_to_say_asks_for_more_steps_before_more_seeds() -> None:
    early = run("simclr", around(0.3), verdict="too early to say")
    step = decided(early, run("byol", around(0.299)))
    assert (step["action"], step["task"], step["seeds"]) == ("run longer", "simclr,byol", 1)
    assert [row["budget"] for row in step["runs"]] == [{"seconds": 100.0}] * 2
    assert step["reason"].startswith("Too early to say for SimCLR: more steps come before")


def test_only_tasks_that_are_not_ruled_out_get_seeds() -> None:
    runs = [run("simclr", around(0.3)), run("byol", around(0.29)), run("moco_v2", around(0.1))]
    assert decided(*runs)["task"] == "simclr,byol"


def test_of_tasks_that_are_alike_the_cheaper_runs_longer() -> None:
    slow, fast = run("simclr", around(0.3, 0.004)), run("byol", around(0.301, 0.004))
    for one, speed in ((slow, 100.0), (fast, 900.0)):
        one["training"] |= {"samples_per_second": speed}
    step = decided(slow, fast)
    assert (step["action"], step["task"]) == ("take the cheaper", "byol")
    assert "BYOL and SimCLR are alike." in step["reason"]
    assert "900" in step["reason"]


def test_a_task_that_still_rises_runs_longer() -> None:
    runs = [run("simclr", around(0.3)), run("byol", around(0.29))]
    up = [(float(step), 0.3 + 0.01 * step) for step in range(51)]
    step = decided(*runs, evidence=Evidence(curves={runs[1]["id"]: up}))
    assert (step["action"], step["task"]) == ("run longer", "byol")


def test_an_unfair_comparison_is_repeated_with_one_budget() -> None:
    step = decided(run("simclr"), run("byol", budget={"seconds": 60.0}))
    assert (step["action"], step["seeds"]) == ("compare fairly", 1)
    assert step["task"] == "simclr,byol"
    assert {tuple(row["budget"].values()) for row in step["runs"]} == {(60.0,)}
    other = run("byol", data={"source": "x", "fingerprint": "xyz"})
    assert decided(run("simclr"), other)["runs"] == []
    # Running it again alike would leave another encoder as it is.
    vit = run("byol", encoder="vit_mini")
    assert decided(run("simclr"), vit)["runs"] == []


def test_without_labels_people_look_and_nothing_is_run() -> None:
    step = decided(run("simclr", None), run("byol", None))
    assert (step["action"], step["task"], step["command"]) == ("look at neighbours", None, None)


def test_if_all_are_ruled_out_the_setup_has_to_change() -> None:
    broken = [run(task, around(0.0), verdict="complete collapse") for task in ("simclr", "byol")]
    assert decided(*broken)["action"] == "change the setup"


def test_before_a_run_has_finished_there_is_no_decision() -> None:
    assert comparison.compare([run(gain=None, status="running")])["decision"] is None


def test_runs_by_steps_take_as_long_as_they_took() -> None:
    runs = [run(task, around(level), budget={"steps": 50}) for task, level in (("simclr", 0.3),)]
    runs[0]["training"] |= {"seconds": 12.0}
    step = decided(*runs)
    assert step["runs"][0]["budget"] == {"steps": 250}
    assert step["seconds"] == 60.0


def test_runs_too_short_for_scores_run_longer_and_are_not_called_unlabelled() -> None:
    runs = [run(task, None) | {"unscored": True} for task in ("simclr", "byol")]
    compared = comparison.compare(runs, Evidence())
    step = compared["decision"]
    assert step is not None
    assert (step["action"], step["seconds"]) == ("run longer", 100.0)
    assert "too short for scores" in step["reason"]
    assert "no labels" not in str(compared)

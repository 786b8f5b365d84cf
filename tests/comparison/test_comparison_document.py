"""The comparison object of the commands."""

from __future__ import annotations

import json

import pytest
from comparison_making import answers, around, run

from workbench import comparison
from workbench.comparison import Evidence, Looks

KEYS = {
    "fair",
    "problems",
    "forced",
    "notes",
    "differences",
    "gains",
    "seeds",
    "pairs",
    "seed_tests",
    "relations",
    "times",
    "unequal_steps",
    "decisions",
    "decision",
    "looks",
    "headline",
    "sentences",
}


def test_it_is_json_with_gains_by_run() -> None:
    runs = [run(), run("rotation", None)]
    found = comparison.compare(runs)
    assert set(found) == KEYS
    assert [(row["run"], row["task"], row["value"]) for row in found["gains"]] == [
        ("simclr-0-20", "simclr", 0.10)
    ]
    assert json.loads(json.dumps(found))["fair"] is True
    assert found["sentences"] == comparison.sentences(runs)


def test_all_that_evidence_adds_is_json() -> None:
    runs = [
        run(task, around(level), seed=seed, budget={"seconds": time})
        for task, level in (("simclr", 0.3), ("moco_v2", 0.1))
        for seed in range(2)
        for time in (20.0, 60.0)
    ]
    evidence = Evidence(
        {one["id"]: answers(90 if one["config"]["task"] == "simclr" else 70) for one in runs},
        {one["id"]: [(0, 0.1), (10, 0.4)] for one in runs},
        (Looks("abc", "digits", 4, closed=False),),
    )
    found = json.loads(json.dumps(comparison.compare(runs, evidence), allow_nan=False))
    assert len(found["seeds"]) == 4
    # Runs meet at equal seed and time.
    assert len(found["pairs"]) == 4
    assert {row["n"] for row in found["pairs"]} == {100}
    assert len(found["seed_tests"]) == 2
    assert found["times"]["tau"] == 1
    assert [row["decision"] for row in found["decisions"]] == ["run next", "ruled out"]
    assert found["looks"] == [{"fingerprint": "abc", "name": "digits", "runs": 4, "closed": False}]


@pytest.mark.parametrize(
    "other",
    [
        run("byol", budget={"seconds": 60.0}),
        run("byol", data={"source": "x", "fingerprint": "xyz"}),
        run("byol", device="cuda"),
    ],
)
def test_what_is_unfair_is_set_in_no_order(other: dict[str, object]) -> None:
    found = comparison.compare([run("simclr", around(0.5)), other])
    assert not found["fair"]
    assert found["pairs"] == found["seed_tests"] == found["relations"] == found["decisions"] == []
    assert found["gains"]

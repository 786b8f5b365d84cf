"""The one rule by which two configurations differ."""

from __future__ import annotations

from typing import Any

import pytest
from comparison_making import answers, around, run

from workbench import comparison
from workbench.comparison import Evidence
from workbench.comparison.records import Relation
from workbench.comparison.relations import both_ways


def relation(*runs: dict[str, Any], evidence: Evidence | None = None) -> Relation:
    (row,) = comparison.compare(runs, evidence or Evidence())["relations"]
    return row


def seeds(task: str, *levels: float, half: float = 0.02) -> list[dict[str, Any]]:
    return [run(task, around(level, half), seed=seed) for seed, level in enumerate(levels)]


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ((0.3,), (0.1,), "higher"),
        ((0.1,), (0.3,), "lower"),
        ((0.30,), (0.29,), "open"),
        # Two seeds have to agree, each beyond its own noise.
        ((0.3, 0.3), (0.1, 0.1), "higher"),
        ((0.3, 0.3), (0.1, 0.3), "open"),
        ((0.3, 0.1), (0.1, 0.3), "open"),
        # Student's t over three paired differences.
        ((0.30, 0.31, 0.32), (0.10, 0.11, 0.12), "higher"),
        ((0.30, 0.11, 0.32), (0.10, 0.31, 0.12), "open"),
        # From six on the sign-flip test must agree.
        ((0.3, 0.31, 0.32, 0.33, 0.34, 0.35), (0.1, 0.11, 0.12, 0.13, 0.14, 0.15), "higher"),
        ((0.3, 0.31, 0.32, 0.33, 0.34, 0.09), (0.1, 0.11, 0.12, 0.13, 0.14, 0.1), "open"),
    ],
)
def test_it_follows_the_seeds_that_both_have(
    first: tuple[float, ...], second: tuple[float, ...], expected: str
) -> None:
    row = relation(*seeds("simclr", *first), *seeds("byol", *second))
    assert row["relation"] == expected
    assert row["seeds"] == list(range(len(first)))
    assert row["basis"] == ("paired seeds" if len(first) > 2 else "gains")


def test_alike_means_that_the_whole_interval_lies_within_the_margin() -> None:
    narrow = [*seeds("simclr", 0.300, half=0.005), *seeds("byol", 0.303, half=0.005)]
    assert relation(*narrow)["relation"] == "alike"
    wide = [*seeds("simclr", 0.300), *seeds("byol", 0.303)]
    assert relation(*wide)["relation"] == "open"
    three = [*seeds("simclr", 0.300, 0.301, 0.302), *seeds("byol", 0.301, 0.302, 0.303)]
    assert relation(*three)["relation"] == "alike"


def test_the_samples_are_those_of_validation_where_there_are_any() -> None:
    a = run("simclr", around(0.1), validation=around(0.3))
    b = run("byol", around(0.3), validation=around(0.1))
    test = {a["id"]: answers(10), b["id"]: answers(90)}
    validation = {a["id"]: answers(40, n=50), b["id"]: answers(10, n=50)}
    row = relation(a, b, evidence=Evidence(test, validation=validation))
    assert (row["relation"], row["split"], row["basis"]) == ("higher", "validation", "same samples")
    (pair,) = comparison.compare([a, b], Evidence(test, validation=validation))["pairs"]
    assert (pair["n"], pair["split"]) == (50, "validation")


@pytest.mark.parametrize("count", [1, 2, 3, 6])
@pytest.mark.parametrize("levels", [(0.3, 0.1), (0.3, 0.29), (0.3, 0.3)])
def test_sentences_and_decisions_say_what_the_rule_says(
    count: int, levels: tuple[float, float]
) -> None:
    runs = [
        run(task, around(level + seed / 1000), seed=seed)
        for task, level in zip(("simclr", "byol"), levels, strict=True)
        for seed in range(count)
    ]
    compared = comparison.compare(runs)
    (row,) = compared["relations"]
    words = " ".join(compared["sentences"])
    decided = {row["name"]: row["decision"] for row in compared["decisions"]}
    higher = any(
        phrase in words
        for phrase in ("SimCLR gained more than BYOL", "SimCLR scores higher after", "gained more")
    )
    assert higher == (row["relation"] == "higher")
    assert ("No clear difference" in words) == (row["relation"] == "open")
    assert ("Alike within 2.0 points" in words) == (row["relation"] == "alike")
    assert (
        decided["SimCLR"]
        == {
            "higher": "run next",
            "open": "not enough evidence",
            "alike": "alike",
        }[row["relation"]]
    )


def test_a_relation_can_be_read_from_both_sides() -> None:
    row = relation(*seeds("simclr", 0.3), *seeds("byol", 0.1))
    turned = both_ways([row])["BYOL", "SimCLR"]
    assert turned["relation"] == "lower"
    assert turned["by"]["knn"]["difference"] == pytest.approx(-0.2)
    assert turned["by"]["knn"]["low"] == pytest.approx(-row["by"]["knn"]["high"])

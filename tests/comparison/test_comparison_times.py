"""Two training times: what still rises, and whether the order held."""

from __future__ import annotations

from typing import Any

import pytest
from comparison_making import around, run

from workbench.comparison import grouped
from workbench.comparison.times import growth_sentences, order_held


def two_times(levels: dict[str, tuple[float, float]], half: float = 0.02) -> list[dict[str, Any]]:
    """Runs of each task at 20 and at 60 seconds with these gains."""
    return [
        run(task, around(pair[place], half), budget={"seconds": time})
        for place, time in enumerate((20.0, 60.0))
        for task, pair in levels.items()
    ]


def test_an_order_that_held() -> None:
    held = order_held(grouped(two_times({"simclr": (0.1, 0.3), "byol": (0.2, 0.4)})))
    assert held is not None
    assert held["tau"] == 1
    assert held["swapped"] == []
    assert held["order"] == {"20 seconds": ["BYOL", "SimCLR"], "60 seconds": ["BYOL", "SimCLR"]}
    assert held["open"] == 0


def test_the_pairs_that_swapped_are_named_and_how_sure_that_is() -> None:
    levels = {"simclr": (0.10, 0.40), "byol": (0.20, 0.30), "moco_v2": (0.21, 0.29)}
    held = order_held(grouped(two_times(levels)))
    assert held is not None
    # Of three pairs two are swapped beyond the noise, and one keeps changing within it.
    assert held["tau"] == pytest.approx((0 - 3) / 3)
    clear = {tuple(row["pair"]): row["clear"] for row in held["swapped"]}
    assert clear == {
        ("SimCLR", "BYOL"): True,
        ("SimCLR", "MoCo v2"): True,
        ("BYOL", "MoCo v2"): False,
    }
    assert held["open"] == 1
    said = growth_sentences(grouped(two_times(levels)))[-1]
    assert said.startswith("The order changed from 20 seconds to 60 seconds (rank agreement -1.00)")
    assert "1 of 3 pairs could not be told apart" in said


def test_one_task_or_one_time_has_no_order() -> None:
    assert order_held(grouped(two_times({"simclr": (0.1, 0.3)}))) is None
    assert order_held(grouped([run("simclr"), run("byol")])) is None
    assert order_held(grouped([run(gain=None)])) is None


def test_seeds_are_averaged_before_they_are_ordered() -> None:
    runs = [
        run(task, around(level + shift), seed=seed, budget={"seconds": time})
        for time in (20.0, 60.0)
        for task, level in (("simclr", 0.1), ("byol", 0.2))
        for seed, shift in enumerate((0.0, 0.02))
    ]
    held = order_held(grouped(runs))
    assert held is not None
    assert held["tau"] == 1

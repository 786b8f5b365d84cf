"""Two training times: what still rises, and whether the order held."""

from __future__ import annotations

from typing import Any

import pytest
from comparison_making import around, run

from workbench.comparison import group_runs
from workbench.comparison.times import growth_sentences, order_change


def two_times(levels: dict[str, tuple[float, float]], half: float = 0.02) -> list[dict[str, Any]]:
    """Runs of each task at 20 and at 60 seconds with these gains."""
    return [
        run(task, around(pair[place], half), budget={"seconds": time})
        for place, time in enumerate((20.0, 60.0))
        for task, pair in levels.items()
    ]


def test_an_order_that_held() -> None:
    change = order_change(group_runs(two_times({"simclr": (0.1, 0.3), "byol": (0.2, 0.4)})))
    assert change is not None
    assert change["tau"] == 1
    assert change["swapped"] == []
    assert change["order"] == {"20 seconds": ["BYOL", "SimCLR"], "60 seconds": ["BYOL", "SimCLR"]}
    assert change["open"] == 0


def test_the_pairs_that_swapped_are_named_and_how_sure_that_is() -> None:
    levels = {"simclr": (0.10, 0.40), "byol": (0.20, 0.30), "moco_v2": (0.21, 0.29)}
    change = order_change(group_runs(two_times(levels)))
    assert change is not None
    # Of three pairs two are swapped beyond the noise, and one keeps changing within it.
    assert change["tau"] == pytest.approx((0 - 3) / 3)
    clear = {tuple(row["pair"]): row["clear"] for row in change["swapped"]}
    assert clear == {
        ("SimCLR", "BYOL"): True,
        ("SimCLR", "MoCo v2"): True,
        ("BYOL", "MoCo v2"): False,
    }
    assert change["open"] == 1
    sentence = growth_sentences(group_runs(two_times(levels)))[-1]
    assert sentence.startswith(
        "The order changed from 20 seconds to 60 seconds (rank agreement -1.00)"
    )
    assert "1 of 3 pairs were too close" in sentence


def test_one_task_or_one_time_has_no_order() -> None:
    assert order_change(group_runs(two_times({"simclr": (0.1, 0.3)}))) is None
    assert order_change(group_runs([run("simclr"), run("byol")])) is None
    assert order_change(group_runs([run(gain=None)])) is None


def test_seeds_are_averaged_before_they_are_ordered() -> None:
    runs = [
        run(task, around(level + shift), seed=seed, budget={"seconds": time})
        for time in (20.0, 60.0)
        for task, level in (("simclr", 0.1), ("byol", 0.2))
        for seed, shift in enumerate((0.0, 0.02))
    ]
    change = order_change(group_runs(runs))
    assert change is not None
    assert change["tau"] == 1

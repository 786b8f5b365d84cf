"""Runs by configuration, and the mean over seeds with its interval."""

from __future__ import annotations

import numpy as np
import pytest
from comparison_making import around, run
from scipy import stats

from workbench import comparison
from workbench.comparison import groups


def test_only_the_seed_and_the_place_may_differ_within_a_group() -> None:
    runs = [
        run(seed=0),
        run(seed=1, device="cuda", plugins=["a.py"]),
        run(seed=0, options={"temperature": 0.1}),
        run(seed=0, budget={"seconds": 60.0}),
        run("byol"),
    ]
    found = comparison.group_runs(runs)
    assert [len(group.runs) for group in found] == [2, 1, 1, 1]
    assert found[0].seeds == [0, 1]


def test_groups_of_one_task_are_told_apart_by_what_differs() -> None:
    names = [
        group.name
        for group in comparison.group_runs(
            [
                run(options={"temperature": 0.5}),
                run(options={"temperature": 0.1}),
                run("byol"),
                run("byol", name="mine", options={"momentum": 0.9}),
            ]
        )
    ]
    assert names == ["SimCLR (temperature 0.5)", "SimCLR (temperature 0.1)", "BYOL", "mine"]
    times = [run(budget={"seconds": 20.0}), run(budget={"seconds": 60.0})]
    assert [g.name for g in comparison.group_runs(times)] == [
        "SimCLR (20 seconds)",
        "SimCLR (60 seconds)",
    ]


def test_one_run_keeps_its_own_interval() -> None:
    one = run(gain=(0.1, 0.07, 0.12))
    found = groups.mean_gain([one], [comparison.gain(one) or {}])
    assert found == {"value": 0.1, "low": 0.07, "high": 0.12}


def test_the_mean_over_seeds_has_students_interval_joined_with_the_samples() -> None:
    values = [0.10, 0.13, 0.16]
    runs = [run(gain=around(value), seed=seed) for seed, value in enumerate(values)]
    (found,) = groups.summaries(comparison.group_runs(runs))
    low, high = stats.t.interval(0.95, 2, loc=np.mean(values), scale=stats.sem(values))
    half = np.hypot((high - low) / 2, 0.02)
    assert found["value"] == pytest.approx(0.13)
    assert (found["low"], found["high"]) == pytest.approx((0.13 - half, 0.13 + half))
    assert found["gains"] == values
    assert found["seeds"] == [0, 1, 2]
    assert found["interval"] == "samples and seeds"


def test_runs_of_one_seed_count_as_one() -> None:
    runs = [run(gain=around(0.1)), run(gain=around(0.3)), run(gain=around(0.4), seed=1)]
    (group,) = comparison.group_runs(runs)
    assert group.gains("knn", "test") == {0: pytest.approx(0.2), 1: pytest.approx(0.4)}
    assert groups.summaries([group])[0]["value"] == pytest.approx(0.3)


def test_two_seeds_have_the_hull_of_their_own_intervals() -> None:
    """Student's t of two values 7.6 points apart would reach from -67 to +30."""
    runs = [run(gain=around(-0.225)), run(gain=around(-0.149), seed=1)]
    summary = groups.summaries(comparison.group_runs(runs))[0]
    assert summary["interval"] == "both seeds"
    assert (summary["low"], summary["high"]) == pytest.approx((-0.245, -0.129))
    (sentence,) = [line for line in comparison.sentences(runs) if line.startswith("SimCLR, 2 runs")]
    assert "22.5 and 14.9 points, both below the untrained encoder" in sentence


def test_students_interval_covers_what_it_says() -> None:
    rng = np.random.default_rng(0)
    covered = [abs(x.mean()) <= groups.half_of_seeds(x) for x in rng.standard_normal((4000, 3))]
    assert np.mean(covered) == pytest.approx(0.95, abs=0.012)

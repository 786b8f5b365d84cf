"""Paired seeds: the sign-flip test between configurations, and Holm over them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from comparison_making import around, run

from workbench.comparison import group_runs
from workbench.comparison.groups import half_of_seeds
from workbench.comparison.records import SeedTest
from workbench.comparison.seed_tests import is_shown, seeds_needed
from workbench.comparison.seed_tests import seed_tests as _seed_tests


def seeds_of(task: str, gains: list[float], **more: Any) -> list[dict[str, Any]]:
    return [run(task, around(value), seed=seed, **more) for seed, value in enumerate(gains)]


def paired(groups: Any) -> list[SeedTest]:
    return _seed_tests(groups, "test")


def test_six_seeds_with_one_sign_reach_a_thirty_second() -> None:
    a, b = [0.21, 0.22, 0.2, 0.23, 0.24, 0.2], [0.11, 0.1, 0.12, 0.1, 0.1, 0.1]
    (row,) = paired(group_runs([*seeds_of("simclr", a), *seeds_of("byol", b)]))
    assert row["p"] == row["p_holm"] == row["least"] == pytest.approx(2 / 64)
    assert row["seeds"] == list(range(6))
    found = row["by"]["knn"]
    differences = np.subtract(a, b)
    assert found["difference"] == pytest.approx(differences.mean())
    assert found["high"] - found["low"] == pytest.approx(2 * half_of_seeds(differences.tolist()))
    assert is_shown(row)


def test_three_seeds_never_show_a_difference() -> None:
    (row,) = paired(
        group_runs([*seeds_of("simclr", [0.9, 0.9, 0.9]), *seeds_of("byol", [0.0, 0.0, 0.0])])
    )
    assert row["p"] == pytest.approx(0.25)
    assert not is_shown(row)


def test_with_three_tasks_six_seeds_are_too_few() -> None:
    runs = [
        one
        for task, level in (("simclr", 0.3), ("byol", 0.2), ("moco_v2", 0.1))
        for one in seeds_of(task, [level] * 6)
    ]
    rows = paired(group_runs(runs))
    assert len(rows) == 3
    assert [row["p_holm"] for row in rows] == pytest.approx([3 / 32] * 3)
    assert not any(is_shown(row) for row in rows)
    # 3 * 2 / 2^k < .05 from k = 7 on; a single test from 6 on.
    assert seeds_needed(3) == 7
    assert seeds_needed(1) == 6


def test_only_seeds_that_both_have_are_paired() -> None:
    runs = [*seeds_of("simclr", [0.3, 0.3, 0.3]), *seeds_of("byol", [0.1, 0.2])]
    (row,) = paired(group_runs(runs))
    assert row["seeds"] == [0, 1]
    assert row["by"]["knn"]["differences"] == pytest.approx([0.2, 0.1])
    assert paired(group_runs([*seeds_of("simclr", [0.1]), *seeds_of("byol", [0.2])])) == []


def test_kinds_that_are_read_out_differently_need_both_readouts() -> None:
    def both(task: str, knn: float, probe: float) -> list[dict[str, Any]]:
        return seeds_of(task, [knn + s / 100 for s in range(6)], probe=around(probe))

    (row,) = paired(group_runs([*both("simclr", 0.3, 0.3), *both("mae", 0.1, 0.2)]))
    assert set(row["by"]) == {"knn", "linear probe"}
    assert is_shown(row)
    (row,) = paired(group_runs([*both("simclr", 0.3, 0.2), *both("mae", 0.1, 0.3)]))
    assert not row["agree"]
    assert not is_shown(row)
    # Without the classifier, nothing is told between them.
    knn_only = [*seeds_of("simclr", [0.3] * 6), *seeds_of("mae", [0.1] * 6)]
    assert paired(group_runs(knn_only)) == []

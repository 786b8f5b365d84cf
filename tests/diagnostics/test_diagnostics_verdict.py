"""The zones of single checks, and the verdict over their history."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from workbench.diagnostics.verdict import Check, judge, judge_array
from workbench.diagnostics.zones import zone

FINE = {
    "std_sqrt_d": 0.9,
    "mean_cosine": 0.1,
    "rankme": 80.0,
    "rankme_ratio": 0.7,
    "participation_ratio": 30.0,
    "top_share": 0.1,
    "n": 1000.0,
    "d": 128.0,
}
COMPLETE = FINE | {"std_sqrt_d": 0.05, "mean_cosine": 0.99}
ONE_WAY = FINE | {"participation_ratio": 1.05, "top_share": 0.98}
FEW = FINE | {"rankme_ratio": 0.06, "participation_ratio": 1.8, "top_share": 0.7}
LOW = FINE | {"rankme_ratio": 0.15, "participation_ratio": 5.0, "top_share": 0.3}


def checks(*zones: dict[str, float], total: int = 1000, every: int = 50, z: bool = True) -> Any:
    return [
        Check(every * i, total, h=FINE if z else found, z=found if z else None)
        for i, found in enumerate(zones)
    ]


@pytest.mark.parametrize(
    ("metrics", "label"),
    [
        (FINE, "no sign of collapse"),
        (COMPLETE, "complete collapse"),
        (FINE | {"mean_cosine": 0.96}, "complete collapse"),
        (FINE | {"std_sqrt_d": 0.19}, "complete collapse"),
        (FEW | {"std_sqrt_d": 0.3, "mean_cosine": 0.85}, "dimensional collapse"),
        (ONE_WAY, "dimensional collapse"),
        (FEW, "dimensional collapse"),
        (LOW, "low rank"),
        (FINE | {"rankme_ratio": 0.05}, "low rank"),
        (FEW | {"participation_ratio": 2.2}, "low rank"),
        (FEW | {"participation_ratio": 2.2, "rankme_ratio": 0.03}, "dimensional collapse"),
        (ONE_WAY | {"d": 1.0}, "no sign of collapse"),
    ],
)
def test_zones(metrics: dict[str, float], label: str) -> None:
    assert zone(metrics) == label


@pytest.mark.parametrize(
    ("last", "label"),
    [
        (FINE, "no sign of collapse"),
        (COMPLETE, "complete collapse"),
        (ONE_WAY, "dimensional collapse"),
        (FEW, "dimensional collapse"),
        (LOW, "low rank"),
    ],
)
def test_a_run_that_turns_is_judged_by_its_last_checks(last: Any, label: str) -> None:
    verdict = judge(checks(FINE, FINE, FINE, *[last] * 5))
    assert verdict.label == label
    assert verdict.since_step == (50 if last is FINE else 150)
    assert verdict.metrics["z.std_sqrt_d"] == last["std_sqrt_d"]
    assert "h.std_sqrt_d" in verdict.metrics
    assert json.loads(json.dumps(verdict.to_json()))["label"] == label
    assert bool(verdict.advice) == (label != "no sign of collapse")


def test_an_alarm_needs_three_checks_in_a_row() -> None:
    assert judge(checks(FINE, FINE, COMPLETE, COMPLETE)).label == "too early to say"
    assert judge(checks(FINE, COMPLETE, COMPLETE, COMPLETE)).label == "complete collapse"
    assert judge(checks(FINE, COMPLETE, FINE, COMPLETE, COMPLETE)).label == "too early to say"


def test_few_directions_need_five_checks_in_a_row_and_three_at_the_end() -> None:
    assert judge(checks(FINE, *[FEW] * 4)).label == "too early to say"
    assert judge(checks(FINE, *[FEW] * 5)).label == "dimensional collapse"
    ended = judge(checks(FINE, FINE, FINE, FEW, FEW), final=True)
    assert ended.label == "too early to say"
    assert "Train longer" in ended.advice
    assert not judge(checks(FINE, FINE, FINE, FEW, FEW)).advice, "the next checks tell"
    assert judge(checks(FINE, FINE, FEW, FEW, FEW), final=True).label == "dimensional collapse"


def test_a_run_that_flickers_between_both_alarm_zones_is_in_alarm() -> None:
    verdict = judge(checks(FINE, FEW, COMPLETE, FEW, COMPLETE, FEW))
    assert verdict.label == "dimensional collapse"
    assert verdict.since_step == 50


def test_a_spread_that_still_grows_excuses_one_place_and_not_one_direction() -> None:
    growing = [COMPLETE | {"std_sqrt_d": 0.01 * 2**i} for i in range(4)]
    assert judge(checks(FINE, *growing)).label == "too early to say"
    narrow = [FEW | {"std_sqrt_d": 0.3 + 0.1 * i} for i in range(5)]
    assert judge(checks(FINE, *narrow)).label == "dimensional collapse"


def test_the_end_of_a_run_waits_for_no_third_check() -> None:
    turned = checks(FINE, FINE, FINE, COMPLETE, COMPLETE)
    assert judge(turned).label == "too early to say"
    assert judge(turned, final=True).label == "complete collapse"


def test_every_run_may_look_collapsed_at_its_start() -> None:
    start = checks(COMPLETE, COMPLETE, COMPLETE, COMPLETE, every=10)
    assert judge(start).label == "too early to say"
    assert "start" in judge(start).reason
    later = checks(*[COMPLETE] * 8, every=10)
    assert judge(later).label == "complete collapse"


def test_once_outside_there_is_no_grace() -> None:
    early = checks(COMPLETE, FINE, COMPLETE, COMPLETE, COMPLETE, every=10)
    assert judge(early).label == "complete collapse"


def test_no_or_few_checks_are_too_early() -> None:
    assert judge([]).label == "too early to say"
    assert judge(checks(FINE, FINE)).label == "too early to say"


def test_a_loss_at_chance_is_not_learning() -> None:
    flat = [(step, 4.6 + 0.01 * (step % 3)) for step in range(100)]
    verdict = judge(checks(*[FINE] * 5), flat, chance=4.6)
    assert verdict.label == "not learning"
    assert "4.6" in verdict.reason
    falling = [(step, 4.6 - 0.02 * step) for step in range(100)]
    assert judge(checks(*[FINE] * 5), falling, chance=4.6).label == "no sign of collapse"
    assert judge(checks(*[FINE] * 5), flat, chance=None).label == "no sign of collapse"
    assert judge(checks(*[FINE] * 5), flat[:10], chance=4.6).label == "no sign of collapse"


def test_collapse_is_said_before_not_learning() -> None:
    flat = [(step, 4.6) for step in range(100)]
    assert judge(checks(*[COMPLETE] * 5), flat, chance=4.6).label == "complete collapse"


def test_without_projections_h_is_judged_and_that_is_said() -> None:
    verdict = judge(checks(*[LOW] * 4, z=False))
    assert verdict.label == "low rank"
    assert "no projection" in verdict.reason


def test_collapsed_projections_are_seen_though_h_is_fine() -> None:
    assert judge(checks(*[COMPLETE] * 5)).label == "complete collapse"


RNG = np.random.default_rng(0)
GAUSSIAN = RNG.standard_normal((1000, 64))


@pytest.mark.parametrize(
    ("z", "label"),
    [
        (GAUSSIAN, "no sign of collapse"),
        (np.maximum(GAUSSIAN, 0), "no sign of collapse"),
        (5 + 0.001 * GAUSSIAN, "complete collapse"),
        (np.ones((50, 8)), "complete collapse"),
        (np.zeros((50, 8)), "complete collapse"),
        (np.sign(GAUSSIAN[:, :1]) * GAUSSIAN[0], "dimensional collapse"),
        (GAUSSIAN[:, :10] @ RNG.standard_normal((10, 64)), "low rank"),
        (GAUSSIAN[:, :1], "no sign of collapse"),
        (10 + GAUSSIAN, "no sign of collapse"),
    ],
)
def test_arrays_from_elsewhere_are_never_too_early(z: Any, label: str) -> None:
    assert judge_array(z).label == label


def test_a_common_part_of_embeddings_from_elsewhere_is_said_and_no_collapse() -> None:
    shifted = judge_array(10 + GAUSSIAN)
    assert shifted.metrics["mean_cosine"] > 0.98
    assert "common part" in shifted.reason
    assert "common part" not in judge_array(GAUSSIAN).reason
    assert "common part" not in judge_array(5 + 0.001 * GAUSSIAN).reason
    one_way = np.sign(GAUSSIAN[:, :1]) * GAUSSIAN[0]
    assert judge_array(8 + one_way).label == "dimensional collapse"
    few = GAUSSIAN[:, :4] @ RNG.standard_normal((4, 64))
    assert judge_array(20 + few).label == "low rank"


def test_few_rows_are_said() -> None:
    assert "fewer than four rows a column" in judge_array(GAUSSIAN[:100]).reason
    assert "rows a column" not in judge_array(GAUSSIAN).reason


def test_no_alarm_in_the_first_steps_where_every_run_looks_collapsed() -> None:
    early = judge(checks(*[COMPLETE] * 6, total=25, every=5), final=True)
    assert early.label == "too early to say"
    assert "25 steps" in early.reason
    later = judge(checks(*[COMPLETE] * 6, total=300, every=50), final=True)
    assert later.label == "complete collapse"


def test_no_alarm_while_the_spread_still_grows() -> None:
    growing = [COMPLETE | {"std_sqrt_d": 0.02 * 1.3**i} for i in range(8)]
    verdict = judge(checks(*growing, total=1400, every=100))
    assert verdict.label == "too early to say"
    assert "still spread" in verdict.reason
    stalled = [*growing, growing[-1], growing[-1], growing[-1]]
    assert judge(checks(*stalled, total=2000, every=100)).label == "complete collapse"
    past_half = judge(checks(*growing, total=1300, every=100))
    assert past_half.label == "complete collapse", "by then growing is no excuse"


@pytest.mark.parametrize(
    ("metrics", "label"),
    [
        (COMPLETE, "no sign of collapse"),
        (COMPLETE | {"rankme_ratio": 0.02}, "low rank"),
        (FINE | {"std_sqrt_d": 1e-4}, "complete collapse"),
        (ONE_WAY, "dimensional collapse"),
    ],
)
def test_a_common_offset_of_h_alone_is_no_collapse(metrics: Any, label: str) -> None:
    verdict = judge(checks(FINE, *[metrics] * 6, z=False))
    assert verdict.label == label
    assert "no projection" in verdict.reason


def test_a_narrow_h_is_a_collapse_only_where_the_untrained_one_was_wider() -> None:
    narrow = FINE | {"participation_ratio": 1.25, "top_share": 0.9}
    as_before = [Check(50 * i, 1000, h=narrow) for i in range(6)]
    verdict = judge(as_before)
    assert verdict.label == "low rank"
    narrowed = [Check(0, 1000, h=FINE), *as_before[1:]]
    assert judge(narrowed).label == "dimensional collapse"
    projected = [Check(50 * i, 1000, h=FINE, z=narrow) for i in range(6)]
    assert judge(projected).label == "dimensional collapse"

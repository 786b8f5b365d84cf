"""When checks are made, and when they are moved apart."""

from __future__ import annotations

import pytest

from workbench.training.check_schedule import CheckSchedule


def made(schedule: CheckSchedule, steps: int = 1000) -> list[float]:
    """The progress of all checks of a run of so many steps."""
    out = []
    for step in range(steps):
        if schedule.due(step / steps):
            out.append(step / steps)
            schedule.made(step / steps)
    return out


def test_checks_come_every_fiftieth_of_the_run() -> None:
    assert made(CheckSchedule(None, None)) == pytest.approx([k / 50 for k in range(50)])


def test_slow_checks_of_a_timed_run_take_about_an_eighth_of_it() -> None:
    schedule = CheckSchedule(None, 60.0)
    assert schedule.took(1.0)
    assert 7 <= len(made(schedule)) <= 9
    assert not CheckSchedule(None, 60.0).took(0.15)


def test_a_check_longer_than_the_run_is_made_once() -> None:
    schedule = CheckSchedule(None, 1.0)
    assert schedule.took(100.0)
    assert made(schedule) == [0.0]


def test_checks_of_which_only_two_fit_are_made_at_both_ends_of_the_run() -> None:
    schedule = CheckSchedule(None, 60.0)
    assert schedule.took(8.0)
    assert made(schedule) == [0.0], "the last one is not the schedule's"


@pytest.mark.parametrize(("every", "seconds"), [(0.1, 60.0), (None, None)])
def test_a_fixed_distance_and_a_run_of_steps_are_left_alone(
    every: float | None, seconds: float | None
) -> None:
    schedule = CheckSchedule(every, seconds)
    before = schedule.every
    assert not schedule.took(1e6)
    assert schedule.every == before


def test_all_of_few_checks_are_stored_and_every_second_of_fifty() -> None:
    few, many = CheckSchedule(0.1, None), CheckSchedule(None, None)
    assert [few.stores(number) for number in range(4)] == [True] * 4
    assert [many.stores(number) for number in range(4)] == [True, False, True, False]

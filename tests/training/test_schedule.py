"""The budget as progress, the learning rate, and the clock."""

from __future__ import annotations

import pytest

from workbench.config import Budget
from workbench.training.schedule import Clock, Plan, learning_rate_factor, too_few_steps


def test_the_learning_rate_rises_then_falls_to_zero_inside_the_budget() -> None:
    assert learning_rate_factor(0.0, 0.1) == 0.0
    assert learning_rate_factor(0.05, 0.1) == pytest.approx(0.5)
    assert learning_rate_factor(0.1, 0.1) == pytest.approx(1.0)
    assert learning_rate_factor(0.55, 0.1) == pytest.approx(0.5)
    assert learning_rate_factor(1.0, 0.1) == pytest.approx(0.0)
    assert learning_rate_factor(0.0, 0.0) == pytest.approx(1.0)


def test_the_clock_counts_only_while_it_runs() -> None:
    times = iter([10.0, 13.0, 100.0, 101.0, 102.0])
    clock = Clock(elapsed=5.0, now=lambda: next(times))
    clock.start()
    clock.stop()
    assert clock.seconds == 8.0
    clock.start()
    assert clock.seconds == 9.0
    clock.stop()
    assert clock.seconds == 10.0


def test_plans_of_steps_epochs_and_seconds() -> None:
    assert Plan.of(Budget(steps=50), 7).progress(25, 99.0) == 0.5
    assert Plan.of(Budget(epochs=2.5), 10).steps == 25
    timed = Plan.of(Budget(seconds=20.0), 10)
    assert timed.progress(1000, 5.0) == 0.25
    assert timed.progress(1000, 50.0) == 1.0
    assert timed.eta(10, 5.0) == 15.0
    assert Plan.of(Budget(steps=50), 7).eta(10, 5.0) == 20.0
    limited = Plan.of(Budget(seconds=20.0), 10, 4)
    assert limited.eta(0, 0.0) == 20.0
    assert limited.eta(10, 1.0) == pytest.approx(3.0)
    assert limited.eta(10, 19.0) == pytest.approx(1.0)
    assert Plan.of(Budget(steps=50), 7).eta(0, 0.0) is None


@pytest.mark.parametrize("pause", [3600.0, 8 * 3600.0, 86_400.0])
def test_a_machine_that_sleeps_does_not_use_up_the_budget(pause: float) -> None:
    """It sleeps in the third step. That one counts 30 s, and later ones count as before."""
    at = [0.0]
    clock = Clock(now=lambda: at[0])
    clock.start()
    left_out = []
    for seconds in (0.5, 1.0, pause, 2.0):
        at[0] += seconds
        left_out.append(clock.end_step())
    assert left_out == [0.0, 0.0, pause - 30.0, 0.0]
    assert clock.seconds == pytest.approx(33.5)
    clock.stop()
    assert clock.elapsed == pytest.approx(33.5)


def test_slow_steps_count_whole() -> None:
    at = [0.0]
    clock = Clock(now=lambda: at[0])
    clock.start()
    for seconds in (20.0, 150.0, 29.0):
        at[0] += seconds
        assert clock.end_step() == 0.0
    assert clock.seconds == pytest.approx(199.0)


@pytest.mark.parametrize(
    ("steps", "seconds", "words"),
    [
        (
            3.2,
            20.0,
            "About 3 training steps fit into 20 s: too few to learn from. Give at least 13",
        ),
        (0.4, 2.0, "About one step fits into 2 s: too few to learn from. Give at least 100 s"),
        (1.0, 60.0, "Give at least 20 min"),
    ],
)
def test_a_time_for_too_few_steps_has_the_time_that_fits(
    steps: float, seconds: float, words: str
) -> None:
    assert words in str(too_few_steps(steps, seconds))
    assert too_few_steps(20, seconds) is None


def test_a_timed_run_may_end_after_some_passes() -> None:
    limited = Plan.of(Budget(seconds=20.0), 10, 4)
    assert limited.most_steps == 40
    assert limited.progress(10, 1.0) == 0.25
    assert limited.progress(10, 19.0) == 0.95
    assert limited.progress(40, 1.0) == 1.0
    for budget in (Budget(steps=50), Budget(epochs=50)):
        assert Plan.of(budget, 10, 4).most_steps is None
    assert Plan.of(Budget(seconds=20.0), 10, 0).most_steps is None

"""What runs come to: from runs that were alike, and only from those; warnings; the queue."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from run_making import digits, request

from workbench.config import Budget, RunConfig
from workbench.jobs import estimates
from workbench.jobs.estimates import Size, Speed
from workbench.store.store import Store


@pytest.fixture
def home(digits_home: Path, tmp_path: Path) -> Path:
    """The digits, read in place, under a store of this test's own."""
    (tmp_path / "data").symlink_to(digits_home / "data")
    return tmp_path


def finished(home: Path, rate: float, took: float = 30.0, **changes: object) -> None:
    store = Store.open(home)
    run_id = store.add_run(request(home, **changes).to_json(), digest="d")
    store.update(run_id, state="finished", started=100.0, ended=100.0 + took)
    training = {"samples_per_second": rate, "batch_size": 64, "seconds": 20.0}
    store.merge_summary(run_id, {"training": training})


def speed(home: Path, config: RunConfig) -> Speed | None:
    return estimates.speed_before(home, Store.open(home), config, digits(home).info)


def test_a_speed_is_the_median_of_runs_that_were_alike(home: Path) -> None:
    for rate in (100.0, 300.0, 200.0):
        finished(home, rate)
    assert speed(home, request(home)) == Speed(200.0, 64, 3, around=10.0)


@pytest.mark.parametrize(
    "other",
    [
        {"task": "jigsaw"},
        {"train": {"batch_size": 32}},
        {"encoder": "resnet_mini"},
        {"device": "cuda"},
    ],
)
def test_runs_of_another_kind_say_nothing(home: Path, other: dict[str, object]) -> None:
    finished(home, 100.0)
    config = dataclasses.replace(request(home), **other)
    assert speed(home, config) is None


def test_runs_on_images_of_another_size_say_nothing(home: Path) -> None:
    finished(home, 100.0)
    larger = dataclasses.replace(digits(home).info, fingerprint="other", size=(64, 64))
    store = Store.open(home)
    assert estimates.speed_before(home, store, request(home), larger) is None
    same = dataclasses.replace(digits(home).info, fingerprint="other")
    assert estimates.speed_before(home, store, request(home), same) is not None


@pytest.mark.parametrize(
    ("budget", "expected"),
    [
        (Budget(seconds=20.0), (20.0, 2000.0, 20.0)),
        (Budget(steps=10), (10.0, 1000.0, 10.0)),
        (Budget(epochs=2.0), (20.0, 2000.0, 20.0)),
    ],
)
def test_sizes_follow_from_the_speed(
    home: Path, budget: Budget, expected: tuple[float, float, float]
) -> None:
    info = dataclasses.replace(digits(home).info, counts={"train": 1000})
    config = dataclasses.replace(request(home), budget=budget)
    found = estimates.size(config, info, Speed(100.0, 100, 2, around=5.0))
    assert (found.seconds, found.samples, found.steps) == expected
    assert found.epochs == expected[1] / 1000
    assert estimates.total([found, found]) == 2 * (expected[0] + 5.0)


def test_without_a_speed_nothing_is_guessed(home: Path) -> None:
    info = digits(home).info
    timed = estimates.size(
        dataclasses.replace(request(home), budget=Budget(seconds=20.0)), info, None
    )
    assert (timed.seconds, timed.samples, timed.steps, timed.epochs) == (20.0, None, None, None)
    assert estimates.total([estimates.size(request(home, 5), info, None)]) is None


def test_warnings_say_what_runs_of_this_size_do_not_show(home: Path) -> None:
    info = digits(home).info

    def said(size: Size, tasks: int = 1, seeds: int = 1, runs: int = 1) -> str:
        return " ".join(estimates.warnings([size] * runs, info, tasks=tasks, seeds=seeds))

    plenty = Size(60.0, 1e5, 800.0, 70.0, 20.0)
    assert said(plenty) == ""
    assert "each once" in said(dataclasses.replace(plenty, epochs=0.4))
    assert "too early to say" in said(dataclasses.replace(plenty, steps=20.0))
    assert "luck" in said(plenty, tasks=2)
    assert said(plenty, tasks=2, seeds=3) == ""
    assert "40 minutes" in said(plenty, runs=30)
    short = dataclasses.replace(plenty, steps=4.0, timed=True)
    assert "smaller encoder" in said(short)
    assert "smaller encoder" not in said(dataclasses.replace(short, timed=False))


def test_a_time_for_too_few_steps_is_known_before_the_launch_where_such_runs_were_made(
    home: Path,
) -> None:
    config = dataclasses.replace(request(home), budget=Budget(seconds=2.0))
    assert estimates.warnings_of_time(home, [config]) == []
    finished(home, 64.0)
    (words,) = estimates.warnings_of_time(home, [config])
    assert words.startswith("About 2 training steps fit into 2 s")
    assert "20 s" in words


def test_few_samples_without_labels_have_no_scores_to_be_unsure_of(home: Path) -> None:
    info = dataclasses.replace(digits(home).info, counts={"train": 60, "validation": 20, "test": 0})
    plenty = [Size(60.0, 1e5, 800.0, 70.0, 20.0)]
    assert (
        "60 training images are few: scores"
        in estimates.warnings(plenty, info, tasks=1, seeds=1)[0]
    )
    without = dataclasses.replace(info, targets=())
    (unlabelled,) = estimates.warnings(plenty, without, tasks=1, seeds=1)
    assert "interval" not in unlabelled


def test_the_queue_before_a_run_is_counted(home: Path) -> None:
    store = Store.open(home)
    assert estimates.waiting(store) == (0, 0)
    timed = dataclasses.replace(request(home), budget=Budget(seconds=60.0)).to_json()
    first, _ = (store.add_run(timed, digest=str(n)) for n in range(2))
    store.claim_next()
    store.heartbeat(first, "training", 0.5, 30.0)
    count, seconds = estimates.waiting(store)
    assert count == 2
    assert seconds == pytest.approx(30 + 10 + 60 + 20)

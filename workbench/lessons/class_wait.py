"""How long a class waits for its seeds: from the runs that it has made, or from the first one
while it trains."""

from __future__ import annotations

import statistics

from workbench.lessons import seeds
from workbench.lessons.base import Lesson
from workbench.store.store import LIVE, Store

STUDENTS = 30
# Within this many minutes a class wants a result.
MINUTES = 10


def seconds_a_run(store: Store, group: str, lesson: Lesson) -> float | None:
    """The median time of a run of the class's experiment, from start to scores.

    Before one has finished: the expected time of one that trains. None without either.
    """
    name = seeds.experiment(group, lesson.name)
    rows = store.runs(experiment=name, states=("finished", *LIVE), summaries=False)
    took = [row.ended - row.started for row in rows if row.ended and row.started]
    if took:
        return statistics.median(took)
    beats = store.heartbeats([row.id for row in rows])
    expected = []
    for row in rows:
        beat = beats.get(row.id)
        if row.started and beat is not None and beat.phase == "training" and beat.eta_seconds:
            expected.append(beat.at - row.started + beat.eta_seconds)
    return statistics.median(expected) if expected else None


def is_measuring(store: Store, group: str, lesson: Lesson) -> bool:
    """Whether a run of the class's experiment waits or runs."""
    name = seeds.experiment(group, lesson.name)
    return bool(store.runs(experiment=name, states=("queued", *LIVE), summaries=False))


def forecast(seconds: float | None, stored: int, students: int = STUDENTS) -> str:
    """How long ``students`` wait until each has run a pair, in words.

    stored: how many stored pairs can stand in.
    """
    if seconds is None:
        return f"Run one seed first: it tells how long {students} students wait."
    minutes = 2 * students * seconds / 60
    said = f"{students} students: {2 * students} runs, about {_minutes(minutes)} here."
    if minutes <= MINUTES:
        return said
    done = int(MINUTES * 60 // (2 * seconds))
    fill = f" {stored} stored runs can stand in for the others." if stored else ""
    return f"{said} After {MINUTES} minutes about {done} of {students} seeds are done.{fill}"


def wait(seconds: float | None, position: int | None) -> str:
    """How long a queued run waits for its turn, in words; empty if that is unknown."""
    if seconds is None or position is None:
        return ""
    return f"about {_minutes(position * seconds / 60)} until it has finished"


def _minutes(minutes: float) -> str:
    return "a minute" if minutes < 1.5 else f"{minutes:.0f} minutes"

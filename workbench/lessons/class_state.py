"""What a class does now: the teacher's pace, a reset, and the tallies as CSV.

The teacher sets the question and its stage; students' pages and the projector follow. All of it is
settings of the store, and none of it holds a name beyond those of the predictions.
"""

from __future__ import annotations

import csv
import io
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypedDict

from workbench.lessons import lessons, predictions, seeds
from workbench.lessons.base import Lesson
from workbench.store.store import Store

Stage = Literal["predict", "answer"]


class _StoredState(TypedDict):
    """A setting's value, with the fields of ``ClassState``."""

    lesson: str
    stage: Stage
    fill: bool
    at: float


@dataclass(frozen=True)
class ClassState:
    """lesson: the question that is open; empty before the teacher begins. stage: whether the class
    predicts or sees the answer. fill: whether stored runs stand in for seeds without a turn. at:
    when it was set (seconds since the epoch)."""

    lesson: str = ""
    stage: Stage = "predict"
    fill: bool = False
    at: float = 0.0

    @property
    def open_lesson(self) -> Lesson | None:
        """The lesson of the open question; None before the first."""
        return lessons().get(self.lesson)


def state_of(store: Store, group: str) -> ClassState:
    """The state of a class; the first one before the teacher begins."""
    known: _StoredState | None = store.setting(_key(group))
    return ClassState() if known is None else ClassState(**known)


def put(
    store: Store, group: str, lesson: str, stage: Stage = "predict", *, fill: bool = False
) -> None:
    """Open a question of the class, or show its answer."""
    value: _StoredState = {"lesson": lesson, "stage": stage, "fill": fill, "at": time.time()}
    store.set_setting(_key(group), value)


def following(lesson: str) -> Lesson | None:
    """The lesson after this one, the first for an empty name; None after the last."""
    names = list(lessons())
    at = names.index(lesson) + 1 if lesson in names else 0
    return lessons()[names[at]] if at < len(names) else None


def reset(store: Store, group: str, lesson: str) -> None:
    """Forget the predictions and seeds of a class in one lesson. Runs stay."""
    predictions.forget(store, lesson, group)
    seeds.forget(store, group, lesson)
    state = state_of(store, group)
    if state.lesson == lesson:
        put(store, group, lesson)


def tally_csv(store: Store, group: str, chosen: Sequence[Lesson]) -> str:
    """The counted predictions of a class: a row for each answer of each lesson, without names."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(("class", "lesson", "question", "answer", "predictions", "share"))
    for lesson in chosen:
        predicted = predictions.all_predictions(store, lesson.name, group)
        for count in predictions.count_choices(predicted, lesson.choices):
            share = f"{count.share:.3f}"
            answer = count.choice.text
            rows.writerow((group, lesson.name, lesson.question, answer, count.votes, share))
    return text.getvalue()


def _key(group: str) -> str:
    return f"class/{group.casefold()}"

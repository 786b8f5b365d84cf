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
    at: float


@dataclass(frozen=True)
class ClassState:
    """lesson: the question that is open; empty before the teacher begins. stage: whether the class
    predicts or sees the answer. at: when it was set (seconds since the epoch)."""

    lesson: str = ""
    stage: Stage = "predict"
    at: float = 0.0

    @property
    def open_lesson(self) -> Lesson | None:
        """The lesson of the open question; None before the first."""
        return lessons().get(self.lesson)


def state_of(store: Store, group: str) -> ClassState:
    """The state of a class; the first one before the teacher begins."""
    known: _StoredState | None = store.setting(_key(group))
    if known is None:
        return ClassState()
    return ClassState(known["lesson"], known["stage"], known["at"])


def put(store: Store, group: str, lesson: str, stage: Stage = "predict") -> None:
    """Open a question of the class, or show its answer."""
    value: _StoredState = {"lesson": lesson, "stage": stage, "at": time.time()}
    store.set_setting(_key(group), value)


def fills(store: Store, group: str, lesson: str) -> bool:
    """Whether stored runs stand in for seeds of the class that have not had their turn."""
    return bool(store.setting(_key(group, "fill", lesson)))


def set_fill(store: Store, group: str, lesson: str, fill: bool) -> None:
    """Let stored runs stand in, or not. The open question stays."""
    store.set_setting(_key(group, "fill", lesson), fill)


def resets(store: Store, group: str, lesson: str) -> int:
    """How often the class has started again in this lesson. An open page forgets its choice."""
    return int(store.setting(_key(group, "resets", lesson)) or 0)


def following(lesson: str) -> Lesson | None:
    """The lesson after this one, the first for an empty name; None after the last."""
    names = list(lessons())
    at = names.index(lesson) + 1 if lesson in names else 0
    return lessons()[names[at]] if at < len(names) else None


def reset(store: Store, group: str, lesson: str) -> None:
    """Forget the predictions and seeds of a class in one lesson. Queued runs of these seeds are
    withdrawn, others stay."""
    predictions.forget(store, lesson, group)
    seeds.forget(store, group, lesson)
    store.set_setting(_key(group, "fill", lesson), False)
    store.set_setting(_key(group, "resets", lesson), resets(store, group, lesson) + 1)
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


def _key(group: str, *parts: str) -> str:
    return "/".join(("class", group.casefold(), *parts))

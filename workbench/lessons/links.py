"""What stands in the address of the Learn page: lesson, class, hidden controls. Anything may stand
there, and what means nothing is left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from workbench.lessons import lessons
from workbench.lessons.base import Lesson
from workbench.lessons.predictions import class_name

View = Literal["lesson", "class", "words"]

# What a teacher may leave out of a lesson, and what it is called.
HIDEABLE: Mapping[str, str] = {
    "launch": "running it anew",
    "options": "the slider and what is drawn",
    "answer": "the button that shows the answer",
    "seed": "running one's own seed",
    "list": "the way to other lessons",
}


@dataclass(frozen=True)
class Place:
    """Where one is. lesson: None for the list. unknown: a lesson that was asked for and is none.
    group: the class, may be empty. hidden: the controls that are left out."""

    lesson: Lesson | None = None
    unknown: str = ""
    view: View = "lesson"
    group: str = ""
    hidden: frozenset[str] = frozenset()

    def shows(self, control: str) -> bool:
        return control not in self.hidden


def read(query: Mapping[str, str]) -> Place:
    """The place that an address names."""
    asked = query.get("lesson", "")
    lesson = lessons().get(asked)
    group = class_name(query.get("class"))
    view: View = "lesson"
    if query.get("view") == "words":
        view = "words"
    elif query.get("view") == "class" and group:
        view = "class"
    hidden = frozenset(name for name in query.get("hide", "").split(",") if name in HIDEABLE)
    return Place(lesson, "" if lesson else asked[:40], view, group, hidden)


def query(
    lesson: str = "",
    *,
    group: str = "",
    hidden: Sequence[str] | frozenset[str] = (),
    view: str = "",
) -> dict[str, str]:
    """The address's parameters that lead there; ``read`` gives the place back."""
    kept = ",".join(name for name in HIDEABLE if name in hidden)
    named = {"lesson": lesson, "class": group, "hide": kept, "view": view}
    return {name: value for name, value in named.items() if value}

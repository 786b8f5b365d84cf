"""The address of the Learn page: lesson, class, hidden controls. Unknown values are left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from workbench.lessons import lessons
from workbench.lessons.base import Lesson
from workbench.lessons.predictions import class_name

View = Literal["lesson", "class", "student", "projector", "words"]
# Views of one class, and those that are drawn without the menu.
_OF_CLASS: tuple[View, ...] = ("class", "student", "projector")
_WITHOUT_MENU = ("student", "projector")

# The controls that a teacher may hide, and their names.
HIDEABLE: Mapping[str, str] = {
    "launch": "running it anew",
    "options": "the slider and what is drawn",
    "answer": "the button that shows the answer",
    "seed": "running one's own seed",
    "list": "the way to other lessons",
}


@dataclass(frozen=True)
class LessonAddress:
    """What the page shows. lesson: None for the list. unknown: the name of a lesson that does not
    exist. group: the class, may be empty. hidden: the controls that are left out."""

    lesson: Lesson | None = None
    unknown: str = ""
    view: View = "lesson"
    group: str = ""
    hidden: frozenset[str] = frozenset()

    def shows(self, control: str) -> bool:
        return control not in self.hidden


def read(query: Mapping[str, str]) -> LessonAddress:
    """The address from its parameters."""
    name = query.get("lesson", "")
    lesson = lessons().get(name)
    group = class_name(query.get("class"))
    view: View = "lesson"
    if query.get("view") == "words":
        view = "words"
    elif group:
        view = next((one for one in _OF_CLASS if one == query.get("view")), "lesson")
    hidden = frozenset(name for name in query.get("hide", "").split(",") if name in HIDEABLE)
    return LessonAddress(lesson, "" if lesson else name[:40], view, group, hidden)


def has_menu(query: Mapping[str, str]) -> bool:
    """Whether the page at this address has the app's menu: a student's and a projector's have
    none."""
    return not (query.get("view") in _WITHOUT_MENU and class_name(query.get("class")))


def query(
    lesson: str = "",
    *,
    group: str = "",
    hidden: Sequence[str] | frozenset[str] = (),
    view: str = "",
) -> dict[str, str]:
    """The parameters of an address; ``read`` reads them back."""
    kept = ",".join(name for name in HIDEABLE if name in hidden)
    named = {"lesson": lesson, "class": group, "hide": kept, "view": view}
    return {name: value for name, value in named.items() if value}

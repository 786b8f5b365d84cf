"""The lessons of the Learn page: data, and pure functions of stored runs. Nothing here knows the
screen. To add one, add a file that defines ``LESSON``."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from workbench.lessons.base import Lesson, Variant


@cache
def lessons() -> dict[str, Lesson]:
    """All lessons by name, in their order."""
    found = []
    for module in pkgutil.iter_modules(__path__):
        lesson = getattr(importlib.import_module(f"{__name__}.{module.name}"), "LESSON", None)
        if isinstance(lesson, Lesson):
            found.append(lesson)
    return {lesson.name: lesson for lesson in sorted(found, key=lambda one: one.place)}


def variants() -> tuple[Variant, ...]:
    """The runs of all lessons, in the lessons' order; some are shared, and occur more than once."""
    return tuple(variant for lesson in lessons().values() for variant in lesson.variants)

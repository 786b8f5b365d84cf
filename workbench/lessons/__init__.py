"""The lessons of the Learn page: data, and pure functions of stored runs.

One lesson a file, which defines ``LESSON``; to add a lesson, add a file. ``base.py`` says what a
lesson is: start reading there, then ``collapse.py``. ``evidence.py`` finds a lesson's runs,
``run_numbers.py`` reads their numbers, ``glossary.py`` explains the words, ``demo.py`` lists the
runs that are stored with the workbench. Classes: ``predictions.py`` and ``seeds.py``; addresses:
``links.py``.

``app`` and ``sample_data/make_demo.py`` import this room. Nothing here knows the screen.
"""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from workbench.lessons.base import Lesson, Variant


@cache
def lessons() -> dict[str, Lesson]:
    """All lessons by name, in their order."""
    declared = []
    for module in pkgutil.iter_modules(__path__):
        lesson = getattr(importlib.import_module(f"{__name__}.{module.name}"), "LESSON", None)
        if isinstance(lesson, Lesson):
            declared.append(lesson)
    return {lesson.name: lesson for lesson in sorted(declared, key=lambda one: one.place)}


def variants() -> tuple[Variant, ...]:
    """The runs of all lessons, in the order of the lessons; shared runs occur more than once."""
    return tuple(variant for lesson in lessons().values() for variant in lesson.variants)

"""The picture of a lesson's task, made from the lesson's own samples and stored with its runs."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from workbench import paths
from workbench.app.shared import illustration
from workbench.engine.replies import IllustrationRecord
from workbench.engine.stored_illustrations import read_picture
from workbench.lessons.base import Lesson


def show(lesson: Lesson) -> None:
    """Draw it for the first sample of its data, so that the question stays on the first screen;
    nothing if the stored runs are not installed."""
    drawn = _read(paths.demo_home(), lesson.name)
    if drawn is not None:
        question = f"The model's task: {drawn['question']}"
        illustration.show({"question": question, "rows": drawn["rows"][: len(lesson.pictured)]})


@st.cache_resource(max_entries=32, show_spinner=False)
def _read(home: Path, lesson: str) -> IllustrationRecord | None:
    return read_picture(home, lesson)

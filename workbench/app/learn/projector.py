"""The projector's page of a class: the question; with the answer what was predicted and pooled."""

from __future__ import annotations

import streamlit as st

from workbench.app.learn import class_link, lesson_answer, pooled, tally, task_picture
from workbench.app.shared import session
from workbench.errors import RequestError
from workbench.lessons import class_state, links, predictions
from workbench.lessons.base import Lesson
from workbench.lessons.links import LessonAddress

_TICK = "3s"


def show(address: LessonAddress) -> None:
    """Draw what the class does now; again every three seconds."""
    st.fragment(_live, run_every=_TICK)(address.group)


def _live(group: str) -> None:
    state = class_state.state_of(session.store(), group)
    lesson = state.open_lesson
    left, right = st.columns([3, 1])
    with right:
        class_link.show(links.query(group=group, view="student"), scale=5)
    with left:
        if lesson is None:
            st.title(group)
            st.write("Open the link. The first question comes here.")
            return
        st.title(lesson.question)
        st.write(lesson.brief)
        task_picture.show(lesson)
        if state.stage == "answer":
            tally.chart(lesson, group, lesson_answer.right_choice(lesson))
            if lesson.pooled is not None:
                pooled.show(lesson, group)
        else:
            _choices(lesson, group)


def _choices(lesson: Lesson, group: str) -> None:
    """Draw the choices and how many have predicted. What they chose, and what the seeds say, would
    give the answer away."""
    st.markdown("\n".join(f"- {choice.text}" for choice in lesson.choices))
    count = len(predictions.all_predictions(session.store(), lesson.name, group))
    said = f"{count} predicted." if count else "Nobody has predicted yet."
    try:
        done = pooled.progress(lesson, group) if lesson.pooled is not None else ""
    except RequestError:
        done = ""
    st.caption(f"{said} {done}".strip())

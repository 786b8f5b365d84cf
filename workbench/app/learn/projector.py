"""The projector's page of a class: the question, what was predicted, and the pooled experiment."""

from __future__ import annotations

import streamlit as st

from workbench.app.learn import class_link, lesson_answer, pooled, tally, task_picture
from workbench.app.shared import session
from workbench.lessons import class_state, links
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
        answer = lesson_answer.right_choice(lesson) if state.stage == "answer" else None
        tally.chart(lesson, group, answer)
        if lesson.pooled is not None:
            pooled.show(lesson, group)

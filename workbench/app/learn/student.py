"""A student's page in a class: the open question, and the answer when the teacher shows it."""

from __future__ import annotations

import streamlit as st

from workbench.app.learn import class_lead, lesson, lesson_answer, seed, task_picture, visitor
from workbench.app.shared import session
from workbench.lessons import class_state, links, predictions
from workbench.lessons.base import Lesson
from workbench.lessons.class_state import ClassState
from workbench.lessons.links import LessonAddress

_TICK = "3s"


def show(address: LessonAddress) -> None:
    """Draw what the class does now. The page follows the teacher."""
    state = class_state.state_of(session.store(), address.group)
    st.fragment(_follow, run_every=_TICK)(address.group, state)
    open_lesson = state.open_lesson
    if open_lesson is None:
        st.title(address.group)
        st.info("Wait here. The first question comes when your teacher opens it.")
    else:
        st.title(open_lesson.title)
        st.write(open_lesson.brief)
        _question(open_lesson, address, state)
    st.caption(class_lead.STORED)


def _follow(group: str, known: ClassState) -> None:
    """Draw the page again once the teacher has gone on."""
    if class_state.state_of(session.store(), group) != known:
        st.rerun()


def _question(open_lesson: Lesson, address: LessonAddress, state: ClassState) -> None:
    store, voter = session.store(), visitor.voter()
    visitor.adopt(open_lesson.name)
    prediction = predictions.prediction_of(store, open_lesson.name, voter)
    answered = state.stage == "answer"
    if answered and prediction is not None and not prediction.revealed:
        prediction = predictions.reveal(store, open_lesson.name, voter)
    resets = class_state.resets(store, address.group, open_lesson.name)
    lesson.question(open_lesson, address, prediction, closed=answered, resets=resets)
    task_picture.show(open_lesson)
    if answered:
        lesson_answer.show_sentences(open_lesson, address, prediction)
        query = links.query(open_lesson.name, group=address.group)
        if st.button("The whole lesson", icon=":material/school:"):
            session.go("learn", query)
    if open_lesson.pooled is not None:
        seed.show(open_lesson, address, revealed=answered)
    seed.show_others(open_lesson, address)

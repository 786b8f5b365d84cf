"""One lesson: the idea, the prediction, and the answer on request."""

from __future__ import annotations

import streamlit as st

from workbench.app import scroll
from workbench.app.learn import (
    glossary,
    lesson_answer,
    new_runs,
    seed,
    task_picture,
    visitor,
)
from workbench.app.plain import plain
from workbench.app.shared import session
from workbench.lessons import lessons, links, predictions
from workbench.lessons.base import Lesson
from workbench.lessons.links import LessonAddress
from workbench.lessons.predictions import Prediction


def show(lesson: Lesson, address: LessonAddress) -> None:
    """Draw the lesson. Nothing of the answer is on the page before it was requested."""
    number = f"Lesson {lesson.place} of {len(lessons())}"
    st.caption(f"{number}, class: {plain(address.group)}" if address.group else number)
    task_picture.show(lesson)
    for paragraph in lesson.idea:
        st.markdown(glossary.linked(paragraph))
    visitor.adopt(lesson.name)
    prediction = predictions.prediction_of(session.store(), lesson.name, visitor.voter())
    revealed = prediction is not None and prediction.revealed
    question(lesson, address, prediction)
    if prediction is not None and revealed:
        records = lesson_answer.show(lesson, address, prediction)
        if address.shows("launch"):
            new_runs.show(lesson, records)
    if address.group and lesson.pooled is not None and address.shows("seed"):
        seed.show(lesson, address, revealed=revealed)
    glossary.show(lesson)
    if address.shows("list"):
        _next_lesson(lesson, address)
    place = f"{lesson.name} {'answer' if revealed else 'question'}"
    scroll.follow(place, lesson_answer.ANCHOR if revealed else "")


def question(
    lesson: Lesson,
    address: LessonAddress,
    prediction: Prediction | None,
    *,
    closed: bool | None = None,
    resets: int = 0,
) -> None:
    """Draw the question with its choices, and the button that shows the answer.

    closed: where a teacher leads, whether the answer is shown; there is no button then. resets: how
    often the class has started again; a page that was open meanwhile shows no old choice.
    """
    st.subheader("Predict first")
    st.markdown(f"**{lesson.question}**")
    keys = [choice.key for choice in lesson.choices]
    texts = {choice.key: choice.text for choice in lesson.choices}
    revealed = prediction is not None and prediction.revealed
    key = f"predict-{lesson.name}{f'-{resets}' * bool(resets)}"
    st.radio(
        lesson.question,
        keys,
        keys.index(prediction.choice) if prediction and prediction.choice in keys else None,
        format_func=texts.__getitem__,
        key=key,
        label_visibility="collapsed",
        disabled=revealed or bool(closed),
        on_change=_predict,
        args=(lesson.name, key, address.group),
    )
    if closed is not None:
        glossary.popover(lesson)
    if revealed or closed:
        return
    if closed is not None or not address.shows("answer"):
        st.caption(
            "Kept. You can change it until the answer is shown; your teacher says when."
            if prediction is not None
            else "Choose an answer. It is kept, and you can change it."
        )
        return
    pressed = st.button(
        "Show the answer", type="primary", disabled=prediction is None, icon=":material/visibility:"
    )
    st.caption(
        "Choose an answer first: what one has predicted is remembered better."
        if prediction is None
        else "Your prediction is kept. You can change it until you look."
    )
    if pressed:
        predictions.reveal(session.store(), lesson.name, visitor.voter())
        st.rerun()


def _predict(lesson: str, key: str, group: str) -> None:
    chosen = st.session_state.get(key)
    if chosen is not None:
        predictions.predict(session.store(), lesson, visitor.voter(), str(chosen), group)


def _next_lesson(lesson: Lesson, address: LessonAddress) -> None:
    all_lessons = list(lessons().values())
    following = all_lessons[all_lessons.index(lesson) + 1 :]
    with st.container(horizontal=True):
        if st.button("All lessons", icon=":material/list:"):
            session.go("learn", links.query(group=address.group))
        if following and st.button(f"Next: {following[0].title}", icon=":material/arrow_forward:"):
            session.go("learn", links.query(following[0].name, group=address.group))

"""One lesson: the idea, the prediction, and, once it is asked for, the answer."""

from __future__ import annotations

from typing import Any

import streamlit as st

from workbench.app.learn import glossary, lesson_answer, new_runs, seed, visitor
from workbench.app.shared import session
from workbench.lessons import lessons, links, predictions
from workbench.lessons.base import Lesson
from workbench.lessons.links import Place
from workbench.lessons.predictions import Prediction


def show(lesson: Lesson, place: Place) -> None:
    """Draw it. Nothing of the answer is on the page before it is asked for."""
    of = f"Lesson {lesson.place} of {len(lessons())}"
    st.caption(f"{of}, class: {place.group}" if place.group else of)
    for paragraph in lesson.idea:
        st.markdown(glossary.linked(paragraph))
    visitor.adopt(lesson.name)
    known = predictions.predicted(session.store(), lesson.name, visitor.voter())
    known = _ask(lesson, place, known)
    if known is not None and known.revealed:
        docs = lesson_answer.show(lesson, place, known)
        if place.shows("launch"):
            new_runs.show(lesson, docs)
    if place.group and lesson.pooled is not None and place.shows("seed"):
        seed.show(lesson, place, revealed=known is not None and known.revealed)
    glossary.show(lesson)
    if place.shows("list"):
        _onward(lesson, place)


def _ask(lesson: Lesson, place: Place, known: Prediction | None) -> Prediction | None:
    st.subheader("Predict first")
    st.markdown(f"**{lesson.question}**")
    keys = [choice.key for choice in lesson.choices]
    texts = {choice.key: choice.text for choice in lesson.choices}
    revealed = known is not None and known.revealed
    key = f"predict-{lesson.name}"
    st.radio(
        lesson.question,
        keys,
        keys.index(known.choice) if known is not None and known.choice in keys else None,
        format_func=texts.__getitem__,
        key=key,
        label_visibility="collapsed",
        disabled=revealed,
        on_change=_predict,
        args=(lesson.name, key, place.group),
    )
    if revealed:
        return known
    if not place.shows("answer"):
        st.caption(
            "Kept. You can change it until the answer is shown; your teacher says when."
            if known is not None
            else "Choose an answer. It is kept, and you can change it."
        )
        return known
    asked = st.button(
        "Show the answer", type="primary", disabled=known is None, icon=":material/visibility:"
    )
    st.caption(
        "Choose an answer first: what one has predicted is remembered better."
        if known is None
        else "Your prediction is kept. You can change it until you look."
    )
    if asked:
        predictions.reveal(session.store(), lesson.name, visitor.voter())
        st.rerun()
    return known


def _predict(lesson: str, key: str, group: str) -> None:
    chosen: Any = st.session_state.get(key)
    if chosen is not None:
        predictions.predict(session.store(), lesson, visitor.voter(), str(chosen), group)


def _onward(lesson: Lesson, place: Place) -> None:
    found = list(lessons().values())
    at = found.index(lesson)
    with st.container(horizontal=True):
        if st.button("All lessons", icon=":material/list:"):
            session.go("learn", links.query(group=place.group))
        if at + 1 < len(found) and st.button(
            f"Next: {found[at + 1].title}", icon=":material/arrow_forward:"
        ):
            session.go("learn", links.query(found[at + 1].name, group=place.group))

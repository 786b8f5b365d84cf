"""The lessons as cards, and the form that opens a class page."""

from __future__ import annotations

import streamlit as st

from workbench.app import class_entry, scroll
from workbench.app.learn import visitor
from workbench.app.plain import plain
from workbench.app.shared import session
from workbench.lessons import lessons, links, predictions
from workbench.lessons.base import Lesson
from workbench.lessons.links import LessonAddress

_COLUMNS = 3


def show(address: LessonAddress) -> None:
    """Draw all lessons; the cards say which are answered."""
    if address.unknown:
        st.warning(
            f"There is no lesson '{plain(address.unknown)}'. These are the lessons that there are."
        )
    st.write("Predict first, then see.")
    if address.group:
        st.info(
            f"You take part in the class '{plain(address.group)}': your predictions are counted "
            "there."
        )
    all_lessons = list(lessons().values())
    for start in range(0, len(all_lessons), _COLUMNS):
        row = all_lessons[start : start + _COLUMNS]
        for column, lesson in zip(st.columns(_COLUMNS), row, strict=False):
            with column.container(border=True, height="stretch"):
                _card(lesson, address)
    _class(address)
    if st.button("All words explained", icon=":material/menu_book:"):
        session.go("learn", links.query(group=address.group, view="words"))
    scroll.follow("list")


def _card(lesson: Lesson, address: LessonAddress) -> None:
    st.markdown(f"**{lesson.place}. {lesson.title}**")
    st.write(lesson.teaser)
    prediction = predictions.prediction_of(session.store(), lesson.name, visitor.voter())
    if prediction is not None:
        st.caption("Answered" if prediction.revealed else "Predicted, not looked at yet")
    if st.button("Open" if prediction is None else "Open again", key=f"open-{lesson.name}"):
        session.go("learn", links.query(lesson.name, group=address.group))


def _class(address: LessonAddress) -> None:
    with st.expander("For a teacher", icon=":material/school:"):
        st.write(
            "Give the class a name. Its page counts what everyone predicted, without names. It "
            "pools the seeds of all students into one experiment. It makes links to lessons that "
            "leave out the controls you choose."
        )
        class_entry.form("class", address.group)

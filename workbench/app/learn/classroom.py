"""The class page: predictions counted without names, seeds pooled, and links to hand out."""

from __future__ import annotations

from urllib.parse import urlencode

import streamlit as st

from workbench.app.learn import lesson_answer, seed, tally
from workbench.app.plain import plain
from workbench.app.shared import messages, session
from workbench.app.shared.figure import plot, theme
from workbench.errors import RequestError
from workbench.lessons import lessons, links, predictions, seeds
from workbench.lessons.base import Lesson
from workbench.lessons.links import LessonAddress
from workbench.plots import pooled_figure

_TICK = "3s"


def show(address: LessonAddress) -> None:
    """Draw one lesson of the class, or the list of all; every three seconds."""
    st.caption(f"Class: {plain(address.group)}")
    if address.lesson is None:
        st.fragment(_overview, run_every=_TICK)(address)
        if st.button("All lessons", icon=":material/list:"):
            session.go("learn", links.query(group=address.group))
        return
    _links(address.lesson, address.group)
    shown = st.toggle(
        "Show the answer",
        key=f"class-answer-{address.lesson.name}",
        help="Marks the choice that the stored runs bear out.",
    )
    right = _right_choice(address.lesson) if shown else None
    st.fragment(_live, run_every=_TICK)(address.lesson, address.group, right)
    if st.button("All lessons of this class", icon=":material/list:"):
        session.go("learn", links.query(group=address.group, view="class"))


def _overview(address: LessonAddress) -> None:
    store = session.store()
    for lesson in lessons().values():
        predicted = predictions.all_predictions(store, lesson.name, address.group)
        claimed = seeds.all_seeds(store, address.group, lesson.name)
        left, right = st.columns([4, 1], vertical_alignment="center")
        left.markdown(
            f"**{lesson.place}. {lesson.title}**: {len(predicted)} predicted, "
            f"{sum(one.revealed for one in predicted)} have seen the answer, {len(claimed)} have "
            "taken a seed"
        )
        if right.button("Open", key=f"class-{lesson.name}", width="stretch"):
            session.go("learn", links.query(lesson.name, group=address.group, view="class"))


def _links(lesson: Lesson, group: str) -> None:
    with st.expander("A link for the class", icon=":material/link:"):
        hidden = st.multiselect(
            "Leave out",
            list(links.HIDEABLE),
            format_func=links.HIDEABLE.__getitem__,
            placeholder="nothing is left out",
            key=f"hide-{lesson.name}",
        )
        query = urlencode(links.query(lesson.name, group=group, hidden=hidden))
        st.code(f"{_address()}?{query}", language=None, wrap_lines=True)
        st.caption(
            "Everyone gives a name in the sidebar first, so that a prediction is theirs on any "
            "machine; without a name it is this browser's."
        )


def _address() -> str:
    """The address of this page as the viewer sees it, without parameters."""
    return str(st.context.url or "/learn").split("?")[0]


def _right_choice(lesson: Lesson) -> str | None:
    records, _ = lesson_answer.stored_runs_of(lesson)
    if len(records) < len(lesson.variants):
        st.caption("The stored runs of this lesson are not of this version of the workbench.")
        return None
    answer = lesson.answer(records)
    right = lesson.choice(answer.right)
    if right is not None:
        st.info(f"The stored runs say: {right.text} {answer.because}")
    return answer.right


def _live(lesson: Lesson, group: str, right: str | None) -> None:
    st.markdown(f"**{lesson.question}**")
    tally.chart(lesson, group, right)
    if lesson.pooled is not None:
        _pooled(lesson, group)


def _pooled(lesson: Lesson, group: str) -> None:
    st.subheader("One seed a student")
    first, second = (lesson.variant(key).name for key in lesson.pooled or ())
    claimed = seeds.all_seeds(session.store(), group, lesson.name)
    if not claimed:
        st.caption(f"Nobody has run a seed yet. Each runs '{first}' and '{second}'.")
        return
    try:
        steps = seeds.pool(*seed.runs_of(lesson, claimed))
    except RequestError as error:
        st.caption(messages.error_words(error))
        return
    ran = (
        "1 student has run a seed" if len(steps) == 1 else f"{len(steps)} students have run a seed"
    )
    st.caption(f"{ran}. {len(claimed)} have taken one.")
    if not steps:
        return
    st.write(seeds.sentence(steps, first, second))
    st.caption(
        "Agree on the number of seeds first: whoever stops when it looks good is fooled more often "
        "than p says."
    )
    plot(
        pooled_figure([(s.seeds, s.mean, s.low, s.high) for s in steps], theme=theme()),
        key=f"pooled-{lesson.name}",
        alt="Mean difference with its interval, as seeds come in",
    )

"""The class page: predictions counted without names, seeds pooled, and links to hand out."""

from __future__ import annotations

import streamlit as st

from workbench.app import scroll
from workbench.app.learn import class_lead, class_link, lesson_answer, pooled, seed, tally
from workbench.app.plain import plain
from workbench.app.shared import session
from workbench.lessons import class_state, class_wait, lessons, links, predictions, seeds
from workbench.lessons.base import Lesson
from workbench.lessons.links import LessonAddress

_TICK = "3s"


def show(address: LessonAddress) -> None:
    """Draw one lesson of the class, or the list of all; every three seconds."""
    st.caption(f"Class: {plain(address.group)}")
    scroll.follow(f"class {address.lesson.name if address.lesson else ''}")
    class_lead.ask_token()
    if address.lesson is None:
        class_link.views(address.group)
        class_link.show(links.query(group=address.group, view="student"))
        st.write("Open a lesson to ask its question and to see how long the class waits.")
        st.fragment(_overview, run_every=_TICK)(address)
        if st.button("All lessons", icon=":material/list:"):
            session.go("learn", links.query(group=address.group))
        return
    class_lead.show(address.lesson, address.group)
    class_link.views(address.group)
    state = class_state.state_of(session.store(), address.group)
    shown = (state.lesson, state.stage) == (address.lesson.name, "answer") or st.toggle(
        "Show me the answer (the class does not see it)",
        key=f"class-answer-{address.lesson.name}",
        help="Marks the choice that the stored runs confirm.",
    )
    right = lesson_answer.right_choice(address.lesson) if shown else None
    st.fragment(_live, run_every=_TICK)(address.lesson, address.group, right)
    if address.lesson.pooled is not None:
        class_lead.fill_toggle(address.lesson, address.group)
    _links(address.lesson, address.group)
    class_lead.show_more(address.lesson, address.group)
    if st.button("All lessons of this class", icon=":material/list:"):
        session.go("learn", links.query(group=address.group, view="class"))


def _overview(address: LessonAddress) -> None:
    store = session.store()
    asked = class_state.state_of(store, address.group).lesson
    for lesson in lessons().values():
        predicted = predictions.all_predictions(store, lesson.name, address.group)
        claimed = seeds.all_seeds(store, address.group, lesson.name)
        left, right = st.columns([4, 1], vertical_alignment="center")
        counts = [
            f"{count} {what}"
            for count, what in (
                (len(predicted), "predicted"),
                (sum(one.revealed for one in predicted), "saw the answer"),
                (len(claimed), "took a seed"),
            )
            if count
        ]
        said = ", ".join(["being asked now"] * (lesson.name == asked) + counts) or "not used yet"
        left.markdown(f"**{lesson.place}. {lesson.title}**  \n{said}")
        if right.button("Open", key=f"class-{lesson.name}", width="stretch"):
            session.go("learn", links.query(lesson.name, group=address.group, view="class"))


def _links(lesson: Lesson, group: str) -> None:
    with st.expander("Links for the class", icon=":material/qr_code:", expanded=True):
        st.markdown("Students open this link. Their page shows the question that you ask.")
        class_link.show(links.query(group=group, view="student"))
    with st.expander("A link to this lesson alone", icon=":material/link:"):
        hidden = st.multiselect(
            "Leave out",
            list(links.HIDEABLE),
            format_func=links.HIDEABLE.__getitem__,
            placeholder="nothing is left out",
            key=f"hide-{lesson.name}",
        )
        class_link.show(links.query(lesson.name, group=group, hidden=hidden), code=False)


def _live(lesson: Lesson, group: str, right: str | None) -> None:
    st.markdown(f"**{lesson.question}**")
    tally.chart(lesson, group, right)
    if lesson.pooled is not None:
        pooled.show(lesson, group)
        _wait(lesson, group)


def _wait(lesson: Lesson, group: str) -> None:
    """Draw how long thirty students wait; before anything is known, a button that measures it."""
    store = session.store()
    seconds = class_wait.seconds_a_run(store, group, lesson)
    stored = class_lead.stored_count(lesson)
    if seconds is not None:
        st.write(f"**{class_wait.forecast(seconds, stored)}**")
    elif class_wait.is_measuring(store, group, lesson):
        st.caption(f"A seed runs. It tells how long {class_wait.STUDENTS} students wait.")
    else:
        st.caption(class_wait.forecast(seconds, stored))
        if class_lead.may_lead() and st.button("Run one seed", icon=":material/timer:"):
            seed.start(lesson, group)

"""The teacher's controls of a class: open a question, show its answer, go on, start again."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from workbench.app import admin
from workbench.app.shared import session
from workbench.lessons import class_state, lessons, links
from workbench.lessons.base import Lesson

_ONLY_TEACHER = "Only the teacher leads. Enter the token first."
STORED = (
    "Stored on this machine: each answer, its time and each seed, under a name or this browser's "
    "random number."
)


def may_lead() -> bool:
    """Whether this viewer leads the class: sits at this machine, or has entered the token."""
    return session.viewer().trusted


def show(lesson: Lesson, group: str) -> None:
    """Draw the controls for the question that this page shows."""
    state = class_state.state_of(session.store(), group)
    following = class_state.following(lesson.name)
    is_open = state.lesson == lesson.name
    with st.container(horizontal=True):
        _button("Ask the class", "ask", not is_open, _put, group, lesson.name, "predict")
        shown = is_open and state.stage == "answer"
        label = "Hide the answer again" if shown else "Show the class the answer"
        stage = "predict" if shown else "answer"
        _button(label, "answer", is_open, _put, group, lesson.name, stage)
        if following is not None and _button(f"Next: {following.title}", "next", True):
            _put(group, following.name, "predict")
            session.go("learn", links.query(following.name, group=group, view="class"))
    if is_open:
        st.caption("Open now. Students' pages and the projector follow within three seconds.")


def ask_token() -> None:
    """Draw the field for the token, unless this viewer leads already."""
    if may_lead():
        return
    with st.form("lead-token", border=False, width=360):
        st.write("Only the teacher leads. The token is printed in the terminal.")
        token = st.text_input("Token", type="password", key="lead-token-text")
        if st.form_submit_button("Lead this class") and admin.enter(token):
            st.rerun()


def show_more(lesson: Lesson, group: str) -> None:
    """Draw the tallies as CSV, and the way to start again."""
    with st.container(horizontal=True):
        st.download_button(
            "Tallies as CSV",
            lambda: class_state.tally_csv(session.store(), group, list(lessons().values())),
            f"{group}.csv",
            "text/csv",
            icon=":material/download:",
            on_click="ignore",
        )
        with st.popover("Start again", icon=":material/restart_alt:"):
            st.write("Forgets this class's answers and seeds in this lesson. Runs stay.")
            _button("Forget them", "reset", True, _reset, group, lesson.name)
    st.caption(STORED)


def fill_toggle(lesson: Lesson, group: str) -> None:
    """Draw whether stored runs stand in for seeds without a turn. The projector follows."""
    state = class_state.state_of(session.store(), group)
    key = f"fill-{lesson.name}"
    st.session_state[key] = state.lesson == lesson.name and state.fill
    st.toggle(
        "Stored runs stand in for seeds without a turn",
        key=key,
        disabled=not may_lead(),
        help="They have other seeds and are marked as stored.",
        on_change=_fill,
        args=(group, lesson.name, key),
    )


def _button(
    label: str, key: str, enabled: bool, action: Callable[..., None] | None = None, *args: str
) -> bool:
    may = may_lead()
    return st.button(
        label,
        key=f"lead-{key}",
        disabled=not (enabled and may),
        help=None if may else _ONLY_TEACHER,
        on_click=action,
        args=args,
    )


def _put(group: str, lesson: str, stage: class_state.Stage) -> None:
    if may_lead():
        store = session.store()
        known = class_state.state_of(store, group)
        class_state.put(store, group, lesson, stage, fill=known.fill and known.lesson == lesson)


def _fill(group: str, lesson: str, key: str) -> None:
    if may_lead():
        store = session.store()
        state = class_state.state_of(store, group)
        stage = state.stage if state.lesson == lesson else "predict"
        class_state.put(store, group, lesson, stage, fill=bool(st.session_state[key]))


def _reset(group: str, lesson: str) -> None:
    if may_lead():
        class_state.reset(session.store(), group, lesson)

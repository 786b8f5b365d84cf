"""The teacher's controls of a class: open a question, show its answer, go on, start again."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from workbench import paths
from workbench.app import admin
from workbench.app.shared import session
from workbench.lessons import class_state, lessons, links
from workbench.lessons.base import Lesson
from workbench.lessons.stored_seeds import stored_pairs

_ONLY_TEACHER = "Only the teacher leads. Enter the token first."
STORED = (
    "Stored on the computer that runs this app: each answer, its time and each seed, under a name "
    "if one was given. Tallies show no names."
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
        what = "the answer" if shown else "this question"
        st.caption(f"The class sees {what} now, within three seconds.")
    elif state.open_lesson is not None:
        st.caption(f"The class is at: {state.open_lesson.title}.")


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
        with st.popover("Reset this lesson", icon=":material/restart_alt:"):
            st.write(
                "Deletes this class's answers and seeds in this lesson, and its queued runs. "
                "Finished runs are kept."
            )
            _button("Delete them", "reset", True, _reset, group, lesson.name)
    st.caption(STORED)


def fill_toggle(lesson: Lesson, group: str) -> None:
    """Draw whether stored runs stand in for students who still wait. The projector follows.

    Nothing is drawn where none is stored.
    """
    if not stored_count(lesson):
        return
    key = f"fill-{lesson.name}"
    st.session_state[key] = class_state.fills(session.store(), group, lesson.name)
    st.toggle(
        "Fill up with stored runs for students still waiting",
        key=key,
        disabled=not may_lead(),
        help="They have other seeds and are marked as stored.",
        on_change=_fill,
        args=(group, lesson.name, key),
    )


def stored_count(lesson: Lesson) -> int:
    """How many stored pairs of runs can stand in."""
    return len(stored_pairs(paths.demo_home(), lesson)[0])


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
        class_state.put(session.store(), group, lesson, stage)


def _fill(group: str, lesson: str, key: str) -> None:
    if may_lead():
        class_state.set_fill(session.store(), group, lesson, bool(st.session_state[key]))


def _reset(group: str, lesson: str) -> None:
    if may_lead():
        class_state.reset(session.store(), group, lesson)

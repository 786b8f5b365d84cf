"""The pooled experiment of a class: its finished seeds, and stored ones where they stand in."""

from __future__ import annotations

import streamlit as st

from workbench import paths
from workbench.app.learn import seed
from workbench.app.shared import messages, session
from workbench.app.shared.figure import plot, theme
from workbench.errors import RequestError
from workbench.lessons import class_state, seeds
from workbench.lessons.base import Lesson
from workbench.lessons.stored_seeds import stored_pairs
from workbench.plots import pooled_figure


def show(lesson: Lesson, group: str) -> None:
    """Draw how many seeds are in, the pooled difference and its course."""
    st.subheader("One seed a student")
    first, second = (variant.name for variant in lesson.seeded_pair())
    claimed = seeds.all_seeds(session.store(), group, lesson.name)
    if not claimed:
        st.caption(f"Nobody has run a seed yet. Each runs '{first}' and '{second}'.")
        return
    try:
        own = seed.runs_of(lesson, claimed)
    except RequestError as error:
        st.caption(messages.error_words(error))
        return
    finished = len(seeds.pool(*own))
    state = class_state.state_of(session.store(), group)
    missing = len(claimed) - finished
    added = missing if state.fill and state.lesson == lesson.name else 0
    stored = [runs[:added] for runs in stored_pairs(paths.demo_home(), lesson)]
    steps = seeds.pool([*own[0], *stored[0]], [*own[1], *stored[1]])
    ran = "1 student has run a seed" if finished == 1 else f"{finished} students have run a seed"
    taken = "1 has" if len(claimed) == 1 else f"{len(claimed)} have"
    st.caption(f"{ran}. {taken} taken one.{_stand_in_words(len(stored[0]))}")
    if not steps:
        return
    st.write(seeds.sentence(steps, first, second))
    st.caption("Agree on the number of seeds first. Stopping when it looks good misleads.")
    plot(
        pooled_figure(
            [(s.seeds, s.mean, s.low, s.high) for s in steps],
            stored=len(stored[0]),
            theme=theme(),
        ),
        key=f"pooled-{lesson.name}",
        alt="Mean difference with its interval, as seeds come in",
    )


def _stand_in_words(stored: int) -> str:
    if not stored:
        return ""
    runs = "One stored seed stands" if stored == 1 else f"{stored} stored seeds stand"
    return f" {runs} in for those without a turn: open circles."

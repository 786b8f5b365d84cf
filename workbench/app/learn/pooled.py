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
from workbench.lessons.seeds import PooledRun
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
    fill = class_state.fills(session.store(), group, lesson.name)
    stored = _stand_ins(lesson, own, len(claimed) - finished if fill else 0)
    steps = seeds.pool([*own[0], *stored[0]], [*own[1], *stored[1]])
    st.caption(f"{_done_words(finished, len(claimed))}{_stand_in_words(len(stored[0]))}")
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


def progress(lesson: Lesson, group: str) -> str:
    """How many of the class's seeds are done, in one sentence; empty before the first is taken.

    Raises RequestError if the stored runs of the lesson are not installed.
    """
    claimed = seeds.all_seeds(session.store(), group, lesson.name)
    if not claimed:
        return ""
    return _done_words(len(seeds.pool(*seed.runs_of(lesson, claimed))), len(claimed))


def _done_words(finished: int, started: int) -> str:
    if started == 1:
        return "The one seed that was started is done." if finished else "One seed was started."
    return f"{finished} of {started} started seeds are done."


def _stand_ins(
    lesson: Lesson, own: tuple[list[PooledRun], list[PooledRun]], count: int
) -> list[list[PooledRun]]:
    """At most ``count`` stored pairs, those with the highest seeds, none of a seed in ``own``."""
    taken = {int(run["config"]["seed"]) for runs in own for run in runs}
    free = [
        [run for run in runs if int(run["config"]["seed"]) not in taken]
        for runs in stored_pairs(paths.demo_home(), lesson)
    ]
    return [runs[len(runs) - min(count, len(runs)) :] for runs in free]


def _stand_in_words(stored: int) -> str:
    if not stored:
        return ""
    runs = "One stored seed stands" if stored == 1 else f"{stored} stored seeds stand"
    return f" {runs} in for students still waiting: open circles."

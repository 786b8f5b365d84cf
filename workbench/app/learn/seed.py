"""A student's seed in the class's experiment: two runs that only this person makes."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from workbench import paths
from workbench.app.learn import new_runs, visitor
from workbench.app.plain import plain
from workbench.app.shared import messages, run_words, session
from workbench.app.shared.messages import show_error
from workbench.comparison import numbers
from workbench.config import RunConfig
from workbench.errors import RequestError
from workbench.lessons import class_wait, evidence, lessons, seeds
from workbench.lessons.base import Lesson
from workbench.lessons.links import LessonAddress
from workbench.lessons.seeds import PooledRun
from workbench.store.rows import LIVE
from workbench.stored_runs import hidden_test

_TICK = "2s"


def show(lesson: Lesson, address: LessonAddress, *, revealed: bool) -> None:
    """Draw the button, the progress of the two runs, and their result once the answer is shown."""
    st.subheader("Your seed in the class's experiment")
    first, second = (variant.name for variant in lesson.seeded_pair())
    st.write(
        f"Everyone in '{plain(address.group)}' runs '{first}' and '{second}' with a seed of their "
        "own. One seed may be luck; together they can show more."
    )
    mine = seeds.seed_of(session.store(), address.group, lesson.name, visitor.voter())
    if mine is None:
        if st.button("Run my seed", icon=":material/casino:"):
            start(lesson, address.group)
        return
    try:
        configs = pair(lesson, mine)
    except RequestError as error:
        st.caption(messages.error_words(error))
        return
    st.write(f"Your seed is **{mine}**.")
    rows = evidence.newest_runs(session.store(), configs)
    if any(row is None or row.state in ("stopped", "failed") for row in rows):
        if st.button("Run my seed again", icon=":material/casino:"):
            start(lesson, address.group)
    elif any(row is not None and row.state in ("queued", *LIVE) for row in rows):
        seconds = class_wait.seconds_a_run(session.store(), address.group, lesson)
        st.fragment(_progress, run_every=_TICK)(configs, seconds)
    elif not revealed:
        st.caption("Both have finished. What came of them is shown with the answer.")
    else:
        _result(lesson, runs_of(lesson, [mine]))


def show_others(lesson: Lesson, address: LessonAddress) -> None:
    """Draw a line for each of this person's seeds in other lessons whose runs go on."""
    store = session.store()
    for other in lessons().values():
        if other.pooled is None or other is lesson:
            continue
        mine = seeds.seed_of(store, address.group, other.name, visitor.voter())
        try:
            rows = [] if mine is None else evidence.newest_runs(store, pair(other, mine))
        except RequestError:
            # The stored runs are not installed: the lesson's own page says so.
            continue
        if any(row is not None and row.state in ("queued", *LIVE) for row in rows):
            st.caption(f"Your seed {mine} in '{other.title}' goes on.")


def pair(lesson: Lesson, seed: int) -> list[RunConfig]:
    """The two configurations of the class's experiment with this seed."""
    home = paths.demo_home()
    return [evidence.config_of(variant, home, seed) for variant in lesson.seeded_pair()]


def runs_of(lesson: Lesson, claimed: Sequence[int]) -> tuple[list[PooledRun], list[PooledRun]]:
    """The finished runs of these seeds, of the first and of the second configuration."""
    pairs = [pair(lesson, number) for number in claimed]
    rows = evidence.newest_runs(session.store(), [config for both in pairs for config in both])
    hidden = hidden_test.hidden_runs(session.store(), [row for row in rows if row is not None])
    runs: tuple[list[PooledRun], list[PooledRun]] = ([], [])
    for position, row in enumerate(rows):
        if row is not None and row.state == "finished":
            scores = hidden_test.visible_scores(row.summary, row.id in hidden)
            runs[position % 2].append({"config": row.config, "ended": row.ended, **scores})
    return runs


def start(lesson: Lesson, group: str) -> None:
    """Give this person a seed of the class and enqueue its two runs, then draw the page again."""
    try:
        seed = seeds.claim(session.store(), group, lesson.name, visitor.voter())
        configs = pair(lesson, seed)
    except RequestError as error:
        show_error(error)
        return
    names = [f"{variant.name}, seed {seed}" for variant in lesson.seeded_pair()]
    if new_runs.start(configs, names, seeds.experiment(group, lesson.name)):
        st.rerun()


def _progress(configs: Sequence[RunConfig], seconds: float | None) -> None:
    store = session.store()
    rows = [row for row in evidence.newest_runs(store, configs) if row is not None]
    if not any(row.state in ("queued", *LIVE) for row in rows):
        st.rerun()
    for row in rows:
        position = store.queue_position(row.id)
        state = run_words.state(row, store.last_heartbeat(row.id), position)
        wait = class_wait.wait(seconds, position)
        st.caption(plain(f"{run_words.title(row)}: {state}{f' {wait.capitalize()}.' * bool(wait)}"))


def _result(lesson: Lesson, runs: tuple[list[PooledRun], list[PooledRun]]) -> None:
    steps = seeds.pool(*runs)
    if steps:
        first, second = (variant.name for variant in lesson.seeded_pair())
        st.write(
            f"With your seed '{first}' gained {numbers.points(steps[0].mean)} points against "
            f"'{second}' (nearest neighbours share the label). The class page pools all seeds."
        )

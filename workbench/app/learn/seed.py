"""One's own seed in a class's experiment: two runs that only this person makes."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from workbench.app.learn import new_runs, visitor
from workbench.app.shared import run_words, session
from workbench.app.shared.messages import tell
from workbench.config import RunConfig
from workbench.errors import RequestError
from workbench.lessons import evidence, seeds
from workbench.lessons.base import Lesson, Run
from workbench.lessons.links import Place
from workbench.store import hidden_test
from workbench.store.store import LIVE

_TICK = "2s"


def show(lesson: Lesson, place: Place, *, revealed: bool) -> None:
    """The button, then how far the two runs are; their result once the answer may be seen."""
    st.subheader("Your seed in the class's experiment")
    first, second = (lesson.variant(key).name for key in lesson.pooled or ())
    st.write(
        f"Everyone in '{place.group}' runs '{first}' and '{second}' with a seed of their own. One "
        "seed is an observation; together they can show more."
    )
    mine = seeds.held_by(session.store(), place.group, lesson.name, visitor.voter())
    if mine is None:
        if st.button("Run my seed", icon=":material/casino:"):
            _start(lesson, place)
        return
    try:
        configs = pair(lesson, mine)
    except RequestError as error:
        st.caption(str(error))
        return
    st.write(f"Your seed is **{mine}**.")
    rows = evidence.here(session.store(), configs)
    if any(row is None or row.state in ("stopped", "failed") for row in rows):
        if st.button("Run my seed again", icon=":material/casino:"):
            _start(lesson, place)
    elif any(row is not None and row.state in ("queued", *LIVE) for row in rows):
        st.fragment(_progress, run_every=_TICK)(configs)
    elif not revealed:
        st.caption("Both have finished. What came of them is shown with the answer.")
    else:
        _result(lesson, runs_of(lesson, [mine]))


def pair(lesson: Lesson, seed: int) -> list[RunConfig]:
    """The two configurations of the class's experiment with this seed."""
    home = session.demo_home()
    return [evidence.config_of(lesson.variant(key), home, seed) for key in lesson.pooled or ()]


def runs_of(lesson: Lesson, given: Sequence[int]) -> tuple[list[Run], list[Run]]:
    """The finished runs of these seeds, of the first and of the second configuration."""
    pairs = [pair(lesson, seed) for seed in given]
    rows = evidence.here(session.store(), [config for both in pairs for config in both])
    kept = hidden_test.closed(session.store(), [row for row in rows if row is not None])
    out: tuple[list[Run], list[Run]] = ([], [])
    for place, row in enumerate(rows):
        if row is not None and row.state == "finished":
            shown = hidden_test.shown(row.summary, row.id in kept)
            out[place % 2].append({"config": row.config, "ended": row.ended, **shown})
    return out


def _start(lesson: Lesson, place: Place) -> None:
    try:
        seed = seeds.claim(session.store(), place.group, lesson.name, visitor.voter())
        configs = pair(lesson, seed)
    except RequestError as error:
        tell(error)
        return
    names = [f"{lesson.variant(key).name}, seed {seed}" for key in lesson.pooled or ()]
    if new_runs.start(configs, names, seeds.experiment(place.group, lesson.name)):
        st.rerun()


def _progress(configs: Sequence[RunConfig]) -> None:
    store = session.store()
    rows = [row for row in evidence.here(store, configs) if row is not None]
    if not any(row.state in ("queued", *LIVE) for row in rows):
        st.rerun()
    for row in rows:
        said = run_words.state(row, store.last_heartbeat(row.id), store.queue_position(row.id))
        st.caption(f"{run_words.title(row)}: {said}")


def _result(lesson: Lesson, runs: tuple[list[Run], list[Run]]) -> None:
    steps = seeds.pooled(*runs)
    if steps:
        first, second = (lesson.variant(key).name for key in lesson.pooled or ())
        st.write(
            f"With your seed '{first}' gained {100 * steps[0].mean:+.1f} points against "
            f"'{second}' (nearest neighbours share the label). The class page pools all seeds."
        )

"""Run a lesson's configurations on this machine, and compare the results with the stored runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd
import streamlit as st

from workbench import paths
from workbench.app.plain import plain
from workbench.app.shared import launching, messages, run_words, session
from workbench.config import RunConfig
from workbench.errors import RequestError
from workbench.jobs import estimates
from workbench.lessons import evidence
from workbench.lessons.base import Lesson, LessonRun
from workbench.lessons.run_numbers import percent, score
from workbench.store.rows import LIVE, RunRow
from workbench.stored_runs.stored_run import StoredRun

_TICK = "2s"
_PENDING = ("queued", *LIVE)


def show(lesson: Lesson, stored: Mapping[str, LessonRun]) -> None:
    """Draw the button, the progress of its runs, and then both results side by side."""
    st.subheader("Run this anew here")
    try:
        configs = configs_of(lesson)
    except RequestError as error:
        st.caption(messages.error_words(error))
        return
    rows = evidence.newest_runs(session.store(), configs)
    missing = [
        (variant.key, config)
        for variant, config, row in zip(lesson.variants, configs, rows, strict=True)
        if _is_missing(row)
    ]
    if missing:
        _offer(lesson, dict(missing))
    live = any(row is not None and row.state in _PENDING for row in rows)
    if live:
        st.fragment(_progress, run_every=_TICK)(configs)
    if all(row is not None and row.state == "finished" for row in rows):
        _compare(lesson, stored, [row for row in rows if row is not None])


def configs_of(lesson: Lesson) -> list[RunConfig]:
    """The lesson's complete configurations. Raises RequestError if its data are not installed."""
    return [evidence.config_of(variant, paths.demo_home()) for variant in lesson.variants]


def _is_missing(row: RunRow | None) -> bool:
    """Whether there is no run that has finished, or will."""
    return row is None or row.state not in ("finished", *_PENDING)


def start(configs: Sequence[RunConfig], names: Sequence[str], experiment: str) -> bool:
    """Enqueue the configurations that lack a run here; False after an error, which is shown."""
    rows = evidence.newest_runs(session.store(), configs)
    missing = [
        (config, name)
        for config, name, row in zip(configs, names, rows, strict=True)
        if _is_missing(row)
    ]
    new = [config for config, _ in missing]
    own_names = [name for _, name in missing]
    return launching.launch_all(new, experiment=experiment, names=own_names) is not None


def experiment_of(lesson: Lesson) -> str:
    """The experiment of a lesson's runs in the store."""
    return f"lesson-{lesson.name}"


def _offer(lesson: Lesson, missing: Mapping[str, RunConfig]) -> None:
    st.write(
        "The very same configurations, trained on this machine. They are budgeted in steps, so "
        "that a slow machine takes longer and gets the same."
    )
    label = f"Run {len(missing)} runs anew" if len(missing) > 1 else "Run one run anew"
    if st.button(label, icon=":material/play_arrow:", key=f"anew-{lesson.name}"):
        names = [lesson.variant(key).name for key in missing]
        if start(list(missing.values()), names, experiment_of(lesson)):
            st.rerun()
    st.caption(_cost(lesson, missing))


def _cost(lesson: Lesson, configs: Mapping[str, RunConfig]) -> str:
    """What these runs cost, as estimated from similar runs on this machine."""
    home, store = session.home(), session.store()
    infos = evidence.infos(paths.demo_home())
    sizes = []
    for key, config in configs.items():
        info = infos[lesson.variant(key).data]
        speed = estimates.speed_before(home, store, config, info)
        sizes.append(estimates.size(config, info, speed))
    steps = sum(config.budget.steps or 0 for config in configs.values())
    seconds = estimates.total(sizes)
    if seconds is None:
        return f"{steps:,} training steps in all. The time is shown after the first run."
    return f"{steps:,} training steps in all, about {run_words.duration(seconds)} on this machine."


def _progress(configs: Sequence[RunConfig]) -> None:
    store = session.store()
    rows = [row for row in evidence.newest_runs(store, configs) if row is not None]
    if not any(row.state in _PENDING for row in rows):
        st.rerun()
    ended = sum(row.state not in _PENDING for row in rows)
    running = next((row for row in rows if row.state in LIVE), None)
    current = ""
    if running is not None:
        state = run_words.state(running, store.last_heartbeat(running.id), None)
        current = f" {plain(run_words.title(running))}: {plain(state)}"
    st.progress(ended / max(1, len(rows)), f"{ended} of {len(rows)} have ended.{current}")
    st.caption("They go on if you leave this page; it shows them when you come back.")


def _compare(lesson: Lesson, stored: Mapping[str, LessonRun], rows: Sequence[RunRow]) -> None:
    home = session.home()
    fresh = {
        variant.key: evidence.lesson_run(StoredRun(home, row), variant)
        for variant, row in zip(lesson.variants, rows, strict=True)
    }
    st.table(pd.DataFrame([_line(stored.get(key), fresh[key]) for key in fresh]).set_index("run"))
    if any(record["test"] == "closed" for record in fresh.values()):
        st.caption(
            "Test scores of these data are hidden. So 'here' shows scores of validation samples, "
            "and gives no answer."
        )
    elif lesson.repeatable:
        answer = lesson.answer(fresh)
        right = lesson.choice(answer.right)
        st.write(f"{_whose(rows)} say: {right.text if right is not None else ''} {answer.because}")
    st.caption(
        "Equal steps and seeds give nearly equal numbers on every processor. Ignore differences in "
        "the last digits."
    )
    finished = [row.id for row in rows]
    if len(finished) > 1 and st.button("Compare these runs in full", icon=":material/compare:"):
        session.go("compare", {"runs": ",".join(finished)})


def _whose(rows: Sequence[RunRow]) -> str:
    """``Your runs`` only where all of them are the viewer's."""
    viewer = session.viewer()
    own = all(viewer.is_owner(row.owner) or (viewer.local and not row.owner) for row in rows)
    return "Your runs" if own else "Runs made on this server"


def _line(stored: LessonRun | None, fresh: LessonRun) -> dict[str, str]:
    return {
        "run": f"{fresh['name']}, seed {fresh['config']['seed']}",
        "stored": "" if stored is None else percent(score(stored)),
        "here": percent(score(fresh)),
        "check, stored": "" if stored is None else run_words.verdict(stored["verdict"]),
        "check, here": run_words.verdict(fresh["verdict"]),
    }

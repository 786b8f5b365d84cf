"""Making a lesson's runs anew on this machine, and their results beside the stored ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from workbench.app.shared import run_words, session
from workbench.app.shared.messages import tell
from workbench.config import RunConfig
from workbench.errors import RequestError, WorkbenchError
from workbench.jobs import estimates, launch
from workbench.lessons import evidence
from workbench.lessons.base import Lesson, Run
from workbench.lessons.reading import percent, score
from workbench.store.store import LIVE, RunRow

_TICK = "2s"
_WAITING = ("queued", *LIVE)


def show(lesson: Lesson, stored: Mapping[str, Run]) -> None:
    """The button, how far its runs are, and then both results side by side."""
    st.subheader("Run this anew here")
    try:
        configs = configs_of(lesson)
    except RequestError as error:
        st.caption(str(error))
        return
    rows = evidence.here(session.store(), configs)
    missing = [
        at for at, row in enumerate(rows) if row is None or row.state not in ("finished", *_WAITING)
    ]
    if missing:
        _offer(lesson, {lesson.variants[at].key: configs[at] for at in missing})
    live = any(row is not None and row.state in _WAITING for row in rows)
    if live:
        st.fragment(_progress, run_every=_TICK)(configs)
    if all(row is not None and row.state == "finished" for row in rows):
        _beside(lesson, stored, [row for row in rows if row is not None])


def configs_of(lesson: Lesson) -> list[RunConfig]:
    """The lesson's configurations, complete. Raises RequestError without the stored data."""
    return [evidence.config_of(one, session.demo_home()) for one in lesson.variants]


def start(configs: Sequence[RunConfig], names: Sequence[str], experiment: str) -> bool:
    """Enqueue what has not finished here and is not on its way; False after an error, shown."""
    owner = session.viewer().name
    rows = evidence.here(session.store(), configs)
    wanted = [
        (config, name)
        for config, name, row in zip(configs, names, rows, strict=True)
        if row is None or row.state not in ("finished", *_WAITING)
    ]
    try:
        launch.check_limit(session.home(), [config for config, _ in wanted], owner)
        for config, name in wanted:
            launch.launch(session.home(), config, owner=owner, name=name, experiment=experiment)
    except WorkbenchError as error:
        tell(error)
        return False
    return True


def experiment_of(lesson: Lesson) -> str:
    """The name that a lesson's own runs carry in the store."""
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
    """What runs of these configurations cost, by what this machine took for others like them."""
    home, store = session.home(), session.store()
    known = evidence.infos(session.demo_home())
    sizes = []
    for key, config in configs.items():
        info = known[lesson.variant(key).data]
        speed = estimates.speed_before(home, store, config, info)
        sizes.append(estimates.size(config, info, speed))
    steps = sum(config.budget.steps or 0 for config in configs.values())
    seconds = estimates.total(sizes)
    if seconds is None:
        return (
            f"{steps:,} training steps in all; how long that takes, this machine's runs will tell."
        )
    return f"{steps:,} training steps in all, about {run_words.duration(seconds)} on this machine."


def _progress(configs: Sequence[RunConfig]) -> None:
    store = session.store()
    rows = [row for row in evidence.here(store, configs) if row is not None]
    if not any(row.state in _WAITING for row in rows):
        st.rerun()
    ended = sum(row.state not in _WAITING for row in rows)
    running = next((row for row in rows if row.state in LIVE), None)
    doing = ""
    if running is not None:
        said = run_words.state(running, store.last_heartbeat(running.id), None)
        doing = f" {run_words.title(running)}: {said}"
    st.progress(ended / max(1, len(rows)), f"{ended} of {len(rows)} have ended.{doing}")
    st.caption("They go on if you leave this page; it shows them when you come back.")


def _beside(lesson: Lesson, stored: Mapping[str, Run], rows: Sequence[RunRow]) -> None:
    home = session.home()
    fresh = {
        variant.key: evidence.document(home, row, variant, read_only=False)
        for variant, row in zip(lesson.variants, rows, strict=True)
    }
    st.table(pd.DataFrame([_line(stored.get(key), fresh[key]) for key in fresh]).set_index("run"))
    if any(run["test"] == "closed" for run in fresh.values()):
        st.caption(
            "The test is kept closed for these data: what stands under 'here' is of validation "
            "samples, and no answer is read off it."
        )
    elif lesson.repeatable:
        answer = lesson.answer(fresh)
        right = lesson.choice(answer.right)
        st.write(f"Your runs say: {right.text if right is not None else ''} {answer.because}")
    st.caption(
        "Equal steps and seeds give nearly equal numbers; the last digits differ from processor to "
        "processor, and what hangs on them was never shown."
    )
    finished = [row.id for row in rows]
    if len(finished) > 1 and st.button("Compare these runs in full", icon=":material/compare:"):
        session.go("compare", {"runs": ",".join(finished)})


def _line(stored: Run | None, fresh: Run) -> dict[str, Any]:
    return {
        "run": f"{fresh['name']}, seed {fresh['config']['seed']}",
        "stored": "" if stored is None else percent(score(stored)),
        "here": percent(score(fresh)),
        "check, stored": "" if stored is None else run_words.verdict(stored),
        "check, here": run_words.verdict(fresh),
    }

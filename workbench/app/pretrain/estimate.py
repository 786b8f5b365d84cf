"""The estimate before a launch: steps, samples and passes over the data, when the runs will be
done, and what the estimate is based on."""

from __future__ import annotations

import time
from collections.abc import Sequence

import streamlit as st

from workbench import registry
from workbench.app.plain import plain
from workbench.app.shared import browser, messages, run_words, session
from workbench.comparison.run_fields import name_list
from workbench.config import RunConfig
from workbench.data.dataset import DataInfo
from workbench.errors import EngineError, RequestError
from workbench.jobs import estimates
from workbench.jobs.estimates import Size, Speed

_MEASURED = "measured"


def show(configs: Sequence[RunConfig], info: DataInfo, *, seeds: int) -> None:
    """Draw the estimate. configs: validated; all tasks of one seed, then of the next."""
    store = session.store()
    firsts = list(configs[: max(1, len(configs) // seeds)])
    speeds = {
        config.task: _measured(config)
        or estimates.speed_before(session.home(), store, config, info)
        for config in firsts
    }
    sizes = [estimates.size(config, info, speeds[config.task]) for config in configs]
    with st.container(border=True):
        unknown = []
        for config, size in zip(firsts, sizes, strict=False):
            words = _sentence(config, size, speeds[config.task], info, several=len(firsts) > 1)
            if words:
                st.write(words)
            else:
                unknown.append(registry.task(config.task).title)
        if unknown:
            which = f" for {name_list(unknown)}" if len(firsts) > 1 else ""
            st.write(f"Number of steps unknown{which}: nothing like this has run here yet.")
        st.write(_when(sizes, *estimates.waiting(store)))
        for warning in estimates.warnings(sizes, info, tasks=len(firsts), seeds=seeds):
            st.caption(f":material/info: {plain(warning)}")
        _measure([config for config in firsts if speeds[config.task] is None])


def _sentence(
    config: RunConfig, size: Size, speed: Speed | None, info: DataInfo, *, several: bool
) -> str:
    """What one run will see; empty while its speed is unknown."""
    title = f"**{registry.task(config.task).title}**: " if several else ""
    what = "images" if info.modality == "image" else "texts"
    if speed is None or size.samples is None or size.steps is None:
        return ""
    if speed.runs:
        runs = "one finished run" if speed.runs == 1 else f"{speed.runs} finished runs"
        basis = f"as {runs} of this kind went here"
    else:
        basis = "as just measured on this machine"
    spent = ""
    if config.budget.seconds is None and size.seconds is not None:
        spent = f" in about {run_words.duration(size.seconds)} of training"
    about = "about" if title else "About"
    steps = f"{about} {_round(size.steps)}" if config.budget.steps is None else f"{size.steps:,.0f}"
    return (
        f"{title}{steps} steps of {speed.batch_size} {what}{spent}: "
        f"{_round(size.samples)} {what} seen, {size.epochs:.3g} passes over the training data, at "
        f"{_round(speed.samples_per_second)} a second, {basis}."
    )


def _when(sizes: Sequence[Size], before: int, waits: float) -> str:
    queue = ""
    if before:
        runs = "One run comes" if before == 1 else f"{before} runs come"
        queue = f"{runs} before, for about {run_words.duration(waits)} or longer. "
    seconds = estimates.total(sizes)
    runs = "The run takes" if len(sizes) == 1 else f"The {len(sizes)} runs take"
    if seconds is None:
        return f"{queue}It is not known yet how long this takes."
    end = browser.local_time(time.time() + waits + seconds).strftime("%H:%M")
    return (
        f"{queue}{runs} about {run_words.duration(seconds)} with start, checks and scores: done at "
        f"about {end}."
    )


def _measure(unknown: Sequence[RunConfig]) -> None:
    if not unknown:
        return
    count = len(unknown)
    text = "Trains for two seconds" + (f" on each of {count} tasks" if count > 1 else "")
    if not st.button(
        "Measure on this machine", icon=":material/speed:", help=f"{text}; nothing is kept."
    ):
        return
    bar = st.progress(0.0, "Measuring")
    for done, config in enumerate(unknown):
        bar.progress(done / count, f"Measuring {registry.task(config.task).title}")
        try:
            measured = session.engine().measure(config)
        except (EngineError, RequestError) as error:
            bar.empty()
            st.warning(messages.error_words(error))
            return
        speeds: dict[str, Speed] = st.session_state.setdefault(_MEASURED, {})
        speeds[_key(config)] = Speed(measured["samples_per_second"], int(measured["batch_size"]), 0)
    st.rerun()


def _measured(config: RunConfig) -> Speed | None:
    speeds: dict[str, Speed] = st.session_state.get(_MEASURED, {})
    return speeds.get(_key(config))


def _key(config: RunConfig) -> str:
    """Equal for configurations that train at one speed: seed, budget and scores do not matter."""
    raw = config.to_json()
    return repr(
        [value for name, value in sorted(raw.items()) if name not in ("seed", "budget", "eval")]
    )


def _round(value: float) -> str:
    """A count rounded to two digits, with commas."""
    if value < 100:
        return f"{value:.0f}"
    digits = len(str(int(value))) - 2
    return f"{round(value, -digits):,.0f}"

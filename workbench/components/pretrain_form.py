"""The Pretrain page's parts: which tasks fit, how long, what the model sees, and the launch."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from workbench import registry, request
from workbench import settings as app_settings
from workbench.augment.presets import steps
from workbench.components import illustration, option_form, session
from workbench.config import Budget, DataConfig, EvalOptions, RunConfig, TrainOptions
from workbench.data.dataset import DataInfo, Dataset
from workbench.errors import EngineError, RequestError
from workbench.runs import launch as launching
from workbench.tasks.base import Task

_SECONDS = (10, 20, 30, 60, 120, 300, 600, 1800)
_SHOWN = 3
# A prime, so that the samples shown lie far apart in the training split.
_STRIDE = 7919


@dataclass(frozen=True)
class Asked:
    """Validated configurations, one a task and seed, and what was decided for the user."""

    configs: tuple[RunConfig, ...]
    notes: tuple[str, ...]


def fitting_tasks(info: DataInfo) -> dict[str, type[Task]]:
    """The tasks that can learn from this data, by name; those of one family together."""
    out = {}
    for name, task in sorted(registry.tasks().items(), key=lambda item: item[1].family):
        try:
            task().check(info)
        except RequestError:
            continue
        out[name] = task
    return out


def settings(data: DataConfig, info: DataInfo, tasks: Sequence[str]) -> Asked | None:
    """What the form describes; None after an error, which is shown."""
    left, right = st.columns(2)
    seconds = left.select_slider(
        "Training time" + (" for each run" if len(tasks) > 1 else ""),
        _SECONDS,
        value=60 if len(tasks) == 1 else 20,
        format_func=lambda s: f"{s} s" if s < 120 else f"{s // 60} min",
    )
    seeds = right.number_input(
        "Seeds", 1, 10, 1, help="Each task runs once for every seed; three show how much is luck."
    )
    config = RunConfig(
        data=dataclasses.replace(data, fingerprint=info.fingerprint),
        task=tasks[0],
        budget=Budget(seconds=float(seconds)),
    )
    with st.expander("Task, augmentations, encoder and training"):
        config = _details(config, info, tasks)
    try:
        if config.eval.get("pretrained"):
            app_settings.current().check_folder(str(config.eval["pretrained"]))
        configs, notes = request.pilot_configs(config, tasks, info, int(seeds))
    except RequestError as error:
        st.error(str(error).replace("\n", "  \n"))
        return None
    return Asked(tuple(configs), tuple(notes))


def _details(config: RunConfig, info: DataInfo, tasks: Sequence[str]) -> RunConfig:
    options: dict[str, Any] = {}
    broken: str | None = None
    if len(tasks) == 1:
        task = registry.task(tasks[0])
        st.markdown(f"**{task.title}**")
        options = option_form.option_form(task, {}, key=f"task-{tasks[0]}")
        broken = _broken(tasks[0])
    presets = [p.name for p in registry.presets().values() if info.modality in p.modalities]
    preset = st.selectbox(
        "Augmentations",
        [None, *presets],
        format_func=lambda name: (
            "the task's own" if name is None else registry.presets()[name].title
        ),
    )
    encoder = st.selectbox(
        "Encoder",
        [None, *_encoders(tasks)],
        format_func=lambda name: "one that suits" if name is None else registry.encoder(name).title,
    )
    encoder_options: dict[str, Any] = {}
    if encoder is not None:
        encoder_options = option_form.option_form(
            registry.encoder(encoder), {}, key=f"encoder-{encoder}"
        )
    st.markdown("**Training and scores**")
    return dataclasses.replace(
        config,
        options=options,
        preset=broken,
        augment=None if preset is None else steps(preset, info),
        encoder=encoder,
        encoder_options=encoder_options,
        train=option_form.option_form(TrainOptions, {}, key="train"),
        eval=option_form.option_form(EvalOptions, {}, key="eval"),
        seed=int(st.number_input("First seed", 0, 2**31 - 1, 0)),
    )


def _broken(task: str) -> str | None:
    """A preset that takes away what holds the task up, if one is chosen."""
    presets = {name: p for name, p in registry.broken().items() if p.task == task}
    if not presets:
        return None
    chosen = st.selectbox(
        "Break it on purpose",
        [None, *presets],
        format_func=lambda name: "no" if name is None else presets[name].title,
        help="See what a run looks like that goes wrong, and whether the collapse check says so.",
    )
    if chosen is not None:
        st.caption(presets[chosen].summary)
    return chosen


def picture(config: RunConfig, data: Dataset) -> None:
    """What the model sees and must answer, on samples of this data."""
    turn = int(st.session_state.get("picture", 0))
    count = data.info.counts["train"]
    rows = [(turn * _SHOWN + i) * _STRIDE % count for i in range(_SHOWN)]
    try:
        with st.spinner("Making the views"):
            drawn = session.engine().illustrate(config, rows, seed=turn)
    except (EngineError, RequestError) as error:
        st.warning(f"There is no picture: {error}")
        return
    st.subheader(f"{registry.task(config.task).title}: what the model sees and must answer")
    illustration.show(drawn)
    if st.button("Show other samples"):
        st.session_state["picture"] = turn + 1
        st.rerun()


def launch(asked: Asked) -> None:
    """The launch button, the command that does the same, and what happens then."""
    count = len(asked.configs)
    label = f"Start {count} runs" if count > 1 else "Start training"
    if st.button(label, type="primary", icon=":material/play_arrow:"):
        query = start(asked.configs)
        if query is not None:
            session.go("runs", query)
    for note in asked.notes:
        st.caption(note)
    with st.expander("The same from a shell"):
        lines = [request.command_line(config) for config in asked.configs]
        st.code("\n".join(lines), language="shell", wrap_lines=True)


def start(configs: Sequence[RunConfig]) -> dict[str, str] | None:
    """Enqueue the runs; returns the URL parameters of the Runs page, None after an error."""
    experiment = launching.new_experiment() if len(configs) > 1 else None
    owner = session.viewer().name
    try:
        launching.check_limit(session.home(), configs, owner)
        launched = [
            launching.launch(session.home(), config, owner=owner, experiment=experiment)
            for config in configs
        ]
    except RequestError as error:
        st.error(str(error).replace("\n", "  \n"))
        return None
    query = {"run": launched[0].run_id}
    if launched[0].reused:
        query["equal"] = "1"
    if experiment is not None:
        query["experiment"] = experiment
    return query


def _encoders(tasks: Sequence[str]) -> list[str]:
    allowed = [set(registry.task(name).needs.encoders) for name in tasks]
    return [
        name
        for name, encoder in registry.encoders().items()
        if all(encoder.kind in kinds for kinds in allowed)
    ]

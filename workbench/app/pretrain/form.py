"""The Pretrain page's form: how long, how many seeds, what it comes to; and the launch."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from workbench.app import settings as app_settings
from workbench.app.pretrain import details, form_state
from workbench.app.pretrain.form_state import Draft
from workbench.app.shared import session
from workbench.app.shared.messages import tell
from workbench.augment import link
from workbench.augment.presets import steps
from workbench.config import AugmentStep, DataConfig, RunConfig
from workbench.data.dataset import DataInfo
from workbench.errors import RequestError
from workbench.jobs import launch as launching
from workbench.requests import build

_SECONDS = (10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600)
_UNITS = {"seconds": "time", "steps": "steps", "epochs": "epochs"}


@dataclass(frozen=True)
class Asked:
    """draft: what the form holds. configs: validated, one a task and seed; None where something is
    wrong, which is shown. notes: what was decided for the user."""

    draft: Draft
    configs: tuple[RunConfig, ...] | None
    notes: tuple[str, ...] = ()


def form(data: DataConfig, info: DataInfo, tasks: Sequence[str], given: Draft) -> Asked:
    """Draw the form, beginning with ``given``."""
    draft = dataclasses.replace(_size(given, tasks), tasks=tuple(tasks))
    lost: list[str] = []
    with st.expander("Task, augmentations, encoder and training"):
        draft = details.show(draft, data, info, tasks, lost)
    if lost:
        st.warning(f"Left out, as it cannot be read: {', '.join(lost)[:300]}.")
    try:
        config = RunConfig(
            data=dataclasses.replace(data, fingerprint=info.fingerprint),
            task=tasks[0],
            options=draft.options,
            encoder=draft.encoder,
            encoder_options=draft.encoder_options,
            augment=_steps(draft, info),
            budget=form_state.budget(draft),
            train=draft.train,
            eval=draft.eval,
            seed=draft.seed,
            preset=draft.broken,
        )
        if config.eval.get("pretrained"):
            app_settings.current().check_folder(str(config.eval["pretrained"]))
        configs, notes = build.pilot_configs(config, tasks, info, draft.seeds)
    except RequestError as error:
        tell(error)
        return Asked(draft, None)
    return Asked(draft, tuple(configs), tuple(notes))


def _size(given: Draft, tasks: Sequence[str]) -> Draft:
    """Training time and seeds."""
    one = " for each run" if len(tasks) > 1 else ""
    unit_box, amount_box, seed_box = st.columns([3, 4, 2], vertical_alignment="bottom")
    with unit_box:
        unit = str(
            st.segmented_control(
                "Train for",
                list(_UNITS),
                default=given.unit,
                required=True,
                format_func=_UNITS.__getitem__,
                key="unit",
            )
        )
    default = form_state.default_amount(unit, len(tasks))
    begin = given.amount if given.unit == unit else None
    with amount_box:
        amount = _amount(unit, begin or default, one, several=len(tasks) > 1)
    with seed_box:
        seeds = st.number_input(
            "Seeds",
            1,
            form_state.MOST_SEEDS,
            given.seeds,
            key="seeds",
            help="Each task runs once for every seed; three show how much is luck.",
        )
    said = None if amount == default else amount
    return dataclasses.replace(given, unit=unit, amount=said, seeds=int(seeds))


def _amount(unit: str, begin: float, one: str, *, several: bool) -> float:
    if unit == "seconds":
        choices = sorted({*map(float, _SECONDS), begin})
        chosen = st.select_slider(
            f"Training time{one}",
            choices,
            value=begin,
            format_func=lambda s: f"{s:g} s" if s < 120 else f"{s / 60:g} min",
            key=f"seconds-{several}",
        )
        return float(chosen)
    if unit == "steps":
        return float(st.number_input(f"Training steps{one}", 1, 10**8, round(begin), key="steps"))
    label = f"Passes over the training data{one}"
    return float(st.number_input(label, 0.01, 1e6, float(begin), key="epochs"))


def _steps(draft: Draft, info: DataInfo) -> tuple[AugmentStep, ...] | None:
    if draft.augment:
        return link.from_text(draft.augment, info, app_settings.current().check_path)
    return steps(draft.preset, info) if draft.preset else None


def launch(asked: Asked) -> None:
    """The launch button, what was decided, and the command that does the same."""
    if asked.configs is None:
        return
    count = len(asked.configs)
    label = f"Start {count} runs" if count > 1 else "Start training"
    if st.button(label, type="primary", icon=":material/play_arrow:"):
        query = start(asked.configs)
        if query is not None:
            session.go("runs", query)
    for note in asked.notes:
        st.caption(note)
    with st.expander("The same from a shell"):
        lines = [build.command_line(config) for config in asked.configs]
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
        tell(error)
        return None
    if experiment is not None:
        return {"experiment": experiment}
    return {"run": launched[0].run_id, **({"equal": "1"} if launched[0].reused else {})}

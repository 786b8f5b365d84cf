"""The form of the Pretrain page: budget, seeds and options; and the launch button."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from workbench import registry
from workbench.app.plain import plain
from workbench.app.pretrain import details, form_state
from workbench.app.pretrain.form_state import Draft
from workbench.app.shared import launching, run_words, session, source_access
from workbench.app.shared.messages import show_error
from workbench.augment import link
from workbench.augment.presets import steps
from workbench.config import AugmentStep, DataConfig, RunConfig
from workbench.data.dataset import DataInfo
from workbench.errors import RequestError
from workbench.requests import build
from workbench.requests.command_line import command_line

_SECONDS = (10, 15, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600)
# The button stays at the lower edge of the window while the form above it is on the screen.
_STAYS = """<style>
[data-testid="stLayoutWrapper"]:has(> .st-key-launch) { position: sticky; bottom: 0; z-index: 9;
  padding: 0.6rem 0; background: light-dark(#fff, #171614);
  border-top: 1px solid rgba(128, 128, 128, 0.3); }
[data-testid="stMain"] { scroll-padding-bottom: 5rem; }
</style>"""
_UNITS = {"seconds": "time", "steps": "steps", "epochs": "epochs"}


@dataclass(frozen=True)
class LaunchRequest:
    """The filled form.

    configs: validated, one for each task and seed; None after an error, which is shown. notes: what
    was decided for the user.
    """

    draft: Draft
    configs: tuple[RunConfig, ...] | None
    notes: tuple[str, ...] = ()


def form(data: DataConfig, info: DataInfo, tasks: Sequence[str], given: Draft) -> LaunchRequest:
    """Draw the form, beginning with ``given``."""
    draft = dataclasses.replace(_budget_and_seeds(given, tasks), tasks=tuple(tasks))
    lost: list[str] = []
    with st.expander("Task, augmentations, encoder and training"):
        draft = details.show(draft, data, info, tasks, lost)
    if lost:
        st.warning(f"Left out, as it cannot be read: {plain(', '.join(lost)[:300])}.")
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
        source_access.check_config(config)
        configs, notes = build.pilot_configs(config, tasks, info, draft.seeds)
    except RequestError as error:
        show_error(error)
        return LaunchRequest(draft, None)
    return LaunchRequest(draft, tuple(configs), tuple(notes))


def _budget_and_seeds(given: Draft, tasks: Sequence[str]) -> Draft:
    each = " for each run" if len(tasks) > 1 else ""
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
        amount = _amount(unit, begin or default, each, several=len(tasks) > 1)
    with seed_box:
        seeds = st.number_input(
            "Seeds",
            1,
            form_state.MOST_SEEDS,
            given.seeds,
            key="seeds",
            help="Each task runs once for every seed; three show how much is luck.",
        )
    chosen = None if amount == default else amount
    return dataclasses.replace(given, unit=unit, amount=chosen, seeds=int(seeds))


def _amount(unit: str, begin: float, each: str, *, several: bool) -> float:
    if unit == "seconds":
        choices = sorted({*map(float, _SECONDS), begin})
        chosen = st.select_slider(
            f"Training time{each}",
            choices,
            value=begin,
            format_func=lambda s: f"{s:g} s" if s < 120 else f"{s / 60:g} min",
            key=f"seconds-{several}",
        )
        return float(chosen)
    if unit == "steps":
        return float(st.number_input(f"Training steps{each}", 1, 10**8, round(begin), key="steps"))
    label = f"Passes over the training data{each}"
    return float(st.number_input(label, 0.01, 1e6, float(begin), key="epochs"))


def _steps(draft: Draft, info: DataInfo) -> tuple[AugmentStep, ...] | None:
    if draft.augment:
        return link.from_text(draft.augment, info, source_access.check_path)
    return steps(draft.preset, info) if draft.preset else None


def launch(request: LaunchRequest, names: Sequence[str] = ()) -> None:
    """Draw the launch button, the notes, and the commands that launch the same runs.

    names: one for each run, or none.
    """
    if request.configs is None:
        return
    count = len(request.configs)
    pilot = len({config.task for config in request.configs}) > 1
    several = f"Start the pilot ({count} runs)" if pilot else f"Start {count} runs"
    label = several if count > 1 else "Start training"
    st.html(_STAYS)
    with st.container(key="launch", horizontal=True, vertical_alignment="center"):
        pressed = st.button(label, type="primary", icon=":material/play_arrow:")
        st.caption(_in_short(request.configs), width="content")
    if pressed:
        query = launching.enqueue(request.configs, names)
        if query is not None:
            session.go("runs", query)
    for note in request.notes:
        st.caption(plain(note))
    with st.expander("The same from a shell"):
        lines = [command_line(config) for config in request.configs]
        st.code("\n".join(lines), language="shell", wrap_lines=True)


def _in_short(configs: Sequence[RunConfig]) -> str:
    """The runs in a few words: their tasks, and the training time of each."""
    tasks = list(dict.fromkeys(config.task for config in configs))
    what = registry.task(tasks[0]).title if len(tasks) == 1 else f"{len(tasks)} tasks"
    seeds = len(configs) // len(tasks)
    parts = [what, f"{seeds} seeds"] if seeds > 1 else [what]
    time = run_words.budget(configs[0].to_json())
    return ", ".join([*parts, f"{time} each" if len(configs) > 1 else time])

"""The form filled with the settings of a run: ``?clone=RUN``."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import streamlit as st

from workbench import comparison, registry
from workbench.app.plain import plain
from workbench.app.pretrain import form_state
from workbench.app.pretrain.form_state import Draft
from workbench.app.shared import run_words, session
from workbench.augment import link
from workbench.comparison.run_fields import task_title
from workbench.config import DataConfig, RunConfig
from workbench.data.dataset import DataInfo
from workbench.errors import RequestError
from workbench.requests import validation

_LONGEST = 100


def config_of(run_id: str | None) -> RunConfig | None:
    """The configuration of the run; None without an id, and, with a warning, if there is no such
    run or its task is unknown."""
    if not run_id:
        return None
    run = session.find_run(run_id)
    if run is None:
        st.warning("The run to clone is not here. It may have been deleted.")
        return None
    config = RunConfig.from_json(run.config)
    if config.task not in registry.tasks():
        st.warning(
            f"The run's task '{plain(config.task)}' is not known here. If it is your own, start "
            "the app with --plugin FILE.py."
        )
        return None
    st.info(f"These are the settings of {plain(run_words.title(run.row))}. Change what you like.")
    return config


def names(run_id: str | None, configs: Sequence[RunConfig]) -> list[str]:
    """A name for each run of a form that began as a clone of this run: its task and what was
    changed. Empty for a run of another task, or where only the seed was changed."""
    origin = session.find_run(run_id) if run_id else None
    if origin is None:
        return []
    # Of an older run, with the fields that have been added since.
    before = RunConfig.from_json(origin.config)
    base = origin.row.name or task_title(origin.config)
    made = []
    for config in configs:
        same_task = config.task == before.task
        changed = comparison.changes(before.to_json(), config.to_json()) if same_task else ""
        made.append(f"{base}, {changed} (seed {config.seed})"[:_LONGEST] if changed else "")
    return made


def data_of(config: RunConfig) -> DataConfig:
    """The data of the run; their content may have changed since."""
    return dataclasses.replace(config.data, fingerprint=None)


def draft_of(config: RunConfig, info: DataInfo) -> Draft:
    """The form as the run had it. Augmentations are written out unless they are the task's own."""
    own = dataclasses.replace(config, augment=None)
    try:
        same = validation.validate(own, info).augment == config.augment
    except RequestError:
        same = False
    augment = None if same or config.augment is None else link.to_text(config.augment)
    return form_state.of_run(config, augment)

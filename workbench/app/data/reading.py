"""How a source is read: shown and changed before it is prepared, and in a folded part afterwards.

Two requests go to the engine. ``peek`` says what the source holds and needs no choice of columns.
``inspect`` says what the chosen columns give, and fails where the choice is wrong.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from pathlib import Path

import streamlit as st

from workbench.app.data import reading_form, source_content
from workbench.app.data.source_content import SourceContent
from workbench.app.shared import current_data, data_choice, messages, session
from workbench.config import DataConfig
from workbench.data.dataset import Dataset
from workbench.engine.data_replies import InspectionRecord, PeekRecord
from workbench.errors import WorkbenchError

_KEEP_SECONDS = 60


def show(config: DataConfig) -> Dataset | None:
    """Draw how ``config`` is read, and the button that prepares it.

    Returns the prepared data, None while there are none. A change is written into the address, and
    the page runs again.
    """
    data, content = data_choice.prepared_before(config), None
    if data is None and not _is_plain_sample(config):
        content = _read_content(config)
        if content is None:
            return None
    ready = content is None or content.is_prepared
    if ready and data is None:
        if _is_plain_sample(config):
            current_data.choose_sample(config)
        data = data_choice.prepare(config)
        if data is None:
            return None
    if content is not None and content.inspection is not None:
        current_data.choose(config)
    if content is not None and not ready:
        source_content.show_samples(content)
        if content.inspection is not None:
            source_content.show_counts(content.inspection)
    key = f"reading-{hashlib.sha256(config.source.encode()).hexdigest()[:8]}"
    # The button lies above the form, which few need to change.
    preparing = st.container()
    box = st.expander("How it is read", expanded=not ready, key=key, on_change="rerun")
    if ready and not box.open:
        return data
    content = content or _read_content(config)
    if content is None:
        return data
    with box:
        changed = reading_form.form(config, content)
        source_content.show_columns(content)
        if ready:
            source_content.show_samples(content)
    if changed != config:
        data_choice.write_query(st.query_params, changed)
        st.rerun()
    if not ready and content.inspection is not None:
        with preparing:
            source_content.show_plan(content.inspection)
            data = _prepare_button(config, key)
    return data


def _prepare_button(config: DataConfig, box: str) -> Dataset | None:
    """Draw the button; returns the data if it was pressed. box: key of the expander, which is
    folded when the data are prepared."""
    pressed = st.button(
        "Prepare it",
        type="primary",
        icon=":material/check:",
        on_click=lambda: st.session_state.update({box: False}),
    )
    if not pressed:
        return None
    data = data_choice.prepare(config)
    # An inspection from before says "not prepared", also to this visit after a reload.
    _inspection.clear()
    if data is not None:
        st.rerun()
    return data


def _default_button(config: DataConfig) -> None:
    """Draw a button that forgets how the source is to be read, if the address says how."""
    plain = DataConfig(config.source)
    if config != plain and st.button("Read it by default", icon=":material/undo:"):
        data_choice.write_query(st.query_params, plain)
        st.rerun()


def _is_plain_sample(config: DataConfig) -> bool:
    return config == DataConfig(config.source) and config.source.startswith("sample:")


def _read_content(config: DataConfig) -> SourceContent | None:
    """What the source holds; without an inspection if the choice of columns is wrong. None if the
    source cannot be read. Errors are shown."""
    key = json.dumps(dataclasses.asdict(config), sort_keys=True)
    try:
        within = data_choice.allowed_folder(config)
        peek = _peek(session.home(), key, within, _config=config)
    except WorkbenchError as error:
        messages.show_error(error)
        _default_button(config)
        current_data.show_way_back(config)
        return None
    try:
        return SourceContent(peek, _inspection(session.home(), key, within, _config=config))
    except WorkbenchError as error:
        messages.show_error(error)
        return SourceContent(peek, None)


@st.cache_data(ttl=_KEEP_SECONDS, max_entries=64, show_spinner="Looking into the source")
def _peek(home: Path, key: str, within: Path | None, *, _config: DataConfig) -> PeekRecord:
    return session.engine().peek(_config, within)


@st.cache_data(ttl=_KEEP_SECONDS, max_entries=64, show_spinner="Looking into the source")
def _inspection(
    home: Path, key: str, within: Path | None, *, _config: DataConfig
) -> InspectionRecord:
    return session.engine().inspect(_config, within)

"""Illustrations of tasks: what the model sees and must answer, drawn by the engine.

The page appears at once. Pictures that were made before come with it; the others follow one by one.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from workbench import registry
from workbench.app.plain import plain
from workbench.app.pretrain import illustration_card
from workbench.app.shared import illustration, messages, session
from workbench.config import DataConfig, RunConfig
from workbench.data.dataset import DataInfo, Dataset
from workbench.engine.replies import IllustrationRecord
from workbench.errors import EngineError, RequestError

_HEIGHT = 120
_DRAWN = "pictured"
_SHOWN = 3
# A prime, so that the samples shown lie far apart in the training split.
_STRIDE = 7919


def placeholder(task: str, fingerprint: str) -> DeltaGenerator:
    """A place on the page for the picture of ``task``: grey until the picture is made."""
    return st.empty() if (task, fingerprint) in _drawn_before() else st.skeleton(_HEIGHT)


def fill(placeholders: Mapping[str, DeltaGenerator], info: DataInfo) -> None:
    """Draw each task's picture into its place."""
    for task, slot in placeholders.items():
        try:
            drawn = _illustration(session.home(), info.source, info.fingerprint, task)
        except EngineError as error:
            # The next task would wait for the same engine.
            for other in placeholders.values():
                other.caption("No picture.")
            st.warning(f"There are no pictures: {messages.error_words(error)}")
            return
        except RequestError as error:
            slot.caption(f"No picture: {plain(error.message)}")
            continue
        slot.html(illustration_card.html(drawn))
        _drawn_before().add((task, info.fingerprint))


def large(config: RunConfig, data: Dataset) -> None:
    """Draw the task with its configuration, on three samples."""
    turn = int(st.session_state.get("picture", 0))
    count = data.info.counts["train"]
    rows = [(turn * _SHOWN + i) * _STRIDE % count for i in range(_SHOWN)]
    try:
        with st.spinner("Making the views"):
            drawn = session.engine().illustrate(config, rows, seed=turn)
    except (EngineError, RequestError) as error:
        st.warning(f"There is no picture: {messages.error_words(error)}")
        return
    st.subheader(f"{registry.task(config.task).title}: what the model sees and must answer")
    illustration.show(drawn)
    if st.button("Show other samples"):
        st.session_state["picture"] = turn + 1
        st.rerun()


def _drawn_before() -> set[tuple[str, str]]:
    """Task and data of the pictures that were drawn on this visit."""
    drawn: set[tuple[str, str]] = st.session_state.setdefault(_DRAWN, set())
    return drawn


@st.cache_data(max_entries=400, show_spinner=False)
def _illustration(home: Path, source: str, fingerprint: str, task: str) -> IllustrationRecord:
    config = RunConfig(DataConfig(source, fingerprint=fingerprint), task)
    return session.engine().illustrate(config, [0], seed=0)

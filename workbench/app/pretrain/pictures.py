"""What each task's model sees and must answer, drawn on cards by the engine, one after another.

The page is there at once; pictures that were made before come with it, the others fill in.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import streamlit as st

from workbench import registry
from workbench.app.pretrain import illustration_card
from workbench.app.shared import illustration, session
from workbench.config import DataConfig, RunConfig
from workbench.data.dataset import DataInfo, Dataset
from workbench.errors import EngineError, RequestError

_HEIGHT = 120
_KNOWN = "pictured"
_SHOWN = 3
# A prime, so that the samples shown lie far apart in the training split.
_STRIDE = 7919


def place(task: str, fingerprint: str) -> Any:
    """A place for the picture of ``task``: grey until it is there."""
    return st.empty() if (task, fingerprint) in _known() else st.skeleton(_HEIGHT)


def fill(places: Mapping[str, Any], info: DataInfo) -> None:
    """Draw each task's picture into its place."""
    for task, slot in places.items():
        try:
            drawn = _drawn(session.home(), info.source, info.fingerprint, task)
        except EngineError as error:
            # The next one would wait for the same engine.
            for other in places.values():
                other.caption("No picture.")
            st.warning(f"There are no pictures: {error}")
            return
        except RequestError as error:
            slot.caption(f"No picture: {error.message}")
            continue
        slot.html(illustration_card.html(drawn))
        _known().add((task, info.fingerprint))


def large(config: RunConfig, data: Dataset) -> None:
    """A task as it is configured, on three samples."""
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


def _known() -> set[tuple[str, str]]:
    known: set[tuple[str, str]] = st.session_state.setdefault(_KNOWN, set())
    return known


@st.cache_data(max_entries=400, show_spinner=False)
def _drawn(home: Path, source: str, fingerprint: str, task: str) -> dict[str, Any]:
    config = RunConfig(DataConfig(source, fingerprint=fingerprint), task)
    return session.engine().illustrate(config, [0], seed=0)

"""Samples chosen beside a map (in a table, among movers), for the map to select.

The map in the browser keeps a selection of its own. What is picked here counts until somebody
selects something else on the map.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt
import streamlit as st

_PICKED = "picked"


def choose(map_key: str, ids: Iterable[int]) -> None:
    """Select these samples on the map of this key; for callbacks."""
    chosen = sorted({int(row) for row in ids})
    st.session_state[_PICKED] = (map_key, chosen, _on_map(map_key))


def ids(map_key: str) -> list[int] | None:
    """What was picked for this map and still counts, else None."""
    key, chosen, before = st.session_state.get(_PICKED, ("", [], None))
    return chosen if key == map_key and _on_map(map_key) == before else None


def forget(map_key: str) -> None:
    """For the map's own callback: something else was selected on it."""
    key, _, before = st.session_state.get(_PICKED, ("", [], None))
    if key == map_key and _on_map(map_key) != before:
        del st.session_state[_PICKED]


def effective(map_key: str, selected: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """What is selected now: picked samples, else what the map says."""
    chosen = ids(map_key)
    return selected if chosen is None else np.asarray(chosen, np.int64)


def _on_map(map_key: str) -> Any:
    state: Any = st.session_state.get(map_key) or {}
    return state.get("choice")

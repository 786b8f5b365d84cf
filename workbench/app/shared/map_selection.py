"""Samples that are chosen outside a map (in a table, in a list), for the map to select.

The map in the browser keeps a selection of its own. A choice made here counts until somebody
selects other samples on the map.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import numpy.typing as npt
import streamlit as st

_CHOICE = "picked"


def choose(map_key: str, ids: Iterable[int]) -> None:
    """Select these samples on the map with this key. For callbacks."""
    chosen = sorted({int(row) for row in ids})
    st.session_state[_CHOICE] = (map_key, chosen, _choice_on_map(map_key))


def ids(map_key: str) -> list[int] | None:
    """The choice for this map, if it still counts, else None."""
    key, chosen, before = st.session_state.get(_CHOICE, ("", [], None))
    return chosen if key == map_key and _choice_on_map(map_key) == before else None


def forget(map_key: str) -> None:
    """Drop the choice if other samples were selected on the map. For the map's own callback."""
    key, _, before = st.session_state.get(_CHOICE, ("", [], None))
    if key == map_key and _choice_on_map(map_key) != before:
        del st.session_state[_CHOICE]


def effective(map_key: str, selected: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """The samples selected now: the choice made here, else the map's own selection."""
    chosen = ids(map_key)
    return selected if chosen is None else np.asarray(chosen, np.int64)


def _choice_on_map(map_key: str) -> object:
    """The map's own selection, as the browser sent it. Only compared, never read."""
    state: Mapping[str, object] = st.session_state.get(map_key) or {}
    return state.get("choice")

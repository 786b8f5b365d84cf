"""Each configuration's collapse check as a chip with its reason, and its gain."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from workbench import comparison
from workbench.app.shared import run_words
from workbench.comparison import Group
from workbench.store.store import ENDED

_ACROSS = 3
_SHADES = {
    "complete collapse": "red",
    "dimensional collapse": "red",
    "low rank": "orange",
    "not learning": "orange",
}

Run = Mapping[str, Any]


def show(runs: Sequence[Run], found: Mapping[str, Any]) -> None:
    """One card a configuration. runs: run objects; found: the ``comparison`` object of those that
    have finished."""
    gains = {run_id: row for row in found["seeds"] for run_id in row["runs"]}
    groups = comparison.grouped(runs)
    for start in range(0, len(groups), _ACROSS):
        columns = st.columns(_ACROSS)
        for column, group in zip(columns, groups[start : start + _ACROSS], strict=False):
            with column, st.container(border=True, height="stretch"):
                _card(group, gains.get(group.runs[0]["id"]))


def _card(group: Group, gained: Mapping[str, Any] | None) -> None:
    seeds = f" · {len(group.runs)} seeds" if len(group.runs) > 1 else ""
    st.markdown(f"**{group.name}**{seeds}")
    labels: dict[str, list[Run]] = {}
    for run in group.runs:
        labels.setdefault((run.get("verdict") or {}).get("label", ""), []).append(run)
    for label, runs in labels.items():
        count = f"{len(runs)} of {len(group.runs)}: " if len(labels) > 1 else ""
        if label:
            said = f"{run_words.verdict_icon(runs[0])} {count}{run_words.verdict(runs[0])}"
            # A badge would cut the sentence off where the card is narrow.
            st.markdown(f":{_SHADES.get(label, 'gray')}-background[{said}]")
            st.caption(str(runs[0]["verdict"].get("reason", "")))
        else:
            st.markdown(f":gray-background[{count}{_state(runs[0])}]")
            if runs[0].get("reason"):
                st.caption(str(runs[0]["reason"]))
    if gained is not None:
        points, low, high = (100 * gained[name] for name in ("value", "low", "high"))
        mean = "mean gain" if len(group.runs) > 1 else "gain"
        st.caption(f"{mean} {points:+.1f} points [{low:+.1f}, {high:+.1f}]")


def _state(run: Run) -> str:
    status = str(run["status"])
    return "not checked" if status == "finished" else status if status in ENDED else f"{status} now"

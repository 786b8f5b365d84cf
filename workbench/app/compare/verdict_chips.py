"""One card for each configuration: its collapse check with the reason, and its gain."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from workbench import comparison
from workbench.app.plain import plain
from workbench.app.shared import run_words
from workbench.comparison import Group, numbers
from workbench.comparison.records import ComparisonRecord, SeedSummary
from workbench.comparison.run_fields import of_metric, verdict_label
from workbench.records import RunRecord
from workbench.store.rows import ENDED

_ACROSS = 3
_SHADES = {
    "complete collapse": "red",
    "dimensional collapse": "red",
    "low rank": "orange",
    "not learning": "orange",
}


def show(records: Sequence[RunRecord], compared: ComparisonRecord) -> None:
    """Draw the cards. compared: the comparison of those runs that have finished."""
    summaries = {run_id: row for row in compared["seeds"] for run_id in row["runs"]}
    groups = comparison.group_runs(records)
    for start in range(0, len(groups), _ACROSS):
        columns = st.columns(_ACROSS)
        for column, group in zip(columns, groups[start : start + _ACROSS], strict=False):
            with column, st.container(border=True, height="stretch"):
                _card(group, summaries.get(group.runs[0]["id"]))


def _card(group: Group, summary: SeedSummary | None) -> None:
    seeds = f" · {len(group.runs)} seeds" if len(group.runs) > 1 else ""
    st.markdown(f"**{plain(group.name)}**{seeds}")
    by_label: dict[str, list[RunRecord]] = {}
    for record in group.runs:
        by_label.setdefault(verdict_label(record), []).append(record)
    for same_label in by_label.values():
        count = f"{len(same_label)} of {len(group.runs)}: " if len(by_label) > 1 else ""
        _verdict(same_label[0], count)
    behind = comparison.behind_words(group.runs[0])
    if behind:
        st.markdown(plain(behind))
    if summary is not None:
        mean = "mean gain" if len(group.runs) > 1 else "gain"
        of = of_metric(summary["metric"])
        st.caption(f"{mean}{of} {numbers.gain_in_points(summary)}")


def _verdict(record: RunRecord, count: str) -> None:
    """Draw the collapse check of a run, its state before there is one. count: of such runs."""
    verdict = record["verdict"]
    if verdict and verdict["label"]:
        text = f"{run_words.verdict_icon(verdict)} {count}{plain(run_words.verdict(verdict))}"
        # A badge would cut the sentence off where the card is narrow.
        st.markdown(f":{_SHADES.get(verdict['label'], 'gray')}-background[{text}]")
        st.caption(plain(verdict.get("reason", "")))
        return
    st.markdown(f":gray-background[{count}{_state(record)}]")
    if record.get("reason"):
        st.caption(plain(record["reason"]))


def _state(record: RunRecord) -> str:
    status = record["status"]
    return "not checked" if status == "finished" else status if status in ENDED else f"{status} now"

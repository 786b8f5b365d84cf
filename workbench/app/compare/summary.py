"""What a comparison shows and does not show, in sentences; and what to do next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd
import streamlit as st

from workbench import comparison
from workbench.app import tables
from workbench.app.plain import plain
from workbench.comparison import numbers
from workbench.comparison.records import ComparisonRecord, Pair
from workbench.plots.words import PROTOCOLS
from workbench.records import RunRecord
from workbench.stored_runs.compare import evidence
from workbench.stored_runs.stored_run import StoredRun


def compare(runs: Sequence[StoredRun], records: Sequence[RunRecord]) -> ComparisonRecord:
    """The comparison of these runs, whose records are ``records``, without their agreement."""
    return comparison.compare(records, evidence(runs, records))


def show_problems(compared: ComparisonRecord) -> None:
    """Draw what makes this comparison unfair, as a warning."""
    if compared["problems"]:
        st.warning(
            "**Not a fair comparison, so nothing is ranked.** "
            + plain(" ".join(compared["problems"])),
            icon=":material/balance:",
        )


def show_headline(compared: ComparisonRecord) -> None:
    """Draw how simple features do, and the order of the runs."""
    if compared["headline"]:
        st.markdown("\n".join(f"- {plain(line)}" for line in compared["headline"]))


def show_sentences(compared: ComparisonRecord) -> None:
    """Draw what was and was not shown, without the sentences that the page has elsewhere.

    These are the problems (``show_problems``), the headline, how often test scores were seen (next
    to their switch), and the last one, the caution (``show_caution``).
    """
    *sentences, _ = compared["sentences"]
    looks = {comparison.looks_sentence(comparison.Looks(**row)) for row in compared["looks"]}
    elsewhere = looks | set(compared["problems"]) | set(compared["headline"])
    st.markdown("\n".join(f"- {plain(line)}" for line in sentences if line not in elsewhere))


def show_caution(compared: ComparisonRecord) -> None:
    """Draw what a short run does not show."""
    st.caption(plain(compared["sentences"][-1]))


def show_decisions(records: Sequence[RunRecord], compared: ComparisonRecord) -> None:
    """Draw what to do with each task, and what tells two runs apart."""
    decisions = compared["decisions"]
    if len(decisions) > 1:
        table = [
            {
                "task": plain(row["name"]),
                "decision": plain(row["decision"]),
                "why": plain(row["reason"]),
            }
            for row in decisions
        ]
        tables.table(pd.DataFrame(table).set_index("task"), "compare-decisions")
        st.caption(plain(comparison.decisions_sentence(decisions)))
    if compared["pairs"]:
        ids = [record["id"] for record in records]
        titles = dict(zip(ids, comparison.unique_titles(records), strict=True))
        st.markdown("**Two at a time, on the same samples**")
        frame = pd.DataFrame([_pair(pair, titles) for pair in compared["pairs"]])
        help_of = tables.column_help(frame.columns)
        st.dataframe(frame, hide_index=True, width="stretch", column_config=help_of)


def _pair(pair: Pair, titles: Mapping[str, str]) -> dict[str, str | int]:
    return {
        "first": titles[pair["a"]],
        "second": titles[pair["b"]],
        "readout": PROTOCOLS.get(pair["protocol"], pair["protocol"]),
        "difference in points": numbers.difference(pair),
        "p": numbers.p_value(pair["p_holm"]),
        "samples": pair["n"],
        "from": pair["basis"],
    }

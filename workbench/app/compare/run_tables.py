"""Tables of several runs: the numbers behind their collapse checks, and what differs in them."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from workbench import comparison
from workbench.app import tables
from workbench.app.shared import run_words
from workbench.records import RunRecord

_CHECK_METRICS = {
    "std_sqrt_d": "spread",
    "mean_cosine": "mean cosine",
    "rankme": "directions used (RankMe)",
    "rankme_ratio": "RankMe, share of an even spread",
    "participation_ratio": "participation ratio",
    "alignment": "alignment of two views",
    "uniformity": "uniformity",
    "lidar_ratio": "LiDAR, share of its most",
}
TITLES = tuple(_CHECK_METRICS.values())


def show_checks(records: Sequence[RunRecord]) -> None:
    """Draw the numbers behind each collapse check."""
    rows = []
    for record, run_title in zip(records, comparison.unique_titles(records), strict=True):
        verdict = record["verdict"]
        metrics = verdict["metrics"] if verdict else {}
        space = "z" if any(name.startswith("z.") for name in metrics) else "h"
        values = {
            title: metrics.get(f"{space}.{name}", metrics.get(name))
            for name, title in _CHECK_METRICS.items()
        }
        check = run_words.verdict(verdict) or record["status"]
        rows.append({"run": run_title, "check": check, **values})
    # A metric that none of these runs has (two views, for tasks without) is no column.
    table = pd.DataFrame(rows).dropna(axis="columns", how="all")
    help_of = tables.column_help(["check", *TITLES])
    st.dataframe(table, hide_index=True, width="stretch", column_config=help_of)


def show_differences(records: Sequence[RunRecord]) -> None:
    """Draw the options that differ."""
    differences = comparison.differences(records)
    if not differences:
        st.write("Nothing but the moment they ran.")
        return
    titles = comparison.unique_titles(records)
    table = [
        {
            "option": comparison.field_words(difference.field),
            **{
                title: comparison.value_words(value)
                for title, value in zip(titles, difference.values, strict=True)
            },
        }
        for difference in differences
    ]
    st.dataframe(
        pd.DataFrame(table),
        hide_index=True,
        width="stretch",
        column_config=tables.column_help(["option"]),
    )
    if any(value is None for difference in differences for value in difference.values):
        st.caption("–: not set, so the default; or the run has no such option.")

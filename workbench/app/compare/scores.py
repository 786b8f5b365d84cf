"""Gains and scores of several runs: figures by configuration and baseline, and one table of all."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from workbench import comparison
from workbench.app import tables
from workbench.app.shared.figure import plot, theme
from workbench.comparison import numbers
from workbench.comparison.lead_metric import BALANCED, lead_metric
from workbench.comparison.records import ComparisonRecord
from workbench.lessons import glossary
from workbench.plots import baselines_figure, label_efficiency_figure, scores_figure, seeds_figure
from workbench.plots.words import FEATURES, METRICS, PROTOCOLS, protocol_words
from workbench.records import RunRecord, Score

_MOST_PROTOCOLS = 2
# The screen's titles for the columns of all scores. The downloaded file keeps the short names.
_TITLES = {
    "how": "readout",
    "features": "scored features",
    "value": "score",
    "low": "low end",
    "high": "high end",
    "scored": "samples scored",
}
_VALUES = ("score", "low end", "high end", "without copies")


def show_gains(records: Sequence[RunRecord], compared: ComparisonRecord) -> None:
    """Draw gains with intervals, scores next to their baselines, and scores with few labels."""
    if not any(record["scores"] for record in records):
        st.caption(f"{comparison.why_unscored(records)} Compare the maps and the collapse checks.")
        return
    metric = _choose_metric(records)
    if any(record["gains"] for record in records):
        st.markdown("**Gain over the untrained encoder**")
        if any(len(group["gains"]) > 1 for group in compared["seeds"]):
            figure = seeds_figure(compared["seeds"], theme=theme())
            plot(figure, "plot-seeds", "Gains by configuration")
        figure = scores_figure(records, metric=metric, theme=theme())
        plot(figure, "plot-gains", "Gains with intervals")
    for protocol in _protocols(records, metric):
        st.markdown(f"**Scores: {PROTOCOLS.get(protocol, protocol)}**")
        figure = baselines_figure(records, protocol=protocol, metric=metric, theme=theme())
        plot(figure, f"plot-baselines-{protocol}", "Scores beside their baselines, with intervals")
    if any(row["protocol"] == "label efficiency" for record in records for row in record["scores"]):
        st.markdown("**With few labels**")
        few = None if metric == BALANCED else metric
        figure = label_efficiency_figure(records, metric=few, theme=theme())
        plot(figure, "plot-label-efficiency", "Score by the number of labels a class")


def show_table(records: Sequence[RunRecord]) -> None:
    """Draw every score with its interval, and the button that downloads the table."""
    rows = [
        {
            "run": run_title,
            "id": record["id"],
            "seed": record["config"].get("seed"),
            "how": protocol_words(row),
            "features": FEATURES.get(row["features"], row["features"]),
            "split": row.get("split", "test"),
            "labels a class": row.get("labels_per_class"),
            "target": row["target"],
            "metric": METRICS.get(row["metric"], row["metric"]),
            "value": row["value"],
            "low": row["low"],
            "high": row["high"],
            "scored": numbers.scored(row),
            **_without_copies(row),
        }
        for record, run_title in zip(records, comparison.unique_titles(records), strict=True)
        for row in record["scores"]
    ]
    if not rows:
        return
    frame = pd.DataFrame(rows)
    st.markdown("**All scores, with intervals**")
    _draw(frame, [row["metric"] for record in records for row in record["scores"]])
    st.download_button(
        "All scores as CSV",
        frame.to_csv(index=False),
        "scores.csv",
        "text/csv",
        icon=":material/download:",
        on_click="ignore",
    )


def _draw(frame: pd.DataFrame, metrics: Sequence[str]) -> None:
    """Draw the scores: shares in percent. metrics: of the rows."""
    shown = frame.rename(columns=_TITLES)
    values = [title for title in _VALUES if title in shown]
    percent = all(map(numbers.is_share, metrics))
    if not percent:
        for title in values:
            shown[title] = [
                "" if pd.isna(value) else numbers.score(value, metric)
                for value, metric in zip(shown[title], metrics, strict=True)
            ]
    configs = {
        title: st.column_config.NumberColumn(help=glossary.column_sentence(title), format="percent")
        for title in values
    }
    st.dataframe(
        shown,
        hide_index=True,
        width="stretch",
        height=280,
        column_config=tables.column_help(shown.columns, configs if percent else None),
    )


def _without_copies(row: Score) -> dict[str, float | int]:
    """The columns of a score without copies of training samples; empty where there are none."""
    without = row.get("without_copies")
    if without is None:
        return {}
    named = {"without copies": without.get("value"), "n without copies": without["n"]}
    return {name: value for name, value in named.items() if value is not None}


def _choose_metric(records: Sequence[RunRecord]) -> str:
    """The metric to show; draws a choice if there are several. By default the lead metric."""
    gains = [row["metric"] for record in records for row in record["gains"]]
    scores = [row["metric"] for record in records for row in record["scores"]]
    metrics = list(dict.fromkeys(gains or scores))
    lead = next((lead_metric(one) for one in records if one["gains"]), metrics[0])
    if len(metrics) < 2:
        return metrics[0]
    return str(
        st.segmented_control(
            "Score",
            metrics,
            default=lead if lead in metrics else metrics[0],
            required=True,
            format_func=lambda name: METRICS.get(name, name),
            bind="query-params",
            key="score",
        )
    )


def _protocols(records: Sequence[RunRecord], metric: str) -> list[str]:
    """The first two protocols by which trained features have this metric."""
    protocols = [
        row["protocol"]
        for record in records
        for row in record["scores"]
        if row["metric"] == metric
        and row["features"] == "trained"
        and row.get("labels_per_class") is None
    ]
    return list(dict.fromkeys(protocols))[:_MOST_PROTOCOLS]

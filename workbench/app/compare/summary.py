"""Several runs side by side in sentences and numbers: what was shown, gains, checks, scores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from workbench import comparison
from workbench.app.runs.detail import theme
from workbench.app.shared import run_words
from workbench.app.shared.figure import plot
from workbench.app.shared.session import Located
from workbench.plots import baselines_figure, label_efficiency_figure, scores_figure, seeds_figure
from workbench.plots.words import FEATURES, METRICS, PROTOCOLS, p_value
from workbench.stored_runs.compare import Place, evidence

_SHOWN_METRICS = {
    "std_sqrt_d": "spread (std · √d)",
    "mean_cosine": "mean cosine",
    "rankme": "directions used (RankMe)",
    "rankme_ratio": "share of isotropic data's RankMe",
    "participation_ratio": "participation ratio",
    "alignment": "alignment of two views",
    "uniformity": "uniformity",
    "lidar_ratio": "LiDAR, share of its most",
}

Run = Mapping[str, Any]


def compared(located: Sequence[Located], runs: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The ``comparison`` object of these runs."""
    places = [Place(place.home, place.row, place.demo) for place in located]
    return comparison.compare(runs, evidence(places, runs))


def guard(found: Mapping[str, Any]) -> None:
    """What makes this comparison unfair, where everybody sees it."""
    if found["problems"]:
        st.warning(
            "**Not a fair comparison, so nothing is ranked.** " + " ".join(found["problems"]),
            icon=":material/balance:",
        )


def sentences(found: Mapping[str, Any]) -> None:
    """What was and was not shown; what is unfair stands in the banner, how often the test was open
    beside its switch, and the caution, which is the last, below (``caution``).

    found: the ``comparison`` object.
    """
    *said, _ = found["sentences"]
    looks = {comparison.looks_sentence(comparison.Looks(**row)) for row in found["looks"]}
    elsewhere = looks | set(found["problems"])
    st.markdown("\n".join(f"- {line}" for line in said if line not in elsewhere))


def caution(found: Mapping[str, Any]) -> None:
    """What a short run does not show."""
    st.caption(found["sentences"][-1])


def decisions(runs: Sequence[Run], found: Mapping[str, Any]) -> None:
    """What to do with each task, and what tells two runs apart."""
    decided = found["decisions"]
    if len(decided) > 1:
        table = [
            {"task": r["name"], "decision": r["decision"], "why": r["reason"]} for r in decided
        ]
        st.table(pd.DataFrame(table).set_index("task"))
        st.caption(comparison.decisions_sentence(decided))
    if found["pairs"]:
        titles = {run["id"]: comparison.title(run) for run in runs}
        st.markdown("**Two at a time, on the same samples**")
        frame = pd.DataFrame([_pair(row, titles) for row in found["pairs"]])
        st.dataframe(frame, hide_index=True, width="stretch")


def gains(runs: Sequence[Run], found: Mapping[str, Any]) -> None:
    """Gains with intervals by configuration, scores beside their baselines, and few labels."""
    if not any(run["scores"] for run in runs):
        st.caption("There are no labels to score with: compare the maps and the collapse checks.")
        return
    metric = _metric(runs)
    if any(run["gains"] for run in runs):
        st.markdown("**Gain over the untrained encoder**")
        if any(len(group["gains"]) > 1 for group in found["seeds"]):
            plot(
                seeds_figure(found["seeds"], theme=theme()), "plot-seeds", "Gains by configuration"
            )
        plot(
            scores_figure(runs, metric=metric, theme=theme()), "plot-gains", "Gains with intervals"
        )
    for protocol in _protocols(runs, metric):
        st.markdown(f"**Scores: {PROTOCOLS.get(protocol, protocol)}**")
        figure = baselines_figure(runs, protocol=protocol, metric=metric, theme=theme())
        plot(figure, f"plot-baselines-{protocol}", "Scores beside their baselines, with intervals")
    if any(row["protocol"] == "label efficiency" for run in runs for row in run["scores"]):
        st.markdown("**With few labels**")
        figure = label_efficiency_figure(runs, metric=metric, theme=theme())
        plot(figure, "plot-label-efficiency", "Score by the number of labels a class")


def scores(runs: Sequence[Run]) -> None:
    """Every score with its interval, and the table as a file."""
    rows = [
        {
            "run": comparison.title(run),
            "id": run["id"],
            "seed": run["config"].get("seed"),
            "how": PROTOCOLS.get(row["protocol"], row["protocol"]),
            "features": FEATURES.get(row["features"], row["features"]),
            "split": row.get("split", "test"),
            "labels a class": row.get("labels_per_class"),
            "target": row["target"],
            "metric": METRICS.get(row["metric"], row["metric"]),
            "value": row["value"],
            "low": row["low"],
            "high": row["high"],
            "n": row["n"],
        }
        for run in runs
        for row in run["scores"]
    ]
    if not rows:
        return
    frame = pd.DataFrame(rows)
    st.markdown("**All scores, with intervals**")
    st.dataframe(frame, hide_index=True, width="stretch", height=280)
    st.download_button(
        "All scores as CSV",
        frame.to_csv(index=False),
        "scores.csv",
        "text/csv",
        icon=":material/download:",
        on_click="ignore",
    )


def checks(runs: Sequence[Run]) -> None:
    """The numbers behind each collapse check."""
    rows = []
    for run in runs:
        metrics = (run["verdict"] or {"metrics": {}})["metrics"]
        space = "z" if any(name.startswith("z.") for name in metrics) else "h"
        numbers = {
            title: metrics.get(f"{space}.{name}", metrics.get(name))
            for name, title in _SHOWN_METRICS.items()
        }
        check = run_words.verdict(run) or run["status"]
        rows.append({"run": comparison.title(run), "check": check, **numbers})
    # A metric that none of these runs has (two views, for tasks without) is no column.
    table = pd.DataFrame(rows).dropna(axis="columns", how="all")
    st.dataframe(table, hide_index=True, width="stretch")


def differences(runs: Sequence[Run]) -> None:
    """The configuration fields that differ, and only these."""
    found = comparison.differences(runs)
    if not found:
        st.write("Nothing but the moment they ran.")
        return
    titles = _unique([comparison.title(run) for run in runs])
    table = [
        {"option": row.field, **{t: str(v) for t, v in zip(titles, row.values, strict=True)}}
        for row in found
    ]
    st.dataframe(pd.DataFrame(table), hide_index=True, width="stretch")


def _pair(row: Mapping[str, Any], titles: Mapping[str, str]) -> dict[str, Any]:
    return {
        "first": titles[row["a"]],
        "second": titles[row["b"]],
        "how": PROTOCOLS.get(row["protocol"], row["protocol"]),
        "points": f"{100 * row['difference']:+.1f} [{100 * row['low']:+.1f}, "
        f"{100 * row['high']:+.1f}]",
        "p": p_value(row["p_holm"]),
        "n": row["n"],
        "of": row["basis"],
    }


def _metric(runs: Sequence[Run]) -> str:
    """The metric to show, chosen where there are several; the first is each run's own first."""
    rows = [row for run in runs for row in run["gains"]]
    rows = rows or [row for run in runs for row in run["scores"]]
    metrics = list(dict.fromkeys(row["metric"] for row in rows))
    if len(metrics) < 2:
        return str(metrics[0])
    return str(
        st.segmented_control(
            "Score",
            metrics,
            default=metrics[0],
            required=True,
            format_func=lambda name: METRICS.get(name, name),
            bind="query-params",
            key="score",
        )
    )


def _protocols(runs: Sequence[Run], metric: str) -> list[str]:
    """The first two readouts that tell this score of trained features."""
    told = [
        row["protocol"]
        for run in runs
        for row in run["scores"]
        if row["metric"] == metric and row["features"] == "trained"
        and row.get("labels_per_class") is None
    ]  # fmt: skip
    return list(dict.fromkeys(told))[:2]


def _unique(titles: Sequence[str]) -> list[str]:
    """The titles, numbered where two are the same."""
    return [
        title if titles.count(title) == 1 else f"{title} #{i + 1}" for i, title in enumerate(titles)
    ]

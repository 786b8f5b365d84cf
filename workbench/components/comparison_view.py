"""Several runs side by side on the screen: what was shown, gains, checks, scores, differences."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from workbench import comparison
from workbench.components import words
from workbench.components.run_view import theme
from workbench.components.session import Located
from workbench.plots import (
    checks_figure,
    curves_figure,
    label_efficiency_figure,
    scores_figure,
    seeds_figure,
    spectrum_figure,
)
from workbench.plots.words import METRICS, PROTOCOLS
from workbench.runs.compare import Place, evidence
from workbench.runs.result import FEATURES
from workbench.runs.store import Store

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


def compared(located: Sequence[Located], runs: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The ``comparison`` object of these runs."""
    places = [Place(place.home, place.row, place.demo) for place in located]
    return comparison.compare(runs, evidence(places, runs))


def sentences(found: Mapping[str, Any]) -> None:
    """What was and was not shown, the first ones in full and the caution small.

    found: the ``comparison`` object. How often the test was open stands beside its switch.
    """
    *said, caution = found["sentences"]
    looks = {comparison.looks_sentence(comparison.Looks(**row)) for row in found["looks"]}
    st.markdown("\n".join(f"- {line}" for line in said if line not in looks))
    st.caption(caution)


def decisions(runs: Sequence[dict[str, Any]], found: Mapping[str, Any]) -> None:
    """What to do with each task, and what tells two runs apart."""
    decided = found["decisions"]
    if len(decided) > 1:
        st.subheader("What next")
        table = [
            {"task": r["name"], "decision": r["decision"], "why": r["reason"]} for r in decided
        ]
        st.table(pd.DataFrame(table).set_index("task"))
        st.caption(comparison.decisions_sentence(decided))
    if found["pairs"]:
        titles = {run["id"]: comparison.title(run) for run in runs}
        with st.expander("Two at a time, on the same samples"):
            st.dataframe(
                pd.DataFrame([_pair(row, titles) for row in found["pairs"]]),
                hide_index=True,
                width="stretch",
            )
            st.caption(
                "The first minus the second, in points. p is of McNemar's exact test, adjusted by "
                "Holm; it speaks of these trained models, not of the methods."
            )


def gains(runs: Sequence[dict[str, Any]], found: Mapping[str, Any]) -> None:
    """Gains over the untrained encoder, with intervals; by configuration where seeds differ."""
    if not any(run["gains"] for run in runs):
        return
    st.subheader("Gain over the untrained encoder")
    box = st.container()
    if any(len(group["gains"]) > 1 for group in found["seeds"]):
        _plot(seeds_figure(found["seeds"], theme=theme()), "seeds", "Gains by configuration")
        box = st.expander("Each run, by every readout")
    with box:
        metric = _metric(runs)
        _plot(scores_figure(runs, metric=metric, theme=theme()), "gains", "Gains with intervals")
    if any(row["protocol"] == "label efficiency" for run in runs for row in run["scores"]):
        with st.expander("With few labels"):
            _plot(
                label_efficiency_figure(runs, metric=metric, theme=theme()),
                "label-efficiency",
                "Score by the number of labels a class",
            )


def _pair(row: Mapping[str, Any], titles: Mapping[str, str]) -> dict[str, Any]:
    return {
        "first": titles[row["a"]],
        "second": titles[row["b"]],
        "how": PROTOCOLS.get(row["protocol"], row["protocol"]),
        "points": f"{100 * row['difference']:+.1f} [{100 * row['low']:+.1f}, "
        f"{100 * row['high']:+.1f}]",
        "p": row["p_holm"],
        "n": row["n"],
        "of": row["basis"],
    }


def _metric(runs: Sequence[dict[str, Any]]) -> str:
    """The metric to show, chosen where there are several; the first is each run's own first."""
    metrics = list(dict.fromkeys(row["metric"] for run in runs for row in run["gains"]))
    if len(metrics) < 2:
        return str(metrics[0])
    return str(
        st.segmented_control(
            "Score", metrics, default=metrics[0], required=True, bind="query-params", key="score"
        )
    )


def checks(located: Sequence[Located], runs: Sequence[dict[str, Any]]) -> None:
    """The collapse check of each run: verdict, numbers, curves, spectrum."""
    st.subheader("Collapse check")
    rows = []
    for run in runs:
        verdict = run["verdict"] or {"label": "", "metrics": {}}
        metrics = verdict["metrics"]
        space = "z" if any(name.startswith("z.") for name in metrics) else "h"
        rows.append(
            {
                "run": comparison.title(run),
                "check": words.verdict(run) or run["status"],
                **{
                    title: metrics.get(f"{space}.{name}", metrics.get(name))
                    for name, title in _SHOWN_METRICS.items()
                },
            }
        )
    # A metric that none of these runs has (two views, for tasks without) is no column.
    table = pd.DataFrame(rows).dropna(axis="columns", how="all")
    st.dataframe(table, hide_index=True, width="stretch")
    with st.expander("Curves"):
        _curves(located)
    spectra = {}
    for place, run in zip(located, runs, strict=True):
        path = place.folder / "spectrum.json"
        if path.exists():
            spectra[comparison.title(run)] = json.loads(path.read_text("utf-8"))
    if spectra:
        with st.expander("Spectrum: how many directions the representations use"):
            _plot(spectrum_figure(spectra, theme=theme()), "spectrum", "Eigenvalue spectrum")


def scores(runs: Sequence[dict[str, Any]]) -> None:
    """Every score with its interval, and the table as a file."""
    rows = [
        {
            "run": comparison.title(run),
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
    with st.expander("All scores, with intervals"):
        frame = pd.DataFrame(rows)
        st.dataframe(frame, hide_index=True, width="stretch")
        st.download_button("Download as CSV", frame.to_csv(index=False), "scores.csv", "text/csv")


def differences(runs: Sequence[dict[str, Any]]) -> None:
    """The configuration fields that differ, and only these."""
    found = comparison.differences(runs)
    with st.expander("What differs between the runs"):
        if not found:
            st.write("Nothing but the moment they ran.")
            return
        titles = _unique([comparison.title(run) for run in runs])
        table = [
            {"option": row.field, **{t: str(v) for t, v in zip(titles, row.values, strict=True)}}
            for row in found
        ]
        st.dataframe(pd.DataFrame(table), hide_index=True, width="stretch")


def _curves(located: Sequence[Located]) -> None:
    losses, knn, checked, chance = {}, {}, {}, {}
    titles = _unique([words.title(place.row) for place in located])
    for title, place in zip(titles, located, strict=True):
        metrics = Store.open(place.home, read_only=place.demo).metrics(place.row.id)
        losses[title], knn[title] = metrics.get("loss", []), metrics.get("check.knn", [])
        checked[title] = metrics
        chance[title] = place.row.summary.get("chance")
    left, right = st.columns(2)
    with left:
        st.caption("Losses of different tasks are not comparable with each other.")
        _plot(curves_figure(losses, chance=chance, theme=theme()), "losses", "Loss curves")
    with right:
        _plot(checks_figure(checked, theme=theme()), "checks", "Collapse checks over training")
    if any(knn.values()):
        figure = curves_figure(knn, name="share of neighbours", theme=theme())
        _plot(figure, "knn", "Neighbours' accuracy over training")


def _unique(titles: Sequence[str]) -> list[str]:
    """The titles, numbered where two are the same."""
    return [
        title if titles.count(title) == 1 else f"{title} #{i + 1}" for i, title in enumerate(titles)
    ]


def _plot(figure: Any, key: str, alt: str) -> None:
    st.plotly_chart(
        figure, key=key, theme=None, alt=alt, config={"displayModeBar": False}, width="stretch"
    )

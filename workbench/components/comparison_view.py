"""Several runs side by side on the screen: what was shown, gains, checks, scores, differences."""

from __future__ import annotations

import json
from collections.abc import Sequence
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
    spectrum_figure,
)
from workbench.plots.words import PROTOCOLS
from workbench.runs.result import FEATURES
from workbench.runs.store import Store

_SHOWN_METRICS = {
    "std_sqrt_d": "spread (std · √d)",
    "mean_cosine": "mean cosine",
    "rankme": "directions used (RankMe)",
    "rankme_ratio": "share of isotropic data's RankMe",
    "participation_ratio": "participation ratio",
}


def sentences(runs: Sequence[dict[str, Any]]) -> None:
    """What was and was not shown, the first ones in full and the caution small."""
    *said, caution = comparison.sentences(runs)
    st.markdown("\n".join(f"- {line}" for line in said))
    st.caption(caution)


def gains(runs: Sequence[dict[str, Any]]) -> None:
    """Gains over the untrained encoder, with intervals."""
    if not any(run["gains"] for run in runs):
        return
    st.subheader("Gain over the untrained encoder")
    metrics = sorted({row["metric"] for run in runs for row in run["gains"]})
    metric = metrics[0]
    if len(metrics) > 1:
        metric = st.segmented_control(
            "Score", metrics, default=metrics[0], required=True, bind="query-params", key="score"
        )
    _plot(scores_figure(runs, metric=metric, theme=theme()), "gains", "Gains with intervals")
    if any(row["protocol"] == "label efficiency" for run in runs for row in run["scores"]):
        with st.expander("With few labels"):
            _plot(
                label_efficiency_figure(runs, metric=metric, theme=theme()),
                "label-efficiency",
                "Score by the number of labels a class",
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
    st.dataframe(pd.DataFrame(rows), hide_index=True, width="stretch")
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
            "labels a class": row.get("labels_per_class"),
            "target": row["target"],
            "metric": row["metric"],
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

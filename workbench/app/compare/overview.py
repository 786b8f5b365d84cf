"""The first table of the Compare page: one line a configuration, with what people ask first."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from workbench import comparison
from workbench.app import tables
from workbench.app.plain import plain
from workbench.app.shared import run_words
from workbench.comparison import Group, numbers
from workbench.comparison.lead_metric import (
    ACCURACY,
    BALANCED,
    GUESS,
    MACRO_F1,
    LargestClass,
    largest_class,
    lead_metric,
)
from workbench.comparison.records import ComparisonRecord, SeedSummary
from workbench.comparison.run_fields import ANOMALY, KNN, PROBE, verdict_label
from workbench.plots.words import FEATURES, METRICS
from workbench.records import RunRecord, Score

# The simple rivals of a run; the first that it was scored beside is shown.
_RIVALS = ("tf-idf", "raw input")
# How a score was read out, by the glossary's words.
_READOUTS = {
    KNN: "nearest neighbours",
    PROBE: "simple classifier",
    ANOMALY: "anomaly score",
}
_CHECK = "collapse check"
_Line = dict[str, str | None]


def show(records: Sequence[RunRecord], compared: ComparisonRecord) -> None:
    """Draw the table. compared: the comparison of those of the runs that have finished."""
    summaries = {run_id: row for row in compared["seeds"] for run_id in row["runs"]}
    groups = comparison.group_runs(records)
    lines = [_line(group, summaries.get(group.runs[0]["id"])) for group in groups]
    titles = sorted(dict.fromkeys(title for line in lines for title in line), key=_place)
    frame = pd.DataFrame(lines, columns=titles).dropna(axis="columns", how="all")
    frame = frame.set_index("run").fillna("")
    tables.table(frame, "compare-overview")
    words = tables.words_of(frame.columns)
    first = next((row for row in compared["seeds"]), None)
    if first is None:
        st.caption("What the columns mean", help=words)
        return
    split = "validation" if any(map(comparison.closed, records)) else "test"
    st.caption(
        f"Gain: points over the untrained encoder, with its 95 % interval. Gain and score: "
        f"{METRICS.get(first['metric'], first['metric'])} on {split} samples.",
        help=words,
    )


# Columns that a run may lack, in the order of the table.
_ORDER = ("run", "gain", "score", "other scores", "TF-IDF", "pixels only", "largest class")


def _place(title: str) -> int:
    """Where a column stands."""
    places = (at for at, name in enumerate(_ORDER) if title.partition(" (")[0] == name)
    return next(places, len(_ORDER))


def _line(group: Group, summary: SeedSummary | None) -> _Line:
    count = f" · {len(group.runs)} seeds" if len(group.runs) > 1 else ""
    training = [run["training"] for run in group.runs if run["training"]]
    seconds = [row["seconds"] for row in training if "seconds" in row]
    steps = [row["steps"] for row in training if "steps" in row]
    return {
        "run": plain(f"{group.name}{count}"),
        "gain": _gain(summary),
        **_score(group),
        "other scores": _other_scores(group),
        **_rival(group),
        "largest class": _largest_class(group),
        _CHECK: _checks(group),
        "training time": run_words.duration(max(seconds)) if seconds else None,
        "steps": _range(steps),
    }


def _gain(summary: SeedSummary | None) -> str | None:
    if summary is None:
        return None
    if summary["interval"] == "both seeds":
        return " and ".join(numbers.points(gain) for gain in summary["gains"])
    # The gain stays on one line with its interval.
    return numbers.gain(summary).replace(" ", "\u00a0")


def _score(group: Group) -> _Line:
    """The mean score of the runs by the metric that leads, with the samples scored."""
    for protocol in (KNN, ANOMALY):
        rows = _rows(group, "trained", protocol)
        if rows:
            value = f"{_mean(rows)} (n\u00a0=\u00a0{numbers.scored(rows[0])})"
            return {f"score ({_READOUTS[protocol]})": value}
    return {}


def _other_scores(group: Group) -> str | None:
    """Where the largest class is too large: macro F1 and accuracy, for balanced accuracy leads."""
    largest = largest_class(group.runs[0])
    if largest is None or not largest.too_large:
        return None
    parts = []
    lead = _rows(group, "trained", KNN)
    for metric in (BALANCED, MACRO_F1, ACCURACY):
        rows = _rows(group, "trained", KNN, metric)
        if rows and rows[0]["metric"] != lead[0]["metric"]:
            parts.append(f"{METRICS[metric]} {_mean(rows)}")
    return "; ".join(parts) or None


def _rival(group: Group) -> _Line:
    """The simple rival, with the run's own score where it is read out otherwise than the first."""
    for rival, protocol in ((rival, protocol) for rival in _RIVALS for protocol in _READOUTS):
        rows = _rows(group, rival, protocol)
        if not rows:
            continue
        words = _mean(rows)
        trained = _rows(group, "trained", protocol)
        if protocol == PROBE and trained:
            words += f" (trained {_mean(trained)})"
        return {f"{FEATURES[rival]} ({_READOUTS[protocol]})": words}
    return {}


def _largest_class(group: Group) -> str | None:
    largest = largest_class(group.runs[0])
    return None if largest is None else _guess_words(group, largest)


def _guess_words(group: Group, largest: LargestClass) -> str:
    """What always guessing the largest class scores by the metric that leads; with its accuracy."""
    accuracy = numbers.score(largest.share)
    metric = lead_metric(group.runs[0])
    if metric == ACCURACY:
        return accuracy
    rows = _rows(group, "largest class", GUESS, metric)
    return f"{_mean(rows)} (accuracy {accuracy})" if rows else f"(accuracy {accuracy})"


def _rows(group: Group, features: str, protocol: str, metric: str | None = None) -> list[Score]:
    found = (comparison.score(run, features, protocol, metric) for run in group.runs)
    return [row for row in found if row is not None]


def _mean(rows: Sequence[Score]) -> str:
    return numbers.score(sum(row["value"] for row in rows) / len(rows), rows[0]["metric"])


def _checks(group: Group) -> str:
    words = []
    for run in group.runs:
        label = verdict_label(run)
        check = run["verdict"]
        # The column's title has the first words already.
        told = run_words.verdict(check).removeprefix(f"{_CHECK} ") if label else run["status"]
        words.append(told)
    kinds = list(dict.fromkeys(words))
    if len(kinds) == 1:
        return plain(kinds[0])
    return plain("; ".join(f"{words.count(kind)} of {len(words)}: {kind}" for kind in kinds))


def _range(steps: Sequence[int]) -> str | None:
    if not steps:
        return None
    low, high = min(steps), max(steps)
    return f"{low:,}" if low == high else f"{low:,} to {high:,}"

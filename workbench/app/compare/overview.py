"""The first table of the Compare page: one line a configuration, with what people ask first."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from workbench import comparison
from workbench.app.plain import plain
from workbench.app.shared import run_words
from workbench.comparison import Group, numbers
from workbench.comparison.records import ComparisonRecord, SeedSummary
from workbench.comparison.run_fields import ANOMALY, KNN, verdict_label
from workbench.plots.words import FEATURES, METRICS, PROTOCOLS
from workbench.records import RunRecord

# The simple rivals of a run, the first that it was scored beside.
_RIVALS = ("tf-idf", "raw input")


def show(records: Sequence[RunRecord], compared: ComparisonRecord) -> None:
    """Draw the table. compared: the comparison of those of the runs that have finished."""
    summaries = {run_id: row for row in compared["seeds"] for run_id in row["runs"]}
    groups = comparison.group_runs(records)
    lines = [_line(group, summaries.get(group.runs[0]["id"])) for group in groups]
    frame = pd.DataFrame(lines).dropna(axis="columns", how="all").set_index("run")
    st.table(frame)
    first = next((row for row in compared["seeds"]), None)
    if first is not None:
        split = "validation" if any(map(comparison.closed, records)) else "test"
        how = PROTOCOLS.get(first["protocol"], first["protocol"])
        st.caption(
            f"Gain: points over the untrained encoder, with its 95 % interval. Score: "
            f"{METRICS.get(first['metric'], first['metric'])} on {split} samples ({how})."
        )


def _line(group: Group, summary: SeedSummary | None) -> dict[str, str | None]:
    count = f" · {len(group.runs)} seeds" if len(group.runs) > 1 else ""
    training = [run["training"] for run in group.runs if run["training"]]
    seconds = [row["seconds"] for row in training if "seconds" in row]
    steps = [row["steps"] for row in training if "steps" in row]
    return {
        "run": plain(f"{group.name}{count}"),
        "gain": _gain(summary),
        "score": _scores(group, ("trained",), name=False),
        "beside": _scores(group, _RIVALS, name=True),
        "collapse check": _checks(group),
        "training": run_words.duration(max(seconds)) if seconds else None,
        "steps": _range(steps),
    }


def _gain(summary: SeedSummary | None) -> str | None:
    if summary is None:
        return None
    if summary["interval"] == "both seeds":
        return " and ".join(numbers.points(gain) for gain in summary["gains"])
    return numbers.gain(summary)


def _scores(group: Group, features: Sequence[str], *, name: bool) -> str | None:
    """The mean score of the runs, by nearest neighbours or of finding the unusual, with n."""
    for feature in features:
        for protocol, metric in ((KNN, "accuracy"), (ANOMALY, "auroc")):
            rows = [
                row
                for run in group.runs
                if (row := comparison.score(run, feature, protocol, metric)) is not None
            ]
            if rows:
                value = numbers.score(sum(row["value"] for row in rows) / len(rows))
                what = FEATURES.get(feature, feature)
                return f"{what} {value}" if name else f"{value} (n = {rows[0]['n']:,})"
    return None


def _checks(group: Group) -> str:
    words = []
    for run in group.runs:
        label = verdict_label(run)
        check = run["verdict"]
        words.append(run_words.verdict(check) if label else run["status"])
    kinds = list(dict.fromkeys(words))
    if len(kinds) == 1:
        return plain(kinds[0])
    return plain("; ".join(f"{words.count(kind)} of {len(words)}: {kind}" for kind in kinds))


def _range(steps: Sequence[int]) -> str | None:
    if not steps:
        return None
    low, high = min(steps), max(steps)
    return f"{low:,}" if low == high else f"{low:,} to {high:,}"

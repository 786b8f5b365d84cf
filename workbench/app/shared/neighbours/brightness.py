"""How well the features of runs without labels predict brightness, colour or length."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from workbench.app.plain import plain
from workbench.comparison import numbers
from workbench.records import Score
from workbench.stored_runs.stored_run import StoredRun, unique_titles


def show(runs: Sequence[StoredRun]) -> None:
    """Draw one sentence for each run that was scored for them, and what its numbers mean."""
    titles = unique_titles(runs)
    sentences = [
        sentence(title, run.row.summary.get("validation_scores", []))
        for title, run in zip(titles, runs, strict=True)
    ]
    if not any(sentences):
        return
    st.markdown("\n".join(f"- {one}" for one in sentences if one))
    st.caption(
        "R² on validation samples: 1 is exact, 0 is no better than the mean. A high value is of "
        "use only if these matter here."
    )


def sentence(title: str, scores: Sequence[Score]) -> str:
    """What the trained and the untrained features predict, by their validation scores; empty
    without such scores. title: of the run."""
    by_features = {
        name: {
            row["target"]: numbers.score(row["value"])
            for row in scores
            if row["protocol"] == "nuisance probe"
            and row["metric"] == "r2"
            and row["features"] == name
        }
        for name in ("trained", "random init")
    }
    trained, untrained = by_features.values()
    if not trained:
        return ""
    words = _joined([f"{target} with R² {value}" for target, value in trained.items()])
    text = f"**{plain(title)}**: the features predict {words}."
    if trained.keys() == untrained.keys():
        text += f" Those of the untrained encoder do so with {_joined(list(untrained.values()))}."
    return text


def _joined(parts: Sequence[str]) -> str:
    return " and ".join((", ".join(parts[:-1]), parts[-1])) if len(parts) > 1 else parts[0]

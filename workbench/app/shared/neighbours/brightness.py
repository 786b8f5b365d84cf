"""How well the features of runs without labels predict brightness, colour or length."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from workbench.app.plain import plain
from workbench.records import Score
from workbench.stored_runs.stored_run import StoredRun, unique_titles

# The features whose predictions are told, by their names in the scores.
_FEATURES = ("trained", "random init")


_HELP = (
    "Share of the variation that a linear probe explains on validation samples (R²). 100% is "
    "exact, 0% is no better than the mean. A high share helps only if these matter here."
)
# More runs than these share one sentence.
_MOST_SENTENCES = 2


def show(runs: Sequence[StoredRun]) -> None:
    """Draw what the features of runs that were scored for them predict, and what its numbers mean.

    One or two runs have a sentence each, more share one.
    """
    scores = [run.row.summary.get("validation_scores", []) for run in runs]
    if len(runs) > _MOST_SENTENCES:
        sentences = [pooled_sentence(scores)]
    else:
        sentences = [sentence(*one) for one in zip(unique_titles(runs), scores, strict=True)]
    if not any(sentences):
        return
    st.markdown("\n\n".join(one for one in sentences if one), help=_HELP)


def sentence(title: str, scores: Sequence[Score]) -> str:
    """What the trained and the untrained features predict, by their validation scores; empty
    without such scores. title: of the run."""
    trained, untrained = (_values(scores, name) for name in _FEATURES)
    if not trained:
        return ""
    words = _joined(
        [f"{_share(value)} of the differences in {target}" for target, value in trained.items()]
    )
    text = f"**{plain(title)}**: the features explain {words}."
    if trained.keys() == untrained.keys():
        values = _joined([_share(value) for value in untrained.values()])
        text += f" The untrained encoder explains {values}."
    return text


def pooled_sentence(scores: Sequence[Sequence[Score]]) -> str:
    """The ranges of what the features of several runs predict, trained and untrained.

    Empty if no run has such scores. scores: of each run, its validation scores.
    """
    trained, untrained = (_ranges([_values(rows, name) for rows in scores]) for name in _FEATURES)
    if not trained:
        return ""
    count = sum(bool(_values(rows, _FEATURES[0])) for rows in scores)
    whose = "one run" if count == 1 else f"{count} runs"
    words = _joined([f"{span} of the differences in {target}" for target, span in trained.items()])
    text = f"The features of {whose} explain {words}."
    if trained.keys() == untrained.keys():
        text += f" Untrained encoders explain {_joined(list(untrained.values()))}."
    return text


def _values(scores: Sequence[Score], features: str) -> dict[str, float]:
    """R² by what is predicted."""
    return {
        row["target"]: row["value"]
        for row in scores
        if row["protocol"] == "nuisance probe"
        and row["metric"] == "r2"
        and row["features"] == features
    }


def _ranges(values: Sequence[dict[str, float]]) -> dict[str, str]:
    """The lowest and the highest value of the runs, by what is predicted."""
    ranges = {}
    for target in dict.fromkeys(target for of_run in values for target in of_run):
        found = [of_run[target] for of_run in values if target in of_run]
        ends = dict.fromkeys(_share(value) for value in (min(found), max(found)))
        ranges[target] = " to ".join(ends)
    return ranges


def _share(r2: float) -> str:
    """R² as a share in words; 0% where the features are worse than the mean."""
    return f"{max(r2, 0.0):.0%}"


def _joined(parts: Sequence[str]) -> str:
    return " and ".join((", ".join(parts[:-1]), parts[-1])) if len(parts) > 1 else parts[0]

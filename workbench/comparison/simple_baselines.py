"""What simple features reach without any training, told where every run stays below them."""

from __future__ import annotations

from collections.abc import Sequence

from workbench.comparison import numbers
from workbench.comparison.run_fields import PROBE, score
from workbench.records import RunRecord

_SIMPLE = {
    "tf-idf": "word counts (TF-IDF)",
    "lsa": "word counts in few dimensions (LSA)",
    "raw input": "the pixels alone",
}


def baseline_sentences(runs: Sequence[RunRecord]) -> list[str]:
    """One sentence on the strongest simple features that every run stays below, by the paired
    intervals of the same classifier; none if some run cannot be told from them.

    runs: of one data set.
    """
    ahead = []
    for over, name in _SIMPLE.items():
        behind = [_behind(run, over) for run in runs]
        row = score(runs[0], over, PROBE)
        if row is not None and all(gap is not None for gap in behind):
            least = min(gap for gap in behind if gap is not None)
            ahead.append((row["value"], name, least))
    if not ahead:
        return []
    value, name, least = max(ahead)
    runs_are = "This run stays" if len(runs) == 1 else "All runs here stay"
    return [
        f"{runs_are} below {name} with the same simple classifier, which reaches "
        f"{numbers.share(value, 1)}: by {numbers.distance(least)} points or more."
    ]


def _behind(run: RunRecord, over: str) -> float | None:
    """How far the run's classifier is below that of ``over``; None if it is not clearly below."""
    for row in run.get("gains", ()):
        if (row["protocol"], row["metric"], row["over"]) == (PROBE, "accuracy", over):
            return -float(row["value"]) if row["high"] < 0 else None
    return None

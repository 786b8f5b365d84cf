"""What a simple method without any training reaches, said where no run gets that far."""

from __future__ import annotations

from collections.abc import Sequence

from workbench.comparison.reading import PROBE, Run, score

_SIMPLE = {
    "tf-idf": "word counts (TF-IDF)",
    "lsa": "word counts in few dimensions (LSA)",
    "raw input": "the pixels alone",
}


def simple_sentences(runs: Sequence[Run]) -> list[str]:
    """One sentence for the strongest simple features that every run stays below, by the paired
    intervals of the same classifier; none where some run is not told apart from them.

    runs: of one data set.
    """
    found = []
    for over, name in _SIMPLE.items():
        behind = [_behind(run, over) for run in runs]
        row = score(runs[0], over, PROBE)
        if row is not None and all(gap is not None for gap in behind):
            least = min(gap for gap in behind if gap is not None)
            found.append((row["value"], name, least))
    if not found:
        return []
    value, name, least = max(found)
    runs_are = "This run stays" if len(runs) == 1 else "All runs here stay"
    return [
        f"{runs_are} below {name} with the same simple classifier, which reaches {value:.1%}: by "
        f"{100 * least:.1f} points or more."
    ]


def _behind(run: Run, over: str) -> float | None:
    """How far the run's classifier is below that of ``over``; None if it is not told apart."""
    for row in run.get("gains", ()):
        if (row["protocol"], row["metric"], row["over"]) == (PROBE, "accuracy", over):
            return -float(row["value"]) if row["high"] < 0 else None
    return None

"""Whether simple features are enough for a label, or up to how many labels pretraining helps."""

from __future__ import annotations

from collections.abc import Sequence

from workbench import registry
from workbench.comparison.lead_metric import lead_metric
from workbench.comparison.run_fields import PROBE
from workbench.records import Gain, RunRecord

_FEW = "label efficiency"
# Features that need no pretraining, by modality: what they are called together.
_SIMPLE = {
    ("tf-idf", "lsa", "word vectors"): "words alone",
    ("raw input",): "the pixels alone",
}


def enough_sentence(runs: Sequence[RunRecord]) -> str | None:
    """What follows from the scores of runs of one data set, in a sentence. None where the runs were
    not compared with simple features, and where a run is above all of these with all labels.

    A run wins at a number of labels where it is clearly above every kind of simple features with
    the same classifier. It loses where one of them is clearly above it. Runs that were trained with
    labels do not count.
    """
    runs = [run for run in runs if not _trained_with_labels(run)]
    known = [(names, words) for names, words in _SIMPLE.items() if _rows(runs, names, PROBE)]
    if not known:
        return None
    names, words = known[0]
    if any(_wins(run, names, PROBE, None) for run in runs):
        return None
    levels = _levels(runs)
    won = [level for level in levels if any(_wins(run, names, _FEW, level) for run in runs)]
    if won:
        most = max(won)
        return (
            f"Pretraining helps with few labels: up to about {most} a class. With more, {words} "
            "may be enough."
        )
    if levels and all(_loses(run, names) for run in runs):
        return (
            f"For this label, {words} are enough so far: no run here is clearly above them, with "
            "few labels or with all."
        )
    return None


def _trained_with_labels(run: RunRecord) -> bool:
    task = registry.tasks().get(run["config"]["task"])
    return task is not None and task.needs.labels


def _rows(
    runs: Sequence[RunRecord], names: Sequence[str], protocol: str, level: int | None = None
) -> list[Gain]:
    return [
        row
        for run in runs
        for row in run.get("gains", ())
        if row["protocol"] == protocol
        and row["over"] in names
        and row["metric"] == lead_metric(run, PROBE)
        and row.get("labels_per_class") == level
    ]


def _levels(runs: Sequence[RunRecord]) -> list[int]:
    rows = [row for run in runs for row in run.get("gains", ()) if row["protocol"] == _FEW]
    return sorted({row["labels_per_class"] for row in rows})


def _wins(run: RunRecord, names: Sequence[str], protocol: str, level: int | None) -> bool:
    rows = _rows([run], names, protocol, level)
    return bool(rows) and all(row["low"] > 0 for row in rows)


def _loses(run: RunRecord, names: Sequence[str]) -> bool:
    return any(row["high"] < 0 for row in _rows([run], names, PROBE))

"""Runs as text for a terminal, and as an exit status."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict

from workbench import comparison
from workbench.comparison import numbers
from workbench.plots import words
from workbench.plots.words import FEATURES
from workbench.records import Gain, RunLine, RunRecord, Score
from workbench.store.rows import RunRow

# In the notes on why a run has no scores (``evaluation.scores.obstacle``, ``scoring.sample_plan``).
_NO_SCORES = ("so no scores", "so no anomaly scores", "Not scored in this budget")
_MEND = "See what can be mended: workbench doctor --repair"


class ConfirmedRecord(TypedDict):
    """What ``workbench confirm-test --json`` gives. opened: ids of runs that were closed before."""

    opened: list[str]
    runs: list[RunRecord]


def exit_status(rows: Sequence[RunRow]) -> int:
    """0 if every run has finished, else 1."""
    return 0 if all(row.state == "finished" for row in rows) else 1


def run_text(run: RunRecord) -> str:
    """A run for a terminal: status, verdict, gains, then each score with those of the baselines."""
    lines = [f"{run['id']}  {run['status']}" + (f": {run['reason']}" if run["reason"] else "")]
    if run.get("damage"):
        lines.append(f"damaged: {run['damage']}. {_MEND}")
    if run["verdict"]:
        lines.append(words.verdict_text(run["verdict"]))
    behind = comparison.behind_words(run)
    lines += [behind] if behind else []
    gains = [gain for gain in run["gains"] if gain["over"] == "random init"]
    if gains:
        lines.append("gain over the untrained encoder, in points:")
    elif run["status"] == "finished":
        # Why there is nothing to compare.
        notes = run.get("notes", ())
        lines += [note for note in notes if any(obstacle in note for obstacle in _NO_SCORES)]
    lines += [f"  {_score_name(gain)}: {numbers.gain(gain)}" for gain in gains]
    splits: dict[str, dict[str, list[str]]] = {}
    for score in run["scores"]:
        features = FEATURES.get(score["features"], score["features"])
        values = splits.setdefault(score["split"], {}).setdefault(
            f"{_score_name(score)}, n = {numbers.scored(score)}", []
        )
        alone = comparison.without_copies(score)
        metric = score["metric"]
        value = (
            f"{features} {numbers.score(score['value'], metric)} "
            f"{numbers.score_interval(score, metric)}"
        )
        values.append(f"{value} (without copies {alone})" if alone else value)
    for split, scores in splits.items():
        lines.append(f"scores on the {split} split:")
        lines += [f"  {name}: {'; '.join(values)}" for name, values in scores.items()]
    lines += comparison.copies_sentences([run])
    if comparison.closed(run):
        lines.append(f"Test scores are hidden. Show them: workbench confirm-test {run['id']}")
    return "\n".join(lines)


def confirmed_text(document: ConfirmedRecord) -> str:
    """The runs of ``confirm-test``, each as ``run_text`` gives it."""
    return "\n\n".join(run_text(run) for run in document["runs"])


def _score_name(row: Score | Gain) -> str:
    labels = row.get("labels_per_class")
    more = f"{labels} labels a class" if labels else numbers.neighbours(row)
    protocol = f"{row['protocol']} ({more})" if more else row["protocol"]
    return f"{protocol} of {row['target']}, {row['metric']}"


def rows_text(rows: Sequence[RunLine]) -> str:
    """A list of runs for a terminal."""
    if not rows:
        return "No runs yet. Start one: workbench pretrain --data sample:digits --task simclr"
    return "\n".join(_line(row) for row in rows)


def _line(row: RunLine) -> str:
    tags = "".join(f" [{tag}]" for tag in row["tags"])
    damage = f" damaged: {row['damage']}" if row.get("damage") else ""
    return f"{row['id']:<28} {row['status']:<9} {row['name']}{tags}{damage}"

"""The report's numbers: gains, decisions, scores and differences as HTML."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from workbench import comparison
from workbench.comparison import numbers
from workbench.comparison.records import ComparisonRecord
from workbench.comparison.run_fields import verdict_label
from workbench.export.report.html import Cell, chart, table
from workbench.plots import label_efficiency_figure, scores_figure, seeds_figure, words
from workbench.records import RunRecord, TrainingRecord


def overview(runs: Sequence[RunRecord], titles: Sequence[str]) -> str:
    """One line a run: collapse check, gain, and what it took. No column of gains where no run has
    one, as without labels."""
    scored = any(comparison.main_gain(run) is not None for run in runs)
    rows: list[list[Cell]] = []
    for run, title in zip(runs, titles, strict=True):
        label = verdict_label(run)
        bad = "collapse" in label and "no sign" not in label
        rows.append(
            [
                escape(title),
                (words.verdict(run.get("verdict"), run["status"]), bad),
                *([escape(_gain(run))] if scored else []),
                _training(run.get("training") or {}),
            ]
        )
    gain = ["nearest neighbours share the label"] if scored else []
    return table(["run", "collapse check", *gain, "trained"], rows)


def gains(runs: Sequence[RunRecord], compared: ComparisonRecord) -> Iterable[str]:
    """The gains with their intervals, by configuration where seeds differ, and with few labels."""
    if not any(run.get("gains") for run in runs):
        return
    yield "<h2>Gain over the untrained encoder</h2>"
    yield (
        '<p class="soft">In percentage points, with 95 % intervals. An interval that crosses the '
        "line may be no gain.</p>"
    )
    if any(len(group["gains"]) > 1 for group in compared["seeds"]):
        yield chart(seeds_figure(compared["seeds"]))
    yield chart(scores_figure(runs))
    if any(row["protocol"] == "label efficiency" for run in runs for row in run["scores"]):
        yield "<h2>With few labels</h2>"
        yield chart(label_efficiency_figure(runs))


def next_step(compared: ComparisonRecord) -> str:
    """What to run next; empty before a run has finished."""
    step = compared["decision"]
    if step is None:
        return ""
    decision = f"<p><strong>Next: {escape(step['action'])}.</strong> {escape(step['reason'])}</p>"
    unequal = compared["unequal_steps"]
    if unequal is None:
        return decision
    return f"{decision}<p>{escape(unequal['sentence'])}</p>"


def decisions(compared: ComparisonRecord) -> Iterable[str]:
    """What to do with each task, where there are two or more."""
    chosen = compared["decisions"]
    if len(chosen) < 2:
        return
    yield table(
        ["task", "decision", "why"],
        [
            [
                escape(row["name"]),
                f"<strong>{escape(row['decision'])}</strong>",
                escape(row["reason"]),
            ]
            for row in chosen
        ],
    )
    yield f'<p class="soft">{escape(comparison.decisions_sentence(chosen))}</p>'


def differences(compared: ComparisonRecord, titles: Sequence[str]) -> str:
    """The options in which the runs differ; empty for one run."""
    if len(titles) < 2:
        return ""
    rows = [
        [
            escape(comparison.field_words(row["field"])),
            *(escape(comparison.value_words(value)) for value in row["values"]),
        ]
        for row in compared.get("differences", ())
    ]
    return table(["option", *titles], rows) if rows else "<p>Nothing.</p>"


def scores(runs: Sequence[RunRecord], titles: Sequence[str]) -> str:
    """Every score, folded away."""
    copied = any("without_copies" in row for run in runs for row in run.get("scores", ()))
    rows = [
        [
            escape(title),
            escape(words.protocol_words(row)),
            escape(str(row.get("labels_per_class") or "")),
            escape(words.FEATURES.get(row["features"], str(row["features"]))),
            escape(str(row["target"])),
            escape(words.METRICS.get(row["metric"], str(row["metric"]))),
            escape(str(row.get("split", "test"))),
            numbers.score(row["value"], row["metric"]),
            numbers.score_interval(row, row["metric"]),
            numbers.scored(row),
            *([escape(comparison.without_copies(row))] if copied else []),
        ]
        for run, title in zip(runs, titles, strict=True)
        for row in run.get("scores", ())
    ]
    if not rows:
        return ""
    head = [
        "run",
        "how",
        "labels a class",
        "features",
        "target",
        "metric",
        "split",
        "value",
        "95 %",
        "scored",
        *(["without copies of training samples"] if copied else []),
    ]
    return f"<details><summary>All scores ({len(rows)})</summary>{table(head, rows)}</details>"


def _gain(run: RunRecord) -> str:
    """The gain; before it where simple baselines lead."""
    gain = comparison.main_gain(run)
    if gain is None:
        return "too short for scores" if run.get("unscored") else "no labels to score with"
    return " ".join(filter(None, (comparison.behind_words(run), comparison.gain_words(gain))))


def _training(training: TrainingRecord) -> str:
    """Steps, time and device, as far as they are known."""
    steps, seconds = training.get("steps"), training.get("seconds")
    device = training.get("device")
    parts = [
        "" if steps is None else f"{steps:,} steps",
        "" if seconds is None else f"{seconds:.0f} s",
        "" if device is None else escape(str(device)),
    ]
    return ", ".join(part for part in parts if part)

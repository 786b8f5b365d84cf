"""What a report says in numbers: gains, decisions, scores and differences as HTML."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from html import escape
from typing import Any

from workbench import comparison
from workbench.export.report_html import chart, plain, table
from workbench.plots import label_efficiency_figure, scores_figure, seeds_figure, words


def overview(runs: Sequence[Mapping[str, Any]], titles: Sequence[str]) -> str:
    """One line a run: collapse check, gain, and what it took."""
    rows = []
    for run, title in zip(runs, titles, strict=True):
        gain = comparison.main_gain(run)
        training = run.get("training") or {}
        label = (run.get("verdict") or {}).get("label", "")
        bad = "collapse" in label and "no sign" not in label
        rows.append(
            [
                escape(title),
                (words.verdict(run.get("verdict"), str(run["status"])), bad),
                "no labels to score with" if gain is None else comparison.gain_words(gain),
                _measured(training),
            ]
        )
    return table(["run", "collapse check", "nearest neighbours share the label", "trained"], rows)


def gains(runs: Sequence[Mapping[str, Any]], compared: Mapping[str, Any]) -> Iterable[str]:
    """The gains with their intervals, by configuration where seeds differ, and with few labels."""
    if not any(run.get("gains") for run in runs):
        return
    yield "<h2>Gain over the untrained encoder</h2>"
    yield (
        '<p class="soft">In percentage points, with 95 % intervals. An interval that crosses the '
        "line cannot be told from no gain.</p>"
    )
    if any(len(group["gains"]) > 1 for group in compared["seeds"]):
        yield chart(seeds_figure(compared["seeds"]))
    yield chart(scores_figure(runs))
    if any(row["protocol"] == "label efficiency" for run in runs for row in run["scores"]):
        yield "<h2>With few labels</h2>"
        yield chart(label_efficiency_figure(runs))


def decisions(compared: Mapping[str, Any]) -> Iterable[str]:
    """What to do with each task, where there are two or more."""
    decided = compared["decisions"]
    if len(decided) < 2:
        return
    yield "<h2>What next</h2>"
    yield table(
        ["task", "decision", "why"],
        [
            [
                escape(row["name"]),
                f"<strong>{escape(row['decision'])}</strong>",
                escape(row["reason"]),
            ]
            for row in decided
        ],
    )
    yield f'<p class="soft">{escape(comparison.decisions_sentence(decided))}</p>'


def differences(compared: Mapping[str, Any], titles: Sequence[str]) -> str:
    """The options in which the runs differ; empty for one run."""
    if len(titles) < 2:
        return ""
    rows = [
        [escape(str(row["field"])), *(escape(plain(value)) for value in row["values"])]
        for row in compared.get("differences", ())
    ]
    made = table(["option", *titles], rows) if rows else "<p>Nothing.</p>"
    return f"<h2>What differs between the runs</h2>{made}"


def scores(runs: Sequence[Mapping[str, Any]], titles: Sequence[str]) -> str:
    """Every score, folded away."""
    rows = [
        [
            escape(title),
            escape(words.PROTOCOLS.get(row["protocol"], row["protocol"])),
            escape(str(row.get("labels_per_class") or "")),
            escape(words.FEATURES.get(row["features"], str(row["features"]))),
            escape(str(row["target"])),
            escape(words.METRICS.get(row["metric"], str(row["metric"]))),
            escape(str(row.get("split", "test"))),
            f"{row['value']:.3f}",
            f"[{row['low']:.3f}, {row['high']:.3f}]",
            str(row["n"]),
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
        "n",
    ]
    return f"<details><summary>All scores ({len(rows)})</summary>{table(head, rows)}</details>"


def _measured(training: Mapping[str, Any]) -> str:
    if not training:
        return ""
    said: list[tuple[str, Callable[[Any], str]]] = [
        ("steps", lambda v: f"{v:,} steps"),
        ("seconds", lambda v: f"{v:.0f} s"),
        ("device", lambda v: escape(str(v))),
    ]
    return ", ".join(tell(training[name]) for name, tell in said if training.get(name) is not None)

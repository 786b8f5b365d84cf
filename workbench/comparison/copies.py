"""Scored samples that equal a training sample, and the scores without them.

Who has a test sample in training as well has seen its answer: such scores flatter.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from workbench import registry
from workbench.comparison import numbers
from workbench.comparison.run_fields import ANOMALY, KNN, MEASURED, score, unique_titles
from workbench.records import ConfigRecord, RunRecord, Score

# Runs whose scores a sentence holds; the table of scores holds all.
_MOST_NAMED = 6


def copies_sentences(runs: Sequence[RunRecord]) -> list[str]:
    """One sentence for each set of scored samples that has copies, with the runs' scores without
    them; none where there are no copies."""
    copied = [(run, row) for run in runs if (row := _main_score(run)) is not None]
    by_samples: dict[tuple[str, str, int, int], list[tuple[str, Score]]] = {}
    kinds: dict[tuple[str, str, int, int], str] = {}
    for (run, row), title in zip(copied, unique_titles([run for run, _ in copied]), strict=True):
        data = str(run["config"]["data"].get("fingerprint"))
        key = (data, row["split"], row["n"], row["without_copies"]["n"])
        by_samples.setdefault(key, []).append((title, row))
        kind = _sample_word(run["config"])
        if kinds.get(key, "sample") == "sample":
            kinds[key] = kind
    return [_sentence(rows, kinds[key]) for key, rows in by_samples.items()]


def _main_score(run: RunRecord) -> Score | None:
    """The first number of the trained features, if copies are among its samples."""
    row = score(run, "trained") or score(run, "trained", ANOMALY, "auroc")
    return row if row is not None and "without_copies" in row else None


def without_copies(row: Score) -> str:
    """``81.2% [78.0%, 84.1%], n=112``: a score without copies; empty where there are none."""
    without = row.get("without_copies")
    if without is None:
        return ""
    if "value" not in without:
        return f"n={without['n']}"
    interval = {"value": without["value"], "low": without["low"], "high": without["high"]}
    metric = row["metric"]
    span = numbers.score_interval(interval, metric)  # type: ignore[arg-type]
    return f"{numbers.score(without['value'], metric)} {span}, n={without['n']}"


def flat(row: Score) -> dict[str, Any]:
    """``row`` as one line of a table: the score without copies in columns of its own."""
    out: dict[str, Any] = {name: value for name, value in row.items() if name != "without_copies"}
    without: Mapping[str, Any] = row.get("without_copies") or {}
    return out | {f"{name}_without_copies": value for name, value in without.items()}


def _sentence(rows: Sequence[tuple[str, Score]], kind: str) -> str:
    first = rows[0][1]
    left = first["without_copies"]["n"]
    count = f"{first['n'] - left:,} of {first['n']:,} {first['split']} {kind}s"
    if not left:
        return f"{count} equal a training {kind}: no score is free of copies."
    how = MEASURED.get(first["protocol"], MEASURED[KNN])
    values = [f"{title} {_pair(row)}" for title, row in rows[:_MOST_NAMED]]
    more = f"; {len(rows) - _MOST_NAMED} more runs in the table" if len(rows) > _MOST_NAMED else ""
    return (
        f"{count} equal a training {kind}, so scores flatter. Scores without them ({how}): "
        f"{'; '.join(values)}{more}."
    )


def _pair(row: Score) -> str:
    without = row["without_copies"]
    if "value" not in without:
        return "none, for all that are left are of one kind"
    metric = row["metric"]
    alone, with_them = (numbers.score(value, metric) for value in (without["value"], row["value"]))
    return f"{alone} (with them {with_them})"


def _sample_word(config: ConfigRecord) -> str:
    """``image`` or ``text``, as the run's encoder takes them; ``sample`` if that is not known."""
    encoder = registry.encoders().get(str(config["encoder"]))
    if encoder is None:
        return "sample"
    return encoder.modalities[0]

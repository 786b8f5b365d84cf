"""Several runs side by side: what is read from their homes, as JSON, and as text for a terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypedDict

import pyarrow.parquet as pq

from workbench import comparison
from workbench.comparison import Evidence, Looks, Predictions, numbers
from workbench.comparison.records import ComparisonRecord
from workbench.comparison.run_fields import KNN, PROBE
from workbench.records import RunRecord
from workbench.stored_runs import hidden_test
from workbench.stored_runs.agreement import agreement
from workbench.stored_runs.agreement import as_text as agreement_text
from workbench.stored_runs.feature_spaces import Space
from workbench.stored_runs.stored_run import StoredRun

_CURVE = "check.knn"


class Compared(TypedDict):
    """What ``workbench compare --json`` gives. runs: with embeddings from elsewhere behind them."""

    runs: list[RunRecord]
    comparison: ComparisonRecord


def compare_runs(
    runs: Sequence[StoredRun],
    embeddings: Sequence[str] = (),
    arrays: Mapping[str, Any] | None = None,
) -> Compared:
    """``{"runs": [...], "comparison": {...}}`` of runs that may lie in several homes.

    embeddings: ``NAME[@SPLIT]=FILE``; arrays: by name. Both come from elsewhere and stand as
    further columns in ``runs``, see ``external_embeddings.py``; nothing is ranked by them. Raises
    RequestError for what cannot be read.
    """
    records = [run.record() for run in runs]
    compared = comparison.compare(records, evidence(runs, records))
    external: list[RunRecord] = []
    spaces: list[Space] = []
    if embeddings or arrays:
        # Scoring takes half a second to import, and the app's server never asks for it.
        from workbench.stored_runs.external_scores import columns

        external, spaces = columns(runs, embeddings, arrays or {})
    compared["agreement"] = agreement(runs, spaces)
    return {"runs": [*records, *external], "comparison": compared}


def evidence(runs: Sequence[StoredRun], records: Sequence[RunRecord]) -> Evidence:
    """What a comparison of these runs may use beside their ``records``.

    A run whose test scores are hidden gives its predictions of validation samples; its file of
    test predictions is not read.
    """
    predictions, curves = {}, {}
    for run, record in zip(runs, records, strict=True):
        split = "validation" if comparison.closed(record) else "test"
        predicted = read_predictions(run.files.predictions(split))
        if predicted is not None:
            predictions[run.id] = predicted
        curves[run.id] = run.store.metrics(run.id, [_CURVE]).get(_CURVE, [])
    looks: dict[tuple[Path, str], Looks] = {}
    for run in runs:
        data = (run.home, run.fingerprint)
        if run.fingerprint and not run.demo and data not in looks:
            looks[data] = hidden_test.looks(run.store, run.config)
    return Evidence(predictions, curves, tuple(looks.values()))


def compare_text(document: Compared) -> str:
    """A table of verdicts and gains, what was and was not shown, and what to do with each task."""
    lines = [f"{'run':<26} {'collapse check':<26} {'kNN':>6} {'untrained':>9}  gain in points"]
    for run in document["runs"]:
        verdict = run["verdict"]["label"] if run["verdict"] else run["status"]
        trained, untrained, gain = (
            comparison.score(run, "trained"),
            comparison.score(run, "random init"),
            comparison.main_gain(run),
        )
        line = f"{comparison.title(run):<26} {verdict:<26}"
        if trained and untrained:
            line += f" {trained['value']:6.3f} {untrained['value']:9.3f}"
        elif trained:
            line += f" {trained['value']:6.3f}"
        elif gain:
            line += " " * 17
        if gain:
            line += f"  {numbers.gain(gain)}"
        lines.append(line)
    for run in document["runs"]:
        if run["status"] == "outside":
            lines += [f"{comparison.title(run)}: {note}" for note in run["notes"]]
    compared = document["comparison"]
    lines += ["", *compared["sentences"]]
    decided = compared["decisions"]
    if decided:
        lines += ["", comparison.decisions_sentence(decided)]
        lines += [f"{row['name']}: {row['decision']}. {row['reason']}" for row in decided]
    if compared["agreement"]:
        lines += ["", *agreement_text(compared["agreement"])]
    return "\n".join(lines)


def read_predictions(path: Path) -> Predictions | None:
    """The predicted classes in a file; None if it is not there, or holds distances, not classes."""
    if not path.exists():
        return None
    table = pq.read_table(path)
    names = {"knn": KNN, "probe": PROBE}
    answers = {
        protocol: table[name].to_numpy()
        for name, protocol in names.items()
        if name in table.column_names
    }
    if not answers:
        return None
    return Predictions(table["row"].to_numpy(), table["truth"].to_numpy(), answers)

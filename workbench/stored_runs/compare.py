"""Runs side by side: the document of ``workbench compare``, and its text for a terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypedDict

import pyarrow.parquet as pq

from workbench import comparison, damage
from workbench.comparison import Evidence, Looks, Predictions, numbers
from workbench.comparison.lead_metric import (
    ACCURACY,
    METRIC_WORDS,
    largest_class,
    lead_metric,
)
from workbench.comparison.records import ComparisonRecord
from workbench.comparison.run_fields import KNN, PROBE
from workbench.diagnostics.verdict_words import label_words
from workbench.records import RunRecord
from workbench.stored_runs import hidden_test
from workbench.stored_runs.agreement import agreement
from workbench.stored_runs.agreement import as_text as agreement_text
from workbench.stored_runs.feature_spaces import Space
from workbench.stored_runs.next_runs import add_command
from workbench.stored_runs.stored_run import StoredRun

_CURVE = "check.knn"


class CompareDocument(TypedDict):
    """What ``workbench compare --json`` gives. runs: then embeddings from elsewhere, as records."""

    runs: list[RunRecord]
    comparison: ComparisonRecord


def compare_runs(
    runs: Sequence[StoredRun],
    embeddings: Sequence[str] = (),
    arrays: Mapping[str, Any] | None = None,
) -> CompareDocument:
    """Compare runs, which may lie in several homes, and embeddings from elsewhere.

    embeddings: ``NAME[@SPLIT]=FILE``; arrays: by name, see ``external_embeddings.of_arrays``. Both
    follow the runs in ``runs``; no ranking counts them. Raises RequestError for a file or an array
    that cannot be used.
    """
    records = [run.record() for run in runs]
    compared = comparison.compare(records, evidence(runs, records))
    external: list[RunRecord] = []
    spaces: list[Space] = []
    if embeddings or arrays:
        # Scoring takes half a second to import, and the app's server does not need it.
        from workbench.stored_runs.external_scores import columns

        external, spaces = columns(runs, embeddings, arrays or {})
    compared["agreement"] = agreement(runs, spaces)
    add_command(compared, records)
    return {"runs": [*records, *external], "comparison": compared}


def evidence(runs: Sequence[StoredRun], records: Sequence[RunRecord]) -> Evidence:
    """Predictions, kNN curves and counts of looks at the test, for a comparison of these runs.

    Of a run whose test scores are hidden the predictions of validation samples are read, and the
    file of its test predictions is not opened.
    """
    shown, validation, curves = {}, {}, {}
    for run, record in zip(runs, records, strict=True):
        of_validation = read_predictions(run.files.predictions("validation"))
        if of_validation is not None:
            validation[run.id] = of_validation
        open_test = not comparison.closed(record)
        of_test = read_predictions(run.files.predictions("test")) if open_test else of_validation
        if of_test is not None:
            shown[run.id] = of_test
        curves[run.id] = run.store.metrics(run.id, [_CURVE]).get(_CURVE, [])
    looks: dict[tuple[Path, str], Looks] = {}
    for run in runs:
        data = (run.home, run.fingerprint)
        if run.fingerprint and not run.demo and data not in looks:
            looks[data] = hidden_test.looks(run.store, run.config)
    return Evidence(shown, curves, tuple(looks.values()), validation)


def compare_text(document: CompareDocument) -> str:
    """A table of verdicts and gains, then the sentences, the decisions and the agreement."""
    copied = any(_without_copies(run) for run in document["runs"])
    column = f" {'no copies':>9}" if copied else ""
    metric = next(map(lead_metric, document["runs"]), ACCURACY)
    lines = [f"kNN: {METRIC_WORDS[metric]}"] if metric != ACCURACY else []
    lines.append(
        f"{'run':<26} {'collapse check':<26} {'kNN':>6}{column} {'untrained':>9} "
        f"{'largest':>8} {'scored':>15}  gain in points"
    )
    for run in document["runs"]:
        verdict = label_words(run["verdict"]["label"]) if run["verdict"] else run["status"]
        trained, untrained, gain = (
            comparison.score(run, "trained"),
            comparison.score(run, "random init"),
            comparison.main_gain(run),
        )
        line = f"{comparison.title(run):<26} {verdict:<26}"
        alone = f" {_without_copies(run):>9}" if copied else ""
        if trained and untrained:
            values = numbers.score(trained["value"]), numbers.score(untrained["value"])
            line += f" {values[0]:>6}{alone} {values[1]:>9}"
        elif trained:
            line += f" {numbers.score(trained['value']):>6}{alone}"
        elif gain:
            line += " " * (17 + len(alone))
        if trained:
            untrained_room = "" if untrained else " " * 10
            largest = largest_class(run)
            share = numbers.score(largest.share) if largest is not None else ""
            line += f"{untrained_room} {share:>8} {numbers.scored(trained):>15}"
        elif gain:
            line += " " * 25
        if gain:
            line += f"  {numbers.gain(gain)}"
        lines.append(line)
    for run in document["runs"]:
        if run["status"] == "outside":
            lines += [f"{comparison.title(run)}: {note}" for note in run["notes"]]
    compared = document["comparison"]
    lines += ["", *compared["sentences"]]
    decisions = compared["decisions"]
    if decisions:
        lines += ["", comparison.decisions_sentence(decisions)]
        lines += [f"{row['name']}: {row['decision']}. {row['reason']}" for row in decisions]
    step = compared["decision"]
    if step is not None:
        lines += ["", f"Next: {step['action']}. {step['reason']}"]
        lines += [step["command"]] if step["command"] else []
    unequal = compared["unequal_steps"]
    if unequal is not None and unequal["command"]:
        lines += ["", "By steps, to compare what each step teaches:", unequal["command"]]
    if compared["agreement"]:
        lines += ["", *agreement_text(compared["agreement"])]
    return "\n".join(lines)


def _without_copies(run: RunRecord) -> str:
    """The trained kNN accuracy on the samples that equal no training sample; empty if all are."""
    row = comparison.score(run, "trained")
    without = None if row is None else row.get("without_copies")
    return "" if without is None or "value" not in without else numbers.score(without["value"])


def read_predictions(path: Path) -> Predictions | None:
    """The predicted classes in a file. None if there is no file, or if it holds distances (of
    anomaly detection) and no classes."""
    if not path.exists():
        return None
    names = {"knn": KNN, "probe": PROBE}
    with damage.reading(path):
        table = pq.read_table(path)
        predicted = {
            protocol: table[name].to_numpy()
            for name, protocol in names.items()
            if name in table.column_names
        }
        if not predicted:
            return None
        return Predictions(table["row"].to_numpy(), table["truth"].to_numpy(), predicted)

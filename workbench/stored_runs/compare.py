"""Several runs side by side: what is read from their homes, as JSON, and as text for a terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow.parquet as pq

from workbench import comparison, paths
from workbench.comparison import Evidence, Looks, Predictions
from workbench.comparison.reading import KNN, PROBE, Run
from workbench.store import hidden_test
from workbench.store.store import RunRow, Store
from workbench.stored_runs.agreement import agreement
from workbench.stored_runs.agreement import as_text as agreement_text
from workbench.stored_runs.feature_spaces import Space
from workbench.stored_runs.run_json import run_json

_CURVE = "check.knn"
_FILES = {True: "predictions_validation.parquet", False: "predictions.parquet"}


class Place(NamedTuple):
    """A run and where it lies. read_only: among the stored demo runs."""

    home: Path
    row: RunRow
    read_only: bool = False

    def json(self) -> dict[str, Any]:
        """The run as ``workbench show --json`` gives it."""
        return run_json(self.home, self.row, read_only=self.read_only)


def compare_json(
    home: Path, rows: Sequence[RunRow], *, read_only: bool = False, embeddings: Sequence[str] = ()
) -> dict[str, Any]:
    """``{"runs": [...], "comparison": {...}}``. embeddings: ``NAME[@SPLIT]=FILE``, see
    ``compare_places``."""
    return compare_places([Place(home, row, read_only) for row in rows], embeddings)


def compare_places(
    places: Sequence[Place], embeddings: Sequence[str] = (), arrays: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """``{"runs": [...], "comparison": {...}}`` of runs that may lie in several homes.

    embeddings, arrays: embeddings from elsewhere as further columns of ``runs``, in files or by
    name, see ``stored_runs/external_embeddings.py``; nothing is ranked
    by them. Raises RequestError for what cannot be read.
    """
    documents = [place.json() for place in places]
    compared = comparison.compare(documents, evidence(places, documents))
    beside: list[dict[str, Any]] = []
    spaces: list[Space] = []
    if embeddings or arrays:
        # Scoring takes half a second to import, and the app's server never asks for it.
        from workbench.scoring.external import columns

        rows = [place.row for place in places]
        beside, spaces = columns(places[0].home, rows, embeddings, arrays or {})
    compared["agreement"] = agreement([(place.home, place.row) for place in places], spaces)
    return {"runs": [*documents, *beside], "comparison": compared}


def evidence(places: Sequence[Place], documents: Sequence[Run]) -> Evidence:
    """What a comparison of these runs may use beside their ``documents`` (``Place.json``).

    A run whose test is kept closed gives its predictions of validation samples, and its file of
    test predictions is not read.
    """
    predictions, curves = {}, {}
    stores = {place.home: Store.open(place.home, read_only=place.read_only) for place in places}
    for place, run in zip(places, documents, strict=True):
        found = read_predictions(
            paths.run_dir(place.home, place.row.id) / _FILES[comparison.closed(run)]
        )
        if found is not None:
            predictions[place.row.id] = found
        curves[place.row.id] = stores[place.home].metrics(place.row.id, [_CURVE]).get(_CURVE, [])
    looks: dict[tuple[Path, str], Looks] = {}
    for place in places:
        fingerprint = (place.row.config.get("data") or {}).get("fingerprint")
        if fingerprint and not place.read_only and (place.home, fingerprint) not in looks:
            at = (place.home, fingerprint)
            looks[at] = hidden_test.looks(stores[place.home], place.row.config)
    return Evidence(predictions, curves, tuple(looks.values()))


def compare_text(document: dict[str, Any]) -> str:
    """A table of verdicts and gains, what was and was not shown, and what to do with each task."""
    lines = [f"{'run':<26} {'collapse check':<26} {'kNN':>6} {'untrained':>9}  gain in points"]
    for run in document["runs"]:
        verdict = (run["verdict"] or {}).get("label", run["status"])
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
            points, low, high = (100 * gain[name] for name in ("value", "low", "high"))
            line += f"  {points:+.1f} [{low:+.1f}, {high:+.1f}]"
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

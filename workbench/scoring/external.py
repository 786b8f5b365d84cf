"""Embeddings from elsewhere as columns beside runs: checked and scored on the same samples."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from workbench import paths
from workbench.data.dataset import Dataset
from workbench.diagnostics.files import MOST_ROWS
from workbench.diagnostics.verdict import judge_array
from workbench.errors import RequestError
from workbench.data import sampling
from workbench.evaluation.feature_scores import KNN, PROBE, TRAINED
from workbench.evaluation.scores import Evaluation, evaluate
from workbench.store import hidden_test
from workbench.store.store import RunRow, Store
from workbench.stored_runs.external_embeddings import FIELD, Outside, of_arrays, read_files
from workbench.stored_runs.feature_spaces import Space

STATUS = "outside"


def columns(
    home: Path, rows: Sequence[RunRow], specs: Sequence[str], arrays: Mapping[str, Any]
) -> tuple[list[dict[str, Any]], list[Space]]:
    """What embeddings from elsewhere add to a comparison of ``rows``: run objects, and spaces for
    the agreement. specs: see ``outside.read_files``; arrays: see ``outside.of_arrays``. Raises
    RequestError."""
    data = data_of(home, rows)
    found = [*read_files(specs, data), *of_arrays(arrays, data)]
    # They are no stored runs, so none of them can be confirmed on test.
    closed = hidden_test.hold(Store.open(home), data.info.fingerprint).on
    documents = [document(one, data, rows[0].config, closed=closed) for one in found]
    return documents, [space(one, data) for one in found]


def data_of(home: Path, rows: Sequence[RunRow]) -> Dataset:
    """The data set that all ``rows`` saw. Raises RequestError if there are several, or it is
    gone."""
    prints = {str(row.config["data"].get("fingerprint")) for row in rows}
    if len(prints) > 1:
        raise RequestError(
            "the runs saw different data, so it is not known which samples are meant.",
            field=FIELD,
            remedy="Compare runs of one data set.",
        )
    folder = paths.cache_dir(home) / next(iter(prints))
    if not (folder / "info.json").exists():
        raise RequestError(
            "the prepared data of these runs are gone.",
            field=FIELD,
            remedy="Prepare them again: start any run on the same data.",
        )
    return Dataset.open(folder)


def document(
    outside: Outside, data: Dataset, config: Mapping[str, Any], *, closed: bool = False
) -> dict[str, Any]:
    """A run object of ``workbench compare --json`` for embeddings that no run made.

    status is ``outside``; the check is of train and validation samples; scores are of the samples
    that the runs were scored on, as far as they are there, under the features ``trained``. There is
    no untrained encoder to gain over. config: of a run beside it, for the data and for how many
    samples are scored. closed: the test split is kept closed, so the scores are of validation
    samples.
    """
    verdict, said = _verdict(outside, data)
    full = bool((config.get("eval") or {}).get("full"))
    with threadpool_limits(1, user_api="blas"):
        scored, missing = _scores(outside, data, full=full, closed=closed)
    return {
        "id": outside.name,
        "name": outside.name,
        "status": STATUS,
        "reason": None,
        "owner": "",
        "note": "",
        "tags": [],
        "experiment": None,
        "created": None,
        "started": None,
        "ended": None,
        "map_state": "none",
        "config": {"task": STATUS, "data": config["data"], "encoder": STATUS, "seed": None},
        "training": {},
        "chance": None,
        "verdict": verdict,
        "test": "closed" if closed else "open",
        "scores": scored.scores,
        "gains": [],
        "validation_gains": [],
        "notes": [*outside.notes, *said, *missing, *scored.notes],
        "versions": {},
        "artifacts": {},
    }


def space(outside: Outside, data: Dataset) -> Space:
    """As ``spaces.of_runs`` gives them, without test samples."""
    seen = outside.rows < data.rows("test").start
    return Space(
        f"outside {outside.name}",
        outside.name,
        "outside",
        outside.rows[seen],
        outside.values[seen],
    )


def _verdict(outside: Outside, data: Dataset) -> tuple[dict[str, Any] | None, list[str]]:
    seen = outside.values[outside.rows < data.rows("test").start]
    if len(seen) < 2:
        return None, ["Only test samples are here, which are not looked at by the collapse check."]
    said = []
    if len(seen) > MOST_ROWS:
        said.append(f"The collapse check is of {MOST_ROWS:,} rows drawn from {len(seen):,}.")
        rows = np.random.default_rng(0).choice(len(seen), MOST_ROWS, replace=False)
        seen = seen[np.sort(rows)]
    verdict = judge_array(seen).to_json()
    verdict["metrics"] = {f"h.{name}": value for name, value in verdict["metrics"].items()}
    return verdict, said


def _scores(
    outside: Outside, data: Dataset, *, full: bool, closed: bool
) -> tuple[Evaluation, list[str]]:
    label = data.info.label
    if label is None:
        return Evaluation(notes=["No labels, so no scores: look at the agreement with runs."]), []
    column = data.target(label.name)
    features, labels, missing = {}, {}, []
    for split, rows in sampling.choose(data, full=full).items():
        place = np.minimum(np.searchsorted(outside.rows, rows), len(outside.rows) - 1)
        there = outside.rows[place] == rows
        features[split], labels[split] = outside.values[place[there]], column[rows[there]]
        if not there.all():
            missing.append(f"{(~there).sum():,} of {len(rows):,} {split} samples are missing.")
    known = data.info.normal
    found = evaluate(
        {TRAINED: features},
        labels,
        target=label.name,
        n_classes=len(label.classes),
        protocols=(KNN, PROBE),
        normal=None if known is None else label.classes.index(known),
        classes=label.classes,
        seed=zlib.crc32(data.info.fingerprint.encode()),
    )
    if closed:
        scores = found.validation.scores if found.validation else []
        found = Evaluation(scores, notes=found.notes)
    return found, missing

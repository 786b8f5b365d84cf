"""Embeddings from elsewhere in a comparison: checked and scored on the runs' own samples."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from typing import Any, cast

import numpy as np
from threadpoolctl import threadpool_limits

from workbench.config import EvalOptions
from workbench.data import sampling
from workbench.data.dataset import Dataset
from workbench.diagnostics.files import MOST_ROWS
from workbench.diagnostics.verdict import judge_array
from workbench.errors import RequestError
from workbench.evaluation.feature_scores import KNN, PROBE, TRAINED
from workbench.evaluation.scores import Evaluation, evaluate
from workbench.options import build
from workbench.records import ConfigRecord, RunRecord, VerdictRecord
from workbench.stored_runs import hidden_test
from workbench.stored_runs.external_embeddings import FIELD, External, of_arrays, read_files
from workbench.stored_runs.feature_spaces import Space
from workbench.stored_runs.stored_run import StoredRun

STATUS = "outside"


def columns(
    runs: Sequence[StoredRun], specs: Sequence[str], arrays: Mapping[str, Any]
) -> tuple[list[RunRecord], list[Space]]:
    """What embeddings from elsewhere add to a comparison of ``runs``: run records, and feature
    spaces for the agreement. specs: see ``external_embeddings.read_files``; arrays: see
    ``external_embeddings.of_arrays``. Raises RequestError."""
    data = shared_data(runs)
    embeddings = [*read_files(specs, data), *of_arrays(arrays, data)]
    # They are no stored runs, so none of them can be confirmed on test.
    closed = hidden_test.hold(runs[0].store, data.info.fingerprint).on
    records = [record(one, data, runs[0].config, closed=closed) for one in embeddings]
    return records, [space(one, data) for one in embeddings]


def shared_data(runs: Sequence[StoredRun]) -> Dataset:
    """The data set that all ``runs`` saw. Raises RequestError if there are several, or it is
    gone."""
    if len({run.fingerprint for run in runs}) > 1:
        raise RequestError(
            "the runs saw different data, so it is not known which samples are meant.",
            field=FIELD,
            remedy="Compare runs of one data set.",
        )
    data = runs[0].data
    if data is None:
        raise RequestError(
            "the prepared data of these runs are gone.",
            field=FIELD,
            remedy="Prepare them again: start any run on the same data.",
        )
    return data


def record(
    external: External, data: Dataset, config: ConfigRecord, *, closed: bool = False
) -> RunRecord:
    """A run record of ``workbench compare --json`` for embeddings that no run made.

    The status is ``outside``. The check is of train and validation samples. Scores are of the
    samples that the runs were scored on, as far as they are there, under the features ``trained``.
    There is no untrained encoder, so there are no gains. config: of a run of the comparison; it
    says which data, and how many samples are scored. closed: test scores are hidden, so the scores
    are of validation samples.
    """
    verdict, notes = _verdict(external, data)
    options = build(EvalOptions, config.get("eval") or {})
    with threadpool_limits(1, user_api="blas"):
        scored, missing = _scores(external, data, options, closed=closed)
    return {
        "id": external.name,
        "name": external.name,
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
        "config": cast(
            ConfigRecord,
            {"task": STATUS, "data": config["data"], "encoder": STATUS, "seed": None},
        ),
        "training": {},
        "chance": None,
        "verdict": verdict,
        "test": "closed" if closed else "open",
        "scores": scored.scores,
        "gains": [],
        "validation_gains": [],
        "notes": [*external.notes, *notes, *missing, *scored.notes],
        "versions": {},
        "artifacts": {},
    }


def space(external: External, data: Dataset) -> Space:
    """As ``spaces.of_runs`` gives them, without test samples."""
    seen = external.rows < data.rows("test").start
    return Space(
        f"outside {external.name}",
        external.name,
        "outside",
        external.rows[seen],
        external.values[seen],
    )


def _verdict(external: External, data: Dataset) -> tuple[VerdictRecord | None, list[str]]:
    seen = external.values[external.rows < data.rows("test").start]
    if len(seen) < 2:
        return None, ["Only test samples are here, which are not looked at by the collapse check."]
    notes = []
    if len(seen) > MOST_ROWS:
        notes.append(f"The collapse check is of {MOST_ROWS:,} rows drawn from {len(seen):,}.")
        rows = np.random.default_rng(0).choice(len(seen), MOST_ROWS, replace=False)
        seen = seen[np.sort(rows)]
    verdict = judge_array(seen).to_json()
    metrics = {f"h.{name}": value for name, value in verdict["metrics"].items()}
    verdict["metrics"] = metrics
    return verdict, notes


def _scores(
    external: External, data: Dataset, options: EvalOptions, *, closed: bool
) -> tuple[Evaluation, list[str]]:
    label = data.info.label
    if label is None:
        return Evaluation(notes=["No labels, so no scores: look at the agreement with runs."]), []
    column = data.target(label.name)
    features, labels, missing = {}, {}, []
    for split, rows in sampling.choose(data, full=options.full).items():
        place = np.minimum(np.searchsorted(external.rows, rows), len(external.rows) - 1)
        there = external.rows[place] == rows
        features[split], labels[split] = external.values[place[there]], column[rows[there]]
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
        neighbours=options.neighbours,
    )
    if closed:
        scores = found.validation.scores if found.validation else []
        found = Evaluation(scores, notes=found.notes)
    return found, missing

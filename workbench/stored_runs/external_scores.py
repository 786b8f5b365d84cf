"""Embeddings from elsewhere in a comparison: their collapse check and their scores."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from typing import Any, cast

import numpy as np
from threadpoolctl import threadpool_limits

from workbench.config import EvalOptions
from workbench.data import quality, sampling
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
    """Records and feature spaces of embeddings from elsewhere, for a comparison with ``runs``.

    specs: see ``external_embeddings.read_files``; arrays: see ``external_embeddings.of_arrays``.
    Raises RequestError.
    """
    data = shared_data(runs)
    embeddings = [*read_files(specs, data), *of_arrays(arrays, data)]
    # They are no stored runs, so none of them can be confirmed on test.
    hidden = hidden_test.visibility(runs[0].store, data.info.fingerprint).hidden
    records = [record(one, data, runs[0].config, hidden=hidden) for one in embeddings]
    return records, [space(one, data) for one in embeddings]


def shared_data(runs: Sequence[StoredRun]) -> Dataset:
    """The data set of all ``runs``. Raises RequestError if they have several, or if it is gone."""
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
    external: External, data: Dataset, config: ConfigRecord, *, hidden: bool = False
) -> RunRecord:
    """A run record of ``workbench compare --json`` for embeddings that no run made.

    Its status is ``outside``. The collapse check is of training and validation samples. The scores
    are of those samples of the runs that have an embedding; their features are called ``trained``.
    Without an untrained encoder there are no gains. config: of a run of the comparison, for its
    data and evaluation options. hidden: test scores are hidden, so score validation samples.
    """
    verdict, verdict_notes = _verdict(external, data)
    options = build(EvalOptions, config.get("eval") or {})
    with threadpool_limits(1, user_api="blas"):
        evaluation, missing_notes = _scores(external, data, options, hidden=hidden)
    return {
        "id": external.name,
        "name": external.name,
        "status": STATUS,
        "reason": None,
        "owner": "",
        "note": "",
        "tags": [],
        "damage": None,
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
        "test": "closed" if hidden else "open",
        "scores": evaluation.scores,
        "gains": [],
        "validation_gains": [],
        "notes": [*external.notes, *verdict_notes, *missing_notes, *evaluation.notes],
        "versions": {},
        "artifacts": {},
    }


def space(external: External, data: Dataset) -> Space:
    """A space as ``feature_spaces.of_runs`` gives it: of training and validation samples."""
    not_test = external.rows < data.rows("test").start
    return Space(
        f"outside {external.name}",
        external.name,
        "outside",
        external.rows[not_test],
        external.values[not_test],
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
    external: External, data: Dataset, options: EvalOptions, *, hidden: bool
) -> tuple[Evaluation, list[str]]:
    label = data.info.label
    if label is None:
        return Evaluation(notes=["No labels, so no scores: look at the agreement with runs."]), []
    column = data.target(label.name)
    features, labels, scored, missing = {}, {}, {}, []
    for split, rows in sampling.choose(data, full=options.full).items():
        positions = np.minimum(np.searchsorted(external.rows, rows), len(external.rows) - 1)
        present = external.rows[positions] == rows
        features[split] = external.values[positions[present]]
        labels[split], scored[split] = column[rows[present]], rows[present]
        if not present.all():
            missing.append(f"{(~present).sum():,} of {len(rows):,} {split} samples are missing.")
    normal = data.info.normal
    evaluation = evaluate(
        {TRAINED: features},
        labels,
        target=label.name,
        n_classes=len(label.classes),
        protocols=(KNN, PROBE),
        normal=None if normal is None else label.classes.index(normal),
        classes=label.classes,
        seed=zlib.crc32(data.info.fingerprint.encode()),
        neighbours=options.neighbours,
        copies=quality.copies_of_training(data, scored),
    )
    if hidden:
        scores = evaluation.validation.scores if evaluation.validation else []
        evaluation = Evaluation(scores, notes=evaluation.notes)
    return evaluation, missing

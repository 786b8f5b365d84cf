"""The training and validation samples of a run that new samples are compared with.

It needs numpy and pyarrow alone, so that the app's server can use it. Test embeddings are not read.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow.parquet as pq

from workbench import damage
from workbench.config import EvalOptions
from workbench.data.dataset import Dataset
from workbench.errors import RequestError
from workbench.evaluation.new_samples import ReferenceSamples
from workbench.options import build
from workbench.stored_runs.stored_run import StoredRun

_FEW_CLASSES = 2


def why_not(run: StoredRun) -> RequestError | None:
    """Why new samples cannot be tried on this run, with a remedy; None if they can."""
    state = run.row.state
    if state in ("queued", "running", "stopping"):
        return RequestError(
            f"this run is {state}.",
            field="Run",
            remedy="Wait until it has finished: its neighbours are known when it is scored.",
        )
    if not run.files.encoder.exists():
        return RequestError(
            f"this run ({state}) has no trained encoder.",
            field="Run",
            remedy="Run it again, or choose another run.",
        )
    if not run.has_embeddings:
        return RequestError(
            f"this run was {state} before it was scored, so that it has no neighbours to show.",
            field="Run",
            remedy="Resume it on the Runs page, or choose another run. Its encoder can be "
            "exported.",
        )
    return None


def read(run: StoredRun, data: Dataset) -> ReferenceSamples:
    """The embedded training and validation samples of the run, with their labels.

    Raises RequestError if no training samples were embedded.
    """
    if not run.has_embeddings:
        raise RequestError(
            f"run '{run.id}' has no embeddings.", field="Run", remedy="Choose another run."
        )
    embeddings = run.embeddings
    rows, features = embeddings.rows("train"), embeddings.features("train")
    if rows is None or features is None:
        raise RequestError(
            f"run '{run.id}' kept no training samples.", field="Run", remedy="Choose another run."
        )
    validation_rows = embeddings.rows("validation")
    validation = embeddings.features("validation")
    return ReferenceSamples(
        rows,
        features,
        _labels(data, rows),
        features[:0] if validation is None else validation,
        None if validation_rows is None else _labels(data, validation_rows),
        build(EvalOptions, run.config.get("eval") or {}).neighbours,
    )


def validation_rows(run: StoredRun) -> npt.NDArray[np.int64]:
    """int64 (v,): positions in the cache of the embedded validation samples; may be empty."""
    rows = run.embeddings.rows("validation")
    return np.empty(0, np.int64) if rows is None else rows


def validation_features(run: StoredRun) -> npt.NDArray[np.float32]:
    """float32 (v, d): representations of the samples at ``validation_rows``, in that order."""
    features = run.embeddings.features("validation")
    return np.empty((0, 0), np.float32) if features is None else features


def features_at(run: StoredRun, rows: npt.NDArray[np.int64]) -> npt.NDArray[np.float32]:
    """float32 (n, d): representations of the training and validation samples at ``rows`` of the
    cache, in that order. Raises RequestError if one was not embedded."""
    trained, _ = run.embeddings.at(rows)
    return trained


def probe_prediction(run: StoredRun, sample: int) -> int | None:
    """The class that the linear probe predicted for the validation sample at position ``sample`` of
    the cache; None if it predicted none. The probe is not stored, so it predicts no new samples."""
    path = run.files.predictions("validation")
    if not path.exists():
        return None
    with damage.reading(path):
        if "probe" not in pq.read_schema(path).names:
            return None
        table = pq.read_table(path, columns=["row", "probe"])
        positions = np.flatnonzero(table["row"].to_numpy() == sample)
        return int(table["probe"][int(positions[0])].as_py()) if len(positions) else None


def _labels(data: Dataset, rows: npt.NDArray[Any]) -> npt.NDArray[np.int64] | None:
    label = data.info.label
    if label is None or len(label.classes) < _FEW_CLASSES:
        return None
    labels: npt.NDArray[np.int64] = data.target(label.name)[rows.astype(np.int64)]
    return labels

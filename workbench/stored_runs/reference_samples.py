"""What a run knows of its training and validation samples, read from its folder: what new samples
are held against. Numpy alone, so that the app's server can read it; test embeddings are not read.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow.parquet as pq
from safetensors import safe_open

from workbench import paths
from workbench.data.dataset import Dataset
from workbench.errors import RequestError
from workbench.evaluation import records
from workbench.evaluation.new_samples import Known
from workbench.store.store import RunRow

_FEW_CLASSES = 2
_SEEN = ("train", "validation")


def dataset(home: Path, row: RunRow) -> Dataset | None:
    """The run's prepared data with its samples, None if they are gone."""
    folder = paths.cache_dir(home) / str((row.config.get("data") or {}).get("fingerprint"))
    there = any((folder / name).exists() for name in ("images.npy", "texts.parquet"))
    return Dataset.open(folder) if there and (folder / "info.json").exists() else None


def why_not(home: Path, row: RunRow) -> RequestError | None:
    """Why new samples cannot be tried on this run, with what to do about it; None if they can."""
    folder = paths.run_dir(home, row.id)
    if row.state in ("queued", "running", "stopping"):
        return RequestError(
            f"this run is {row.state}.",
            field="Run",
            remedy="Wait until it has finished: its neighbours are known when it is scored.",
        )
    if not (folder / "encoder.safetensors").exists():
        return RequestError(
            f"this run ({row.state}) has no trained encoder.",
            field="Run",
            remedy="Run it again, or choose another run.",
        )
    if not (folder / "embeddings.safetensors").exists():
        return RequestError(
            f"this run was {row.state} before it was scored, so that it has no neighbours to show.",
            field="Run",
            remedy="Resume it on the Runs page, or choose another run. Its encoder can be "
            "exported.",
        )
    return None


def read(home: Path, row: RunRow, data: Dataset) -> Known:
    """The samples that the run embedded to be scored, of training and validation.

    Raises RequestError if there are no embeddings of training samples.
    """
    path = paths.run_dir(home, row.id) / "embeddings.safetensors"
    if not path.exists():
        raise RequestError(
            f"run '{row.id}' has no embeddings.", field="Run", remedy="Choose another run."
        )
    rows = {name: _of_split(home, row, f"index_{name}") for name in _SEEN}
    h = {name: _of_split(home, row, f"h_{name}") for name in _SEEN}
    if h["train"] is None or rows["train"] is None:
        raise RequestError(
            f"run '{row.id}' kept no training samples.", field="Run", remedy="Choose another run."
        )
    features = h["train"].astype(np.float32)
    validation = h["validation"]
    none = features[:0]
    return Known(
        rows["train"].astype(np.int64),
        features,
        _labels(data, rows["train"]),
        none if validation is None else validation.astype(np.float32),
        None if rows["validation"] is None else _labels(data, rows["validation"]),
    )


def validation_rows(home: Path, row: RunRow) -> npt.NDArray[np.int64]:
    """int64 (v,): positions in the cache of the embedded validation samples; may be empty."""
    found = _of_split(home, row, "index_validation")
    return np.empty(0, np.int64) if found is None else found.astype(np.int64)


def validation_features(home: Path, row: RunRow) -> npt.NDArray[np.float32]:
    """float32 (v, d): their representations, in that order."""
    found = _of_split(home, row, "h_validation")
    return np.empty((0, 0), np.float32) if found is None else found.astype(np.float32)


def features_at(home: Path, row: RunRow, rows: npt.NDArray[np.int64]) -> npt.NDArray[np.float32]:
    """float32 (n, d): representations of the training and validation samples at ``rows`` of the
    cache, in that order. Raises RequestError if one was not embedded."""
    splits = [name for name in _SEEN if _of_split(home, row, f"index_{name}") is not None]
    index = {name: np.asarray(_of_split(home, row, f"index_{name}"), np.int64) for name in splits}
    h = {name: np.asarray(_of_split(home, row, f"h_{name}"), np.float32) for name in splits}
    try:
        picked: npt.NDArray[np.float32] = records.pick(h, index, rows)
    except (KeyError, ValueError) as error:
        raise RequestError(
            f"run '{row.id}' has no embedding of some of its mapped samples.",
            field="Run",
            remedy="Run it again.",
        ) from error
    return picked


def classifier_says(home: Path, row: RunRow, sample: int) -> int | None:
    """The class that the simple classifier gave a validation sample (its position in the cache),
    None if it was not asked. For new samples it is not kept."""
    path = paths.run_dir(home, row.id) / "predictions_validation.parquet"
    if not path.exists() or "probe" not in pq.read_schema(path).names:
        return None
    table = pq.read_table(path, columns=["row", "probe"])
    place = np.flatnonzero(table["row"].to_numpy() == sample)
    return int(table["probe"][int(place[0])].as_py()) if len(place) else None


def _labels(data: Dataset, rows: npt.NDArray[Any]) -> npt.NDArray[np.int64] | None:
    label = data.info.label
    if label is None or len(label.classes) < _FEW_CLASSES:
        return None
    labels: npt.NDArray[np.int64] = data.target(label.name)[rows.astype(np.int64)]
    return labels


def _of_split(home: Path, row: RunRow, name: str) -> npt.NDArray[Any] | None:
    with safe_open(str(paths.run_dir(home, row.id) / "embeddings.safetensors"), "numpy") as stored:
        found: npt.NDArray[Any] | None = (
            stored.get_tensor(name) if name in set(stored.keys()) else None
        )
    return found

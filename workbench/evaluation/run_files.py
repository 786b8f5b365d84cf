"""Files that an evaluation writes into a run's folder: embeddings, predictions, map; and the
spectrum of embeddings."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq
from safetensors.numpy import save_file

from workbench.evaluation.feature_scores import ANOMALY, KNN, PROBE

Array = npt.NDArray[Any]
Rows = npt.NDArray[np.int64]

MOST_EIGENVALUES = 256
_HALF_LIMIT = 6e4


def spectrum(x: Array) -> list[float]:
    """Eigenvalues of the centred covariance of (n, d), descending, as shares of their sum.

    At most 256; all 0 for constant embeddings.
    """
    centred = np.asarray(x, np.float64) - np.asarray(x, np.float64).mean(axis=0)
    n, d = centred.shape
    gram = centred.T @ centred if d <= n else centred @ centred.T
    values = np.maximum(np.linalg.eigvalsh(gram)[::-1], 0.0)
    total = float(values.sum())
    shares = values / total if total > 0 else np.zeros_like(values)
    return [float(share) for share in shares[:MOST_EIGENVALUES]]


def pick(values: Mapping[str, Array], rows: Mapping[str, Rows], wanted: Rows) -> Array:
    """The samples ``wanted`` (cache rows) of ``values``, in that order. values, rows: by split, the
    features and the cache rows of its samples.

    Raises KeyError if a wanted sample is in none of the splits.
    """
    index = np.concatenate(list(rows.values()))
    order = np.argsort(index, kind="stable")
    place = np.searchsorted(index, wanted, sorter=order)
    if len(wanted) and (place.max() >= len(index) or (index[order[place]] != wanted).any()):
        raise KeyError("a wanted sample has no embedding")
    picked: Array = np.concatenate([values[split] for split in rows])[order[place]]
    return picked


def write_embeddings(
    path: Path, rows: Mapping[str, Rows], h: Mapping[str, Array], u: Mapping[str, Array]
) -> None:
    """``h_<split>``, ``u_<split>`` (n, d) in half precision where it holds, ``index_<split>``."""
    arrays: dict[str, Array] = {}
    for split, index in rows.items():
        arrays[f"index_{split}"] = index
        arrays[f"h_{split}"], arrays[f"u_{split}"] = _halved(h[split]), _halved(u[split])
    save_file(arrays, str(path))


def write_predictions(
    path: Path, rows: Rows, truth: npt.NDArray[np.int64], predictions: Mapping[str, Array]
) -> None:
    """Columns row, truth, and knn, probe (class indices) or anomaly (distance from normal)."""
    names = {KNN: "knn", PROBE: "probe", ANOMALY: "anomaly"}
    columns = {"row": rows, "truth": truth}
    columns |= {names[protocol]: values for protocol, values in predictions.items()}
    pq.write_table(pa.table({name: pa.array(values) for name, values in columns.items()}), path)


def write_map(path: Path, rows: Rows, xy: Array, splits: list[str]) -> None:
    """Columns row, x, y, split. Labels are no column: a map is made without them."""
    columns = {
        "row": pa.array(rows),
        "x": pa.array(xy[:, 0], pa.float32()),
        "y": pa.array(xy[:, 1], pa.float32()),
        "split": pa.array(splits),
    }
    pq.write_table(pa.table(columns), path)


def _halved(values: Array) -> Array:
    fits = not values.size or float(np.abs(values).max()) < _HALF_LIMIT
    return np.ascontiguousarray(values.astype(np.float16 if fits else np.float32))

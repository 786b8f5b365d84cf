"""A run's stored embeddings as a Parquet table, by numpy and pyarrow alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from workbench.data.dataset import SPLITS
from workbench.errors import RequestError
from workbench.stored_runs.stored_run import StoredRun


def embeddings_table(run: StoredRun, splits: Sequence[str] = SPLITS) -> pa.Table:
    """The embedded samples of a run: ``id`` (file name, or split and row of a table), ``row``
    (position in the data set), ``split``, ``label`` (null where missing; only with labels), ``h``.

    Without ids and labels if the run's samples are gone. The run's id, task and encoder stand in
    the metadata. Raises RequestError for a run without embeddings.
    """
    if not run.has_embeddings:
        raise RequestError(
            f"run '{run.id}' ({run.row.state}) has no embeddings.",
            field="RUN",
            remedy="Wait until it has finished, or take another run.",
        )
    data = run.samples
    indices, features, names = [], [], []
    for split in splits:
        rows, h = run.embeddings.rows(split), run.embeddings.features(split)
        if rows is not None and h is not None:
            indices.append(rows)
            features.append(h)
            names += [split] * len(h)
    index, values = np.concatenate(indices), np.concatenate(features)
    columns: dict[str, Any] = {}
    if data is not None:
        ids = data.ids
        columns["id"] = pa.array([ids[at] for at in index.tolist()], pa.string())
    columns["row"] = pa.array(index)
    columns["split"] = pa.array(names, pa.string())
    label = None if data is None else data.info.label
    if data is not None and label is not None:
        codes = data.target(label.name)[index]
        columns["label"] = pa.array([label.classes[i] if i >= 0 else None for i in codes])
    columns["h"] = pa.FixedSizeListArray.from_arrays(pa.array(values.ravel()), values.shape[1])
    origin = {"run": run.id, "task": run.config["task"], "encoder": run.config.get("encoder")}
    metadata = {f"workbench.{name}": str(value) for name, value in origin.items()}
    return pa.table(columns).replace_schema_metadata(metadata)


def embeddings_parquet(run: StoredRun, splits: Sequence[str] = SPLITS) -> bytes:
    """``embeddings_table`` as the bytes of a Parquet file."""
    buffer = pa.BufferOutputStream()
    pq.write_table(embeddings_table(run, splits), buffer)
    return bytes(buffer.getvalue())

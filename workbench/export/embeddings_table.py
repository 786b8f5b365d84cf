"""A run's stored embeddings as a table, by numpy and pyarrow alone, as the app's server needs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from safetensors import safe_open

from workbench import paths
from workbench.data.dataset import SPLITS, Dataset
from workbench.errors import RequestError
from workbench.store.store import RunRow


def embeddings_table(
    home: Path, row: RunRow, data: Dataset | None, splits: Sequence[str] = SPLITS
) -> pa.Table:
    """The embedded samples of a run: ``id`` (file name, or split and row of a table), ``row``
    (position in the cache), ``split``, ``label`` (null where missing; only with labels) and ``h``.

    data: the run's data set, None if it is gone: then without ids and labels. splits: which are
    given. The run's id, task and encoder stand in the metadata. Raises RequestError for a run
    without embeddings.
    """
    path = paths.run_dir(home, row.id) / "embeddings.safetensors"
    if not path.exists():
        raise RequestError(
            f"run '{row.id}' ({row.state}) has no embeddings.",
            field="RUN",
            remedy="Wait until it has finished, or take another run.",
        )
    rows, h, names = [], [], []
    with safe_open(str(path), framework="numpy") as stored:
        there = set(stored.keys())
        for split in splits:
            if f"h_{split}" in there:
                rows.append(stored.get_tensor(f"index_{split}").astype(np.int64))
                h.append(stored.get_tensor(f"h_{split}").astype(np.float32))
                names += [split] * len(h[-1])
    index, values = np.concatenate(rows), np.concatenate(h)
    columns: dict[str, Any] = {}
    if data is not None:
        ids = data.ids
        columns["id"] = pa.array([ids[at] for at in index.tolist()], pa.string())
    columns["row"] = pa.array(index)
    columns["split"] = pa.array(names, pa.string())
    label = None if data is None else data.info.label
    if data is not None and label is not None:
        found = data.target(label.name)[index]
        columns["label"] = pa.array([label.classes[i] if i >= 0 else None for i in found])
    columns["h"] = pa.FixedSizeListArray.from_arrays(pa.array(values.ravel()), values.shape[1])
    told = {"run": row.id, "task": row.config["task"], "encoder": row.config.get("encoder")}
    metadata = {f"workbench.{name}": str(value) for name, value in told.items()}
    return pa.table(columns).replace_schema_metadata(metadata)


def embeddings_parquet(
    home: Path, row: RunRow, data: Dataset | None, splits: Sequence[str] = SPLITS
) -> bytes:
    """``embeddings_table`` as the bytes of a Parquet file."""
    buffer = pa.BufferOutputStream()
    pq.write_table(embeddings_table(home, row, data, splits), buffer)
    return bytes(buffer.getvalue())

"""New samples through a run's encoder: a data set into a Parquet file, or arrays into an array."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq
import torch

from workbench import data as room
from workbench.config import DataConfig, RunConfig
from workbench.data.dataset import PAD, SPLITS, Dataset
from workbench.errors import RequestError
from workbench.export.encoder import load_parts
from workbench.stored_runs.stored_run import StoredRun
from workbench.tasks.base import Batch
from workbench.training import device, instances
from workbench.training.batches import batches_of_rows
from workbench.training.device import Placement
from workbench.training.encode import ENCODE_BATCH, encode

Progress = Callable[[str, float], None]
_ROW_GROUP = 4096


def embed_data(
    run: StoredRun, config: DataConfig, to: Path, *, progress: Progress | None = None
) -> int:
    """Put the data that ``config`` describes through the encoder of a run; returns how many.

    The input is prepared exactly as the run's own data were: size, channels, scaling, vocabulary.
    ``to`` becomes a Parquet file with the columns ``id`` (the sample's name in its source),
    ``split``, ``label`` (the class's name, null where it is missing; only if there are labels) and
    ``h``, a list of float32 a row. A sample of the run's own data keeps the split that it had
    there; others have that of their source, or test. The run's id, task and encoder stand in the
    file's metadata. It appears when it is complete.
    Raises RequestError for a run without an encoder, data that cannot be read, or another ending.
    """
    if to.suffix != ".parquet":
        raise RequestError(
            f"'{to.name}' is no Parquet file.", field="--to", remedy="Give a name.parquet."
        )
    encoder, trained, reference = load_parts(run)
    data = room.prepare_like(config, run.home, reference, progress)
    placement = _placement(trained)
    encoder = encoder.to(placement.device)
    to.parent.mkdir(parents=True, exist_ok=True)
    unfinished = to.with_name(f".{to.name}.{os.getpid()}")
    origin = {"run": run.id, "task": trained.task, "encoder": str(trained.encoder)}
    schema = _schema(data, int(encoder.dim), origin)  # type: ignore[arg-type]
    splits = split_names(data, reference)
    try:
        with pq.ParquetWriter(unfinished, schema) as writer:
            for rows in _chunks(data.info.total):
                h = encode(encoder, _batches(data, rows, placement), placement)
                writer.write_table(_table(data, rows, splits[rows], h, schema))
                if progress is not None:
                    progress("encoding", (rows[-1] + 1) / data.info.total)
        unfinished.replace(to)
    finally:
        unfinished.unlink(missing_ok=True)
    return data.info.total


def embed_arrays(
    run: StoredRun, samples: npt.NDArray[Any] | Sequence[str]
) -> npt.NDArray[np.float32]:
    """float32 (n, dim): representations h of images or texts, in the order given.

    samples: images (n, H, W) or (n, H, W, C), uint8 or float in [0, 1], of any size; or texts.
    They are prepared as the run's own data were. Raises RequestError for what cannot be read, and
    for a run without an encoder.
    """
    encoder, config, reference = load_parts(run)
    if len(samples) == 0:
        return np.empty((0, int(encoder.dim)), np.float32)  # type: ignore[arg-type]
    placement = _placement(config)
    prepared = room.arrays_like(samples, reference)
    return encode(encoder.to(placement.device), _array_batches(prepared, placement), placement)


def embed_prepared(
    run: StoredRun, prepared: npt.NDArray[np.uint8] | Sequence[npt.NDArray[np.int64]]
) -> npt.NDArray[np.float32]:
    """float32 (n, dim): representations of samples that are prepared as the run's own are.

    prepared: uint8 images (n, C, H, W), or token ids a text. Raises RequestError for a run without
    an encoder.
    """
    encoder, config, _ = load_parts(run)
    if not len(prepared):
        return np.empty((0, int(encoder.dim)), np.float32)  # type: ignore[arg-type]
    placement = _placement(config)
    batches = _array_batches(prepared, placement)
    return encode(encoder.to(placement.device), batches, placement)


def _placement(config: RunConfig) -> Placement:
    """The best device there is, in full precision: encoding is short, and numbers are kept."""
    return device.choose("auto", "fp32", instances.encoder_of(config).kind, None)


def _chunks(total: int) -> Iterator[npt.NDArray[np.int64]]:
    for start in range(0, total, _ROW_GROUP):
        yield np.arange(start, min(start + _ROW_GROUP, total))


def _batches(data: Dataset, rows: npt.NDArray[np.int64], placement: Placement) -> Iterator[Batch]:
    return batches_of_rows(data, rows, placement.device, ENCODE_BATCH)


def _array_batches(
    prepared: npt.NDArray[np.uint8] | Sequence[npt.NDArray[np.int64]], placement: Placement
) -> Iterator[Batch]:
    for start in range(0, len(prepared), ENCODE_BATCH):
        part = prepared[start : start + ENCODE_BATCH]
        index = torch.arange(start, start + len(part), device=placement.device)
        if isinstance(part, np.ndarray):
            yield Batch(index, images=torch.from_numpy(part).to(placement.device))
        else:
            yield Batch(index, tokens=torch.from_numpy(_padded(part)).to(placement.device))


def _padded(texts: Sequence[npt.NDArray[np.int64]]) -> npt.NDArray[np.int64]:
    out = np.full((len(texts), max(1, *(len(ids) for ids in texts))), PAD, np.int64)
    for row, ids in enumerate(texts):
        out[row, : len(ids)] = ids
    return out


def _schema(data: Dataset, dim: int, origin: dict[str, str]) -> pa.Schema:
    fields = [pa.field("id", pa.string()), pa.field("split", pa.string())]
    if data.info.label is not None:
        fields.append(pa.field("label", pa.string()))
    fields.append(pa.field("h", pa.list_(pa.float32(), dim)))
    return pa.schema(
        fields, metadata={f"workbench.{name}": value for name, value in origin.items()}
    )


def split_names(data: Dataset, reference: Dataset) -> npt.NDArray[np.str_]:
    """The split of every sample of ``data``, (n,): that of the sample of ``reference`` with the
    same name and content, or its own where there is none.

    Splits that were made for the run are in no source: without this, samples that it was trained on
    would be called test samples.
    """
    splits = _own_splits(data)
    known: dict[tuple[str, int], str] = dict(
        zip(
            zip(reference.ids, reference.digests.tolist(), strict=True),
            _own_splits(reference).tolist(),
            strict=True,
        )
    )
    pairs = zip(data.ids, data.digests.tolist(), strict=True)
    return np.array(
        [known.get(pair, own) for pair, own in zip(pairs, splits.tolist(), strict=True)], np.str_
    )


def _own_splits(data: Dataset) -> npt.NDArray[np.str_]:
    bounds = [data.rows(split).stop for split in SPLITS]
    places = np.searchsorted(bounds, np.arange(data.info.total), side="right")
    return np.array(SPLITS, np.str_)[places]


def _table(
    data: Dataset,
    rows: npt.NDArray[np.int64],
    splits: npt.NDArray[np.str_],
    h: npt.NDArray[np.float32],
    schema: pa.Schema,
) -> pa.Table:
    columns: list[Any] = [
        pa.array([data.ids[row] for row in rows]),
        pa.array(splits.tolist(), pa.string()),
    ]
    label = data.info.label
    if label is not None:
        codes = data.target(label.name)[rows]
        columns.append(pa.array([label.classes[i] if i >= 0 else None for i in codes], pa.string()))
    columns.append(pa.FixedSizeListArray.from_arrays(pa.array(h.ravel()), h.shape[1]))
    return pa.Table.from_arrays(columns, schema=schema)

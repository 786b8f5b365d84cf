"""Named groups as a Parquet table: each sample with its id, its group and its embedding by a run.

The table is a data source: it holds the picture or the text, and the group can be the label
(``workbench pretrain --data FILE --label group``).
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq
from PIL import Image

from workbench.data.dataset import Dataset
from workbench.data.thumbnails import rgb
from workbench.errors import RequestError
from workbench.store.named_groups import NamedGroup, as_labels
from workbench.stored_runs import feature_spaces
from workbench.stored_runs.stored_run import StoredRun

REST = "rest"

Rows = npt.NDArray[np.int64]


def groups_table(run: StoredRun, groups: Sequence[NamedGroup], *, rest: bool) -> pa.Table:
    """The samples of ``groups`` as far as they are on the run's map.

    Columns ``id`` (file name, or split and row of a table), ``row`` (position in the data set),
    ``split``, ``group``, ``image`` (PNG as the encoder gets it) or ``text``,
    and ``h``, the representation by this run. A sample of several groups is in the latest.
    rest: the other samples of the map too, in the group ``rest``. Raises RequestError if the run
    kept no embeddings, the samples are not on this machine, or none is in a group.
    """
    data = run.samples
    if not run.has_embeddings or data is None:
        raise RequestError(
            "the samples or the embeddings of this run are not on this machine.",
            field="Run",
            remedy="Choose a run that was trained here.",
        )
    space = feature_spaces.of_runs([run], plain=False)[-1]
    labels = as_labels(groups, space.rows)
    if not (labels >= 0).any():
        raise RequestError(
            "no sample of these groups is on this run's map.",
            field="Run",
            remedy="Name a group on a map of this run.",
        )
    chosen = np.arange(len(space.rows)) if rest else np.flatnonzero(labels >= 0)
    rows = space.rows[chosen]
    names = [groups[label].name if label >= 0 else REST for label in labels[chosen]]
    h = space.features[chosen]
    payload = _texts(data, rows) if data.info.modality == "text" else _pictures(data, rows)
    return pa.table(
        {
            "id": [data.ids[i] for i in rows],
            "row": pa.array(rows),
            "split": ["train" if i < data.rows("train").stop else "validation" for i in rows],
            "group": names,
            **payload,
            "h": pa.FixedSizeListArray.from_arrays(
                pa.array(np.ascontiguousarray(h).ravel(), pa.float32()), h.shape[1]
            ),
        }
    ).replace_schema_metadata({"workbench.run": run.id, "workbench.task": run.config["task"]})


def as_bytes(table: pa.Table) -> bytes:
    """The table as a Parquet file."""
    out = io.BytesIO()
    pq.write_table(table, out)
    return out.getvalue()


def _texts(data: Dataset, rows: Rows) -> dict[str, Any]:
    texts = data.texts
    return {"text": [texts[i] for i in rows]}


def _pictures(data: Dataset, rows: Rows) -> dict[str, Any]:
    images = np.asarray(data.images[rows])
    # Gray stays gray, so that the same encoder takes the table.
    pixels: Iterable[Any] = images[:, 0] if images.shape[1] == 1 else rgb(images)
    return {"image": pa.array([_png(one) for one in pixels], pa.binary())}


def _png(pixels: npt.NDArray[np.uint8]) -> bytes:
    out = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels)).save(out, "PNG")
    return out.getvalue()

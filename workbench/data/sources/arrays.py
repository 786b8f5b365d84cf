"""Arrays from a notebook, stored in the home so that a worker can read them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar, Literal, TypedDict

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from workbench.config import DataConfig
from workbench.data.listing import NOT_GIVEN, Blob, Hints, LabelColumn, Listing
from workbench.data.sources.base import Source

LABEL = "label"


class ArraysCard(TypedDict):
    """``arrays.json``. count: of samples."""

    name: str
    modality: Literal["image", "text"]
    count: int


class ArraysSource(Source):
    """A folder with ``arrays.json`` (name, modality, count) and images.npy (n, H, W, C) or
    texts.parquet, and labels.parquet if there are labels."""

    kind: ClassVar[str] = "arrays"
    MARK: ClassVar[str] = "arrays.json"

    def __init__(self, path: Path):
        self.path = path
        self.card: ArraysCard = json.loads((path / self.MARK).read_text("utf-8"))
        super().__init__(self.card["name"])

    def files(self, config: DataConfig) -> list[tuple[str, Path]]:
        return [(path.name, path) for path in sorted(self.path.iterdir())]

    def listing(self, config: DataConfig) -> Listing:
        images = self.card["modality"] == "image"
        columns = {}
        if (self.path / "labels.parquet").exists():
            values = pq.read_table(self.path / "labels.parquet")[LABEL]
            columns[LABEL] = LabelColumn(LABEL, values)
        count = self.card["count"]
        return Listing(
            modality="image" if images else "text",
            ids=[str(row) for row in range(count)],
            split=np.full(count, NOT_GIVEN, np.int8),
            columns=columns,
            hints=Hints(label=LABEL if columns else None, factors=()),
            blobs=self._blobs if images else None,
            texts=None if images else self._texts,
            shown={name: str(column.values.type) for name, column in columns.items()},
        )

    def _blobs(self, wanted: npt.NDArray[np.int64]) -> Iterator[Blob]:
        images = np.load(self.path / "images.npy", mmap_mode="r")
        return (np.asarray(images[row]) for row in wanted.tolist())

    def _texts(self) -> list[str]:
        texts: list[str] = pq.read_table(self.path / "texts.parquet")["text"].to_pylist()
        return texts


def store(
    folder: Path,
    name: str,
    source: npt.NDArray[Any] | list[str],
    labels: pa.Array | None,
) -> None:
    """Write the folder that ``ArraysSource`` reads. source: (n, H, W, C), or texts."""
    if isinstance(source, np.ndarray):
        np.save(folder / "images.npy", source)
    else:
        table = pa.table({"text": pa.array(source, pa.large_string())})
        pq.write_table(table, folder / "texts.parquet")
    if labels is not None:
        pq.write_table(pa.table({LABEL: labels}), folder / "labels.parquet")
    card: ArraysCard = {
        "name": name,
        "modality": "image" if isinstance(source, np.ndarray) else "text",
        "count": len(source),
    }
    (folder / ArraysSource.MARK).write_text(json.dumps(card), "utf-8")

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
from workbench.data.listing import NOT_GIVEN, Blob, Hints, LabelColumn, Listing, printable
from workbench.data.sources.base import Source
from workbench.errors import RequestError

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
        self.card = _card(path / self.MARK)
        super().__init__(printable(self.card["name"]))

    def files(self, config: DataConfig) -> list[tuple[str, Path]]:
        return [(path.name, path) for path in sorted(self.path.iterdir())]

    def listing(self, config: DataConfig) -> Listing:
        images = self.card["modality"] == "image"
        columns = {}
        if (self.path / "labels.parquet").exists():
            table = pq.read_table(self.path / "labels.parquet")
            if LABEL not in table.column_names:
                raise _damaged(self.path, f"'labels.parquet' has no column '{LABEL}'")
            columns[LABEL] = LabelColumn(LABEL, table[LABEL])
        count = self.card["count"]
        stored = len(self._images()) if images else len(self._texts())
        if stored != count or any(len(column.values) != count for column in columns.values()):
            raise _damaged(self.path, "its numbers of samples do not go together")
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
        images = self._images()
        return (np.asarray(images[row]) for row in wanted.tolist())

    def _images(self) -> npt.NDArray[Any]:
        """(n, H, W, C), of unsigned whole numbers. Raises RequestError."""
        try:
            images = np.load(self.path / "images.npy", mmap_mode="r", allow_pickle=False)
        # numpy raises whatever a damaged header makes it raise.
        except Exception as error:
            raise _damaged(self.path, "images.npy cannot be read") from error
        if not isinstance(images, np.ndarray) or images.ndim != 4 or images.dtype.kind != "u":
            raise _damaged(self.path, "images.npy holds no images")
        return images

    def _texts(self) -> list[str]:
        texts: list[str] = pq.read_table(self.path / "texts.parquet")["text"].to_pylist()
        return texts


def _card(path: Path) -> ArraysCard:
    """The description of a folder of arrays. Raises RequestError."""
    try:
        card = json.loads(path.read_text("utf-8"))
        name, modality, count = card["name"], card["modality"], card["count"]
        right = isinstance(name, str) and modality in ("image", "text") and type(count) is int
    except (ValueError, KeyError, TypeError, RecursionError):
        right = False
    if not right:
        raise _damaged(path.parent, f"{path.name} is no description")
    return ArraysCard(name=name, modality=modality, count=count)


def _damaged(path: Path, reason: str) -> RequestError:
    return RequestError(
        f"the stored arrays in '{path.name}' are damaged ({reason}).",
        field="--data",
        remedy="Store them again from the notebook that made them.",
    )


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

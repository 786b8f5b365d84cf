"""Prepared data sets in parts that are small enough to carry to a machine with a GPU.

``pack`` prepares a source as the workbench does and writes its cache without raw texts; pictures
that were JPEG or PNG in a Parquet file are carried as they were, in parts of at most 24 MB.
``unpack`` needs NumPy, pyarrow and Pillow only, and gives the cache back.
"""

from __future__ import annotations

import io
import json
import shutil
import tempfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from PIL import Image

from workbench.config import DataConfig
from workbench.data.dataset import SPLITS, Dataset

PART = 24_000_000
_LEFT_OUT = {"images.npy", "texts.parquet"}


def pack(source: Path, name: str, to: Path, samples: int | None) -> None:
    """Write the data set ``source`` (a folder with train.parquet and test.parquet) to ``to/name``.

    The packed folder holds the cache's own files, and ``pictures-N.parquet`` in the cache's order.
    """
    from workbench.data import prepare

    with tempfile.TemporaryDirectory() as home:
        data = prepare(DataConfig(str(source), samples=samples), Path(home))
        folder = to / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        for path in data.folder.iterdir():
            if path.is_file() and path.name not in _LEFT_OUT:
                shutil.copyfile(path, folder / path.name)
        if data.info.modality == "image":
            _write_pictures(_pictures(source, data.ids), folder)


def unpack(packed: Path, to: Path) -> Dataset:
    """The packed data set ``packed`` as an opened cache in ``to``. Raises ValueError if a part of
    it is missing."""
    to.mkdir(parents=True, exist_ok=True)
    for path in packed.iterdir():
        if not path.name.startswith("pictures-"):
            shutil.copyfile(path, to / path.name)
    data = Dataset.open(to)
    if data.info.modality == "image":
        pictures = [
            picture
            for path in sorted(packed.glob("pictures-*.parquet"))
            for picture in pq.read_table(path)["picture"].to_pylist()
        ]
        if len(pictures) != data.info.total:
            raise ValueError(f"{packed}: {len(pictures)} of {data.info.total} pictures are here.")
        assert data.info.size is not None
        images = np.empty((len(pictures), data.info.channels or 3, *data.info.size), np.uint8)
        for row, picture in enumerate(pictures):
            mode = "RGB" if data.info.channels == 3 else "L"
            values = np.asarray(Image.open(io.BytesIO(picture)).convert(mode))
            images[row] = values.reshape(*data.info.size, -1).transpose(2, 0, 1)
        np.save(to / "images.npy", images)
    return Dataset.open(to)


def _pictures(source: Path, ids: list[str]) -> list[bytes]:
    """The encoded pictures of the samples ``ids``; an id ends in the row of its split's file."""
    tables = {
        split: pq.read_table(source / f"{split}.parquet", columns=["image"])["image"]
        for split in SPLITS
        if (source / f"{split}.parquet").exists()
    }
    pictures = []
    for name in ids:
        split, _, row = name.rpartition("/")
        pictures.append(tables[split][int(row)].as_py()["bytes"])
    return pictures


def _write_pictures(pictures: list[bytes], folder: Path) -> None:
    part = np.cumsum([len(picture) for picture in pictures]) // PART
    for number in range(int(part[-1]) + 1):
        chosen = [pictures[at] for at in np.flatnonzero(part == number)]
        table = pa.table({"picture": pa.array(chosen, pa.binary())})
        pq.write_table(table, folder / f"pictures-{number:02d}.parquet", compression="none")


def main() -> None:
    """Pack what ``gpu.py`` needs: a small set of pictures, one of texts, and CIFAR-10 whole."""
    import argparse

    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="the folder of the real data sets")
    parser.add_argument("--to", type=Path, required=True)
    given = parser.parse_args()
    for source, name, samples in (
        ("cifar10", "small", 3000),
        ("newsgroups20", "texts", 3000),
        ("cifar10", "cifar10", None),
    ):
        pack(given.data / source, name, given.to, samples)
        sizes = {p.name: p.stat().st_size for p in sorted((given.to / name).iterdir())}
        print(name, json.dumps(sizes))


if __name__ == "__main__":
    main()

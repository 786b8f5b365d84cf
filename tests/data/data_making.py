"""Small sources, made anew for each test."""

from __future__ import annotations

import io
import struct
import zlib
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from PIL import Image

from workbench.config import DataConfig
from workbench.data.dataset import SPLITS
from workbench.data.listing import Listing
from workbench.data.sources.resolve import resolve

WORDS = [
    "river",
    "stone",
    "cloud",
    "winter",
    "garden",
    "letter",
    "bridge",
    "copper",
    "silver",
    "morning",
    "window",
    "candle",
    "mirror",
    "harbour",
    "valley",
    "engine",
    "paper",
    "shadow",
    "thunder",
    "meadow",
]


def noise(seed: int, *shape: int, kind: Any = np.uint8) -> np.ndarray:
    """Random pixels, different for every seed."""
    return np.random.default_rng(seed).integers(0, np.iinfo(kind).max, shape, dtype=kind)


def encoded(pixels: np.ndarray | Image.Image, form: str = "PNG", **saving: Any) -> bytes:
    image = Image.fromarray(pixels) if isinstance(pixels, np.ndarray) else pixels
    buffer = io.BytesIO()
    image.save(buffer, form, **saving)
    return buffer.getvalue()


def put(path: Path, data: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def class_tree(root: Path, classes: dict[str, int], side: int = 8, channels: int = 0) -> Path:
    """root/CLASS/NN.png with so many images each; a class may hold slashes. channels 0: gray."""
    seed = 0
    for name, count in classes.items():
        for index in range(count):
            seed += 1
            shape = (side, side, channels) if channels else (side, side)
            put(root / name / f"{index:02}.png", encoded(noise(seed, *shape)))
    return root


def sentence(seed: int, words: int = 6) -> str:
    rng = np.random.default_rng(seed)
    return " ".join(rng.choice(WORDS, words)).capitalize() + "."


def sentences(count: int, start: int = 0) -> list[str]:
    return [sentence(seed) for seed in range(start, start + count)]


def image_parquet(path: Path, images: list[bytes | None], **columns: Any) -> Path:
    cells = [{"bytes": data, "path": None} for data in images]
    kind = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table({"image": pa.array(cells, kind), **columns}), path)
    return path


def split_rows(dataset: Any) -> dict[str, set[str]]:
    """Names of the samples of each split."""
    return {name: set(dataset.ids[dataset.rows(name)]) for name in dataset.info.counts}


def raw_zip(path: Path, members: Sequence[tuple[bytes, bytes]], flags: int = 0) -> Path:
    """A zip whose names are exactly these bytes. flags: 0x800 says that names are UTF-8."""
    files, directory = b"", b""
    for name, data in members:
        sizes = (zlib.crc32(data), len(data), len(data), len(name), 0)
        directory += b"PK\1\2" + struct.pack(
            "<HHHHHHLLLHHHHHLL", 20, 20, flags, 0, 0, 33, *sizes, 0, 0, 0, 0, len(files)
        )
        directory += name
        files += b"PK\3\4" + struct.pack("<HHHHHLLLHH", 20, flags, 0, 0, 33, *sizes) + name + data
    counts = (0, 0, len(members), len(members), len(directory), len(files), 0)
    path.write_bytes(files + directory + b"PK\5\6" + struct.pack("<HHHHLLH", *counts))
    return path


def listed(path: Path, **options: Any) -> Listing:
    """The listing of a source, whose account leads to its samples and whose files are there."""
    config = DataConfig(str(path), **options)
    source = resolve(config)
    found = source.listing(config)
    assert found.accounted.taken == found.count
    assert len(set(found.ids)) == found.count
    assert all(file.is_file() for _, file in source.files(config))
    return found


def split_counts(listing: Listing) -> dict[str, int]:
    """How many samples each given split has; "" for none given."""
    return dict(Counter((*SPLITS, "")[at] for at in listing.split.tolist()))


def class_counts(listing: Listing) -> dict[str | None, int]:
    """How many samples each class has that the folders name; None for no class."""
    label = listing.hints.label
    return {} if label is None else dict(Counter(listing.columns[label].values.to_pylist()))

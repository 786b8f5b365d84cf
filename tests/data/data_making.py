"""Small sources, made anew for each test."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from PIL import Image

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

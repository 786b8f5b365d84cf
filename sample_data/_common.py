"""What the scripts that make the sample data share: splits, PNG bytes, Parquet files, card."""

from __future__ import annotations

import argparse
import json
import struct
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from datasets import ClassLabel, Features, Image, Value

SPLITS = ("train", "validation", "test")
ROOT = Path(__file__).resolve().parent
OWN_LICENCE = "Apache-2.0"


def target_folder(name: str) -> Path:
    """Folder to write: `sample_data/NAME`, or the one given by `--to`."""
    parser = argparse.ArgumentParser(description=f"Makes the sample data set {name!r}.")
    parser.add_argument("--to", type=Path, default=ROOT / name, help="folder to write")
    folder: Path = parser.parse_args().to
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def png(pixels: np.ndarray) -> bytes:
    """PNG bytes of a uint8 array (h, w) or (h, w, 3).

    Written without row filters: drawn pictures with few levels then take a quarter less room than
    with the filters that an imaging library chooses.
    """
    height, width = pixels.shape[:2]
    colour_type = 0 if pixels.ndim == 2 else 2
    rows = np.ascontiguousarray(pixels).reshape(height, -1)
    unfiltered = np.concatenate([np.zeros((height, 1), np.uint8), rows], axis=1).tobytes()
    header = struct.pack(">IIBBBBB", width, height, 8, colour_type, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(unfiltered, 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in chunks
    )


def image_cell(pixels: np.ndarray, number: int) -> dict[str, Any]:
    return {"bytes": png(pixels), "path": f"{number:05d}.png"}


def stratified_split(
    labels: np.ndarray, shares: Sequence[float], rng: np.random.Generator
) -> list[np.ndarray]:
    """Sorted row numbers of each part; each class is cut in the given shares (summing to 1)."""
    parts: list[list[int]] = [[] for _ in shares]
    for value in np.unique(labels):
        rows = rng.permutation(np.flatnonzero(labels == value))
        cuts = np.round(np.cumsum(shares)[:-1] * len(rows)).astype(int)
        for part, chosen in zip(parts, np.split(rows, cuts), strict=True):
            part.extend(chosen.tolist())
    return [np.sort(np.array(part)) for part in parts]


def balanced(rng: np.random.Generator, classes: int, n: int) -> np.ndarray:
    """n class numbers in random order, each class as often as any other (to within one)."""
    return rng.permutation(np.arange(n) % classes)


def image_features(classes: Mapping[str, Sequence[str]], **others: str) -> Features:
    """Features of an image set: `image`, then the columns with class names, then plain ones."""
    columns: dict[str, Any] = {"image": Image()}
    columns |= {column: ClassLabel(names=list(names)) for column, names in classes.items()}
    columns |= {column: Value(dtype) for column, dtype in others.items()}
    return Features(columns)


def text_features(classes: Sequence[str], **others: str) -> Features:
    columns: dict[str, Any] = {"text": Value("string"), "label": ClassLabel(names=list(classes))}
    columns |= {column: Value(dtype) for column, dtype in others.items()}
    return Features(columns)


def write(
    folder: Path,
    card: Mapping[str, Any],
    features: Features,
    splits: Mapping[str, Mapping[str, Sequence[Any]]],
) -> None:
    """Writes one Parquet file a split and `card.json`, with counts and class names filled in."""
    for split, columns in splits.items():
        table = pa.Table.from_pydict(dict(columns), schema=features.arrow_schema)
        pq.write_table(table, folder / f"{split}.parquet", compression="zstd", compression_level=15)
    filled = dict(card) | {
        "splits": {split: len(columns["label"]) for split, columns in splits.items()},
        "classes": features["label"].names,
    }
    text = json.dumps({key: filled[key] for key in CARD_KEYS}, indent=2, ensure_ascii=False)
    (folder / "card.json").write_text(text + "\n", encoding="utf-8")
    size = sum(path.stat().st_size for path in folder.glob("*.parquet"))
    print(f"{folder}: {filled['splits']}, {size / 1e6:.2f} MB")


CARD_KEYS = (
    "name",
    "title",
    "modality",
    "summary",
    "label",
    "factors",
    "group",
    "normal_label",
    "size",
    "channels",
    "splits",
    "classes",
    "licence",
    "source",
    "made_by",
)

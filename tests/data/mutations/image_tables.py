"""Tables of images: names of files, encoded bytes, structs of both, or data URIs in cells."""

from __future__ import annotations

import base64
import csv
import io
import json
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from PIL import Image

from mutations.made import DOUBTFUL, Known, Made, brightness, labels, mark, sentence, splits

_STRUCT = pa.struct([("bytes", pa.binary()), ("path", pa.string())])


@dataclass
class Row:
    """One record. image: its encoded bytes, None if there is none. name: of its file, as the table
    names it; disk: as it is called there, None if there is no file."""

    number: int
    image: bytes | None
    name: str
    disk: str | None
    known: Known
    is_sample: bool = True


@dataclass
class Draft:
    """The rows while they are mutated. more: further columns."""

    rows: list[Row]
    more: dict[str, list[Any]] = field(default_factory=dict)
    clear: bool = True

    def some(self, random: Random) -> list[Row]:
        """One to three of the samples."""
        samples = [row for row in self.rows if row.is_sample]
        return random.sample(samples, random.randint(1, 3))


Mutation = Callable[[Draft, Random], None]
Writer = Callable[[Draft, Random, Path], Path]


def make(random: Random, folder: Path) -> Made:
    """A table of images with labels and none to three mutations."""
    count = random.randint(20, 40)
    drawn = labels(random, count)
    rows = []
    for at in range(count):
        name = f"images/im_{mark(at)}.png"
        rows.append(Row(at, _image(at), name, name, Known(label=drawn[at])))
    draft = Draft(rows, {"label": drawn})
    form = random.choice(list(WRITERS))
    allowed = COMMON | (OF_FILES if form in ("CSV of names", "Parquet of names") else OF_BYTES)
    names = random.sample(list(allowed), random.choice([0, 1, 1, 1, 2, 2, 3]))
    names.sort(key=list(allowed).index)
    for name in names:
        allowed[name](draft, random)
    path = WRITERS[form](draft, random, folder)
    known = {mark(row.number): row.known for row in draft.rows if row.is_sample}
    words = (form, *names)
    return Made(path, count, known, draft.clear, words, pictured=True)


@cache
def _image(number: int) -> bytes:
    pixels = np.full((6, 6, 3), brightness(number), np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


def _write_files(draft: Draft, folder: Path) -> None:
    for row in draft.rows:
        if row.disk is not None and row.image is not None:
            path = folder / row.disk
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(row.image)


def _csv_of_names(draft: Draft, random: Random, folder: Path) -> Path:
    _write_files(draft, folder)
    path = folder / "list.csv"
    columns = {"file_name": [row.name for row in draft.rows], **draft.more}
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(zip(*columns.values(), strict=True))
    return path


def _parquet_of_names(draft: Draft, random: Random, folder: Path) -> Path:
    _write_files(draft, folder)
    kind = random.choice([pa.string(), pa.large_string()])
    return _parquet(draft, pa.array([row.name for row in draft.rows], kind), folder)


def _parquet_of_bytes(draft: Draft, random: Random, folder: Path) -> Path:
    kind = random.choice([pa.binary(), pa.large_binary()])
    return _parquet(draft, pa.array([row.image for row in draft.rows], kind), folder)


def _parquet_of_structs(draft: Draft, random: Random, folder: Path) -> Path:
    cells = [{"bytes": row.image, "path": Path(row.name).name} for row in draft.rows]
    return _parquet(draft, pa.array(cells, _STRUCT), folder)


def _parquet_of_lists(draft: Draft, random: Random, folder: Path) -> Path:
    draft.clear = False
    cells = [
        [] if row.image is None else [{"bytes": row.image, "path": None}] for row in draft.rows
    ]
    return _parquet(draft, pa.array(cells, pa.list_(_STRUCT)), folder)


def _parquet(draft: Draft, images: pa.Array, folder: Path) -> Path:
    path = folder / "images.parquet"
    pq.write_table(pa.table({"image": images, **draft.more}), path, row_group_size=9)
    return path


def _jsonl_of_uris(draft: Draft, random: Random, folder: Path) -> Path:
    draft.clear = False
    path = folder / "uris.jsonl"
    lines = []
    for at, row in enumerate(draft.rows):
        data = base64.b64encode(row.image or b"").decode()
        uri = None if row.image is None else f"data:image/png;base64,{data}"
        more = {name: values[at] for name, values in draft.more.items()}
        lines.append(json.dumps({"image": uri, **more}))
    path.write_text("\n".join(lines))
    return path


def _broken(draft: Draft, random: Random) -> None:
    for row in draft.some(random):
        row.image = random.choice([b"", b"no image", (row.image or b"")[:40]])
        row.is_sample = False


def _without_label(draft: Draft, random: Random) -> None:
    for row in draft.some(random):
        draft.more["label"][row.number] = None
        row.known = Known(row.known.split, None)


def _caption(draft: Draft, random: Random) -> None:
    draft.more["caption"] = [sentence(random, row.number) for row in draft.rows]


def _split_column(draft: Draft, random: Random) -> None:
    drawn = splits(random, len(draft.rows))
    draft.more["split"] = list(drawn)
    for row, split in zip(draft.rows, drawn, strict=True):
        row.known = Known(split, row.known.label)


def _missing_files(draft: Draft, random: Random) -> None:
    for row in draft.some(random):
        row.disk = None
        row.is_sample = False


def _empty_cells(draft: Draft, random: Random) -> None:
    for row in draft.some(random):
        row.name, row.disk, row.is_sample = "", None, False


def _long_names(draft: Draft, random: Random) -> None:
    for row in draft.some(random):
        row.name, row.disk, row.is_sample = "x" * 400 + ".png", None, False


def _addresses(draft: Draft, random: Random) -> None:
    draft.clear = False
    for row in draft.some(random):
        row.name, row.disk, row.is_sample = f"https://example.org/{row.number}.png", None, False


def _backslashes(draft: Draft, random: Random) -> None:
    for row in draft.rows:
        row.name = row.name.replace("/", "\\")


def _spaces(draft: Draft, random: Random) -> None:
    for row in draft.some(random):
        row.name = f" {row.name} "


def _two_forms(draft: Draft, random: Random) -> None:
    """Names that are in another normal form on the disk than in the table."""
    for row in draft.rows:
        name = f"images/caf\u00e9 {row.number}.png"
        row.name = unicodedata.normalize("NFC", name)
        row.disk = None if row.disk is None else unicodedata.normalize("NFD", name)


def _other_folder(draft: Draft, random: Random) -> None:
    """Names that leave out the folder in which the files lie."""
    draft.clear = False
    for row in draft.rows:
        row.name = row.name.removeprefix("images/")


def _zero_bytes(draft: Draft, random: Random) -> None:
    draft.clear = False
    for row in draft.some(random):
        row.name, row.disk, row.is_sample = f"a\0{row.number}.png", None, False


def _no_image(draft: Draft, random: Random) -> None:
    for row in draft.some(random):
        row.image, row.is_sample = None, False


def _checksum(draft: Draft, random: Random) -> None:
    draft.more["checksum"] = [f"{row.number:032x}" for row in draft.rows]


def _doubtful_labels(draft: Draft, random: Random) -> None:
    """A second column of labels under another name."""
    draft.more["category"] = [f"c{row.number % 3}" for row in draft.rows]
    for row in draft.rows:
        row.known = Known(row.known.split, row.known.label if row.known.label else DOUBTFUL)


WRITERS: dict[str, Writer] = {
    "CSV of names": _csv_of_names,
    "Parquet of names": _parquet_of_names,
    "Parquet of bytes": _parquet_of_bytes,
    "Parquet of structs": _parquet_of_structs,
    "Parquet of lists": _parquet_of_lists,
    "JSONL of data URIs": _jsonl_of_uris,
}
COMMON: dict[str, Mutation] = {
    "a column split": _split_column,
    "no label in some": _without_label,
    "captions beside": _caption,
    "checksums beside": _checksum,
    "further labels beside": _doubtful_labels,
    "broken images": _broken,
}
OF_FILES: dict[str, Mutation] = {
    "backslashes in names": _backslashes,
    "names in another normal form": _two_forms,
    "names without their folder": _other_folder,
    "spaces around names": _spaces,
    "missing files": _missing_files,
    "empty cells": _empty_cells,
    "very long names": _long_names,
    "addresses on the web": _addresses,
    "zero bytes in names": _zero_bytes,
}
OF_BYTES: dict[str, Mutation] = {
    "no image in some": _no_image,
}

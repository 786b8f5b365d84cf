"""What the cells of a column hold, told by the first rows and not by the type alone.

A binary column may hold images, texts or checksums; a column of strings may hold texts, names of
files, addresses in the web, or images as base64.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any, Literal
from urllib.parse import urlsplit

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from workbench.data.sources.part import IMAGE_SUFFIXES, PEEK, Part, column_types, is_text

Holds = Literal["images", "files", "addresses", "text", "bytes", "values", "nested"]

# So many cells of binary columns are looked at: images are large.
_PEEK_BYTES = 32
_MOST_OF, _HALF = 0.9, 0.5
_WORDS: dict[Holds, str] = {
    "images": "images",
    "files": "text",
    "addresses": "web addresses",
    "text": "text",
    "bytes": "bytes",
}
_MAGIC = (
    b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a", b"II*\x00", b"MM\x00*",
    b"II+\x00", b"MM\x00+", b"\x00\x00\x00\x0cjP", b"\xff\x4f\xff\x51", b"\x00\x00\x01\x00",
    b"8BPS", b"\xff\x0a", b"\x00\x00\x00\x0cJXL ",
)  # fmt: skip
_NETPBM = re.compile(rb"P[1-7]\s")
_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"msf1", b"avif", b"avis")
_DATA_URI = re.compile(r"\s*data:image/[\w.+-]+(?:;[\w=.-]+)*;base64,", re.IGNORECASE)
_ADDRESS = re.compile(r"\s*(?:https?|ftps?|s3|s3a|gs|gcs|hdfs|az|abfss?)://\S", re.IGNORECASE)
_BASE64 = re.compile(r"[A-Za-z0-9+/]{32}")
_PICTURE = re.compile(r"image|img|picture|photo|thumb", re.IGNORECASE)


@dataclass(frozen=True)
class Content:
    """holds: "images" (encoded, also as base64 in strings), "files" (names of image files),
    "addresses" (in the web), "text", "bytes" (neither images nor UTF-8 text), "values" (numbers,
    dates, truth values) or "nested" (lists and records). several: cells are lists, of which the
    first element counts. pictures: addresses that seem to be those of images. binary: cells are
    bytes."""

    holds: Holds
    kind: pa.DataType
    several: bool = False
    pictures: bool = False
    binary: bool = False

    @property
    def words(self) -> str:
        """What the column holds, in a word or two."""
        if self.several and self.holds in ("images", "files"):
            return "lists of images"
        return _WORDS.get(self.holds) or str(self.kind)


def contents(parts: Sequence[Part]) -> dict[str, Content]:
    """What each column holds, by name, in order."""
    return {name: _content(parts, name, kind) for name, kind in column_types(parts).items()}


def peeked(parts: Sequence[Part], name: str, most: int = PEEK) -> list[Any]:
    """At most ``most`` values that are not empty, of the first part that has any: of its first
    rows, else of rows spread over all."""
    for part in parts:
        if not part.rows or name not in part.types:
            continue
        for rows in (np.arange(min(most, part.rows)), _spread(part.rows, most)):
            values = [value for value in part.cells(name, rows) if not _empty(value)]
            if values:
                return values
            if len(rows) == part.rows:
                break
    return []


def as_text(values: pa.ChunkedArray) -> tuple[pa.ChunkedArray, int]:
    """Bytes as strings, and in how many cells some are no UTF-8: there stands a question mark."""
    kind = values.type
    if not (pa.types.is_binary(kind) or pa.types.is_large_binary(kind)):
        values = pc.cast(values, pa.large_binary())
    try:
        return pc.cast(values, pa.large_string()), 0
    except pa.ArrowInvalid:
        texts: list[str | None] = []
        bad = 0
        for value in values.to_pylist():
            text = None if value is None else value.decode("utf-8", "replace")
            bad += text is not None and text.encode() != value
            texts.append(text)
        return pa.chunked_array([pa.array(texts, pa.large_string())]), bad


def first_of(cell: Any) -> Any:
    """The first element of a list, None if it is empty; any other cell itself."""
    if isinstance(cell, list):
        return cell[0] if cell else None
    return cell


def is_embedded(text: str) -> bool:
    """Whether a string holds an image as base64, with or without ``data:image/...``."""
    if _DATA_URI.match(text):
        return True
    return bool(_BASE64.match(text)) and _is_image(_decoded(text[:32]))


def is_address(text: str) -> bool:
    """Whether a string is a web address."""
    return _ADDRESS.match(text) is not None


def embedded(text: str) -> bytes:
    """The bytes of the image that a string holds as base64; b"" if it is broken."""
    start = _DATA_URI.match(text)
    return _decoded(text[start.end() if start else 0 :])


def inner_fields(kind: pa.DataType) -> str:
    """The fields of records, and of lists of them, for people; empty for other types."""
    while _is_list(kind):
        kind = kind.value_type
    return ", ".join(field.name for field in kind) if pa.types.is_struct(kind) else ""


def is_bytes(kind: pa.DataType) -> bool:
    """Whether values of this type are bytes."""
    return bool(
        pa.types.is_binary(kind)
        or pa.types.is_large_binary(kind)
        or pa.types.is_fixed_size_binary(kind)
        or pa.types.is_binary_view(kind)
    )


def _content(parts: Sequence[Part], name: str, kind: pa.DataType) -> Content:
    several = _is_list(kind)
    inner = kind.value_type if several else kind
    record = pa.types.is_struct(inner)
    if record and not {"bytes", "path"} & {field.name for field in inner}:
        return Content("nested", kind)
    if not (record or is_text(inner) or is_bytes(inner)):
        return Content("nested" if pa.types.is_nested(kind) else "values", kind)
    small = is_text(inner)
    values = [first_of(value) for value in peeked(parts, name, PEEK if small else _PEEK_BYTES)]
    cells = [_inside(value) for value in values]
    binary = any(isinstance(cell, bytes) for cell in cells)
    holds, pictures = _told(name, [cell for cell in cells if cell], inner)
    if (several or record) and holds in ("text", "addresses"):
        holds = "nested"
    return Content(holds, kind, several, pictures, binary)


def _told(name: str, cells: Sequence[Any], kind: pa.DataType) -> tuple[Holds, bool]:
    """What ``cells`` hold, strings or bytes of a column of type ``kind``; and whether they are
    addresses of images."""
    if not cells:
        images = pa.types.is_struct(kind) and kind.get_field_index("bytes") >= 0
        return ("images" if images else "text" if is_text(kind) else "bytes"), False
    strings: list[str] = []
    images = 0
    for cell in cells:
        if isinstance(cell, str):
            strings.append(cell)
        elif _is_image(cell):
            images += 1
        elif (text := _utf8(cell)) is not None:
            strings.append(text)
    if images >= _HALF * len(cells) or (images and len(strings) < _MOST_OF * len(cells)):
        return "images", False
    if len(strings) < _MOST_OF * len(cells):
        return "bytes", False
    if _share(strings, is_embedded) >= _HALF:
        return "images", False
    if _share(strings, is_address) >= _HALF:
        named = _share(strings, lambda text: _is_image_name(urlsplit(text.strip()).path))
        return "addresses", named >= _HALF or _PICTURE.search(name) is not None
    if _share(strings, _is_image_name) >= _MOST_OF:
        return "files", False
    return "text", False


def _share(strings: Sequence[str], test: Callable[[str], bool]) -> float:
    return sum(map(test, strings)) / len(strings)


def _is_image_name(text: str) -> bool:
    return "." in text and PurePath(text.strip()).suffix.lower() in IMAGE_SUFFIXES


def _inside(cell: Any) -> Any:
    """The bytes or the path of a record of an image; any other cell itself."""
    if isinstance(cell, Mapping):
        data = cell.get("bytes")
        return cell.get("path") if data is None else data
    return cell


def _is_image(data: bytes | None) -> bool:
    if not data:
        return False
    if data.startswith(_MAGIC) or _NETPBM.match(data):
        return True
    if data[:2] == b"BM" and data[6:10] == b"\0\0\0\0":
        return True
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return True
    return data[4:8] == b"ftyp" and data[8:12] in _BRANDS


def _utf8(data: bytes) -> str | None:
    """Bytes as text, None if they are no UTF-8 or hold control characters."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return None
    return None if any(letter < " " and letter not in "\t\n\r\f" for letter in text) else text


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(re.sub(r"\s+", "", text), validate=False)
    except (binascii.Error, ValueError):
        return b""


def _spread(rows: int, most: int) -> Any:
    return np.unique(np.linspace(0, rows - 1, min(most, rows)).astype(np.int64))


def _empty(value: Any) -> bool:
    if isinstance(value, Mapping):
        return all(field is None for field in value.values())
    return value is None or (isinstance(value, str | bytes | list) and not value)


def _is_list(kind: pa.DataType) -> bool:
    return bool(
        pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind)
    )

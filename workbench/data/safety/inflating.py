"""Decompressors of a zip that stop at the size which a member declares.

``zipfile`` bounds what deflate gives for a block, but not what bzip2 and LZMA give: a few hundred
bytes of them inflate to gigabytes at once.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from typing import Any

_BLOCK = 1 << 20


def blocks(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Iterator[bytes]:
    """The bytes of a member in blocks; no more are inflated than it declares.

    Raises BadZipFile where there are more. With deflate, zipfile stops by itself, and the checksum
    is wrong then. Raises what zipfile raises on damaged bytes.
    """
    with archive.open(info) as packed:
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            inner: Any = packed
            inner._decompressor = _Bounded(inner._decompressor, info.file_size)
        while block := packed.read(_BLOCK):
            yield block


class _Bounded:
    """inner: the decompressor of zipfile for bzip2 or LZMA. most: bytes that it may give."""

    def __init__(self, inner: Any, most: int):
        self._inner = inner
        self._left = most

    @property
    def eof(self) -> bool:
        """Whether the compressed data are at their end."""
        return bool(self._inner.eof or self._engine.eof)

    def decompress(self, data: bytes) -> bytes:
        """The bytes in ``data``. Raises BadZipFile if there are more than are left."""
        out, at = b"", 0
        while self._engine is self._inner and self._is_lzma and at < len(data):
            # The header of LZMA comes first; zipfile makes the decompressor when it is complete.
            out += self._inner.decompress(data[at : at + 1])
            at += 1
        if at < len(data):
            out += self._engine.decompress(data[at:], self._left + 1)
        self._left -= len(out)
        if self._left < 0:
            raise zipfile.BadZipFile("a file in the zip is longer than it declares")
        return out

    @property
    def _is_lzma(self) -> bool:
        return hasattr(self._inner, "_decomp")

    @property
    def _engine(self) -> Any:
        return getattr(self._inner, "_decomp", None) or self._inner

"""The files in a zip: their names, limits against harm, and their bytes. Nothing is unpacked."""

from __future__ import annotations

import lzma
import struct
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Any

from workbench.data.safety import inflating, limits, regular_files
from workbench.data.sources import file_kinds, zip_names
from workbench.data.sources.foreign_errors import first_line
from workbench.errors import RequestError

OUT_OF_ZIP = "named outside the zip"
SAME_NAME = "with the name of another file in the zip"
# Image files smaller than this are not compressed so much that they are a bomb.
_BOMB_BYTES = 16 * 2**20
# A file takes at least so many bytes in the list of a zip's files. The lengths of its name, its
# further fields and its comment are within them.
_LISTED_BYTES, _LENGTHS_AT = 46, 28
_ENCRYPTED = 0x1
_BROKEN = (
    zipfile.BadZipFile, OSError, EOFError, NotImplementedError, ValueError, zlib.error,
    lzma.LZMAError, struct.error,
)  # fmt: skip
_DRIVE = 2


class Archive:
    """path: of the zip. Raises RequestError for a zip that is broken, locked or a bomb."""

    def __init__(self, path: Path):
        self.path = path
        self.left_out: Counter[str] = Counter()
        self.members: dict[str, zipfile.ZipInfo] = {}
        infos = [info for info in self._infos() if not _is_folder(info)]
        names, self.notes = zip_names.names_of(infos)
        self.found = len(infos)
        for name, info in zip(names, infos, strict=True):
            if not _inside(name):
                self.left_out[OUT_OF_ZIP] += 1
                continue
            name = str(PurePosixPath(name))
            if name in self.members:
                self.left_out[SAME_NAME] += 1
            self.members[name] = info
        self._check()

    @cached_property
    def names(self) -> list[str]:
        """Names of all files, with slashes; those of images are no longer than others."""
        return list(self.members)

    @contextmanager
    def opened(self) -> Iterator[OpenArchive]:
        """The zip, open for reading while the ``with`` block lasts."""
        with zipfile.ZipFile(self.path) as archive:
            yield OpenArchive(archive, self)

    def _infos(self) -> Sequence[zipfile.ZipInfo]:
        regular_files.check(self.path)
        try:
            count = _count(self.path, limits.current().members)
            limits.check("members", count, f"'{self.path.name}' holds {count:,} files or more")
            with zipfile.ZipFile(self.path) as archive:
                return archive.infolist()
        except UnicodeDecodeError as error:
            raise RequestError(
                f"'{self.path.name}' says that its names are UTF-8, and one is not.",
                field="--data",
                remedy="Zip the folder again, or give the unpacked folder.",
            ) from error
        except (
            zipfile.BadZipFile, OSError, ValueError, NotImplementedError, struct.error,
        ) as error:  # fmt: skip
            raise RequestError(
                f"'{self.path.name}' is not a zip that can be read ({first_line(error)}).",
                field="--data",
                remedy="Zip the folder again.",
            ) from error

    def _check(self) -> None:
        read = {n: i for n, i in self.members.items() if _is_read(n)}
        if any(info.flag_bits & _ENCRYPTED for info in read.values()):
            raise RequestError(
                f"'{self.path.name}' is locked with a password.",
                field="--data",
                remedy="Give a zip without one.",
            )
        for name, info in read.items():
            self._check_member(name, info)
        total = sum(info.file_size for info in read.values())
        limit, most = limits.unpacking(self.path.stat().st_size, "zip_bytes")
        if total > most:
            raise self._bomb(limit, "all its files together", total, most)

    def _check_member(self, name: str, info: zipfile.ZipInfo) -> None:
        """Raise RequestError if a file unpacks to more bytes than one may."""
        in_use = limits.current()
        if file_kinds.is_table(name):
            # Tables of numbers or of one sentence shrink as much as bombs do.
            limit, most = "zip_table_bytes", in_use.zip_table_bytes
        else:
            by_size = max(_BOMB_BYTES, in_use.member_ratio * info.compress_size)
            limit, most = "member_bytes", in_use.member_bytes
            if by_size < most:
                limit, most = "member_ratio", by_size
        if info.file_size > most:
            raise self._bomb(limit, f"'{name}'", info.file_size, most)

    def _bomb(self, limit: str, what: str, needed: int, most: int) -> RequestError:
        start = f"in '{self.path.name}', {what} would unpack to more than images need"
        return limits.exceeded(limit, f"{start}: {needed:,} bytes", most=most)


class OpenArchive:
    """An archive that is open for reading."""

    def __init__(self, file: zipfile.ZipFile, archive: Archive):
        self._file = file
        self._members = archive.members

    def read(self, name: str) -> bytes | None:
        """The bytes of a file, None if it cannot be read."""
        limits.check_time()
        try:
            return b"".join(inflating.blocks(self._file, self._members[name]))
        except _BROKEN:
            return None

    def unpack(self, name: str, target: Path) -> None:
        """Write a file to ``target``. Raises OSError or BadZipFile."""
        with target.open("wb") as out:
            for block in inflating.blocks(self._file, self._members[name]):
                limits.check_time()
                out.write(block)


def _count(path: Path, most: int) -> int:
    """The number of files in a zip, counted to ``most + 1``. 0 if there cannot be so many.

    zipfile lists every file that is stored, whatever number the end of the zip declares.
    """
    # With its own search for the end, both read the same list.
    reader: Any = zipfile
    with path.open("rb") as file:
        end = reader._EndRecData(file)
        if end is None:
            return 0
        length, start = end[reader._ECD_SIZE], end[reader._ECD_LOCATION] - end[reader._ECD_SIZE]
        if end[reader._ECD_SIGNATURE] == reader.stringEndArchive64:
            start -= reader.sizeEndCentDir64 + reader.sizeEndCentDir64Locator
        if start < 0 or length <= most * _LISTED_BYTES:
            return 0
        file.seek(start)
        listed = file.read(length)
    count = at = 0
    while count <= most and at + _LISTED_BYTES <= len(listed):
        at += _LISTED_BYTES + sum(struct.unpack_from("<3H", listed, at + _LENGTHS_AT))
        count += 1
    return count


def _is_folder(info: zipfile.ZipInfo) -> bool:
    name = info.orig_filename.partition("\0")[0]
    # A damaged zip may have an empty name, on which zipfile's own test fails.
    return info.filename.endswith("/") or (name.endswith("\\") and not info.file_size)


def _is_read(name: str) -> bool:
    return not file_kinds.is_hidden(name) and (
        file_kinds.is_image(name) or file_kinds.is_table(name)
    )


def _inside(name: str) -> bool:
    """Whether the name of a member stays inside the zip."""
    path = PurePosixPath(name)
    drive = len(name) >= _DRIVE and name[1] == ":" and name[0].isalpha() and name[0].isascii()
    return bool(path.parts) and not path.is_absolute() and ".." not in path.parts and not drive

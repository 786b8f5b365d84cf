"""The files in a zip: their names, limits against harm, and their bytes. Nothing is unpacked."""

from __future__ import annotations

import zipfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path, PurePosixPath

from workbench.data.sources import file_kinds, zip_names
from workbench.errors import RequestError

OUT_OF_ZIP = "named outside the zip"
SAME_NAME = "with the name of another file in the zip"
# Limits against zip bombs: image files are smaller, and are not compressed this much. PNGs of one
# colour are compressed already, so that a zip gains little on them.
_LARGEST_MEMBER = 512 * 2**20
_LARGEST_TABLE = 8 * 2**30
_LARGEST_TOTAL = 256 * 2**30
_BOMB_RATIO, _BOMB_BYTES = 200, 16 * 2**20
_ENCRYPTED = 0x1
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
        try:
            with zipfile.ZipFile(self.path) as archive:
                return archive.infolist()
        except UnicodeDecodeError as error:
            raise RequestError(
                f"'{self.path.name}' says that its names are UTF-8, and one is not.",
                field="--data",
                remedy="Make the zip again, or unpack it and give the folder.",
            ) from error
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
            raise RequestError(
                f"'{self.path.name}' is not a zip that can be read ({error}).",
                field="--data",
                remedy="Make it again.",
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
            swollen = info.file_size > _BOMB_RATIO * max(1, info.compress_size)
            table = file_kinds.is_table(name)
            largest = _LARGEST_TABLE if table else _LARGEST_MEMBER
            # Tables of numbers or of one sentence shrink as much as bombs do.
            bomb = swollen and info.file_size > _BOMB_BYTES and not table
            if info.file_size > largest or bomb:
                raise self._bomb(f"'{name}'")
        if sum(info.file_size for info in read.values()) > _LARGEST_TOTAL:
            raise self._bomb("all its files together")

    def _bomb(self, what: str) -> RequestError:
        return RequestError(
            f"in '{self.path.name}', {what} would unpack to more than images need.",
            field="--data",
            remedy="Unpack it yourself and give the folder, if you trust it.",
        )


class OpenArchive:
    """An archive that is open for reading."""

    def __init__(self, file: zipfile.ZipFile, archive: Archive):
        self._file = file
        self._members = archive.members

    def read(self, name: str) -> bytes | None:
        """The bytes of a file, None if it cannot be read."""
        try:
            return self._file.read(self._members[name])
        except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError, ValueError):
            return None

    def unpack(self, name: str, target: Path) -> None:
        """Write a file to ``target``. Raises OSError or BadZipFile."""
        with self._file.open(self._members[name]) as packed, target.open("wb") as out:
            while block := packed.read(1 << 20):
                out.write(block)


def _is_folder(info: zipfile.ZipInfo) -> bool:
    name = info.orig_filename.partition("\0")[0]
    return info.is_dir() or (name.endswith("\\") and not info.file_size)


def _is_read(name: str) -> bool:
    return not file_kinds.is_hidden(name) and (
        file_kinds.is_image(name) or file_kinds.is_table(name)
    )


def _inside(name: str) -> bool:
    """Whether the name of a member stays inside the zip."""
    path = PurePosixPath(name)
    drive = len(name) >= _DRIVE and name[1] == ":" and name[0].isalpha() and name[0].isascii()
    return bool(path.parts) and not path.is_absolute() and ".." not in path.parts and not drive

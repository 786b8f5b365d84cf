"""A zip of a folder of images, read in place: nothing is unpacked onto the disk."""

from __future__ import annotations

import dataclasses
import zipfile
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from workbench.config import DataConfig
from workbench.data.listing import Blob, Listing
from workbench.data.sources import tree
from workbench.data.sources.base import Source
from workbench.errors import RequestError

# Limits against zip bombs: image files are smaller, and are not compressed this much. PNGs of one
# colour are compressed already, so that a zip gains little on them.
_LARGEST_MEMBER = 512 * 2**20
_LARGEST_TOTAL = 256 * 2**30
_BOMB_RATIO, _BOMB_BYTES = 200, 16 * 2**20
_ENCRYPTED = 0x1


class ZipSource(Source):
    """See the module's docstring."""

    kind: ClassVar[str] = "zip of images"

    def __init__(self, path: Path):
        super().__init__(path.stem)
        self.path = path

    def files(self, config: DataConfig) -> list[tuple[str, Path]]:
        return [(self.path.name, self.path)]

    def listing(self, config: DataConfig) -> Listing:
        images = tree.read(list(self._members))
        if not images.names:
            raise RequestError(
                f"'{self.path.name}' holds no images.",
                field="--data",
                remedy="Give a zip of a folder of images.",
            )

        def blobs(wanted: npt.NDArray[np.int64]) -> Iterator[Blob]:
            with zipfile.ZipFile(self.path) as archive:
                for row in wanted.tolist():
                    yield _read(archive, self._members[images.names[row]])

        listed = tree.listing(images, config)
        notes = listed.notes
        if outside := sum(not _inside(info.filename) for info in self._files):
            notes += (f"Left out, as their names lead out of the zip: {outside:,}.",)
        return dataclasses.replace(listed, notes=notes, blobs=blobs)

    @cached_property
    def _files(self) -> list[zipfile.ZipInfo]:
        """All files in the zip. Raises RequestError for a broken zip."""
        try:
            with zipfile.ZipFile(self.path) as archive:
                return [info for info in archive.infolist() if not info.is_dir()]
        except (zipfile.BadZipFile, OSError) as error:
            raise RequestError(
                f"'{self.path.name}' is not a zip that can be read ({error}).",
                field="--data",
                remedy="Make it again.",
            ) from error

    @cached_property
    def _members(self) -> dict[str, zipfile.ZipInfo]:
        """The images by name. Raises RequestError for a zip that is broken, encrypted or a bomb."""
        inside = [info for info in self._files if _inside(info.filename)]
        members = [info for info in inside if tree.is_image(info.filename)]
        if any(info.flag_bits & _ENCRYPTED for info in members):
            raise RequestError(
                f"'{self.path.name}' is locked with a password.",
                field="--data",
                remedy="Give a zip without one.",
            )
        for info in members:
            _check_bomb(self.path.name, info)
        if sum(info.file_size for info in members) > _LARGEST_TOTAL:
            raise _bomb(self.path.name, "all its files together")
        return {info.filename: info for info in members}


def _read(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes | None:
    try:
        return archive.read(info)
    except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError, ValueError):
        return None


def _inside(name: str) -> bool:
    """Whether the name of a member stays inside the zip."""
    path = PurePosixPath(name)
    return not path.is_absolute() and ".." not in path.parts


def _check_bomb(archive: str, info: zipfile.ZipInfo) -> None:
    swollen = info.file_size > _BOMB_RATIO * max(1, info.compress_size)
    if info.file_size > _LARGEST_MEMBER or (swollen and info.file_size > _BOMB_BYTES):
        raise _bomb(archive, f"'{info.filename}'")


def _bomb(archive: str, what: str) -> RequestError:
    return RequestError(
        f"in '{archive}', {what} would unpack to more than images need.",
        field="--data",
        remedy="Unpack it yourself and give the folder, if you trust it.",
    )

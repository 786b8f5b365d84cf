"""A zip of a folder of images, read in place: nothing is unpacked onto the disk."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from workbench.config import DataConfig
from workbench.data.listing import Blob, Listing, printable
from workbench.data.sources import file_kinds, table_files, tree
from workbench.data.sources.archive import Archive
from workbench.data.sources.base import Source
from workbench.data.sources.zip_table import ZipTableSource
from workbench.data.wording import quoted
from workbench.errors import RequestError


def zip_source(path: Path, config: DataConfig) -> Source:
    """The source in a zip: a table and the images that it names, else images in folders."""
    archive = Archive(path)
    images = sum(map(_is_sample, archive.names))
    notes: tuple[str, ...] = ()
    tables = [n for n in archive.names if file_kinds.is_table(n) and not file_kinds.is_hidden(n)]
    # Another meaning of folders than the default one asks for the folders.
    if tables and (not images or config.folders == "label"):
        source = ZipTableSource(archive, tables, config)
        reason = source.misfit(config, few=images < table_files.FEW) if images else None
        if reason is None:
            return source
        notes = (f"Tables in the zip were not read: {quoted(tables)} ({reason}).",)
    elif tables:
        notes = (f"Tables in the zip were not read: {quoted(tables)}.",)
    return ZipSource(archive, notes)


class ZipSource(Source):
    """See the module's docstring."""

    kind: ClassVar[str] = "zip of images"

    def __init__(self, archive: Archive, notes: tuple[str, ...] = ()):
        super().__init__(printable(archive.path.stem))
        self.archive = archive
        self.notes = notes

    def files(self, config: DataConfig) -> list[tuple[str, Path]]:
        return [(printable(self.archive.path.name), self.archive.path)]

    def listing(self, config: DataConfig) -> Listing:
        archive = self.archive
        with archive.opened() as opened:
            images = tree.read(archive.names, config, opened.read)
        if not images.names:
            raise _no_images(archive, images)

        def blobs(wanted: npt.NDArray[np.int64]) -> Iterator[Blob]:
            with archive.opened() as opened:
                for row in wanted.tolist():
                    yield opened.read(images.names[row])

        def mask_blobs(wanted: npt.NDArray[np.int64]) -> Iterator[Blob]:
            with archive.opened() as opened:
                for row in wanted.tolist():
                    mask = images.masks.get(images.names[row])
                    yield None if mask is None else opened.read(mask)

        listed = tree.listing(images, config)
        account = dataclasses.replace(images.account, found=archive.found)
        for reason, count in archive.left_out.items():
            account = account.without(reason, count)
        notes = (*archive.notes, *self.notes, *_nested(images.others), *listed.notes)
        return dataclasses.replace(
            listed,
            notes=notes,
            blobs=blobs,
            masks=mask_blobs if images.masks else None,
            account=account,
        )


def _is_sample(name: str) -> bool:
    return file_kinds.reason_of(name) is None


def _nested(names: Sequence[str]) -> tuple[str, ...]:
    """A note on the archives in a zip."""
    packed = [name for name in names if file_kinds.is_archive(name)]
    if not packed:
        return ()
    what = "archive in the zip is" if len(packed) == 1 else "archives in the zip are"
    return (f"{len(packed):,} {what} not read: {quoted(packed)}. Unpack them first.",)


def _no_images(archive: Archive, images: tree.Tree) -> RequestError:
    parts = {**images.account.left_out, **archive.left_out}
    counts = ", ".join(f"{count:,} {reason}" for reason, count in parts.items())
    remedies = (*_nested(images.others), *file_kinds.format_notes(list(parts)))
    return RequestError(
        f"'{archive.path.name}' holds no images that can be read; of its {archive.found:,} "
        f"files: {counts or 'none'}.",
        field="--data",
        remedy=" ".join(remedies) or "Give a zip of a folder of images.",
    )

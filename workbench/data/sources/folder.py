"""A folder of images, flat or in class folders, with or without folders of splits above."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from workbench.config import DataConfig
from workbench.data import given_names
from workbench.data.listing import Blob, Listing, printable
from workbench.data.sources import file_kinds, table_files, tree
from workbench.data.sources.base import Source
from workbench.data.sources.walk import Walk, walk
from workbench.data.wording import quoted
from workbench.errors import RequestError

TWICE = "links to images that are taken anyhow"


class FolderSource(Source):
    """path: the folder. within: the folder to which links have to lead, None for no limit.
    beside: tables in the folder, which are not read."""

    kind: ClassVar[str] = "folder of images"

    def __init__(self, path: Path, within: Path | None = None, beside: Sequence[Path] = ()):
        super().__init__(printable(path.resolve().name))
        self.path = path
        self.within = within
        self.beside = beside
        self._given = given_names.read(path)
        self._trees: dict[tuple[str, str | None], tree.Tree] = {}

    def images(self) -> list[str]:
        """Names of all images that are not hidden, masks too."""
        return [name for name in self.walk.names if file_kinds.reason_of(name) is None]

    def files(self, config: DataConfig) -> list[tuple[str, Path]]:
        images = self._tree(config)
        names = zip(images.ids, images.names, strict=True)
        marks = [(printable(name), self._file(name)) for name in images.masks.values()]
        return [*((shown, self._file(name)) for shown, name in names), *sorted(set(marks))]

    def listing(self, config: DataConfig) -> Listing:
        images = self._tree(config)
        if not images.names:
            raise self.nothing(images)
        marks = [images.masks.get(name) for name in images.names]

        def blobs(wanted: npt.NDArray[np.int64]) -> Iterator[Blob]:
            return (self._file(images.names[row]) for row in wanted.tolist())

        def mask_blobs(wanted: npt.NDArray[np.int64]) -> Iterator[Blob]:
            names = (marks[row] for row in wanted.tolist())
            return (None if name is None else self._file(name) for name in names)

        listed = tree.listing(images, config)
        return dataclasses.replace(
            listed,
            blobs=blobs,
            masks=mask_blobs if images.masks else None,
            notes=(*self._table_notes, *self._link_notes(), *listed.notes),
        )

    def nothing(self, images: tree.Tree | None = None) -> RequestError:
        """The error for a folder without images and tables, with what it holds instead."""
        images = images or self._tree(DataConfig(str(self.path)))
        left_out = images.account.left_out
        counts = ", ".join(f"{count:,} {reason}" for reason, count in left_out.items())
        remedies = list(file_kinds.format_notes(list(left_out)))
        for names, remedy in (
            ([name for name in images.others if file_kinds.is_table(name)], "Give the path of"),
            ([name for name in images.others if file_kinds.is_archive(name)], "Unpack"),
        ):
            if names:
                remedies.append(f"{remedy} {quoted([printable(name) for name in names])}.")
        return RequestError(
            f"folder '{printable(str(self.path))}' holds no images and no tables that can be "
            f"read; of its {images.account.found:,} files: {counts or 'none'}.",
            field="--data",
            remedy=" ".join(remedies)
            or "Give a folder of images, a zip of such, or CSV, JSONL or Parquet files.",
        )

    @cached_property
    def walk(self) -> Walk:
        """All files below the folder, in an upload under the names that were given. Raises
        RequestError if a link leads out of ``within``."""
        found = walk(self.path, self.within)
        if self._given is None:
            return found
        given = self._given.given
        return dataclasses.replace(found, names=[given.get(name, name) for name in found.names])

    def _file(self, name: str) -> Path:
        """The file of a name in ``walk``."""
        return self.path / name if self._given is None else self._given.on_disk(name)

    def _tree(self, config: DataConfig) -> tree.Tree:
        key = (config.folders, config.split)
        if key not in self._trees:
            read = tree.read(self.walk.names, config, self._file)
            read = self._each_once(read)
            account = read.account
            odd = sum(self.walk.odd.values())
            account = dataclasses.replace(account, found=account.found + odd)
            for reason, count in self.walk.odd.items():
                account = account.without(reason, count)
            self._trees[key] = dataclasses.replace(read, account=account)
        return self._trees[key]

    def _each_once(self, read: tree.Tree) -> tree.Tree:
        """``read`` without links to images that it takes already."""
        links = [at for at, name in enumerate(read.names) if name in self.walk.links]
        if not links:
            return read
        real = {os.path.realpath(self._file(n)) for n in read.names if n not in self.walk.links}
        twice = set()
        for at in links:
            behind = os.path.realpath(self._file(read.names[at]))
            if behind in real:
                twice.add(at)
            real.add(behind)
        return read.without(twice, TWICE)

    @cached_property
    def _table_notes(self) -> tuple[str, ...]:
        return table_files.notes_beside_images(self.beside, self.within)

    def _link_notes(self) -> tuple[str, ...]:
        notes = []
        links = [printable(name) for name in sorted(self.walk.folder_links)]
        if links:
            what = "folder is a link and was" if len(links) == 1 else "folders are links and were"
            notes.append(f"{len(links):,} {what} followed: {quoted(links)}.")
        closed = [printable(name) for name in sorted(self.walk.closed)]
        if closed:
            notes.append(f"Folders that cannot be opened: {quoted(closed)}.")
        return tuple(notes)

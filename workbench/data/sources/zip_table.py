"""A table in a zip, with the images that it names in the same zip.

The table is unpacked into a temporary folder, for its readers need a file. Images stay in the zip:
an empty file stands for each in the temporary folder, so that the names in the table are found as
they are beside a table on the disk.
"""

from __future__ import annotations

import dataclasses
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from workbench.config import DataConfig
from workbench.data.listing import Blob, Listing, printable
from workbench.data.sources import file_kinds, table_files
from workbench.data.sources.archive import Archive
from workbench.data.sources.base import Source
from workbench.data.sources.part import Part
from workbench.data.wording import quoted
from workbench.errors import RequestError

# So many names of images are looked for in the zip to see whether a table names them.
_LOOKED_AT = 50
_HALF = 0.5


class ZipTableSource(Source):
    """archive: the zip. tables: names of the tables in it. config: how they are to be read."""

    kind: ClassVar[str] = "table in a zip"

    def __init__(self, archive: Archive, tables: Sequence[str], config: DataConfig):
        super().__init__(printable(archive.path.stem))
        self.archive = archive
        # The tables nearest to the top are the data; others describe parts of them.
        depth = min(name.count("/") for name in tables)
        self._tables = [name for name in tables if name.count("/") == depth]
        self._config = config
        self._members: dict[str, str] = {}

    def files(self, config: DataConfig) -> list[tuple[str, Path]]:
        return [(printable(self.archive.path.name), self.archive.path)]

    def tables(self, most: int) -> list[Part]:
        return self._source.tables(most)

    def listing(self, config: DataConfig) -> Listing:
        listed = self._source.listing(config)
        inner, inner_texts = listed.blobs, listed.texts
        notes = (*self.archive.notes, *self._notes(listed), *listed.notes)
        if inner is None and inner_texts is not None:

            def texts() -> list[str]:
                # The tables are there as long as something refers to this source.
                return inner_texts() if self._folder else []

            return dataclasses.replace(listed, texts=texts, notes=notes)
        if inner is None:
            raise ValueError("a listing has blobs or texts")

        def blobs(wanted: npt.NDArray[np.int64]) -> Iterator[Blob]:
            with self.archive.opened() as opened:
                for blob in inner(wanted):
                    name = self._members.get(str(blob)) if isinstance(blob, Path) else None
                    yield blob if name is None else opened.read(name)

        return dataclasses.replace(listed, blobs=blobs, notes=notes)

    def misfit(self, config: DataConfig, *, few: bool) -> str | None:
        """Why the tables are not what the images in the zip are read by, None if they are. few:
        whether the zip holds only a few images, which may be there for show beside texts."""
        try:
            listed = self._source.listing(config)
        except RequestError as error:
            return error.message.rstrip(".").replace("the folder that this app reads", "the zip")
        if listed.blobs is None:
            return None if few else "no column names images"
        wanted = np.arange(min(_LOOKED_AT, listed.count))
        blobs = list(listed.blobs(wanted))
        inside = sum(not isinstance(b, Path) or str(b) in self._members for b in blobs)
        return None if inside >= _HALF * len(blobs) else "the images that they name are not there"

    @cached_property
    def _folder(self) -> tempfile.TemporaryDirectory[str]:
        """The folder with the tables, which goes when this source does."""
        return tempfile.TemporaryDirectory(prefix="workbench-zip-")

    @cached_property
    def _source(self) -> Source:
        """The source of the unpacked tables. Raises RequestError."""
        root = Path(self._folder.name).resolve()
        needed = sum(self.archive.members[name].file_size for name in self._tables)
        if needed > shutil.disk_usage(root).free:
            raise RequestError(
                f"the tables in '{self.archive.path.name}' need {needed / 1e6:,.0f} MB in "
                f"'{root.parent}', which has less.",
                field="--data",
                remedy="Unpack the zip and give the folder.",
            )
        paths = [self._unpacked(root, name) for name in self._tables]
        for name in self.archive.names:
            if file_kinds.reason_of(name) is None:
                self._stand_in(root, name)
        chosen = table_files.choose(paths, self._config)
        source = table_files.source_of(self.name, chosen.paths, notes=chosen.notes)
        source.within = root
        return source

    def _unpacked(self, root: Path, name: str) -> Path:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with self.archive.opened() as opened:
            opened.unpack(name, path)
        return path

    def _stand_in(self, root: Path, name: str) -> None:
        path = root / name
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
        except OSError:
            # Too long a name: the table cannot name it either.
            return
        self._members[str(path)] = name

    def _notes(self, listed: Listing) -> tuple[str, ...]:
        if not self._members:
            return ()
        if listed.blobs is None:
            return (
                f"{len(self._members):,} images in the zip were left out: no table names them.",
            )
        blobs = listed.blobs(np.arange(listed.count))
        named = {str(blob) for blob in blobs if isinstance(blob, Path)}
        note = f"Images are those that the table {quoted(self._tables)} names"
        other = len(set(self._members) - named)
        more = f"; {other:,} further images in the zip are not named" if other and named else ""
        return (f"{note}{more} (--folders none reads the images without it).",)

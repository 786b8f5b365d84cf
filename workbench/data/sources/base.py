"""The base class of all sources."""

from __future__ import annotations

from abc import ABC, abstractmethod
from pathlib import Path
from typing import ClassVar

from workbench.config import DataConfig
from workbench.data import fingerprint
from workbench.data.listing import Listing
from workbench.data.sources import confine
from workbench.data.sources.part import Part
from workbench.errors import RequestError


class SourceMissing(RequestError):  # noqa: N818  it is the source that is missing
    """The source cannot be found: moved, deleted, or its host is out of reach."""


class Source(ABC):
    """A place that holds samples.

    kind: in words. name: for people. remote: whether its content address needs a network. version:
    of the caches that it gives: the last one that changed how such a source is read. within: the
    folder that must contain every file, None for no limit. notes: on the choice of the files.
    """

    kind: ClassVar[str]
    remote: ClassVar[bool] = False
    version: int = fingerprint.CACHE_VERSION
    within: Path | None = None
    notes: tuple[str, ...] = ()

    def __init__(self, name: str):
        self.name = name

    @abstractmethod
    def files(self, config: DataConfig) -> list[tuple[str, Path]]:
        """All files that the samples come from: of each a name that does not depend on the place of
        the source, and the path."""

    @abstractmethod
    def listing(self, config: DataConfig) -> Listing:
        """The contents of the source. Raises RequestError."""

    def tables(self, most: int) -> list[Part]:
        """The tables that hold the samples, of which the first ``most`` rows are needed; none for
        images in folders. No column has to hold samples."""
        return []

    def content(self, config: DataConfig, home: Path) -> str:
        """Content address: equal for equal names and bytes.

        Raises RequestError if a file lies outside ``within``.
        """
        files = self.files(config)
        confine.all_inside(files, self.within)
        return fingerprint.of_files(files, home)

"""What a source is."""

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


class SourceMissing(RequestError):  # noqa: N818  said of the source
    """The source is not there (any more): moved, deleted, or its host is out of reach."""


class Source(ABC):
    """A place that holds samples.

    kind: what it is, in words. name: what people call it. remote: whether asking it for its content
    address goes over a network. within: the folder that every file must lie below, None for no
    limit.
    """

    kind: ClassVar[str]
    remote: ClassVar[bool] = False
    within: Path | None = None

    def __init__(self, name: str):
        self.name = name

    @abstractmethod
    def files(self, config: DataConfig) -> list[tuple[str, Path]]:
        """All files that the samples come from: a name that does not depend on where the source
        lies, and the path."""

    @abstractmethod
    def listing(self, config: DataConfig) -> Listing:
        """What it holds. Raises RequestError that names field and remedy."""

    def tables(self, most: int) -> list[Part]:
        """The tables that the samples stand in, as far as their first ``most`` rows say; none for
        images in folders. Needs no column to hold samples."""
        return []

    def content(self, config: DataConfig, home: Path) -> str:
        """Content address: equal for equal names and bytes.

        Raises RequestError if a file lies outside ``within``.
        """
        files = self.files(config)
        confine.all_inside(files, self.within)
        return fingerprint.of_files(files, home)

"""A folder of images, flat or in class folders, with or without folders of splits above."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from workbench.config import DataConfig
from workbench.data.listing import Blob, Listing
from workbench.data.sources import tree
from workbench.data.sources.base import Source


class FolderSource(Source):
    """See the module's docstring."""

    kind: ClassVar[str] = "folder of images"

    def __init__(self, path: Path):
        super().__init__(path.resolve().name)
        self.path = path

    def any_image(self) -> bool:
        """Whether the folder contains an image at any depth."""
        return any(tree.is_image(name) for name in self._walk())

    def files(self, config: DataConfig) -> list[tuple[str, Path]]:
        return [(name, self.path / name) for name in self._tree.names]

    def listing(self, config: DataConfig) -> Listing:
        names = self._tree.names

        def blobs(wanted: npt.NDArray[np.int64]) -> Iterator[Blob]:
            return (self.path / names[row] for row in wanted.tolist())

        return dataclasses.replace(tree.listing(self._tree, config), blobs=blobs)

    @cached_property
    def _tree(self) -> tree.Tree:
        return tree.read(list(self._walk()))

    def _walk(self) -> Iterator[str]:
        for folder, below, files in os.walk(self.path):
            below.sort()
            inside = Path(folder).relative_to(self.path)
            yield from ((inside / name).as_posix() for name in sorted(files))

"""The plan for the images of a source, from their headers alone: before anything is decoded."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from workbench.config import DataConfig
from workbench.data.decoding import batch
from workbench.data.decoding.recipe import ImageRecipe, settle


@dataclass(frozen=True)
class ReadingPlan:
    """recipe: by which images will be read. sizes: int64 (n, 2), height and width, upright, of the
    images whose headers were read."""

    recipe: ImageRecipe
    sizes: npt.NDArray[np.int64]

    @property
    def shown(self) -> float | None:
        """See ``batch.shown``: of these images, the same as of all if all headers were read."""
        return batch.shown(self.sizes, self.recipe)


def plan(blobs: batch.Blobs, count: int, config: DataConfig) -> ReadingPlan:
    """The plan for ``count`` images. Raises RequestError if no header can be read."""
    headers, reason = batch.probe(blobs, np.arange(count))
    if not headers:
        raise batch.all_broken(count, reason)
    sizes = np.array([header.size for header in headers], np.int64)
    return ReadingPlan(settle(headers, config), sizes)

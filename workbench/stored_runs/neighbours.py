"""The nearest neighbours of one sample, by a run's features and by its untrained encoder's.

By cosine in the representations themselves, among the training and validation samples that the run
was scored with. With numpy alone, so that the app's server can.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from workbench.errors import RequestError
from workbench.maps.neighbours import unit_rows
from workbench.stored_runs import feature_spaces
from workbench.stored_runs.stored_run import StoredRun

Rows = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Neighbours:
    """rows: the neighbours' positions in the cache, nearest first (k,); cosine: of each, (k,)."""

    rows: Rows
    cosine: npt.NDArray[np.float64]


@dataclass(frozen=True)
class UnitFeatures:
    """rows: int64 (n,), ascending, the samples that have a representation. trained, untrained:
    float (n, d), rows of length 1."""

    rows: Rows
    trained: npt.NDArray[np.float32]
    untrained: npt.NDArray[np.float32]

    def nearest(self, row: int, k: int) -> tuple[Neighbours, Neighbours]:
        """The k nearest to the sample at ``row`` of the cache: trained, untrained.

        Ties go by draw. Raises RequestError for a sample without a representation.
        """
        at = int(np.searchsorted(self.rows, row))
        if at >= len(self.rows) or self.rows[at] != row:
            raise RequestError(
                f"sample {row} is none of the {len(self.rows):,} training and validation samples "
                "whose representations this run kept.",
                field="sample",
                remedy="Choose one on the map of training and validation samples.",
            )
        return _nearest(self.rows, self.trained, at, k), _nearest(self.rows, self.untrained, at, k)


def read(run: StoredRun) -> UnitFeatures:
    """The representations that a finished run kept. Raises RequestError if it kept none."""
    rows, h, u = feature_spaces.embedded(run)
    return UnitFeatures(rows, _unit(h), _unit(u))


def _nearest(rows: Rows, unit: npt.NDArray[np.float32], at: int, k: int) -> Neighbours:
    cosine = unit @ unit[at]
    cosine[at] = -np.inf
    draw = np.random.default_rng(at).random(len(unit))
    order = np.lexsort((draw, -cosine))[: min(k, len(unit) - 1)]
    return Neighbours(rows[order], cosine[order].astype(np.float64))


def _unit(h: npt.NDArray[Any]) -> npt.NDArray[np.float32]:
    return unit_rows(h).astype(np.float32)

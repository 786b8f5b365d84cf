"""The nearest neighbours of one sample, by a run's trained and by its untrained encoder.

Neighbours are nearest by cosine of the representations, among the training and validation samples
that the run embedded. It needs numpy alone, so that the app's server can use it.
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
    """rows: (k,), positions in the cache, nearest first; cosine: (k,), with the sample."""

    rows: Rows
    cosine: npt.NDArray[np.float64]


@dataclass(frozen=True)
class UnitFeatures:
    """Representations scaled to length 1. rows: int64 (n,), ascending, positions in the cache;
    trained, untrained: float32 (n, d)."""

    rows: Rows
    trained: npt.NDArray[np.float32]
    untrained: npt.NDArray[np.float32]

    def nearest(self, row: int, k: int) -> tuple[Neighbours, Neighbours]:
        """The k nearest neighbours of the sample at ``row`` of the cache: trained, untrained.

        Ties are broken by a draw. Raises RequestError for a sample without a representation.
        """
        position = int(np.searchsorted(self.rows, row))
        if position >= len(self.rows) or self.rows[position] != row:
            raise RequestError(
                f"sample {row} is none of the {len(self.rows):,} training and validation samples "
                "whose representations this run kept.",
                field="sample",
                remedy="Choose one on the map of training and validation samples.",
            )
        return (
            _nearest(self.rows, self.trained, position, k),
            _nearest(self.rows, self.untrained, position, k),
        )


def read(run: StoredRun) -> UnitFeatures:
    """The stored representations of a run. Raises RequestError if it has none."""
    rows, trained, untrained = feature_spaces.embedded(run)
    return UnitFeatures(rows, _unit(trained), _unit(untrained))


def _nearest(rows: Rows, unit: npt.NDArray[np.float32], position: int, k: int) -> Neighbours:
    cosine = unit @ unit[position]
    cosine[position] = -np.inf
    draw = np.random.default_rng(position).random(len(unit))
    order = np.lexsort((draw, -cosine))[: min(k, len(unit) - 1)]
    return Neighbours(rows[order], cosine[order].astype(np.float64))


def _unit(h: npt.NDArray[Any]) -> npt.NDArray[np.float32]:
    return unit_rows(h).astype(np.float32)

"""The nearest neighbours of one sample in a run's own space, and in its untrained encoder's.

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
from workbench.stored_runs.feature_spaces import Place

Rows = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Near:
    """rows: the neighbours' positions in the cache, nearest first (k,); cosine: of each, (k,)."""

    rows: Rows
    cosine: npt.NDArray[np.float64]


@dataclass(frozen=True)
class Neighbourhood:
    """rows: int64 (n,), ascending, the samples that have a representation. trained, untrained:
    float (n, d), of length 1."""

    rows: Rows
    trained: npt.NDArray[np.float32]
    untrained: npt.NDArray[np.float32]

    def near(self, row: int, k: int) -> tuple[Near, Near]:
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
        return self._near(self.trained, at, k), self._near(self.untrained, at, k)

    def _near(self, unit: npt.NDArray[np.float32], at: int, k: int) -> Near:
        cosine = unit @ unit[at]
        cosine[at] = -np.inf
        draw = np.random.default_rng(at).random(len(unit))
        found = np.lexsort((draw, -cosine))[: min(k, len(unit) - 1)]
        return Near(self.rows[found], cosine[found].astype(np.float64))


def read(place: Place) -> Neighbourhood:
    """The representations that a finished run kept. Raises RequestError if it kept none."""
    rows, h, u = feature_spaces.embedded(place)
    return Neighbourhood(rows, _unit(h), _unit(u))


def _unit(h: npt.NDArray[Any]) -> npt.NDArray[np.float32]:
    return unit_rows(h).astype(np.float32)

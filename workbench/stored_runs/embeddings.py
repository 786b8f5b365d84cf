"""The representations of a run's samples that lie in its folder, read with numpy alone.

A run embeds the samples that it is scored on, split by split, with its trained and with its
untrained encoder.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from safetensors import safe_open

from workbench import damage
from workbench.errors import RequestError

Rows = npt.NDArray[np.int64]
Features = npt.NDArray[np.float32]

SEEN_SPLITS = ("train", "validation")
TRAINED, UNTRAINED = "h", "u"


@dataclass(frozen=True)
class Embeddings:
    """The file of a run's representations. run_id: for messages. total: samples of the run's data,
    None where that is not known.

    Every method raises DamageError if the file is damaged. Methods without a split read training
    and validation samples, never test samples.
    """

    path: Path
    run_id: str
    total: int | None = None

    @property
    def stamp(self) -> float:
        """When the file was last written, in seconds since the epoch: a key for caches."""
        return self.path.stat().st_mtime

    def rows(self, split: str) -> Rows | None:
        """int64 (n,): positions in the data set's cache of the embedded samples of ``split``, in
        the order of the file; None if none of that split were embedded."""
        rows = self._read(f"index_{split}")
        if rows is None:
            return None
        with damage.reading(self.path):
            return positions(rows, self.total)

    def features(self, split: str, which: str = TRAINED) -> Features | None:
        """float32 (n, d): the representations of ``split``, in the order of ``rows``; None if none
        of that split were embedded. which: ``h`` of the trained encoder, ``u`` of the untrained."""
        features, rows = self._read(f"{which}_{split}"), self._read(f"index_{split}")
        if features is None:
            return None
        with damage.reading(self.path):
            if features.ndim != 2 or rows is None or len(rows) != len(features):
                raise damage.ContentError("its representations are not of its samples")
            return features.astype(np.float32)

    def seen_rows(self) -> Rows:
        """int64 (n,), ascending: positions of all embedded training and validation samples."""
        return np.sort(self._stored_order())

    def at(self, rows: Rows) -> tuple[Features, Features]:
        """float32 (n, d) each: representations of the training and validation samples at ``rows``,
        in that order, trained and untrained. Raises RequestError if one was not embedded."""
        index = self._stored_order()
        order = np.argsort(index, kind="stable")
        ranks = np.minimum(np.searchsorted(index, rows, sorter=order), len(index) - 1)
        if not len(index) or (index[order[ranks]] != rows).any():
            raise RequestError(
                f"run '{self.run_id}' has no embedding of some mapped samples.",
                field="RUN",
                remedy="Run it again: its files are of another data set than its map.",
            )
        positions = order[ranks]
        return self._seen_features(TRAINED)[positions], self._seen_features(UNTRAINED)[positions]

    def _stored_order(self) -> Rows:
        parts = [rows for split in SEEN_SPLITS if (rows := self.rows(split)) is not None]
        index: Rows = np.concatenate(parts) if parts else np.empty(0, np.int64)
        return index

    def _seen_features(self, which: str) -> Features:
        parts = (self.features(split, which) for split in SEEN_SPLITS)
        return np.concatenate([features for features in parts if features is not None])

    def _read(self, name: str) -> npt.NDArray[np.generic] | None:
        with damage.reading(self.path), safe_open(str(self.path), framework="numpy") as stored:
            if name not in set(stored.keys()):
                return None
            array: npt.NDArray[np.generic] = stored.get_tensor(name)
        return array


def positions(values: npt.NDArray[np.generic], total: int | None) -> Rows:
    """int64 (n,): positions of samples in a data set of ``total``, None for any number. Raises
    ContentError if they are something else."""
    if values.ndim != 1 or values.dtype.kind not in "iu":
        raise damage.ContentError("its rows are no positions of samples")
    rows = values.astype(np.int64)
    if len(rows) and (rows.min() < 0 or (total is not None and rows.max() >= total)):
        raise damage.ContentError("its rows are not of the run's data")
    return rows

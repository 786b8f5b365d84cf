"""The representations that a run kept of its samples, read with numpy alone.

A run embeds the samples that it is scored on, split by split, with its trained encoder and with
the untrained one. Nothing here reads the test split.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from safetensors import safe_open

from workbench.errors import RequestError

Rows = npt.NDArray[np.int64]
Features = npt.NDArray[np.float32]

SEEN_SPLITS = ("train", "validation")
TRAINED, UNTRAINED = "h", "u"


@dataclass(frozen=True)
class Embeddings:
    """The file of a run's representations. run_id: for messages."""

    path: Path
    run_id: str

    @property
    def stamp(self) -> float:
        """When the file was written. A cache may know it by this."""
        return self.path.stat().st_mtime

    def rows(self, split: str) -> Rows | None:
        """int64 (n,): positions in the data set's cache of the embedded samples of ``split``, in
        the order in which they were embedded; None if the run kept none of that split."""
        with safe_open(str(self.path), framework="numpy") as stored:
            if f"index_{split}" not in set(stored.keys()):
                return None
            rows: Rows = stored.get_tensor(f"index_{split}").astype(np.int64)
        return rows

    def features(self, split: str, which: str = TRAINED) -> Features | None:
        """float32 (n, d): their representations, in the order of ``rows``. which: ``h`` of the
        trained encoder, ``u`` of the untrained one. None if the run kept none of that split."""
        with safe_open(str(self.path), framework="numpy") as stored:
            if f"{which}_{split}" not in set(stored.keys()):
                return None
            features: Features = stored.get_tensor(f"{which}_{split}").astype(np.float32)
        return features

    def seen_rows(self) -> Rows:
        """int64 (n,), ascending: positions of all embedded training and validation samples."""
        rows = [found for split in SEEN_SPLITS if (found := self.rows(split)) is not None]
        seen: Rows = np.sort(np.concatenate(rows)) if rows else np.empty(0, np.int64)
        return seen

    def at(self, rows: Rows) -> tuple[Features, Features]:
        """float32 (n, d) each: representations of the training and validation samples at ``rows``,
        in that order, trained and untrained. Raises RequestError if one was not embedded."""
        splits = [split for split in SEEN_SPLITS if self.rows(split) is not None]
        index = np.concatenate([self.rows(split) for split in splits])
        order = np.argsort(index, kind="stable")
        places = np.minimum(np.searchsorted(index, rows, sorter=order), len(index) - 1)
        if (index[order[places]] != rows).any():
            raise RequestError(
                f"run '{self.run_id}' has no embedding of some mapped samples.",
                field="RUN",
                remedy="Run it again: its files are of another data set than its map.",
            )
        trained, untrained = (
            np.concatenate([self.features(split, which) for split in splits])[order[places]]
            for which in (TRAINED, UNTRAINED)
        )
        return trained, untrained

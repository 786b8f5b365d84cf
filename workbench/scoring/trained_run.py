"""What is scored: a trained run with its data, its device and the folder of stored baselines."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from workbench.config import EvalOptions, RunConfig
from workbench.data.dataset import Dataset
from workbench.data.sampling import LIMITS
from workbench.evaluation import baselines
from workbench.training import instances
from workbench.training.device import Placement
from workbench.training.ports import Control, Events
from workbench.training.trainer import Trained

Array = npt.NDArray[Any]
Rows = npt.NDArray[np.int64]
# Features by split, in the order of the evaluation samples.
Splits = Mapping[str, Array]

# Features larger than this are made again by every run: 64 MiB.
_MOST_KEPT = 2**26


@dataclass(frozen=True)
class TrainedRun:
    """A run after its training. rows: positions in the cache of the evaluation samples, by split.
    shelf: the folder in which baselines of this data set are kept for later runs."""

    config: RunConfig
    data: Dataset
    rows: Mapping[str, Rows]
    trained: Trained
    placement: Placement
    events: Events
    control: Control
    shelf: Path

    @property
    def options(self) -> EvalOptions:
        return instances.eval_options(self.config)

    @property
    def counts(self) -> dict[str, int]:
        """Evaluation samples by split."""
        return {split: len(rows) for split, rows in self.rows.items()}

    @property
    def limited_key(self) -> dict[str, dict[str, int]]:
        """The part of a stored score's key that says how many samples it is of; empty for the usual
        number."""
        counts = self.data.info.counts
        usual = {str(split): min(counts.get(split, 0), most) for split, most in LIMITS.items()}
        usual = {split: n for split, n in usual.items() if n}
        return {} if self.options.full or self.counts == usual else {"samples": self.counts}

    @cached_property
    def untrained_key(self) -> dict[str, str]:
        """What decides an untrained encoder's scores: its weights (so encoder and seed), the
        options that no weight shows (whether a token sees later ones), and how they are computed.
        """
        digest = hashlib.sha256()
        for name, values in sorted(self.trained.untrained.state_dict().items()):
            digest.update(name.encode())
            digest.update(values.detach().cpu().contiguous().numpy().tobytes())
        encoder = [self.config.encoder, dict(self.config.encoder_options)]
        return {
            "weights": digest.hexdigest(),
            "encoder": json.dumps(encoder, sort_keys=True),
            "precision": self.placement.precision,
            "device": self.placement.device.type,
        }

    def kept_features(
        self, key: Mapping[str, Any], make: Callable[[], Splits | None]
    ) -> Splits | None:
        """The features that ``key`` decides: from the shelf, or made now and kept unless they are
        too large; None if ``make`` was stopped."""
        path = self.shelf / baselines.key(counts=self.counts, **key)
        stored = baselines.read_arrays(path)
        if stored is not None:
            return stored[0]
        features = make()
        if features is not None and sum(f.nbytes for f in features.values()) <= _MOST_KEPT:
            baselines.write_arrays(path, features)
        return features

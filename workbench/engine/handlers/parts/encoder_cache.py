"""A run's encoders kept in memory, trained and untrained, for one request after another.

Imports torch, so handlers import it when they are called.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from workbench.augment.policy import Policy
from workbench.config import AugmentStep, RunConfig
from workbench.data.dataset import Dataset
from workbench.errors import RequestError
from workbench.export.encoder import check_encoder, load_parts
from workbench.stored_runs import stored_run
from workbench.stored_runs.stored_run import StoredRun
from workbench.tasks.base import Batch
from workbench.training import device, encode, instances
from workbench.training.batches import SplitData
from workbench.training.device import Placement
from workbench.training.fresh import fresh_module

_SEEN = ("train", "validation")


@dataclass(frozen=True)
class RunEncoders:
    """encoder: trained, in eval mode, on the device of ``placement``."""

    encoder: nn.Module
    config: RunConfig
    data: Dataset
    placement: Placement

    @cached_property
    def untrained(self) -> nn.Module:
        """The encoder before the first step, with which the run's scores compare.

        It is made from the run's seed, with batch-norm statistics of the training split.
        """
        task, encoder = instances.task_of(self.config), instances.encoder_of(self.config)
        with torch.random.fork_rng(devices=[]):
            module = fresh_module(task, encoder, self.data, self.config.seed).module
        module = module.to(self.placement.device)
        train = SplitData(self.data, "train", self.placement.device)
        return encode.untrained(module.encoder, train, self.placement).eval()  # type: ignore[arg-type]

    def policy(self, steps: Sequence[AugmentStep]) -> Policy:
        return Policy(steps, self.data.info, self.data)

    def batch(self, rows: npt.NDArray[np.int64]) -> Batch:
        """The samples at ``rows`` (positions in the cache, of one split) as training gets them.

        Raises RequestError for a row of the test split, or of none.
        """
        for split in _SEEN:
            where = self.data.rows(split)  # type: ignore[arg-type]
            if len(rows) and where.start <= rows.min() and rows.max() < where.stop:
                samples = SplitData(self.data, split, self.placement.device)  # type: ignore[arg-type]
                return samples.batch(rows - where.start)
        raise RequestError(
            "these samples are not of the training or validation split.",
            field="sample",
            remedy=f"Give one from 0 to {self.data.rows('validation').stop - 1}.",
        )

    @torch.no_grad()
    def encode(self, encoder: nn.Module, x: torch.Tensor) -> npt.NDArray[np.float32]:
        """float32 (n, dim) of inputs as an encoder takes them, such as ``Batch.clean`` or views."""
        parts = [
            encoder(x[start : start + encode.ENCODE_BATCH]).float().cpu().numpy()
            for start in range(0, len(x), encode.ENCODE_BATCH)
        ]
        return np.concatenate(parts)


def load(run: StoredRun) -> RunEncoders:
    """The encoders of a run. The last two runs are kept in memory.

    Raises RequestError for a run without an encoder, or whose prepared data are gone; DamageError
    if a file is damaged or lost.
    """
    check_encoder(run)
    if run.data is None:
        raise RequestError(
            "the prepared data of this run are gone.",
            field="RUN",
            remedy="Prepare them again: start any run on the same data.",
        )
    return _load(run.home, run.id, run.files.encoder.stat().st_mtime_ns)


@lru_cache(maxsize=2)
def _load(home: Path, run_id: str, stamp: int) -> RunEncoders:
    del stamp
    encoder, config, data = load_parts(stored_run.get(home, run_id))
    placement = device.choose("auto", "fp32", instances.encoder_of(config).kind, None)
    return RunEncoders(encoder.to(placement.device).eval(), config, data, placement)

"""Representations of the evaluation samples, and projections of them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from workbench.config import RunConfig
from workbench.data.dataset import Dataset
from workbench.errors import RunError
from workbench.scoring.trained_run import Array, Rows, Splits, TrainedRun
from workbench.training import instances
from workbench.training.device import Placement
from workbench.training.encode import ENCODE_BATCH, encode_rows


def embed(
    encoder: nn.Module, data: Dataset, rows: Mapping[str, Rows], placement: Placement
) -> dict[str, npt.NDArray[np.float32]]:
    """float32 (n, dim) of each split's ``rows``.

    Raises RunError if an embedding is not a number.
    """
    embeddings = {}
    for split, index in rows.items():
        encoded = encode_rows(encoder, data, index, placement)
        bad = int((~np.isfinite(encoded)).any(axis=1).sum())
        if bad:
            raise RunError(
                f"the encoder gives NaN or Inf for {bad} of {len(index)} {split} samples.",
                field="--set train.learning_rate",
                remedy="Give a lower learning rate, or --set train.clip=1.",
            )
        embeddings[split] = encoded
    return embeddings


def embed_untrained(run: TrainedRun) -> Splits:
    """As ``embed``, of the untrained encoder: taken from the shelf where an earlier run with the
    same encoder and seed has left it."""
    features = run.kept_features(
        {"features": "untrained", **run.untrained_key},
        lambda: embed(run.trained.untrained, run.data, run.rows, run.placement),
    )
    return {} if features is None else features


@torch.no_grad()
def project(
    config: RunConfig, module: nn.Module, h: npt.NDArray[np.float32], placement: Placement
) -> Array | None:
    """Projections z float32 (n, d) of representations h; None for tasks without a projector."""
    task = instances.task_of(config)
    was_training = module.training
    module.eval()
    parts = []
    for start in range(0, len(h), ENCODE_BATCH):
        part = torch.from_numpy(h[start : start + ENCODE_BATCH]).to(placement.device)
        with placement.autocast():
            z = task.project(module, part)
        if z is None:
            break
        parts.append(z.float().cpu().numpy())
    module.train(was_training)
    return np.concatenate(parts) if parts else None

"""Representations of samples by a frozen encoder."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from contextlib import AbstractContextManager

import numpy as np
import numpy.typing as npt
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from workbench.data.dataset import Dataset
from workbench.tasks.base import Batch
from workbench.training.batches import SplitData, batches_of_rows
from workbench.training.device import Placement, memory_errors_outside_training

ENCODE_BATCH = 256
# Texts of a batch are as long as its longest: small batches in order of length need little padding.
_TEXTS_AT_ONCE = 64
# Batches that set the running statistics of an untrained encoder's batch norms: ten, or as many as
# these operations allow. A ResNet-18 had needed half a minute for ten.
_CALIBRATION_BATCHES = 10
_CALIBRATION_FLOPS = 1e12


@torch.no_grad()
def encode(
    encoder: nn.Module, batches: Iterable[Batch], placement: Placement
) -> npt.NDArray[np.float32]:
    """float32 (n, dim): representations h of un-augmented samples, in eval mode.

    The module's mode is restored afterwards. Raises MemoryFullError.
    """
    was_training = encoder.training
    encoder.eval()
    parts = []
    for batch in batches:
        with encoding(batch.size), placement.autocast():
            h = encoder(inputs(batch, placement))
        parts.append(h.float().cpu().numpy())
    encoder.train(was_training)
    return np.concatenate(parts) if parts else np.empty((0, int(encoder.dim)), np.float32)  # type: ignore[arg-type]


def encoding(count: int) -> AbstractContextManager[None]:
    """The context in which ``count`` samples are encoded at once. It turns errors that mean a full
    memory into MemoryFullError."""
    return memory_errors_outside_training(f"while it encoded {count} samples at once")


def inputs(batch: Batch, placement: Placement) -> torch.Tensor:
    """The un-augmented batch as the encoder takes it, in the memory format of the run."""
    return placement.arrange(batch.clean())


def encode_rows(
    encoder: nn.Module,
    data: Dataset,
    rows: npt.NDArray[np.int64],
    placement: Placement,
    at_once: int | None = None,
) -> npt.NDArray[np.float32]:
    """float32 (n, dim) of the samples at ``rows`` of the cache, in the order given. at_once:
    samples a batch; None: what suits the data."""
    order, usual = encoding_order(data, rows)
    batches = batches_of_rows(data, rows[order], placement.device, at_once or usual)
    encoded = encode(encoder, batches, placement)
    out = np.empty_like(encoded)
    out[order] = encoded
    return out


def encoding_order(data: Dataset, rows: npt.NDArray[np.int64]) -> tuple[npt.NDArray[np.int64], int]:
    """The order in which the samples at ``rows`` of the cache are encoded, and samples a batch:
    texts by their length."""
    if data.info.modality == "image":
        return np.arange(len(rows)), ENCODE_BATCH
    lengths = data.offsets[rows + 1] - data.offsets[rows]
    return np.argsort(lengths, kind="stable"), _TEXTS_AT_ONCE


def flops_a_sample(encoder: nn.Module, samples: SplitData, placement: Placement) -> float:
    """Floating-point operations of one forward pass of one sample."""
    batch = samples.batch(np.arange(min(2, samples.count)))
    was_training = encoder.training
    encoder.eval()
    with encoding(batch.size), torch.no_grad(), FlopCounterMode(display=False) as counter:
        encoder(inputs(batch, placement))
    encoder.train(was_training)
    return float(counter.get_total_flops()) / batch.size


def untrained(encoder: nn.Module, data: SplitData, placement: Placement) -> nn.Module:
    """A copy of a fresh encoder, with batch-norm statistics of the un-augmented training split.

    A fresh batch norm has mean 0 and variance 1, which fit no data. Without this every encoder
    looks collapsed at step 0, and the baseline is weaker than an untrained encoder need be.
    """
    copied = copy.deepcopy(encoder)
    calibrate(copied, data, placement)
    return copied


@torch.no_grad()
def calibrate(encoder: nn.Module, data: SplitData, placement: Placement) -> None:
    """Set the encoder's batch-norm statistics to those of the un-augmented training split, and put
    it into eval mode. An encoder without batch norms is not changed."""
    norms = [m for m in encoder.modules() if isinstance(m, nn.modules.batchnorm._BatchNorm)]
    if not norms:
        return
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None
    rng = np.random.default_rng(0)
    allowed = _CALIBRATION_FLOPS / max(1.0, ENCODE_BATCH * flops_a_sample(encoder, data, placement))
    encoder.train()
    for _ in range(max(1, min(_CALIBRATION_BATCHES, int(allowed)))):
        chosen = rng.choice(data.count, size=min(ENCODE_BATCH, data.count), replace=False)
        with encoding(len(chosen)), placement.autocast():
            encoder(inputs(data.batch(np.sort(chosen)), placement))
    encoder.eval()

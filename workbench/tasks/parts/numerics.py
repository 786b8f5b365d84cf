"""Losses are computed in float32, whatever precision the network runs in."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any

from workbench.errors import RequestError
from workbench.lazy import torch


def full_precision(like: torch.Tensor) -> AbstractContextManager[Any]:
    """A context without autocast on ``like``'s device.

    Under bf16 autocast even a product of float32 tensors is rounded to 8 bits, about 1 % of a
    similarity, and a loss made of hundreds of them is wrong in its second digit.
    """
    return torch.autocast(like.device.type, enabled=False)


def at_least(batch: int, fewest: int, why: str) -> None:
    """Raise RequestError if a batch of ``batch`` samples is too small for a loss; ``why`` says."""
    if batch < fewest:
        raise RequestError(
            f"a batch of {batch} is too small: {why}.",
            field="--set train.batch_size",
            remedy=f"Give {fewest} or more, and data with at least that many training samples.",
        )

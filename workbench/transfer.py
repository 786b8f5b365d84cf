"""Copies from host memory to a GPU that the host does not wait for.

A plain ``tensor.to("cuda")`` waits until the GPU has computed all that was queued before, so that
the next steps cannot be queued meanwhile. A copy from pinned memory is queued like a kernel.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from workbench.lazy import torch


def to_device(tensor: torch.Tensor, device: torch.device) -> torch.Tensor:
    """``tensor`` on ``device``; it itself if it is there already."""
    if device.type == "cuda" and tensor.device.type == "cpu":
        return tensor.pin_memory().to(device, non_blocking=True)
    return tensor.to(device)


@cache
def constant(values: tuple[Any, ...], device: torch.device, dtype: torch.dtype) -> torch.Tensor:
    """``values``, nested tuples of numbers, as a tensor that is copied to a device once.

    All who ask for equal values get the same tensor: it must not be changed.
    """
    return to_device(torch.tensor(values, dtype=dtype), device)

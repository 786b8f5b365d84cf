"""Tensors that a task's ``views`` made, as panels for people. Nothing random happens here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from workbench.data.dataset import PAD
from workbench.lazy import torch
from workbench.tasks.records import Batch, IllustrationData, Panel, Role

if TYPE_CHECKING:
    import numpy.typing as npt


def pixels(x: torch.Tensor) -> npt.NDArray[np.uint8]:
    """uint8 (H, W) or (H, W, 3) of one image, float (C, H, W); values outside [0, 1] are clipped.

    Two channels become red and green, the blue one empty.
    """
    image = (x.detach().float().clamp(0, 1) * 255).round().byte().permute(1, 2, 0).cpu().numpy()
    if image.shape[2] == 1:
        return image[:, :, 0]
    if image.shape[2] == 2:
        return np.concatenate([image, np.zeros_like(image[:, :, :1])], axis=2)
    return image


def image_panel(x: torch.Tensor, caption: str, role: Role) -> Panel:
    """One image, float (C, H, W) in [0, 1], as a panel."""
    return Panel(caption, role, image=pixels(x))


def token_panel(
    ids: torch.Tensor,
    marks: Sequence[str],
    data: IllustrationData,
    caption: str,
    role: Role,
) -> Panel:
    """One text, int64 (L,), as a panel; marks: one word a token (see Panel). Padding is left out.

    Without a vocabulary the ids themselves are shown.
    """
    known = data.vocabulary
    shown = tuple(
        (known[token] if known else str(token), mark)
        for token, mark in zip(ids.tolist(), marks, strict=True)
        if token != PAD
    )
    return Panel(caption, role, tokens=shown)


def original_panel(batch: Batch, row: int, data: IllustrationData) -> Panel:
    """The sample at ``row`` of the batch, before any augmentation."""
    if batch.images is not None:
        return image_panel(batch.images[row].float() / 255, "original", "original")
    ids = batch.clean()[row]
    return token_panel(ids, [""] * len(ids), data, "original", "original")

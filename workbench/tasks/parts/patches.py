"""For tasks on hidden patches: which are hidden, where they lie, what their pattern is."""

from __future__ import annotations

from workbench.lazy import torch

# Variance of a patch, of pixels in [0, 1], below which it counts as flat (std 1/1000, a quarter of
# a step of 8-bit pixels). The paper's constant under the root.
_FLAT = 1e-6


def split_patches(
    batch: int, patches: int, ratio: float, rng: torch.Generator
) -> tuple[torch.Tensor, torch.Tensor]:
    """int64 (B, K) and (B, P - K): positions of the seen and of the hidden patches, ascending.

    Each sample has its own draw; 1 <= K < P whatever the ratio of hidden ones.
    """
    seen = min(patches - 1, max(1, round(patches * (1 - ratio))))
    order = torch.rand(batch, patches, generator=rng, device=rng.device).argsort(dim=1)
    return order[:, :seen].sort(dim=1).values, order[:, seen:].sort(dim=1).values


def normalise(patches: torch.Tensor) -> torch.Tensor:
    """Each patch, float (B, P, D), minus its mean and over its standard deviation.

    A patch of one colour, which has no shape, becomes 0.
    """
    centred = patches - patches.mean(dim=2, keepdim=True)
    return centred / torch.sqrt(centred.square().mean(dim=2, keepdim=True) + _FLAT)


def pixels_of(hidden: torch.Tensor, patches: int, x: torch.Tensor) -> torch.Tensor:
    """bool (B, 1, H, W): where the hidden ones, int64 (B, M), of ``patches`` square patches lie.

    Patches are counted row by row, as the encoder's ``patchify`` gives them.
    """
    height, width = x.shape[2:]
    side = round((height * width / patches) ** 0.5)
    chosen = torch.zeros(len(x), patches, dtype=torch.bool, device=x.device)
    grid = chosen.scatter(1, hidden, True).view(len(x), 1, height // side, width // side)
    return grid.repeat_interleave(side, dim=2).repeat_interleave(side, dim=3)

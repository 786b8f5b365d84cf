"""Blocks of patches for tasks that predict some blocks of an image from the rest (I-JEPA)."""

from __future__ import annotations

import math

from workbench.lazy import torch

Grid = tuple[int, int]
# Height over width of a target block (I-JEPA, appendix A.1).
_ASPECT = (0.75, 1.5)
# Of the grid, the fewest patches that are left to see: an eighth.
_LEAST = 8


def block_shape(grid: Grid, share: float, aspect: float, fewest: int, most: int) -> Grid:
    """(rows, columns) of the block with ``fewest`` to ``most`` patches that is nearest to the wish.

    Nearest to ``share`` of the grid's patches first and to ``aspect`` (rows over columns) second,
    both by factor. fewest to most has to hold at least one rectangle, as 1 to any number does.
    """
    shapes = [
        (rows, columns)
        for rows in range(1, grid[0] + 1)
        for columns in range(1, grid[1] + 1)
        if fewest <= rows * columns <= most
    ]
    wanted = share * grid[0] * grid[1]

    def distance(shape: Grid) -> float:
        area, ratio = shape[0] * shape[1] / wanted, shape[0] / shape[1] / aspect
        return 2 * abs(math.log(area)) + abs(math.log(ratio))

    return min(shapes, key=distance)


def place(batch: int, count: int, grid: Grid, shape: Grid, rng: torch.Generator) -> torch.Tensor:
    """int64 (B, count, rows * columns of ``shape``): patches of blocks at places of their own."""
    draws = [
        torch.randint(side - length + 1, (batch, count, 1, 1), generator=rng, device=rng.device)
        for side, length in zip(grid, shape, strict=True)
    ]
    rows = draws[0] + torch.arange(shape[0], device=rng.device)[:, None]
    columns = draws[1] + torch.arange(shape[1], device=rng.device)
    return (rows * grid[1] + columns).flatten(2)


def context_and_targets(
    batch: int,
    grid: Grid,
    count: int,
    target_share: tuple[float, float],
    context_share: tuple[float, float],
    rng: torch.Generator,
) -> tuple[torch.Tensor, torch.Tensor]:
    """int64 (B, K) and (B, count, N): the patches of the context, ascending, and of each target.

    All targets of a batch have one shape and all contexts another, drawn anew for each batch; each
    block has its own place. What a target covers is taken out of the context. So that one tensor
    holds all contexts, each keeps K of its patches, drawn at random, where K is the smallest number
    that is left to any; at least an eighth of the grid, for targets are shrunk to leave that.
    """
    patches = grid[0] * grid[1]
    least = max(1, patches // _LEAST)
    draw = torch.rand(3, generator=rng, device=rng.device).tolist()
    share, whole = (
        low + (high - low) * part
        for (low, high), part in zip((target_share, context_share), draw, strict=False)
    )
    aspect = _ASPECT[0] * (_ASPECT[1] / _ASPECT[0]) ** draw[2]
    shape = block_shape(grid, share, aspect, 1, max(1, (patches - least) // count))
    targets = place(batch, count, grid, shape, rng)
    needed = min(patches, least + targets.shape[1] * targets.shape[2])
    seen = place(batch, 1, grid, block_shape(grid, whole, 1.0, needed, patches), rng).flatten(1)
    free = torch.zeros(batch, patches, device=rng.device).scatter(1, seen, 1.0)
    free = free.scatter(1, targets.flatten(1), 0.0)
    kept = int(free.sum(dim=1).min())
    order = free * torch.rand(free.shape, generator=rng, device=rng.device).clamp_min(1e-6)
    return order.topk(kept, dim=1).indices.sort(dim=1).values, targets


def gather(tokens: torch.Tensor, blocks: torch.Tensor) -> torch.Tensor:
    """float (B, M, N, dim): the tokens, float (B, P, dim), of blocks, int64 (B, M, N)."""
    index = blocks.flatten(1)[:, :, None].expand(-1, -1, tokens.shape[2])
    return tokens.gather(1, index).view(*blocks.shape, tokens.shape[2])

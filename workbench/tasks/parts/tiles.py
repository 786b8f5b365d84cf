"""For tasks on tiles: cut an image into a grid of tiles with gaps and jitter.

Tiles that touch can be put together by their edges alone, whatever they show. So a tile is smaller
than its cell of the grid (the gap) and lies anywhere within it (the jitter).
"""

from __future__ import annotations

import itertools
import math
from functools import cache
from typing import Any

import numpy as np

from workbench.augment.parts.draws import uniform
from workbench.augment.parts.passes import resize
from workbench.lazy import F, torch


def cut(
    x: torch.Tensor,
    grid: int,
    size: tuple[int, int],
    jitter: float,
    rng: torch.Generator,
) -> torch.Tensor:
    """float (B, grid * grid, C, *size): the tiles of each image of x, (B, C, H, W), row by row.

    size: (height, width) of a tile in pixels, at most those of a cell, H // grid and W // grid.
    jitter: 0 for tiles in the middle of their cells, 1 for anywhere within; each tile has its own
    draw. Pixels that a grid leaves over lie at the lower and right edges.
    """
    batch, tiles = len(x), grid * grid
    places = []
    for axis, (side, part) in enumerate(zip(x.shape[2:], size, strict=True)):
        cell = torch.arange(tiles, device=x.device)
        cell = cell // grid if axis == 0 else cell % grid
        room = side // grid - part
        shift = 0.5 + jitter * uniform((batch, tiles), -0.5, 0.5, rng)
        # Of the room + 1 places each is drawn as often; the last one's upper edge never is.
        first = cell * (side // grid) + ((room + 1) * shift).floor().long().clamp(max=room)
        places.append(first[:, :, None] + torch.arange(part, device=x.device))
    rows, columns = places
    sample = torch.arange(batch, device=x.device)[:, None, None, None]
    cut_out = x.permute(0, 2, 3, 1)[sample, rows[:, :, :, None], columns[:, :, None, :]]
    return cut_out.permute(0, 1, 4, 2, 3)


def tile_size(size: tuple[int, int], grid: int, gap: float) -> tuple[int, int]:
    """(height, width) in pixels of the tiles of an image of ``size``, at least one pixel.

    gap: share of a cell's side that stays free between two tiles.
    """
    height, width = (max(1, round(side // grid * (1 - gap))) for side in size)
    return height, width


def encoder_size(encoder: Any, size: tuple[int, int]) -> tuple[int, int]:
    """The size in pixels at which ``encoder`` takes tiles of ``size``.

    A transformer takes whole patches: the nearest number of them, and one at least. A
    convolutional net takes any size.
    """
    if hasattr(encoder, "maps"):
        return size
    height, width = (max(1, round(side / encoder.patch)) * encoder.patch for side in size)
    return height, width


def tiles_for(
    encoder: Any,
    x: torch.Tensor,
    grid: int,
    gap: float,
    jitter: float,
    rng: torch.Generator,
) -> torch.Tensor:
    """float (B, grid * grid, C, h, w): tiles of x as ``encoder`` takes them.

    They are cut at that size where it fits, and enlarged where a patch is larger than the tile.
    """
    wanted = tile_size((x.shape[2], x.shape[3]), grid, gap)
    taken = encoder_size(encoder, wanted)
    size = (min(wanted[0], taken[0]), min(wanted[1], taken[1]))
    tiles = cut(x, grid, size, jitter, rng)
    return resize(tiles.flatten(0, 1), taken).view(*tiles.shape[:3], *taken)


def encode(encoder: Any, tiles: torch.Tensor) -> torch.Tensor:
    """float (B, T, dim): each tile of (B, T, C, h, w) encoded by itself, in one pass."""
    h: torch.Tensor = encoder(tiles.flatten(0, 1))
    return h.view(tiles.shape[0], tiles.shape[1], -1)


def drop_colours(tiles: torch.Tensor, rng: torch.Generator) -> torch.Tensor:
    """Tiles, float (B, T, C, h, w) in [0, 1], of which one channel alone is left, drawn for each.

    The others become the mean of the one left, with noise a hundredth of its spread (Doersch et
    al., 1505.05192, section 3.1): how the channels are displaced against each other, as lenses do
    towards a picture's edges, then tells nothing. Tiles of one channel stay as they are.
    """
    channels = tiles.shape[2]
    if channels == 1:
        return tiles
    shape = (*tiles.shape[:2], 1, 1, 1)
    left = torch.randint(0, channels, shape, generator=rng, device=tiles.device)
    one = tiles.gather(2, left.expand(-1, -1, 1, *tiles.shape[3:]))
    spread, mean = torch.std_mean(one, dim=(3, 4), keepdim=True, correction=0)
    noise = torch.randn(tiles.shape, generator=rng, device=tiles.device)
    is_left = torch.arange(channels, device=tiles.device).view(-1, 1, 1) == left
    return torch.where(is_left, tiles, mean + 0.01 * spread * noise).clamp(0, 1)


def overview(tiles: torch.Tensor) -> torch.Tensor:
    """float (B, C, H, W): tiles, (B, grid * grid, C, h, w), laid out with white lines between."""
    batch, parts, channels, height, width = tiles.shape
    grid, line = math.isqrt(parts), max(1, round(min(height, width) / 8))
    framed = F.pad(tiles, (0, line, 0, line), value=1.0)
    rows = framed.view(batch, grid, grid, channels, height + line, width + line)
    laid = rows.permute(0, 3, 1, 4, 2, 5).flatten(4, 5).flatten(2, 3)
    return laid[:, :, :-line, :-line]


def shuffle(tiles: torch.Tensor, order: torch.Tensor) -> torch.Tensor:
    """Tiles, (B, T, C, h, w), such that place t holds what was at place order[:, t].

    order: int64 (B, T), a permutation a sample.
    """
    return tiles[torch.arange(len(tiles), device=tiles.device)[:, None], order]


@cache
def far_orders(parts: int, count: int) -> tuple[tuple[int, ...], ...]:
    """``count`` permutations of ``parts`` places, chosen to differ in as many places as possible.

    Algorithm 1 of Noroozi & Favaro (1603.09246), made deterministic: from the identity on, the
    next is the one whose nearest chosen one is farthest, then the one farthest from all chosen,
    then the first in lexicographic order. Raises ValueError if there are not so many.
    """
    if count > math.factorial(parts):
        raise ValueError(f"{parts} places have fewer than {count} permutations")
    every = np.array(list(itertools.permutations(range(parts))), dtype=np.int8).T.copy()
    nearest = np.full(every.shape[1], parts + 1)
    total = np.zeros(every.shape[1], dtype=np.int64)
    chosen = [0]
    while len(chosen) < count:
        distance = (every != every[:, chosen[-1], None]).sum(axis=0, dtype=np.int8)
        nearest = np.minimum(nearest, distance)
        total += distance
        chosen.append(int(np.argmax(nearest * parts * count + total)))
    return tuple(tuple(every[:, index].tolist()) for index in chosen)

"""Tiles: where they are cut, that neighbours do not touch, and which orders are far apart."""

from __future__ import annotations

import itertools

import pytest
import torch

from workbench.tasks.parts import tiles


def numbered(batch: int, height: int, width: int) -> torch.Tensor:
    """float (B, 2, H, W): each pixel holds its own row and column."""
    rows, columns = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
    return torch.stack([rows, columns]).float().expand(batch, -1, -1, -1)


class Conv:
    maps = None
    patch = 4


class Vit:
    def __init__(self, patch: int):
        self.patch = patch


@pytest.mark.parametrize(("height", "width", "grid"), [(28, 28, 2), (32, 45, 3), (8, 8, 2)])
def test_tiles_are_pieces_of_their_own_cells(height, width, grid, rng):
    size = (height // grid - 1, width // grid - 1)
    cut = tiles.cut(numbered(5, height, width), grid, size, 1.0, rng)
    assert cut.shape == (5, grid * grid, 2, *size)
    for tile in range(grid * grid):
        row, column = cut[:, tile, 0], cut[:, tile, 1]
        assert (row.diff(dim=1) == 1).all()
        assert (column.diff(dim=2) == 1).all()
        for place, cell, index in (
            (row, height // grid, tile // grid),
            (column, width // grid, tile % grid),
        ):
            assert place.min() >= index * cell
            assert place.max() < (index + 1) * cell


def test_without_jitter_tiles_lie_in_the_middle_of_their_cells(rng):
    cut = tiles.cut(numbered(3, 30, 30), 3, (6, 6), 0.0, rng)
    assert cut[:, :, 0, 0, 0].unique().tolist() == [2, 12, 22]
    assert cut[:, :, 0, -1, 0].unique().tolist() == [7, 17, 27]


def test_with_jitter_every_place_in_a_cell_is_as_frequent(rng):
    cut = tiles.cut(numbered(3000, 20, 20), 2, (8, 8), 1.0, rng)
    counts = torch.bincount(cut[:, 0, 1, 0, 0].long(), minlength=3)
    assert len(counts) == 3
    assert (counts / 3000 - 1 / 3).abs().max() < 0.04
    half = tiles.cut(numbered(3000, 20, 20), 2, (4, 4), 0.5, rng)[:, 0, 1, 0, 0].long()
    assert half.unique().tolist() == [1, 2, 3, 4, 5][: len(half.unique())]


def test_each_tile_has_its_own_draw(rng):
    cut = tiles.cut(numbered(50, 40, 40), 2, (10, 10), 1.0, rng)
    first = cut[:, :, 1, 0, 0] % 20
    assert (first != first[:, :1]).any(dim=1).float().mean() > 0.9
    assert (first != first[:1]).any(dim=0).all()


def test_a_gap_keeps_neighbours_apart_on_average(rng):
    wide = tiles.tile_size((90, 90), 3, 1 / 3)
    assert wide == (20, 20)
    assert tiles.tile_size((75 * 3, 60), 3, 0.15) == (64, 17)
    assert tiles.tile_size((3, 3), 3, 0.5) == (1, 1)
    cut = tiles.cut(numbered(500, 90, 90), 3, wide, 0.3, rng)
    between = cut[:, 1, 1, 0, 0] - cut[:, 0, 1, 0, -1] - 1
    assert between.min() >= 6
    assert between.mean() == pytest.approx(10, abs=0.5)


@pytest.mark.parametrize(
    ("encoder", "size", "taken"),
    [
        (Conv(), (13, 9), (13, 9)),
        (Vit(4), (13, 9), (12, 8)),
        (Vit(4), (15, 15), (16, 16)),
        (Vit(8), (3, 3), (8, 8)),
    ],
)
def test_tiles_are_as_the_encoder_takes_them(encoder, size, taken, rng):
    assert tiles.encoder_size(encoder, size) == taken
    x = torch.rand(2, 3, 2 * size[0], 2 * size[1], generator=rng)
    cut = tiles.tiles_for(encoder, x, 2, 0.0, 1.0, rng)
    assert cut.shape == (2, 4, 3, *taken)
    assert cut.min() >= 0
    assert cut.max() <= 1


def test_tiles_that_fit_are_not_resized(rng):
    """A patch of 4 and cells of 14: pixels themselves, not a mixture."""
    x = numbered(4, 28, 28)
    cut = tiles.tiles_for(Vit(4), x, 2, 0.15, 1.0, rng)
    assert torch.equal(cut, cut.round())
    assert (cut[:, :, 0].diff(dim=2) == 1).all()


def test_each_tile_is_encoded_by_itself(rng):
    """Changing one tile changes the code of that tile alone."""
    encoder = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(12, 5))
    cut = torch.rand(3, 4, 3, 2, 2, generator=rng)
    other = cut.clone()
    other[:, 2] += 1
    moved = (tiles.encode(encoder, cut) - tiles.encode(encoder, other)).abs().amax(dim=(0, 2)) > 0
    assert moved.tolist() == [False, False, True, False]


def test_dropping_colours_leaves_one_channel_of_each_tile(rng):
    cut = torch.rand(40, 9, 3, 6, 6, generator=rng)
    dropped = tiles.drop_colours(cut, rng)
    kept = (dropped == cut).flatten(3).all(dim=3)
    assert (kept.sum(dim=2) == 1).all()
    assert kept.any(dim=1).float().mean() > 0.9
    mean = (cut * kept[:, :, :, None, None]).sum(dim=2).mean(dim=(2, 3))
    others = dropped[~kept].view(40, 9, 2, 36)
    assert (others - mean[:, :, None, None]).abs().max() < 0.05
    assert others.std(dim=3).max() < 0.01
    assert others.std(dim=3).min() > 0
    gray = torch.rand(2, 4, 1, 3, 3, generator=rng)
    assert torch.equal(tiles.drop_colours(gray, rng), gray)


def test_an_overview_shows_every_tile_at_its_place(rng):
    cut = torch.rand(2, 9, 3, 8, 10, generator=rng)
    laid = tiles.overview(cut)
    assert laid.shape == (2, 3, 3 * 8 + 2, 3 * 10 + 2)
    for tile in range(9):
        top, left = tile // 3 * 9, tile % 3 * 11
        assert torch.equal(laid[:, :, top : top + 8, left : left + 10], cut[:, tile])
    assert (laid[:, :, 8] == 1).all()


def test_shuffling_by_the_inverse_order_brings_the_tiles_back(rng):
    cut = torch.rand(5, 4, 1, 2, 2, generator=rng)
    order = torch.stack([torch.randperm(4, generator=rng) for _ in range(5)])
    shuffled = tiles.shuffle(cut, order)
    for row in range(5):
        for place in range(4):
            assert torch.equal(shuffled[row, place], cut[row, order[row, place]])
    assert torch.equal(tiles.shuffle(shuffled, order.argsort(dim=1)), cut)


def distance(a: tuple[int, ...], b: tuple[int, ...]) -> int:
    return sum(x != y for x, y in zip(a, b, strict=True))


def test_all_permutations_of_four_places():
    assert set(tiles.far_orders(4, 24)) == set(itertools.permutations(range(4)))
    with pytest.raises(ValueError, match="fewer than 25"):
        tiles.far_orders(4, 25)


def test_each_next_order_is_the_farthest_from_those_chosen():
    """Against the greedy choice, written out."""
    orders = tiles.far_orders(5, 20)
    every = list(itertools.permutations(range(5)))
    assert orders[0] == (0, 1, 2, 3, 4)
    for count in range(1, 20):
        chosen = orders[:count]
        best = max(
            (
                min(distance(each, other) for other in chosen),
                sum(distance(each, other) for other in chosen),
                [-place for place in each],
            )
            for each in every
        )
        assert orders[count] == tuple(-place for place in best[2])


def test_the_orders_of_nine_places_are_far_apart():
    orders = tiles.far_orders(9, 64)
    assert len(set(orders)) == 64
    pairs = [distance(a, b) for a, b in itertools.combinations(orders, 2)]
    assert min(pairs) >= 7
    assert sum(pairs) / len(pairs) > 8

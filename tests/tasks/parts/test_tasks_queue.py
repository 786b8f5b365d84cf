"""The ring of keys: order, what is thrown out, when keys enter, and how many there are."""

from __future__ import annotations

import dataclasses

import pytest
import torch

from workbench.tasks.parts import queue


def numbered(first: int, count: int, width: int = 2) -> torch.Tensor:
    return torch.arange(first, first + count).float()[:, None].expand(-1, width).clone()


def test_it_begins_with_random_directions_of_length_1():
    torch.manual_seed(0)
    keys = queue.ring(500, 8).keys
    assert torch.allclose(keys.norm(dim=1), torch.ones(500))
    assert keys.mean(dim=0).norm() < 0.1


@pytest.mark.parametrize("batch", [1, 3, 5, 7])
@pytest.mark.parametrize("size", [5, 6])
def test_it_holds_the_last_keys_as_a_list_would(size, batch):
    ring = queue.ring(size, 2)
    expected: list[float] = []
    for first in range(0, 6 * batch, batch):
        queue.offer(ring, numbered(first, batch))
        queue.push(ring)
        expected = (expected + list(range(first, first + batch)))[-size:]
        keys = ring.keys[:, 0].tolist()
        assert set(expected) <= set(keys)
    # From the oldest on, around the ring.
    position = int(ring.position)
    assert (keys[position:] + keys[:position])[-len(expected) :] == expected


def test_the_newest_take_the_place_of_the_oldest():
    ring = queue.ring(4, 1)
    for first in (10, 12, 14):
        queue.offer(ring, numbered(first, 2, 1))
        queue.push(ring)
    assert ring.keys[:, 0].tolist() == [14, 15, 12, 13]


def test_keys_wait_until_they_are_pushed_and_enter_once():
    ring = queue.ring(4, 2)
    before = ring.keys.clone()
    queue.offer(ring, numbered(7, 1))
    queue.offer(ring, numbered(8, 1))
    assert torch.equal(ring.keys, before)
    queue.push(ring)
    assert ring.keys[0].tolist() == [8, 8]
    assert torch.equal(ring.keys[1:], before[1:])
    queue.push(ring)
    assert torch.equal(ring.keys[1:], before[1:])
    assert int(ring.position) == 1


def test_keys_carry_no_gradient():
    ring = queue.ring(4, 2)
    queue.offer(ring, torch.ones(3, 2, requires_grad=True) * 2)
    queue.push(ring)
    assert not ring.keys.requires_grad
    assert ring.keys[:3].tolist() == [[2, 2]] * 3


def test_a_checkpoint_goes_on_where_it_stopped():
    ring, other = queue.ring(5, 2), queue.ring(5, 2)
    queue.offer(ring, numbered(0, 3))
    queue.push(ring)
    other.load_state_dict(ring.state_dict())
    for each in (ring, other):
        queue.offer(each, numbered(3, 4))
        queue.push(each)
    assert torch.equal(ring.keys, other.keys)
    assert set(ring.state_dict()) == {"keys", "position"}


@pytest.mark.parametrize(
    ("size", "samples", "places"),
    [
        (None, 719, 360),
        (None, 100_000, 4096),
        (None, 2, 1),
        (500, 719, 500),
        (900, 719, 719),
        (1, 719, 1),
    ],
)
def test_it_is_no_larger_than_the_data_let_it_be(size, samples, places, case_of):
    from workbench.tasks.simclr import SimCLR

    info = case_of(SimCLR(), "conv", "gray 28").info
    info = dataclasses.replace(info, counts={"train": samples})
    assert queue.places(size, info) == places
    notes = queue.places_notes(size, info)
    if size == places:
        assert notes == ()
    else:
        assert f"{places:,} keys" in notes[0]

"""The order of training samples: a function of seed and step, whatever was drawn before."""

from __future__ import annotations

import numpy as np
import pytest

from workbench.training.batches import Order


def epoch_of(order: Order, epoch: int) -> list[list[int]]:
    first = epoch * order.steps_per_epoch
    return [order.positions(first + i).tolist() for i in range(order.steps_per_epoch)]


@pytest.fixture(params=["images", "texts"])
def lengths(request: pytest.FixtureRequest) -> np.ndarray | None:
    if request.param == "images":
        return None
    return np.random.default_rng(0).integers(1, 100, 1000)


def test_an_epoch_shows_each_sample_once_but_for_the_last_few(lengths):
    order = Order(1000, 64, seed=3, lengths=lengths)
    for epoch in range(2):
        shown = [position for batch in epoch_of(order, epoch) for position in batch]
        assert len(shown) == len(set(shown)) == 15 * 64
        assert min(shown) >= 0
        assert max(shown) < 1000


def test_who_is_left_out_changes(lengths):
    order = Order(1000, 64, seed=3, lengths=lengths)
    left = [set(range(1000)) - set(np.concatenate(epoch_of(order, e)).tolist()) for e in range(2)]
    assert left[0] != left[1]


def test_a_step_gives_the_same_batch_from_anywhere(lengths):
    """So that a resumed run goes on as it would have."""
    order = Order(1000, 64, seed=3, lengths=lengths)
    ahead = [order.positions(step).tolist() for step in range(40)]
    fresh = Order(1000, 64, seed=3, lengths=lengths)
    for step in (39, 0, 17, 16):
        assert fresh.positions(step).tolist() == ahead[step]
    other = Order(1000, 64, seed=4, lengths=lengths)
    assert other.positions(0).tolist() != ahead[0]


def test_few_samples_are_one_batch(lengths):
    order = Order(10, 64, seed=0, lengths=None if lengths is None else lengths[:10])
    assert order.batch_size == 10
    assert sorted(order.positions(0).tolist()) == list(range(10))


def test_texts_of_about_one_length_come_together():
    lengths = np.random.default_rng(0).integers(1, 100, 4000)

    def padding(order: Order) -> float:
        batches = [lengths[batch] for batch in epoch_of(order, 0)]
        padded = sum(len(batch) * batch.max() for batch in batches)
        return 1 - sum(batch.sum() for batch in batches) / padded

    assert padding(Order(4000, 64, seed=0)) > 0.4
    assert padding(Order(4000, 64, seed=0, lengths=lengths)) < 0.12


def test_batches_of_short_and_long_texts_are_mixed_and_so_are_their_samples():
    lengths = np.random.default_rng(0).integers(1, 100, 4000)
    order = Order(4000, 64, seed=0, lengths=lengths)
    means = [lengths[batch].mean() for batch in epoch_of(order, 0)]
    assert abs(np.corrcoef(means, np.arange(len(means)))[0, 1]) < 0.4
    first, second = (
        {frozenset(b) for b in map(tuple, map(sorted, epoch_of(order, e)))} for e in (0, 1)
    )
    assert not first & second

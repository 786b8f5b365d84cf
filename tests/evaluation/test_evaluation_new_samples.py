"""New samples compared with the samples of a run: by brute force, on the same numbers."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest

from workbench.evaluation import knn, new_samples
from workbench.evaluation.new_samples import ReferenceSamples, Yardstick
from workbench.maps.pca import pca


def reference(
    n: int = 300, d: int = 12, classes: int = 4, seed: int = 0, validation: int = 80
) -> ReferenceSamples:
    """Clusters, one a class; rows of the cache are not positions."""
    rng = np.random.default_rng(seed)
    centres = rng.normal(size=(classes, d)) * 2
    labels = rng.integers(0, classes, n + validation)
    features = (centres[labels] + rng.normal(size=(n + validation, d))).astype(np.float32)
    labels[:5] = -1
    return ReferenceSamples(
        np.arange(n) * 3 + 7, features[:n], labels[:n], features[n:], labels[n:]
    )


def test_neighbours_are_those_of_brute_force() -> None:
    mine = reference()
    queries = np.random.default_rng(9).normal(size=(6, 12)).astype(np.float32)
    rows, similarity = new_samples.nearest(mine, queries, 7)
    for i, one in enumerate(queries):
        by_hand = []
        for row, other in zip(mine.rows, mine.features, strict=True):
            product = float(np.dot(one.astype(float), other.astype(float)))
            by_hand.append((product / np.linalg.norm(one) / np.linalg.norm(other), int(row)))
        by_hand.sort(reverse=True)
        assert rows[i].tolist() == [row for _, row in by_hand[:7]]
        np.testing.assert_allclose(similarity[i], [value for value, _ in by_hand[:7]], atol=1e-6)


def test_a_training_sample_is_its_own_nearest_neighbour() -> None:
    mine = reference()
    rows, similarity = new_samples.nearest(mine, mine.features[40:43], 3)
    assert rows[:, 0].tolist() == mine.rows[40:43].tolist()
    np.testing.assert_allclose(similarity[:, 0], 1.0, atol=1e-6)
    everything, _ = new_samples.nearest(mine, mine.features[:1], 10**6)
    assert everything.shape == (1, len(mine.rows))


def test_a_training_sample_is_recognised_and_left_out_of_its_own_neighbours() -> None:
    mine = reference()
    queries = np.concatenate([mine.features[40:42] * np.float32(1 + 1e-5), mine.validation[:20]])
    assert new_samples.training_positions(mine, queries).tolist() == [40, 41] + [-1] * 20
    others = new_samples.without(mine, 40)
    assert 40 * 3 + 7 not in others.rows
    rows, _ = new_samples.nearest(others, mine.features[40:41], 5)
    assert 40 * 3 + 7 not in rows
    assert new_samples.without(mine, -1) is mine
    same = dataclasses.replace(mine, features=np.ones_like(mine.features))
    assert new_samples.training_positions(same, mine.validation).max() == -1


def test_a_training_sample_is_as_unusual_as_it_is_among_training_samples() -> None:
    mine = reference(d=40, validation=100)
    # The model tells its training samples apart; those that it has not seen lie close to them.
    close = mine.features[:100] + np.float32(0.3)
    mine = dataclasses.replace(mine, validation=close)
    measure = new_samples.yardstick(mine)
    assert len(measure.training) == len(mine.features)
    shares = []
    for position in range(60):
        others = new_samples.without(mine, position)
        far = new_samples.distances(others, mine.features[position : position + 1])
        found = new_samples.share_nearer(measure, far, training=True)
        by_validation = new_samples.share_nearer(measure, far)
        assert found is not None
        assert by_validation is not None
        shares.append((float(found[0]), float(by_validation[0])))
    training, validation = np.median(shares, axis=0)
    assert 0.3 < training < 0.7
    assert validation > 0.8, "else this shows nothing"


def test_the_vote_is_that_of_the_knn_protocol_and_adds_up() -> None:
    mine = reference()
    assert mine.labels is not None
    kept = mine.labels >= 0
    votes = new_samples.vote(mine, mine.validation)
    assert votes is not None
    expected = knn.predict(mine.features[kept], mine.labels[kept], mine.validation)
    assert votes.predicted.tolist() == expected.tolist()
    np.testing.assert_allclose(votes.shares.sum(axis=1), 1.0)
    assert (votes.counts.sum(axis=1) == votes.k).all()
    # One share by hand: weights exp(s / 0.07) of the k nearest labelled ones.
    one = mine.validation[3].astype(float)
    cosine = [
        (float(one @ f) / math.sqrt(float(one @ one) * float(f @ f)), int(label))
        for f, label in zip(mine.features[kept].astype(float), mine.labels[kept], strict=True)
    ]
    near = sorted(cosine, reverse=True)[: votes.k]
    weights = np.zeros(4)
    for value, label in near:
        weights[label] += math.exp(value / 0.07)
    np.testing.assert_allclose(votes.shares[3], weights / weights.sum(), rtol=1e-3)
    assert votes.counts[3].tolist() == [sum(label == c for _, label in near) for c in range(4)]


def test_as_many_neighbours_vote_as_the_run_asked_for() -> None:
    mine = dataclasses.replace(reference(), neighbours=3)
    votes = new_samples.vote(mine, mine.validation)
    assert votes is not None
    assert votes.k == 3
    assert (votes.counts.sum(axis=1) == 3).all()


@pytest.mark.parametrize("labels", [None, np.zeros(300, np.int64), np.full(300, -1)])
def test_without_two_classes_nobody_votes(labels: np.ndarray | None) -> None:
    mine = reference()
    alone = ReferenceSamples(mine.rows, mine.features, labels, mine.validation, None)
    assert new_samples.vote(alone, mine.validation) is None
    assert len(new_samples.yardstick(alone).winning_shares) == 0


def test_what_lies_outside_is_farther_than_every_validation_sample() -> None:
    mine = reference()
    measure = new_samples.yardstick(mine)
    assert len(measure.distances) == len(mine.validation)
    far = new_samples.distances(mine, mine.features.mean(axis=0, keepdims=True) + 100)
    near = new_samples.distances(mine, mine.features[50:51])
    shares = new_samples.share_nearer(measure, np.concatenate([far, near]))
    assert shares is not None
    assert shares[0] == 1.0
    assert shares[0] >= new_samples.UNUSUAL > shares[1]
    # The share is counted by hand.
    middle = float(np.median(measure.distances))
    found = new_samples.share_nearer(measure, np.array([middle]))
    assert found is not None
    assert found[0] == sum(d < middle for d in measure.distances) / len(measure.distances)


def test_too_few_validation_samples_say_nothing() -> None:
    mine = reference(validation=new_samples.FEWEST_TO_COMPARE - 1)
    measure = new_samples.yardstick(mine)
    assert new_samples.share_nearer(measure, np.array([1.0])) is None
    assert new_samples.correct_votes(measure, 0.0) is None
    none = new_samples.yardstick(reference(validation=0))
    assert new_samples.share_nearer(none, np.array([1.0])) is None


def test_how_often_so_clear_a_vote_is_right() -> None:
    clear = np.repeat([0.5, 0.9], [60, 30])
    right = np.array([False] * 40 + [True] * 20 + [True] * 27 + [False] * 3)
    measure = Yardstick(np.empty(0), clear, right)
    assert new_samples.correct_votes(measure, 0.9) == (27, 30)
    assert new_samples.correct_votes(measure, 0.4) == (47, 90)
    assert new_samples.correct_votes(measure, 0.95) is None


def test_a_mapped_sample_is_placed_where_the_map_has_it() -> None:
    h = np.random.default_rng(3).normal(size=(200, 16)) * np.linspace(4, 0.1, 16) + 5
    xy, _ = pca(h)
    np.testing.assert_allclose(new_samples.map_position(h, xy, h[:9]), xy[:9], atol=1e-3)
    middle = new_samples.map_position(h, xy, h.mean(axis=0, keepdims=True))
    np.testing.assert_allclose(middle, 0, atol=1e-9)
    flat = new_samples.map_position(np.ones((5, 3)), np.zeros((5, 2)), np.ones((1, 3)))
    assert flat.tolist() == [[0.0, 0.0]]

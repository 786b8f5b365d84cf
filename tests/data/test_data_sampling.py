"""The samples that are scored and mapped: limits, shares of the classes, and the seed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from workbench.data import sampling


def test_small_splits_are_taken_whole_and_absolute(make_data: Any) -> None:
    data = make_data(counts={"train": 5, "validation": 3, "test": 4})
    chosen = sampling.choose(data)
    assert chosen["train"].tolist() == [0, 1, 2, 3, 4]
    assert chosen["validation"].tolist() == [5, 6, 7]
    assert chosen["test"].tolist() == [8, 9, 10, 11]


def test_large_splits_are_limited_by_share_unless_full(
    make_data: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sampling, "LIMITS", {"train": 100, "validation": 10, "test": 10})
    train = np.repeat([0, 1, 2], [900, 95, 5])
    labels = {"train": train, "validation": train[::50], "test": train[::50]}
    data = make_data(labels)
    rows = sampling.choose(data)["train"]
    assert np.bincount(train[rows]) == pytest.approx([90, 9.5, 1], abs=1)
    assert len(rows) == 100
    assert (np.diff(rows) > 0).all()
    assert len(sampling.choose(data, full=True)["train"]) == 1000


def test_the_choice_depends_on_the_fingerprint_alone(
    make_data: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    monkeypatch.setattr(sampling, "LIMITS", {"train": 50, "validation": 10, "test": 10})
    data = make_data(counts={"train": 500, "test": 20})
    again = sampling.choose(data)["train"]
    assert np.array_equal(sampling.choose(data)["train"], again)
    (tmp_path / "cache").rename(tmp_path / "first")
    other = make_data(counts={"train": 500, "test": 20}, fingerprint="other")
    assert not np.array_equal(sampling.choose(other)["train"], again)


def test_samples_without_a_label_only_fill_up() -> None:
    labels = np.array([-1] * 90 + [0] * 5 + [1] * 5)
    rng = np.random.default_rng(0)
    rows = sampling.stratified(labels, 20, rng)
    assert len(rows) == 20
    assert (labels[rows] >= 0).sum() == 10
    assert (labels[sampling.stratified(labels, 6, rng)] >= 0).all()


@pytest.mark.parametrize("room", [0, 1, 2, 3, 7, 50, 111])
def test_quotas_fill_the_room_and_never_ask_for_more_than_there_is(room: int) -> None:
    counts = np.array([100, 10, 1])
    taken = sampling.quotas(counts, room)
    assert taken.sum() == room
    assert (taken <= counts).all()
    if room >= 3:
        assert (taken >= 1).all()


def test_mapped_samples_are_scored_samples_and_never_of_the_test_split(
    make_data: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sampling, "LIMITS", {"train": 60, "validation": 40, "test": 10})
    data = make_data(counts={"train": 300, "validation": 100, "test": 100})
    chosen = sampling.choose(data)
    mapped = sampling.map_rows(data, chosen, 50)
    assert len(mapped) == len(np.unique(mapped)) == 50
    assert mapped.max() < data.rows("test").start
    assert np.isin(mapped, np.concatenate([chosen["train"], chosen["validation"]])).all()

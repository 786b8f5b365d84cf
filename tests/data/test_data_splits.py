"""Splits: missing ones are made, copies are left out on request, and nothing is done silently."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from data_making import encoded, noise, put, sentences

from workbench.config import DataConfig
from workbench.data import prepare, quality
from workbench.data.dataset import SPLITS, Dataset
from workbench.data.listing import NOT_GIVEN
from workbench.data.splits import TEST, TRAIN, VALIDATION, assign, repeats
from workbench.errors import RequestError

FREE = NOT_GIVEN


def given_splits(**counts: int) -> np.ndarray:
    """int8 (n,): so many samples of each split, and ``free`` ones without."""
    places = {"train": TRAIN, "validation": VALIDATION, "test": TEST, "free": FREE}
    return np.repeat([places[name] for name in counts], list(counts.values())).astype(np.int8)


def rows_file(path: Path, rows: list[dict[str, Any]]) -> Path:
    return put(path, "\n".join(json.dumps(row) for row in rows).encode())


def classes_of(data: Dataset, split: str) -> Counter[str]:
    label = data.info.label
    assert label is not None
    return Counter(label.classes[code] for code in data.target(label.name)[data.rows(split)])


@pytest.mark.parametrize(
    ("given", "kept", "made", "note"),
    [
        ({"validation": 40, "test": 30}, {"test": 30}, ["train", "validation"], "from validation"),
        ({"free": 50, "test": 30}, {"test": 30}, ["train", "validation"], "the 50 samples"),
        ({"free": 50, "validation": 20}, {"validation": 20}, ["train", "test"], "the 50 samples"),
        (
            {"free": 50, "validation": 20, "test": 9},
            {"validation": 20, "test": 9},
            ["train"],
            "There is validation and test, but no training split",
        ),
        ({"train": 60}, {}, ["validation", "test"], "Of 60 training samples"),
        ({"train": 60, "test": 5}, {"test": 5}, ["validation"], "6 for validation"),
        ({"test": 60}, {}, list(SPLITS), "All samples are given as test"),
        ({"validation": 60}, {}, list(SPLITS), "All samples are given as validation"),
        ({"free": 60}, {}, list(SPLITS), "Splits were made"),
    ],
)
def test_a_missing_split_is_made_and_named(
    given: dict[str, int], kept: dict[str, int], made: list[str], note: str
) -> None:
    splits = given_splits(**given)
    labels = np.arange(len(splits)) % 2
    assigned = assign(splits, labels, None, np.arange(len(splits), dtype=np.uint64))
    counts = {name: int((assigned.split == place).sum()) for place, name in enumerate(SPLITS)}
    assert all(counts[name] == count for name, count in kept.items())
    assert all(counts.values())
    assert sum(counts.values()) == len(splits)
    assert list(assigned.made) == made
    assert any(note in one for one in assigned.notes)
    for name in kept:
        place = SPLITS.index(name)
        assert (assigned.split[splits == place] == place).all()
    # Samples that had no split are not tested where a test split is given.
    if "test" in kept:
        assert not (assigned.split[splits == FREE] == TEST).any()


def test_labels_are_divided_alike() -> None:
    labels = np.repeat([0, 1, 2], [700, 200, 100])
    assigned = assign(given_splits(free=1000), labels, None, np.arange(1000, dtype=np.uint64))
    for label, count in ((0, 700), (1, 200), (2, 100)):
        shares = np.bincount(assigned.split[labels == label], minlength=3) / count
        assert np.allclose(shares, (0.7, 0.1, 0.2), atol=0.02)


def test_a_class_of_one_repeated_sample_is_never_tested_alone() -> None:
    # Class 0: one sample, 30 times. Class 1: 20 different ones.
    labels = np.repeat([0, 1], [30, 20])
    digests = np.r_[np.zeros(30), 1 + np.arange(20)].astype(np.uint64)
    assigned = assign(given_splits(free=50), labels, None, digests)
    assert (assigned.split[labels == 0] == TRAIN).all()
    assert set(assigned.split[labels == 1].tolist()) == {TRAIN, VALIDATION, TEST}


def test_the_largest_pile_of_equal_samples_trains() -> None:
    labels = np.zeros(33, np.int64)
    digests = np.r_[np.arange(3), np.full(30, 9)].astype(np.uint64)
    assigned = assign(given_splits(free=33), labels, None, digests)
    assert (assigned.split[3:] == TRAIN).all()
    assert {VALIDATION, TEST} <= set(assigned.split[:3].tolist())


def test_where_each_class_is_one_sample_nothing_is_tested() -> None:
    labels = np.repeat([0, 1, 2], 10)
    assigned = assign(given_splits(free=30), labels, None, labels.astype(np.uint64))
    assert (assigned.split == TRAIN).all()
    assert any("no validation and no test sample" in note for note in assigned.notes)


@pytest.mark.parametrize("count", range(2, 8))
def test_few_samples_are_all_in_a_split_and_training_has_one(count: int) -> None:
    for labels in (None, np.zeros(count, np.int64)):
        digests = np.arange(count, dtype=np.uint64)
        split = assign(given_splits(free=count), labels, None, digests).split
        assert (split == TRAIN).any()
        assert (split == TEST).any()
        assert (split == VALIDATION).any() == (count > 2)


def test_of_equal_samples_the_one_of_training_stays() -> None:
    given = np.array([TEST, TRAIN, VALIDATION, TRAIN, FREE, TEST, TEST, FREE], np.int8)
    digests = np.array([7, 7, 7, 7, 8, 8, 9, 8], np.uint64)
    assert repeats(given, digests).tolist() == [
        *(True, False, True, True),
        *(False, True, False, True),
    ]


def test_many_samples_are_divided_exactly() -> None:
    count = 30_000
    labels = np.arange(count) % 7
    split = assign(given_splits(free=count), labels, None, np.arange(count, dtype=np.uint64)).split
    assert np.allclose(np.bincount(split) / count, (0.7, 0.1, 0.2), atol=0.001)


def copied(source: Path) -> Path:
    """40 training texts, one of them three times; 20 test texts, 6 of them from training, 2 equal;
    10 validation texts, 1 from training, 1 from test."""
    train, test, validation = sentences(40), sentences(14, 100), sentences(8, 200)
    parts = {
        "train": [*train, train[0], train[0]],
        "validation": [*validation, train[1], test[0]],
        "test": [*test[:13], test[0], *train[4:10]],
    }
    for name, texts in parts.items():
        rows_file(
            source / f"{name}.jsonl",
            [{"text": text, "label": "ab"[i % 2]} for i, text in enumerate(texts)],
        )
    return source


def test_without_dedupe_copies_stay_and_are_counted(home: Path, source: Path) -> None:
    data = prepare(DataConfig(str(copied(source))), home)
    assert data.info.counts == {"train": 42, "validation": 10, "test": 20}
    assert quality.duplicates(data).across == {"validation": 1, "test": 6}
    notes = " ".join(data.info.notes)
    assert "6 of 20 test samples equal a training sample" in notes
    assert "1 of 10 validation samples" in notes


def test_a_validation_part_holds_no_copy_of_the_given_test(home: Path, source: Path) -> None:
    train = sentences(60)
    for name, texts in (("train", train), ("test", [*sentences(10, 100), *train[:40]])):
        rows_file(source / f"{name}.jsonl", [{"text": text} for text in texts])
    data = prepare(DataConfig(str(source)), home)
    marks = {name: set(data.digests[data.rows(name)].tolist()) for name in data.info.counts}
    assert not marks["validation"] & marks["test"]
    assert quality.duplicates(data).across["test"] == 40
    assert any("40 of 50 test samples equal a training sample" in n for n in data.info.notes)


def test_dedupe_leaves_copies_out_and_counts_them(home: Path, source: Path) -> None:
    data = prepare(DataConfig(str(copied(source)), dedupe=True), home)
    # Of the test sample that is in validation too, the one in validation stays.
    assert data.info.counts == {"train": 40, "validation": 9, "test": 12}
    assert data.info.left_out == {"equal to another one": 11}
    assert data.info.found == 72
    assert len(np.unique(data.digests)) == data.info.total
    assert any("left out: 11 equal to another one" in note for note in data.info.notes)
    assert any("have another label than the sample that stays" in n for n in data.info.notes)


def test_dedupe_before_splits_are_made(home: Path, source: Path) -> None:
    texts = [{"text": text} for text in sentences(50) * 2]
    data = prepare(DataConfig(str(rows_file(source / "p.jsonl", texts)), dedupe=True), home)
    assert data.info.total == 50
    assert data.info.counts["train"] == 35
    assert data.info.left_out == {"equal to another one": 50}


def test_classes_of_one_repeated_text_are_named_and_not_tested(home: Path, source: Path) -> None:
    texts = {f"class {i}": text for i, text in enumerate(sentences(5))}
    rows = [{"text": text, "label": name} for name, text in texts.items()] * 12
    data = prepare(DataConfig(str(rows_file(source / "p.jsonl", rows))), home)
    assert data.info.counts == {"train": 60}
    notes = " ".join(data.info.notes)
    assert "no validation and no test sample" in notes
    assert "5 classes consist of equal samples ('class 0', 'class 1', 'class 2', ...)" in notes
    others = [{"text": text, "label": "other"} for text in sentences(40, 500)]
    mixed = prepare(DataConfig(str(rows_file(source / "q.jsonl", [*rows, *others]))), home)
    assert set(classes_of(mixed, "test")) == {"other"}
    assert classes_of(mixed, "train")["class 3"] == 12
    assert any("5 classes consist of equal samples" in note for note in mixed.info.notes)


@pytest.mark.parametrize("splits", [("",), ("train/", "test/")])
def test_samples_that_are_all_equal_are_refused(
    home: Path, source: Path, splits: tuple[str, ...]
) -> None:
    for split in splits:
        for name in ("cat", "dog"):
            for index in range(5):
                put(source / f"{split}{name}/{index}.png", encoded(noise(1, 8, 8)))
    count = 10 * len(splits)
    with pytest.raises(RequestError, match=f"all {count} samples are equal") as error:
        prepare(DataConfig(str(source)), home)
    assert error.value.field == "--data"
    assert error.value.remedy


def test_two_samples_a_class_can_be_used(home: Path, source: Path) -> None:
    rows = [{"text": text, "label": "abc"[i // 2]} for i, text in enumerate(sentences(6))]
    data = prepare(DataConfig(str(rows_file(source / "p.jsonl", rows))), home, None)
    assert data.info.total == 6
    assert all(data.info.counts[name] for name in SPLITS)


def test_validation_and_test_alone_get_a_training_part(home: Path, source: Path) -> None:
    for name, texts in (("validation", sentences(40)), ("test", sentences(20, 100))):
        rows_file(source / f"{name}.jsonl", [{"text": text} for text in texts])
    data = prepare(DataConfig(str(source)), home)
    assert data.info.counts["test"] == 20
    assert data.info.counts["train"] + data.info.counts["validation"] == 40
    assert data.info.counts["train"] > 30
    assert any("training samples are taken from validation" in note for note in data.info.notes)

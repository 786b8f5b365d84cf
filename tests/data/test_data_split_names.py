"""Names of splits in folders, files and cells: which are splits, which are classes."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from data_making import class_counts, class_tree, listed, put, split_counts

from workbench.config import DataConfig
from workbench.data import prepare
from workbench.data.sources.naming import (
    exact_split,
    file_splits,
    split_of,
    split_within,
    splits_of,
)
from workbench.errors import RequestError


@pytest.mark.parametrize(
    ("name", "split"),
    [
        ("train", "train"),
        ("Training_Set", "train"),
        ("trainSet", "train"),
        ("trainset", "train"),
        ("train2017", "train"),
        ("train_images", "train"),
        ("train-images", "train"),
        ("TRAIN", "train"),
        ("train_val", "train"),
        ("train-00000-of-00003", "train"),
        ("train-00000-of-00003-a09b74b3ef9c3b56", "train"),
        ("train_0001", "train"),
        ("unlabeled", "train"),
        ("val2017", "validation"),
        ("valid", "validation"),
        ("dev.v2", "validation"),
        ("test_set", "test"),
        ("eval", "test"),
        ("holdout", "test"),
        ("hold-out", "test"),
        ("held_out", "test"),
        ("testing(1)", "test"),
        ("test-drive-reviews", None),
        ("training_notes", None),
        ("train_station", None),
        ("invalid", None),
        ("testimonials", None),
        ("data-00000-of-00003", None),
        ("part-0", None),
        ("2017", None),
        ("", None),
    ],
)
def test_the_split_in_a_name(name: str, split: str | None) -> None:
    assert split_of(name) == split


@pytest.mark.parametrize(
    ("cell", "split"),
    [
        ("Train", "train"),
        (" dev ", "validation"),
        ("hold-out", "test"),
        ("Test set", "test"),
        ("train 1", None),
        ("latest", None),
        ("0", None),
        ("", None),
    ],
)
def test_the_split_in_a_cell(cell: str, split: str | None) -> None:
    assert exact_split(cell) == split


@pytest.mark.parametrize(
    ("names", "splits"),
    [
        (("seg_train", "seg_test", "seg_pred"), 2),
        (("trainA", "trainB", "testA", "testB"), 4),
        (("bullet_train", "freight_train", "train"), 1),
        (("drug_test", "blood_test"), 0),
        (("bus_train", "car_test"), 0),
    ],
)
def test_names_that_say_more_are_splits_together(names: tuple[str, ...], splits: int) -> None:
    assert len(splits_of(names)) == splits


def test_files_without_a_training_split() -> None:
    files = [Path("part-0.csv"), Path("test-0.csv")]
    assert list(file_splits(files).values()) == ["train", "test"]
    assert list(file_splits(files[:1]).values()) == [None]
    folders = [Path("train/0.csv"), Path("test/0.csv")]
    assert list(file_splits(folders).values()) == ["train", "test"]


AB = {"a": 6, "b": 6}


@pytest.mark.parametrize(
    ("folders", "splits", "classes"),
    [
        (
            ("training_set/a", "training_set/b", "test_set/a", "test_set/b"),
            {"train": 6, "test": 6},
            AB,
        ),
        (("train2017", "val2017"), {"train": 3, "validation": 3}, {}),
        (("validation", "test"), {"validation": 3, "test": 3}, {}),
        (("Train/a", "Train/b", "TEST/a", "Val/b"), {"train": 6, "validation": 3, "test": 3}, AB),
        (
            ("seg_train/seg_train/a", "seg_train/seg_train/b", "seg_test/seg_test/a",
             "seg_test/seg_test/b"),
            {"train": 6, "test": 6},
            AB,
        ),
        (("train_images/a", "train_images/b", "test-images/a", "test-images/b"),
         {"train": 6, "test": 6}, AB),
        (("images/train", "images/val"), {"train": 3, "validation": 3}, {}),
        (("train/images/a", "train/images/b", "test/images/a", "test/images/b"),
         {"train": 6, "test": 6}, AB),
        (("train/images/a", "train/images/b", "test/a", "test/b"),
         {"train": 6, "test": 6}, AB),
        (("a/train", "a/test", "b/train", "b/test"), {"train": 6, "test": 6}, AB),
        (("a/Imgs", "a/Imgs/.", "b/Imgs"), {"": 6}, {"a": 3, "b": 3}),
        (("wrap/a/Imgs", "wrap/b"), {"": 6}, {"a": 3, "b": 3}),
        (("train/a", "holdout/a", "eval/b", "dev/b"),
         {"train": 3, "validation": 3, "test": 6}, AB),
        (("train/a", "train/b", "unlabeled", "test/a"), {"train": 9, "test": 3},
         {"a": 6, "b": 3, None: 3}),
        (("bus", "car", "plane", "train"), {"": 12}, {"bus": 3, "car": 3, "plane": 3, "train": 3}),
        (("cat", "dog", "bird", "train", "test"), {"": 15},
         {"bird": 3, "cat": 3, "dog": 3, "test": 3, "train": 3}),
        (("valid", "invalid"), {"": 6}, {"valid": 3, "invalid": 3}),
        (("a", "b", "test/a", "test/b"), {"train": 6, "test": 6}, AB),
        (("cat", "dog", "test"), {"": 9}, {"cat": 3, "dog": 3, "test": 3}),
        ((".", "test"), {"train": 3, "test": 3}, {}),
        (("extra/a", "extra/b", "validation/a", "test/b"),
         {"train": 6, "validation": 3, "test": 3}, AB),
        (("test_data/train/a", "test_data/train/b", "test_data/test/a", "test_data/test/b"),
         {"train": 6, "test": 6}, AB),
        (("train/Train/a", "train/Train/b", "train/Test/a", "train/Test/b", "train/extras"),
         {"train": 6, "test": 6}, AB),
        (("trainA", "trainB", "testA", "testB"), {"train": 6, "test": 6}, AB),
        (("asl_train/a", "asl_train/b", "asl_test/a", "asl_test/b"), {"train": 6, "test": 6}, AB),
        (("data/train/a", "data/train/b", "data/val/a", "docs"),
         {"train": 6, "validation": 3}, {"a": 6, "b": 3}),
        (("images/train", "images/val", "."), {"train": 3, "validation": 3}, {}),
        (("images", "test"), {"train": 3, "test": 3}, {}),
        (("a/train", "a/test", "b/train", "b/test", "c"), {"train": 9, "test": 6},
         {"a": 6, "b": 6, "c": 3}),
        (("a/train", "a/test", "b", "c"), {"train": 9, "test": 3}, {"a": 6, "b": 3, "c": 3}),
        (("site/train/train", "site/train/bus", "site/test/train"), {"train": 6, "test": 3},
         {"train": 6, "bus": 3}),
        (("train/good", "test/good", "test/torn"), {"train": 3, "test": 6}, {"good": 6, "torn": 3}),
    ],
)  # fmt: skip
def test_folders_are_splits_or_classes(
    source: Path, folders: tuple[str, ...], splits: dict[str, int], classes: dict[str, int]
) -> None:
    class_tree(source, dict.fromkeys(folders, 3))
    found = listed(source)
    assert split_counts(found) == splits
    assert class_counts(found) == classes
    said = [n for n in found.notes if "Splits are those" in n or "no splits" in n]
    assert bool(said) == any(split_within(part) for name in folders for part in name.split("/"))


def test_labels_beside_the_images_are_no_splits(source: Path) -> None:
    class_tree(source, {"images/train": 4, "images/val": 3})
    for name in ("labels/train/00.txt", "labels/val/00.txt"):
        put(source / name, b"0 0.5 0.5 1 1")
    found = listed(source)
    assert split_counts(found) == {"train": 4, "validation": 3}
    assert found.accounted.left_out == {"not an image": 2}


def test_what_lies_outside_the_splits_is_counted_and_named(source: Path) -> None:
    class_tree(source, {"train/a": 4, "train/b": 4, "test/a": 2, ".": 1, "pred": 3})
    found = listed(source)
    assert found.accounted.left_out == {"outside the folders of splits": 4}
    assert any("left out: 'pred', '.'" in note for note in found.notes)


def test_split_none_takes_names_for_classes(source: Path) -> None:
    class_tree(source, {"train2017": 4, "val2017": 3})
    found = listed(source, split="none")
    assert split_counts(found) == {"": 7}
    assert class_counts(found) == {"train2017": 4, "val2017": 3}


def test_split_none_keeps_the_classes_below_splits(source: Path) -> None:
    class_tree(source, {"train/a": 4, "train/b": 4, "test/a": 2, "test/b": 2})
    found = listed(source, split="none")
    assert split_counts(found) == {"": 12}
    assert class_counts(found) == {"a": 6, "b": 6}
    assert any("neither splits nor classes" in note for note in found.notes)


def test_folders_split_takes_the_uppermost(source: Path) -> None:
    class_tree(source, {"my_train/bus": 4, "my_train/test": 4, "their_test/bus": 2})
    found = listed(source, folders="split")
    assert split_counts(found) == {"train": 8, "test": 2}
    assert class_counts(found) == {"bus": 6, "test": 4}


@pytest.mark.parametrize(
    ("options", "field", "words"),
    [
        ({"folders": "split"}, "--folders", "'bus', 'car' are no splits.\nKnown names"),
        ({"split": "folder1"}, "--split", "'bus', 'car' are no splits"),
        ({"split": "kind"}, "--split", "unknown level of folders 'kind'"),
        ({"split": "none", "folders": "split"}, "--folders", "contradict"),
    ],
)
def test_a_choice_that_does_not_fit_is_refused(
    source: Path, options: dict[str, Any], field: str, words: str
) -> None:
    class_tree(source, {"bus": 3, "car": 3, "train": 3})
    with pytest.raises(RequestError, match=words) as caught:
        listed(source, **options)
    assert caught.value.field == field


def test_a_level_may_be_named(source: Path) -> None:
    class_tree(source, {"bus/part1": 3, "bus/test": 3, "car/test": 3})
    with pytest.raises(RequestError, match="'part1' is no split"):
        listed(source, split="folder2")
    for file in (source / "bus/part1").iterdir():
        put(source / "bus/train" / file.name, file.read_bytes())
        file.unlink()
    found = listed(source, split="folder2")
    assert split_counts(found) == {"train": 3, "test": 6}
    assert class_counts(found) == {"bus": 6, "car": 3}


@pytest.mark.parametrize("form", ["folder", "zip"])
def test_two_spellings_of_one_name_are_one_class(source: Path, tmp_path: Path, form: str) -> None:
    import zipfile

    composed, decomposed = "caf\u00e9", "cafe\u0301"
    class_tree(source, {f"train/{composed}": 4, "train/bar": 4, f"test/{decomposed}": 2})
    path = source
    if form == "zip":
        path = tmp_path / "data.zip"
        with zipfile.ZipFile(path, "w") as out:
            for file in sorted(source.rglob("*.png")):
                out.write(file, file.relative_to(source).as_posix())
    found = listed(path)
    assert class_counts(found) == {composed: 6, "bar": 4}


def test_splits_alone_are_prepared(home: Path, source: Path) -> None:
    class_tree(source, {"validation/a": 8, "validation/b": 8, "test/a": 4, "test/b": 4})
    info = prepare(DataConfig(str(source)), home).info
    assert info.counts["train"] > 0
    assert info.counts["test"] == 8
    assert Counter(target.classes for target in info.targets) == {("a", "b"): 1}

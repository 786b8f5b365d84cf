"""Copies, near copies and blank samples across splits: found, and shown as the right pairs."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from data_making import encoded, noise, put, sentence

from workbench.config import DataConfig
from workbench.data import prepare, quality
from workbench.data.dataset import Dataset
from workbench.data.split_overlap import near_duplicates
from workbench.engine.handlers.quality import features


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    """train and test folders; test/00 is a copy, test/01 a brighter copy, test/02 is blank."""
    root = tmp_path_factory.mktemp("pictures") / "set"
    originals = [noise(seed, 12, 12) // 2 for seed in range(30)]
    for at, pixels in enumerate(originals):
        put(root / "train" / f"{at:02}.png", encoded(pixels))
    others = [originals[4], originals[9] + 60, np.full((12, 12), 77, np.uint8)]
    others += [noise(seed, 12, 12) for seed in range(100, 110)]
    for at, pixels in enumerate(others):
        put(root / "test" / f"{at:02}.png", encoded(pixels))
    for at in range(3):
        put(root / "validation" / f"{at:02}.png", encoded(noise(at + 200, 12, 12)))
    return prepare(DataConfig(str(root)), root.parent / "home")


def named(data: Dataset, *rows: int) -> list[str]:
    return [data.ids[row] for row in rows]


def test_a_copy_in_the_test_split_is_a_leak(pictures: Dataset) -> None:
    found = quality.duplicates(pictures, most=10)
    assert found.across["test"] == 1
    (pair,) = found.examples
    assert named(pictures, *pair) == ["test/00.png", "train/04.png"]


def test_a_brighter_copy_is_a_near_one_and_an_equal_one_is_not(pictures: Dataset) -> None:
    found = near_duplicates(pictures, features)
    assert found.count == 1
    ((row, other, similarity),) = found.pairs
    assert named(pictures, row, other) == ["test/01.png", "train/09.png"]
    assert similarity > 0.999
    assert (found.training, found.others) == (30, 16)


def test_a_blank_image_is_near_nothing_and_is_shown(pictures: Dataset) -> None:
    constant = quality.pictures(pictures).constant
    assert named(pictures, *constant) == ["test/02.png"]
    assert all(row != constant[0] for row, _, _ in near_duplicates(pictures, features).pairs)


def test_texts_with_one_other_word_are_near_duplicates(tmp_path: Path) -> None:
    texts = [sentence(seed, 14) for seed in range(40)]
    (tmp_path / "posts").mkdir()
    (tmp_path / "posts" / "train.csv").write_text("text\n" + "\n".join(texts))
    changed = " ".join([*texts[7].split()[:-1], "candle"])
    others = [changed, "Ok.", *[sentence(seed, 14) for seed in range(200, 212)]]
    (tmp_path / "posts" / "validation.csv").write_text(f"text\n{sentence(300, 14)}\n")
    (tmp_path / "posts" / "test.csv").write_text("text\n" + "\n".join(others))
    data = prepare(DataConfig(str(tmp_path / "posts")), tmp_path / "home")
    found = near_duplicates(data, features)
    assert found.pairs
    assert (data.texts[found.pairs[0][0]], data.texts[found.pairs[0][1]]) == (changed, texts[7])
    assert [data.texts[row] for row in quality.short_texts(data)] == ["Ok."]


def test_without_another_split_there_is_nothing_to_compare(pictures: Dataset) -> None:
    total = pictures.info.total
    info = dataclasses.replace(pictures.info, counts={"train": total})
    bounds = {"train": slice(0, total), "validation": slice(total, total)}
    alone = Dataset(pictures.folder, info, bounds | {"test": slice(total, total)})
    found = near_duplicates(alone, features)
    assert (found.others, found.count, found.pairs) == (0, 0, ())

"""What pages show of data: inspection, quality, thumbnails."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from data_making import WORDS, class_tree, encoded, noise, put, sentences

from workbench.config import DataConfig
from workbench.data import inspect, prepare, prepare_arrays, quality
from workbench.data.thumbnails import thumbnails
from workbench.errors import RequestError


def test_inspection_says_what_preparing_then_does(home: Path, source: Path) -> None:
    rows = "Nachricht,Abteilung,kunde,label\n" + "".join(
        f"{text},{WORDS[i % 3]},k{i},{'ab'[i % 2]}\n" for i, text in enumerate(sentences(60))
    )
    config = DataConfig(str(put(source / "posts.csv", rows.encode())))
    before = inspect(config, home)
    assert (before.kind, before.modality, before.samples) == ("CSV or JSONL", "text", 60)
    roles = {column.name: column.role for column in before.columns}
    assert roles == {"Nachricht": "text", "Abteilung": "factor", "kunde": "", "label": "label"}
    assert {column.name: column.distinct for column in before.columns}["kunde"] == 60
    assert (before.label, before.classes, before.prepared) == ("label", 2, False)
    assert before.splits == {"": 60}
    info = prepare(config, home).info
    assert info.label is not None
    assert (info.label.name, info.fingerprint) == (before.label, before.fingerprint)
    assert set(before.notes) <= set(info.notes)
    assert inspect(config, home).prepared
    json.dumps(before.to_json())


def test_inspection_of_images_tells_size_and_disk(home: Path, source: Path) -> None:
    class_tree(source, {"train/a": 12, "train/b": 12, "test/a": 6}, side=20, channels=3)
    seen = inspect(DataConfig(str(source)), home)
    assert (seen.kind, seen.size, seen.channels) == ("folder of images", (20, 20), 3)
    assert seen.splits == {"train": 24, "test": 6}
    kept = prepare(DataConfig(str(source)), home).images.nbytes
    assert kept <= seen.bytes <= 2 * kept
    assert 0 < seen.seconds < 60


def test_inspection_of_broken_images_is_refused(home: Path, source: Path) -> None:
    put(source / "one.png", b"nothing")
    with pytest.raises(RequestError, match="none of 1 images"):
        inspect(DataConfig(str(source)), home)


def test_classes_are_counted_a_split(home: Path) -> None:
    labels = [None if i == 0 else "often" if i % 4 else "seldom" for i in range(100)]
    _, data = prepare_arrays(noise(0, 100, 8, 8), home, labels=labels)
    counted = quality.class_counts(data)
    assert counted is not None
    assert sum(sum(counts) for counts in counted.counts.values()) == 99
    assert sum(counted.missing.values()) == 1
    assert counted.counts["train"] == (53, 17) or counted.counts["train"] == (52, 17)
    assert "'often' has the most" in counted.sentence
    _, bare = prepare_arrays(noise(0, 30, 8, 8), home)
    assert quality.class_counts(bare) is None


def test_duplicates_across_splits_are_found(home: Path, source: Path) -> None:
    for index in range(20):
        put(source / "train" / f"{index:02}.png", encoded(noise(index, 8, 8)))
    for index in range(15, 30):
        put(source / "test" / f"{index:02}.png", encoded(noise(index, 8, 8)))
    put(source / "test" / "again.png", encoded(noise(29, 8, 8)))
    data = prepare(DataConfig(str(source)), home)
    found = quality.duplicates(data)
    trained = {data.ids[row][-6:] for row in range(data.rows("train").stop)}
    shared = sum(f"{index:02}.png" in trained for index in range(15, 20))
    assert found.across["test"] == shared > 0
    assert found.within == {"train": 0, "validation": 0, "test": 1}
    for row, original in found.examples:
        assert (data.images[row] == data.images[original]).all()
    assert f"{shared} test" in found.sentence


def test_blank_images_are_found(home: Path) -> None:
    pixels = noise(0, 40, 8, 8, 3)
    pixels[7] = (200, 10, 10)
    _, data = prepare_arrays(pixels, home)
    seen = quality.pictures(data)
    assert seen.looked_at == 40
    assert [data.ids[row] for row in seen.constant] == ["7"]


def test_lengths_of_texts(home: Path) -> None:
    texts = [" ".join(WORDS[:3]), *(" ".join(WORDS * 2) + f" {i}" for i in range(40))]
    _, data = prepare_arrays(texts, home, length=12)
    seen = quality.lengths(data)
    assert seen.limit == 12
    assert data.texts[seen.shortest[0]] == texts[0]
    assert seen.at_limit == int((np.diff(data.offsets) == 12).sum()) > 0
    assert "limit of 12" in seen.sentence


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        ((12, 8, 8), (48, 48)),
        ((12, 10, 20), (20, 40)),
        ((12, 64, 32, 3), (48, 24)),
        ((12, 48, 48, 3), (48, 48)),
    ],
)
def test_thumbnails_are_small_colour_pictures_in_the_order_asked(
    home: Path, shape: tuple[int, ...], expected: tuple[int, int]
) -> None:
    _, data = prepare_arrays(noise(0, *shape), home)
    rows = np.array([5, 0, 11])
    pictures = thumbnails(data, rows)
    assert pictures.shape == (3, *expected, 3)
    assert pictures.dtype == np.uint8
    assert (pictures[1] == thumbnails(data, np.array([0]))[0]).all()
    if max(shape[1:3]) <= 48:
        times = expected[0] // shape[1]
        assert (pictures[0, ::times, ::times] == np.moveaxis(data.images[5], 0, -1)).all()

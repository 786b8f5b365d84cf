"""Arrays from a notebook, and new input prepared as a run's own data was."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from data_making import class_tree, encoded, noise, put, sentences

from workbench.config import DataConfig
from workbench.data import arrays_like, prepare, prepare_arrays, prepare_like
from workbench.errors import RequestError


def in_order(data: Any) -> np.ndarray:
    """Images in the order in which they were handed over."""
    return np.asarray(data.images)[np.argsort([int(name) for name in data.ids])]


@pytest.mark.parametrize("shape", [(30, 8, 8), (30, 8, 8, 1), (30, 8, 8, 3), (30, 8, 10, 3)])
def test_images_are_found_again_by_the_configuration_alone(home: Path, shape: tuple) -> None:
    pixels = noise(0, *shape)
    config, data = prepare_arrays(pixels, home, labels=[f"c{i % 3}" for i in range(30)])
    assert prepare(config, home).folder == data.folder
    assert data.info.name == "notebook"
    expected = pixels[..., None] if pixels.ndim == 3 else pixels
    assert (in_order(data) == expected.transpose(0, 3, 1, 2)).all()
    assert data.info.label is not None
    assert data.info.label.classes == ("c0", "c1", "c2")
    row = data.ids.index("7")
    assert data.target("label")[row] == 1


def test_fractions_are_pixels_and_other_numbers_are_not(home: Path) -> None:
    pixels = noise(0, 30, 8, 8)
    _, data = prepare_arrays(pixels.astype(np.float32) / 255, home)
    assert (in_order(data)[:, 0] == pixels).all()
    for wrong in (
        pixels / 100.0,
        pixels.astype(np.int64),
        pixels[0, 0],
        np.full((3, 8, 8), np.nan),
    ):
        with pytest.raises(RequestError) as caught:
            prepare_arrays(wrong, home)
        assert caught.value.field == "data"


def test_texts_labels_and_options_are_taken(home: Path) -> None:
    texts = sentences(40)
    labels = [None if i == 3 else i % 2 for i in range(40)]
    config, data = prepare_arrays(texts, home, labels=labels, name="mail", length=8)
    assert (data.info.name, config.length) == ("mail", 8)
    assert sorted(data.texts) == sorted(texts)
    assert data.target("label")[data.ids.index("3")] == -1
    other, _ = prepare_arrays(texts, home, labels=labels, name="post", length=8)
    assert other.source != config.source
    with pytest.raises(RequestError, match="39 labels for 40 samples"):
        prepare_arrays(texts, home, labels=labels[1:])
    with pytest.raises(RequestError, match="int is no text"):
        prepare_arrays(["a", 3], home)  # type: ignore[list-item]


def test_new_arrays_are_read_as_the_run_read_its_own(home: Path) -> None:
    pixels = noise(0, 30, 40, 60, 3)
    _, data = prepare_arrays(pixels, home, size=16)
    again = arrays_like(pixels, data)
    assert isinstance(again, np.ndarray)
    assert (again == in_order(data)).all()
    gray = arrays_like(noise(1, 5, 16, 16), data)
    assert isinstance(gray, np.ndarray)
    assert gray.shape == (5, 3, 16, 16)
    assert (gray[:, 0] == gray[:, 2]).all()


def test_new_texts_have_the_run_s_tokens_and_length(home: Path) -> None:
    texts = sentences(60)
    _, data = prepare_arrays(texts, home, length=5)
    again = arrays_like(texts, data)
    for row, name in enumerate(data.ids):
        own = data.tokens[data.offsets[row] : data.offsets[row + 1]]
        assert (again[int(name)] == own).all()
    with pytest.raises(RequestError):
        arrays_like(noise(0, 3, 8, 8), data)


def test_sixteen_bits_keep_the_run_s_scale(home: Path) -> None:
    deep = noise(0, 30, 8, 8, kind=np.uint16) // 32
    _, data = prepare_arrays(deep, home)
    again = arrays_like(deep, data)
    assert isinstance(again, np.ndarray)
    assert (again == in_order(data)).all()
    # A darker set stays darker: it is not stretched by itself.
    darker = arrays_like(deep // 2, data)
    assert isinstance(darker, np.ndarray)
    assert darker.max() < 140


def test_another_source_is_prepared_like_the_run_s(
    home: Path, source: Path, tmp_path: Path
) -> None:
    class_tree(source, {"fig": 20, "pear": 20, "plum": 20}, side=12, channels=3)
    own = prepare(DataConfig(str(source)), home)
    new = class_tree(tmp_path / "new", {"plum": 4, "fig": 3}, side=50)
    like = prepare_like(DataConfig(str(new)), home, own)
    assert (like.info.size, like.info.channels) == ((12, 12), 3)
    assert (like.info.mean, like.info.std) == (own.info.mean, own.info.std)
    assert dict(like.info.counts) == {"test": 7}
    # Classes keep the numbers that the run gave them.
    assert like.info.label is not None
    assert like.info.label.classes == ("fig", "pear", "plum")
    assert like.target("label")[like.ids.index("plum/00.png")] == 2
    assert prepare_like(DataConfig(str(new)), home, own).folder == like.folder
    # The very same images come out the same.
    same = prepare_like(DataConfig(str(source)), home, own)
    rows = [own.ids.index(name) for name in same.ids]
    assert (np.asarray(own.images)[rows] == same.images).all()


def test_one_unlabelled_image_is_enough_to_be_prepared_alike(
    home: Path, source: Path, tmp_path: Path
) -> None:
    class_tree(source, {"a": 10, "b": 10})
    own = prepare(DataConfig(str(source)), home)
    put(tmp_path / "new" / "one.png", encoded(noise(0, 30, 30, 3)))
    put(tmp_path / "new" / "bad.png", b"nothing")
    like = prepare_like(DataConfig(str(tmp_path / "new")), home, own)
    assert like.images.shape == (1, 1, 8, 8)
    assert like.info.label is None
    assert any("1 broken images" in note for note in like.info.notes)


def test_texts_keep_the_run_s_vocabulary_and_images_are_refused(
    home: Path, source: Path, tmp_path: Path
) -> None:
    put(source / "posts.csv", ("text\n" + "\n".join(sentences(80))).encode())
    own = prepare(DataConfig(str(source / "posts.csv")), home)
    put(tmp_path / "new.csv", ("text\n" + "\n".join(sentences(3, 500))).encode())
    like = prepare_like(DataConfig(str(tmp_path / "new.csv")), home, own)
    assert like.info.vocabulary == own.info.vocabulary
    assert like.info.length == own.info.length
    token_ids = arrays_like(like.texts, own)
    assert np.concatenate(list(token_ids)).tolist() == like.tokens.tolist()
    put(tmp_path / "pictures" / "one.png", encoded(noise(0, 8, 8)))
    with pytest.raises(RequestError, match="learned from texts"):
        prepare_like(DataConfig(str(tmp_path / "pictures")), home, own)


@pytest.mark.parametrize(
    ("labels", "classes"),
    [
        ([b"a", b"b"] * 20, ("a", "b")),
        ([Decimal("0.5"), None] * 20, ("0.5",)),
        (["caf\u00e9", "cafe\u0301"] * 20, ("caf\u00e9",)),
        ([[1], [2]] * 20, None),
        ([date(2020, 1, 1)] * 40, None),
        ([2**70, 1] * 20, None),
        ([0.123, 0.5, 0.7, 0.9] * 5 + [i / 7 for i in range(20)], None),
    ],
)
def test_labels_of_any_kind_are_read_or_refused_in_words(
    home: Path, labels: list[Any], classes: tuple[str, ...] | None
) -> None:
    images = np.stack([noise(seed, 8, 8) for seed in range(40)])
    if classes is None:
        with pytest.raises(RequestError) as caught:
            prepare_arrays(images, home, labels=labels)
        assert caught.value.field == "labels"
        return
    label = prepare_arrays(images, home, labels=labels)[1].info.label
    assert label is not None
    assert label.classes == classes


def test_labels_without_their_column_are_damage(home: Path, tmp_path: Path) -> None:
    folder = tmp_path / "arrays"
    folder.mkdir()
    np.save(folder / "images.npy", np.stack([noise(seed, 8, 8) for seed in range(20)]))
    card = {"name": "notebook", "modality": "image", "count": 20}
    (folder / "arrays.json").write_text(json.dumps(card))
    pq.write_table(pa.table({"lapel": [0, 1] * 10}), folder / "labels.parquet")
    with pytest.raises(RequestError, match="has no column 'label'"):
        prepare(DataConfig(str(folder)), home)

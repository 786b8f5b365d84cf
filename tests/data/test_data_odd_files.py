"""Files of a folder that are no images, names that are no UTF-8, and tables beside each other."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from data_making import (
    class_counts,
    class_tree,
    encoded,
    listed,
    noise,
    put,
    sentence,
    split_counts,
)

from workbench.config import DataConfig
from workbench.data import prepare
from workbench.data.dataset import Dataset
from workbench.data.report import report
from workbench.errors import RequestError


@pytest.mark.parametrize(
    ("suffix", "form", "remedy"),
    [
        (".HEIC", "HEIC", "save them as JPEG or PNG"),
        (".heif", "HEIC", "save them as JPEG or PNG"),
        (".avif", "AVIF", "save them as JPEG or PNG"),
        (".jxl", "JPEG XL", "save them as JPEG or PNG"),
        (".CR2", "camera raw", "save them as JPEG or PNG"),
        (".dng", "camera raw", "save them as JPEG or PNG"),
        (".svg", "SVG", "save them as JPEG or PNG"),
        (".dcm", "DICOM", "save them as JPEG or PNG"),
        (".mp4", "video", "save their frames"),
    ],
)
def test_formats_that_cannot_be_read_are_named(
    source: Path, suffix: str, form: str, remedy: str
) -> None:
    for index in range(3):
        put(source / "a" / f"{index}{suffix}", b"content")
    with pytest.raises(
        RequestError, match=rf"3 in a format that cannot be read \({form}\)"
    ) as found:
        listed(source)
    assert remedy in str(found.value.remedy)
    class_tree(source, {"a": 2})
    listing = listed(source)
    assert listing.accounted.left_out == {f"in a format that cannot be read ({form})": 3}
    assert any(remedy in note for note in listing.notes)


def test_every_file_is_counted(source: Path) -> None:
    class_tree(source, {"a": 3, "b": 3})
    for name in (
        "a/notes.txt",
        "__MACOSX/a/._0.png",
        ".git/objects/x",
        "a/@eaDir/0.png",
        "a/.x.png",
    ):
        put(source / name, b"x")
    account = listed(source).accounted
    assert account.found == 11
    assert account.left_out == {"hidden": 4, "not an image": 1}


def test_a_folder_without_data_says_what_it_holds(source: Path) -> None:
    put(source / "deep" / "er" / "rows.csv", b"text,label\n")
    put(source / "packed.zip", b"PK")
    with pytest.raises(RequestError, match="of its 2 files: 2 not an image") as found:
        listed(source)
    assert "'deep/er/rows.csv'" in str(found.value.remedy)
    assert "Unpack 'packed.zip'" in str(found.value.remedy)


@pytest.fixture
def odd_names(source: Path) -> Path:
    """Two classes, one with a byte that is no UTF-8; so are the names of its files."""
    root = os.fsencode(source)
    for kind, at in ((b"caf\xe9", 0), (b"tea", 50)):
        for index in range(10):
            place = Path(os.fsdecode(root + b"/" + kind))
            try:
                put(place / os.fsdecode(b"%d\xff.png" % index), encoded(noise(at + index, 8, 8)))
            except OSError:
                pytest.skip("names have to be UTF-8 here")
    return source


def test_names_that_are_no_utf8(home: Path, odd_names: Path) -> None:
    data = prepare(DataConfig(str(odd_names)), home)
    assert data.info.label is not None
    assert data.info.label.classes == ("caf\\xe9", "tea")
    assert "caf\\xe9/3\\xff.png" in data.ids
    row = data.ids.index("caf\\xe9/3\\xff.png")
    assert (data.images[row, 0] == noise(3, 8, 8)).all()
    json.dumps(report(Dataset.open(data.folder)).to_json()).encode()


def test_a_source_whose_own_name_is_no_utf8(home: Path, source: Path) -> None:
    path = source / os.fsdecode(b"b\xfccher")
    try:
        class_tree(path, {"a": 6, "b": 6})
    except OSError:
        pytest.skip("names have to be UTF-8 here")
    info = prepare(DataConfig(str(path)), home).info
    assert info.name == "b\\xfccher"


def test_a_table_whose_name_is_no_utf8(home: Path, source: Path) -> None:
    path = source / os.fsdecode(b"b\xfccher.csv")
    try:
        texts(path, 20)
    except OSError:
        pytest.skip("names have to be UTF-8 here")
    data = prepare(DataConfig(str(path)), home)
    assert "b\\xfccher/3" in data.ids
    "".join(data.info.notes).encode()


def texts(path: Path, count: int = 6, start: int = 0) -> Path:
    rows = [f"{sentence(start + i)},{'ab'[i % 2]}" for i in range(count)]
    return put(path, "\n".join(["text,label", *rows]).encode())


@pytest.mark.parametrize(
    ("files", "splits", "left"),
    [
        (("train.csv", "test.csv"), {"train": 6, "test": 6}, None),
        (("part1.csv", "part2.csv", "test-drive-reviews.csv"), {"": 18}, None),
        (
            ("train.csv", "test.csv", "training_notes.csv"),
            {"train": 6, "test": 6},
            "training_notes",
        ),
        (("part-0.csv", "test-0.csv"), {"train": 6, "test": 6}, None),
        (("train-0001.csv", "train-0002.csv", "dev.csv"), {"train": 12, "validation": 6}, None),
        (("imdb_train.csv", "imdb_test.csv"), {"train": 6, "test": 6}, None),
        (("train.csv", "train.tsv", "test.csv"), {"train": 6, "test": 6}, "train.tsv"),
        (("train/0.csv", "test/0.csv"), {"train": 6, "test": 6}, None),
        (("data/train.csv", "data/test.csv"), {"train": 6, "test": 6}, None),
        (("a.csv", "b.csv"), {"": 12}, None),
    ],
)
def test_tables_of_a_folder(
    source: Path, files: tuple[str, ...], splits: dict[str, int], left: str | None
) -> None:
    for at, name in enumerate(files):
        texts(source / name, start=10 * at)
    found = listed(source)
    assert split_counts(found) == splits
    notes = [note for note in found.notes if "were not read" in note]
    assert bool(notes) == (left is not None)
    assert all(str(left) in note for note in notes)


@pytest.mark.parametrize("split", [None, "none"])
def test_a_table_of_other_columns_is_left_out_and_named(source: Path, split: str | None) -> None:
    for at, name in enumerate(("train.csv", "test.csv")):
        texts(source / name, start=10 * at)
    put(source / "README.csv", b"column,meaning\ntext,a text\n")
    found = listed(source, split=split)
    assert split_counts(found) == ({"": 12} if split else {"train": 6, "test": 6})
    assert any("not read: 'README.csv'" in note for note in found.notes)


def test_parquet_parts(source: Path) -> None:
    for at, name in enumerate(("train-0001", "train-0002", "test-00000-of-00001", "notes")):
        column = "text" if name != "notes" else "remark"
        table = pa.table({column: [sentence(10 * at + i) for i in range(6)]})
        pq.write_table(table, source / f"{name}.parquet")
    found = listed(source)
    assert split_counts(found) == {"train": 12, "test": 6}
    assert any("'notes.parquet'" in note for note in found.notes)


def test_a_table_beside_images_is_offered(source: Path) -> None:
    class_tree(source, {"images": 12})
    names = "".join(f"images/{i:02}.png,{'ab'[i % 2]}\n" for i in range(12))
    put(source / "labels.csv", f"file,label\n{names}".encode())
    put(source / "about.json", b"{}")
    found = listed(source)
    assert found.count == 12
    assert any("'labels.csv' names 12 images; give its path" in note for note in found.notes)
    assert any("were not read: 'about.json'" in note for note in found.notes)
    assert class_counts(found) == {}


def test_a_picture_beside_texts_is_no_data(source: Path) -> None:
    for at, name in enumerate(("train.csv", "test.csv")):
        texts(source / name, start=10 * at)
    put(source / "logo.png", encoded(noise(1, 8, 8)))
    found = listed(source)
    assert found.modality == "text"
    assert any("1 images in the folder were left out" in note for note in found.notes)


@pytest.mark.parametrize(
    ("name", "remedy"), [("one.png", "folder of the images"), ("all.tar.gz", "Unpack it")]
)
def test_a_file_that_is_no_source(source: Path, name: str, remedy: str) -> None:
    with pytest.raises(RequestError, match="no kind of file") as found:
        listed(put(source / name, b"x"))
    assert remedy in str(found.value.remedy)

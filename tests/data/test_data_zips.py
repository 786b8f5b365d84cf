"""Zips: names in every encoding and with every separator, tables with their images, other zips."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from data_making import (
    class_counts,
    encoded,
    listed,
    noise,
    put,
    raw_zip,
    sentence,
    split_counts,
)

from workbench.config import DataConfig
from workbench.data import prepare
from workbench.data.sources.resolve import resolve
from workbench.errors import RequestError

IMAGES = [encoded(noise(index, 8, 8)) for index in range(8)]


def members(names: list[bytes]) -> list[tuple[bytes, bytes]]:
    return [(name, IMAGES[index % 8]) for index, name in enumerate(names)]


def in_classes(classes: list[str], encoding: str) -> list[tuple[bytes, bytes]]:
    return members([f"{name}/{i}.png".encode(encoding) for name in classes for i in range(4)])


@pytest.mark.parametrize(
    ("classes", "encoding", "flags", "noted"),
    [
        (["猫", "犬"], "cp932", 0, "cp932 (Japanese)"),
        (["ソース", "テスト車"], "cp932", 0, "cp932 (Japanese)"),
        (["café", "Müller"], "cp437", 0, None),
        (["café", "niño"], "latin-1", 0, "cp1252 (Western)"),
        (["猫", "狗"], "gb18030", 0, "GB 18030 (Chinese)"),
        (["кот", "собака"], "cp866", 0, "cp866 (Cyrillic)"),
        (["猫", "é"], "utf-8", 0, None),
        (["猫", "é"], "utf-8", 0x800, None),
        (["cat", "dog"], "ascii", 0, None),
    ],
)
def test_names_in_any_encoding(
    tmp_path: Path, classes: list[str], encoding: str, flags: int, noted: str | None
) -> None:
    path = raw_zip(tmp_path / "data.zip", in_classes(classes, encoding), flags)
    found = listed(path)
    assert class_counts(found) == dict.fromkeys(classes, 4)
    notes = [note for note in found.notes if "Names in the zip" in note]
    assert [noted in note for note in notes if noted] == [True] * bool(noted)
    assert bool(notes) == bool(noted)
    assert found.blobs is not None
    assert all(found.blobs(np.arange(found.count)))


def test_names_that_another_program_garbled(tmp_path: Path) -> None:
    garbled = [name.encode("cp932").decode("cp437") for name in ("猫", "犬")]
    found = listed(raw_zip(tmp_path / "data.zip", in_classes(garbled, "utf-8"), 0x800))
    assert class_counts(found) == {"猫": 4, "犬": 4}
    assert any("garbled" in note for note in found.notes)


def test_western_names_are_not_taken_for_garbled(tmp_path: Path) -> None:
    classes = ["Äpfel", "Crème brûlée"]
    found = listed(raw_zip(tmp_path / "data.zip", in_classes(classes, "utf-8"), 0x800))
    assert class_counts(found) == dict.fromkeys(classes, 4)


def test_names_that_claim_to_be_utf8_and_are_not(tmp_path: Path) -> None:
    path = raw_zip(tmp_path / "data.zip", in_classes(["café"], "latin-1"), 0x800)
    with pytest.raises(RequestError, match="says that its names are UTF-8"):
        listed(path)


def test_a_file_without_a_name_is_left_out(tmp_path: Path) -> None:
    found = listed(raw_zip(tmp_path / "data.zip", [(b"", IMAGES[0]), *in_classes(["a"], "ascii")]))
    assert found.count == 4


def test_a_damaged_zip_is_refused_without_its_bytes(home: Path, tmp_path: Path) -> None:
    """A wrong length of a name makes zipfile quote the rest of the file."""
    table = b"text,label\n" + b"some words,a\nother words,b\n" * 10
    path = raw_zip(tmp_path / "data.zip", [(b"train.csv", table)])
    raw = bytearray(path.read_bytes())
    raw[26:28] = (200).to_bytes(2, "little")
    path.write_bytes(raw)
    with pytest.raises(RequestError, match="damaged zip") as caught:
        prepare(DataConfig(str(path)), home)
    assert "\\x" not in str(caught.value)
    assert caught.value.remedy == "Zip the folder again."


def test_backslashes_are_separators(home: Path, tmp_path: Path) -> None:
    names = [
        f"data\\{split}\\{kind}\\{i}.png".encode()
        for split, count in (("train", 6), ("test", 3))
        for kind in ("cat", "dog")
        for i in range(count)
    ]
    content = [(name, encoded(noise(i, 8, 8))) for i, name in enumerate(names)]
    path = raw_zip(tmp_path / "data.zip", [(b"data\\train\\", b""), *content])
    info = prepare(DataConfig(str(path)), home).info
    assert info.label is not None
    assert info.label.classes == ("cat", "dog")
    assert info.counts["test"] == 6
    assert info.found == 18


def test_names_that_lead_out_of_the_zip_or_are_twice_there(tmp_path: Path) -> None:
    names = [
        b"..\\..\\x.png",
        b"C:\\y.png",
        b"/z.png",
        b"../x.png",
        b"a/1.png",
        b"a/1.png",
        b"b.png",
    ]
    found = listed(raw_zip(tmp_path / "data.zip", members(names)))
    assert sorted(found.ids) == ["a/1.png", "b.png"]
    assert found.accounted.found == 7
    assert found.accounted.left_out == {
        "named outside the zip": 4,
        "with the name of another file in the zip": 1,
    }


def test_what_systems_add_is_hidden(tmp_path: Path) -> None:
    names = [f"photos/{kind}/{i}.png".encode() for kind in "ab" for i in range(3)]
    extra = [(b"__MACOSX/photos/a/._0.png", b"x"), (b"photos/.DS_Store", b"x")]
    found = listed(raw_zip(tmp_path / "data.zip", [*members(names), *extra]))
    assert class_counts(found) == {"a": 3, "b": 3}
    assert found.accounted.left_out == {"hidden": 2}


def test_zips_in_a_zip_are_named(tmp_path: Path) -> None:
    path = raw_zip(tmp_path / "data.zip", [(b"train.zip", b"PK"), (b"test.zip", b"PK")])
    with pytest.raises(RequestError, match=r"'test\.zip', 'train\.zip'\. Unpack them"):
        listed(path)
    raw_zip(path, [*members([b"1.png", b"2.png"]), (b"more.zip", b"PK")])
    assert any("'more.zip'" in note for note in listed(path).notes)


def labels(names: list[str]) -> bytes:
    return "\n".join(["file,label", *(f"{n},{'ab'[i % 2]}" for i, n in enumerate(names))]).encode()


NAMES = [f"img/{index}.png" for index in range(8)]


@pytest.mark.parametrize("folder", ["", "top/"])
def test_a_table_and_its_images(home: Path, tmp_path: Path, folder: str) -> None:
    content = [(f"{folder}{name}".encode(), IMAGES[i]) for i, name in enumerate(NAMES)]
    content += [
        (f"{folder}labels.csv".encode(), labels([*NAMES, "img/gone.png"])),
        (f"{folder}img/more.png".encode(), IMAGES[0]),
        (b"__MACOSX/._labels.csv", b"x"),
    ]
    path = raw_zip(tmp_path / "data.zip", content)
    data = prepare(DataConfig(str(path)), home)
    assert data.info.total == 8
    assert data.info.found == 9
    assert data.info.label is not None
    assert data.info.label.classes == ("a", "b")
    row = data.ids.index("labels/3")
    assert (data.images[row, 0] == noise(3, 8, 8)).all()
    assert any("1 further images in the zip are not named" in note for note in data.info.notes)
    assert resolve(DataConfig(str(path))).tables(3)
    folders = listed(path, folders="none")
    assert folders.count == 9
    assert any("were not read" in note for note in folders.notes)


def test_a_table_in_a_zip_names_files_of_another_spelling(tmp_path: Path) -> None:
    content = [(f"café/{i}.png".encode(), IMAGES[i]) for i in range(8)]
    table = labels([f"CAFE\u0301\\{i}.PNG" for i in range(8)])
    found = listed(raw_zip(tmp_path / "data.zip", [*content, (b"t.csv", table)], 0x800))
    assert found.count == 8
    assert found.blobs is not None
    assert list(found.blobs(np.array([2]))) == [IMAGES[2]]


def test_a_table_in_a_zip_reads_nothing_outside(tmp_path: Path) -> None:
    secret = put(tmp_path / "secret.png", IMAGES[7])
    for name in (str(secret), "../secret.png"):
        content = [(n.encode(), IMAGES[i]) for i, n in enumerate(NAMES)]
        path = raw_zip(tmp_path / "data.zip", [*content, (b"t.csv", labels([*NAMES, name]))])
        found = listed(path)
        assert sorted(found.ids) == NAMES
        assert any("leads out of the zip" in note for note in found.notes)


def test_texts_in_a_zip(tmp_path: Path) -> None:
    rows = "\n".join(["text,label", *(f"{sentence(i)},{'ab'[i % 2]}" for i in range(12))]).encode()
    content = [(b"x/train.csv", rows), (b"x/test.csv", rows), (b"x/logo.png", IMAGES[0])]
    found = listed(raw_zip(tmp_path / "data.zip", content))
    assert found.modality == "text"
    assert split_counts(found) == {"train": 12, "test": 12}
    assert found.texts is not None
    assert found.texts()[0] == sentence(0)
    assert any("1 images in the zip were left out" in note for note in found.notes)


def test_parquet_in_a_zip(tmp_path: Path) -> None:
    cells = [{"bytes": data, "path": None} for data in IMAGES]
    buffer = io.BytesIO()
    pq.write_table(pa.table({"image": cells, "label": list("abababab")}), buffer)
    path = tmp_path / "data.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
        out.writestr("data/train.parquet", buffer.getvalue())
    found = resolve(DataConfig(str(path))).listing(DataConfig(str(path)))
    assert found.blobs is not None
    assert list(found.blobs(np.arange(8))) == IMAGES


def test_a_table_that_names_no_images_is_named(tmp_path: Path) -> None:
    names = [f"{kind}/{i}.png".encode() for kind in "ab" for i in range(8)]
    content = [*members(names), (b"about.csv", b"key,value\nx,1\n")]
    found = listed(raw_zip(tmp_path / "data.zip", content))
    assert class_counts(found) == {"a": 8, "b": 8}
    assert any("'about.csv'" in note for note in found.notes)


@pytest.mark.parametrize("options", [{}, {"folders": "group"}])
def test_an_empty_zip(tmp_path: Path, options: dict[str, Any]) -> None:
    with pytest.raises(RequestError, match="holds no images"):
        listed(raw_zip(tmp_path / "data.zip", []), **options)

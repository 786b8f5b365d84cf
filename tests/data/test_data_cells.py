"""What a cell holds: images, names of files, addresses, texts, checksums."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import shutil
import unicodedata
from pathlib import Path
from typing import Any

import datasets
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from data_making import encoded, image_parquet, noise, put, sentences

from workbench.config import DataConfig
from workbench.data import inspect, prepare
from workbench.data.account import Account
from workbench.data.listing import Listing
from workbench.data.peek import peek
from workbench.data.sources.resolve import resolve
from workbench.errors import RequestError

ROWS = 24
LABELS = ["plum", "fig", "pear"] * 8
IMAGE = pa.struct([("bytes", pa.binary()), ("path", pa.string())])


def table(folder: Path, **columns: Any) -> Path:
    path = folder / "all.parquet"
    pq.write_table(pa.table(columns), path)
    return path


def pictures(count: int = ROWS, start: int = 0, form: str = "PNG") -> list[bytes]:
    return [encoded(noise(seed, 8, 8), form) for seed in range(start, start + count)]


def listed(path: Path, **options: Any) -> Listing:
    config = DataConfig(str(path), **options)
    return resolve(config).listing(config)


def first_pixels(path: Path, home: Path, row: int) -> np.ndarray:
    data = prepare(DataConfig(str(path)), home)
    return np.asarray(data.images[data.ids.index(f"{path.stem}/{row}"), 0])


def texts(listing: Listing) -> list[str]:
    assert listing.texts is not None
    return listing.texts()


@pytest.mark.parametrize("kind", [pa.binary(), pa.large_binary(), pa.binary_view()])
@pytest.mark.parametrize("name", ["text", "remark"])
def test_bytes_that_are_utf_8_are_texts(source: Path, kind: pa.DataType, name: str) -> None:
    written = [*sentences(ROWS - 1), "Größe: 3 € im Café"]
    path = table(source, **{name: pa.array([t.encode() for t in written], kind)}, label=LABELS)
    for options in ({}, {"text": (name,)}):
        listing = listed(path, **options)
        assert listing.modality == "text"
        assert texts(listing) == written
    look = peek(DataConfig(str(path)))
    assert look.texts == (name, "label")
    assert look.rows[0][name] == written[0]


def test_bytes_that_are_no_utf_8_in_a_text_are_counted(source: Path) -> None:
    written = [t.encode() for t in sentences(300)]
    written[250] = "naïve".encode("latin-1")
    listing = listed(table(source, text=written))
    assert texts(listing)[250] == "na\ufffdve"
    assert any("1 texts in column 'text' hold bytes that are no UTF-8" in n for n in listing.notes)


@pytest.mark.parametrize("form", ["bytes", "hex"])
@pytest.mark.parametrize("name", ["text", "remark"])
def test_a_checksum_is_neither_text_nor_image(source: Path, name: str, form: str) -> None:
    written = sentences(ROWS)
    sums = [hashlib.sha256(t.encode()) for t in written]
    column = [s.digest() if form == "bytes" else s.hexdigest() for s in sums]
    listing = listed(table(source, checksum=column, **{name: written}, label=LABELS))
    assert listing.payload == (name,)
    if form == "bytes":
        with pytest.raises(RequestError, match="'checksum' holds no texts, but bytes"):
            listed(source / "all.parquet", text=("checksum",))
        with pytest.raises(RequestError, match=r"the columns are checksum \(bytes\), label"):
            listed(table(source, checksum=column, label=LABELS))


def test_images_are_known_by_their_first_bytes(home: Path, source: Path) -> None:
    for form in ("PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP", "PPM"):
        images = pictures(form=form)
        path = table(source, blob=images, remark=sentences(ROWS), label=LABELS)
        assert listed(path).payload == ("blob",), form
    listing = listed(path)
    assert any("'blob'" in note and "--text" in note for note in listing.notes)
    assert listed(path, text=("remark",)).modality == "text"


@pytest.mark.parametrize(
    "prefix", ["data:image/png;base64,", "data:image/png;charset=x;base64,", ""]
)
@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_images_may_be_base64(home: Path, source: Path, prefix: str, form: str) -> None:
    cells = [prefix + base64.b64encode(data).decode() for data in pictures()]
    cells[5] = f"{prefix}!"
    path = table(source, image=cells, label=LABELS)
    if form == "csv":
        path.unlink()
        lines = "".join(f'"{cell}",{label}\n' for cell, label in zip(cells, LABELS, strict=True))
        path = put(source / "all.csv", f"image,label\n{lines}".encode())
    assert (first_pixels(path, home, 3) == noise(3, 8, 8)).all()
    assert prepare(DataConfig(str(path)), home).info.total == ROWS - 1
    assert peek(DataConfig(str(path))).rows[0]["image"] == "(image)"


@pytest.mark.parametrize("kind", [pa.list_(IMAGE), pa.large_list(IMAGE), pa.list_(pa.binary())])
def test_of_a_list_of_images_the_first_is_taken(
    home: Path, source: Path, kind: pa.DataType
) -> None:
    images = [[data, *pictures(row % 3, 100)] for row, data in enumerate(pictures())]
    images[7] = []
    if pa.types.is_struct(kind.value_type):
        images = [[{"bytes": data, "path": None} for data in row] for row in images]  # type: ignore[misc]
    path = table(source, images=pa.array(images, kind), caption=sentences(ROWS), label=LABELS)
    listing = listed(path)
    assert listing.payload == ("images",)
    more = sum(row % 3 for row in range(ROWS) if row != 7)
    assert any("the first image of each" in n and f"{more} not" in n for n in listing.notes)
    assert (first_pixels(path, home, 5) == noise(5, 8, 8)).all()
    assert prepare(DataConfig(str(path)), home).info.total == ROWS - 1


@pytest.mark.parametrize("fields", [["path"], ["bytes", "path"], ["path", "bytes"]])
@pytest.mark.parametrize("form", ["parquet", "jsonl", "saved"])
def test_a_record_may_name_a_file(home: Path, source: Path, fields: list[str], form: str) -> None:
    for row, data in enumerate(pictures()):
        put(source / "files" / f"{row}.png", data)
    cells = [{f: None if f == "bytes" else f"files/{row}.png" for f in fields} for row in range(24)]
    kind = pa.struct([(f, IMAGE.field(f).type) for f in fields])
    if form == "parquet":
        path = table(source, image=pa.array(cells, kind), label=LABELS)
    elif form == "jsonl":
        lines = [
            json.dumps({"image": cell, "label": label})
            for cell, label in zip(cells, LABELS, strict=True)
        ]
        path = put(source / "all.jsonl", "\n".join(lines).encode())
    else:
        types = {f: datasets.Value("binary" if f == "bytes" else "string") for f in fields}
        features = datasets.Features({"image": types, "label": datasets.Value("string")})
        path = source / "all"
        rows = {"image": cells, "label": LABELS}
        datasets.Dataset.from_dict(rows, features).save_to_disk(str(path))
        shutil.move(source / "files", path / "files")
    config = DataConfig(str(path))
    data = prepare(config, home)
    assert data.info.total == ROWS
    files = next(folder for folder in (source / "files", path / "files") if folder.is_dir())
    # Files that changed are another data set.
    put(files / "3.png", encoded(noise(1000, 8, 8)))
    assert prepare(config, home).info.fingerprint != data.info.fingerprint
    # A missing file is counted.
    (files / "4.png").unlink()
    info = prepare(config, home).info
    assert (info.found, dict(info.left_out)) == (ROWS, {"whose file is missing": 1})
    assert any("4.png" in note for note in info.notes)


def test_images_in_records_need_no_file(home: Path, source: Path) -> None:
    cells = [{"bytes": data, "path": f"gone/{row}.png"} for row, data in enumerate(pictures())]
    path = table(source, image=pa.array(cells, IMAGE), label=LABELS)
    assert prepare(DataConfig(str(path)), home).info.total == ROWS
    assert resolve(DataConfig(str(path))).files(DataConfig(str(path))) == [("all.parquet", path)]
    put(source / "files" / "a.png", pictures(1)[0])
    cells[3] = {"bytes": None, "path": "files/a.png"}
    cells[4] = {"bytes": None, "path": "files/b.png"}
    path = table(source, image=pa.array(cells, IMAGE), label=LABELS)
    info = prepare(DataConfig(str(path)), home).info
    assert dict(info.left_out) == {"whose file is missing": 1}
    assert info.total == ROWS - 1


ADDRESSES = [f"https://example.org/pics/{row}.jpg?size=2" for row in range(ROWS)]


@pytest.mark.parametrize(
    ("name", "address"), [("image_url", "https://a.org/{}"), ("link", "s3://bucket/a/{}.png")]
)
@pytest.mark.parametrize("kind", ["string", "record"])
def test_addresses_are_named_with_what_to_do(
    source: Path, name: str, address: str, kind: str
) -> None:
    cells: list[Any] = [address.format(row) for row in range(ROWS)]
    path = table(source, **{name: cells}, label=["golden retriever dog", "siamese cat"] * 12)
    for options in ({}, {"image": name}):
        with pytest.raises(RequestError, match=f"'{name}' holds web addresses") as caught:
            listed(path, **options)
        assert "Download" in str(caught.value.remedy)
    assert peek(DataConfig(str(path))).columns[name] == "web addresses"
    # Beside a column of texts they are said.
    path = table(source, **{name: cells}, caption=sentences(ROWS))
    listing = listed(path)
    assert listing.payload == ("caption",)
    assert any("web addresses of images" in note for note in listing.notes)


def test_some_addresses_among_files_are_counted(home: Path, source: Path) -> None:
    for row, data in enumerate(pictures()):
        put(source / "i" / f"{row}.png", data)
    names = [f"i/{row}.png" for row in range(20)] + [f"https://a.org/{row}.png" for row in range(4)]
    info = prepare(DataConfig(str(table(source, file=names, label=LABELS))), home).info
    assert dict(info.left_out) == {"with a web address as image": 4}


@pytest.mark.parametrize("form", ["dictionary", "large", "view"])
@pytest.mark.parametrize("name", ["text", "remark"])
def test_texts_may_be_stored_in_any_way(source: Path, name: str, form: str) -> None:
    written = sentences(ROWS)
    values = {
        "dictionary": pa.array(written).dictionary_encode(),
        "large": pa.array(written, pa.large_string()),
        "view": pa.array(written, pa.string_view()),
    }[form]
    listing = listed(table(source, **{name: values}, label=LABELS))
    assert texts(listing) == written
    assert listing.shown[name] == "text"


def test_parts_may_store_texts_differently(source: Path) -> None:
    written = sentences(ROWS)
    for split, values in (
        ("train", pa.array(written)),
        ("validation", pa.array([t.encode() for t in written])),
        ("test", pa.array(written).dictionary_encode()),
    ):
        pq.write_table(pa.table({"text": values, "label": LABELS}), source / f"{split}.parquet")
    assert texts(listed(source)) == written * 3


@pytest.mark.parametrize("name", ["label", "text"])
def test_two_columns_of_one_name_are_refused(source: Path, name: str) -> None:
    arrays = [pa.array(sentences(ROWS)), pa.array(LABELS), pa.array(LABELS)]
    names = ["text", "label", name]
    pq.write_table(pa.Table.from_arrays(arrays, names), source / "all.parquet")
    for action in (listed, lambda path: peek(DataConfig(str(path)))):
        with pytest.raises(RequestError, match=f"several columns called '{name}'"):
            action(source / "all.parquet")


def test_odd_names_of_columns_are_read(source: Path) -> None:
    listing = listed(table(source, **{"a.text": sentences(ROWS), "": LABELS, "x.y": LABELS}))
    assert listing.payload == ("a.text",)
    assert texts(listing) == sentences(ROWS)
    assert set(listing.columns) == {"", "x.y"}


@pytest.mark.parametrize("numbers", [list(range(ROWS)), [str(row) for row in range(ROWS)]])
def test_a_column_of_numbers_is_no_text(source: Path, numbers: list[Any]) -> None:
    listing = listed(table(source, comment=numbers, remark=sentences(ROWS)))
    assert listing.payload == ("remark",)
    if isinstance(numbers[0], int):
        listing = listed(source / "all.parquet", text=("comment",))
        assert texts(listing)[3] == "3"
        assert any("'comment' holds numbers" in note for note in listing.notes)


@pytest.mark.parametrize(
    ("cell", "words"),
    [({"body": "a b", "id": 1}, "fields body, id"), (["a b"], "lists"), ([{"body": "a"}], "body")],
)
def test_nested_texts_are_refused(source: Path, cell: Any, words: str) -> None:
    path = table(source, text=[cell] * ROWS, label=LABELS)
    with pytest.raises(RequestError, match=words) as caught:
        listed(path, text=("text",))
    assert caught.value.field == "--text"
    with pytest.raises(RequestError, match="no column holds texts or images"):
        listed(path)
    assert peek(DataConfig(str(path))).rows


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_files_are_found_in_the_other_unicode_form(home: Path, source: Path, form: str) -> None:
    other = "NFD" if form == "NFC" else "NFC"
    for row, data in enumerate(pictures()):
        put(source / unicodedata.normalize(form, f"é/café {row}.png"), data)
    names = [unicodedata.normalize(other, f"é/café {row}.png") for row in range(ROWS)]
    path = table(source, file=names, label=LABELS)
    data = prepare(DataConfig(str(path)), home)
    assert data.info.total == ROWS
    assert not data.info.left_out
    assert any("24 file names are spelled differently" in note for note in data.info.notes)
    assert (first_pixels(path, home, 3) == noise(3, 8, 8)).all()
    put(source / unicodedata.normalize(form, "é/café 3.png"), pictures(1, 50)[0])
    assert prepare(DataConfig(str(path)), home).info.fingerprint != data.info.fingerprint


def test_files_are_found_with_other_capitals_unless_two_fit(home: Path, source: Path) -> None:
    for row, data in enumerate(pictures()):
        put(source / "Imgs" / f"{row}.PNG", data)
    put(source / "Imgs" / "2.Png", pictures(1, 70)[0])
    path = table(source, file=[f"imgs/{row}.png" for row in range(ROWS)], label=LABELS)
    info = prepare(DataConfig(str(path)), home).info
    assert dict(info.left_out) == {"whose file is missing": 1}
    assert any("imgs/2.png" in note for note in info.notes)


def test_uploaded_files_may_lie_beside_the_table(home: Path, source: Path) -> None:
    for row, data in enumerate(pictures()):
        put(source / f"{row}.png", data)
    path = table(source, file=[f"images/{row}.png" for row in range(ROWS)], label=LABELS)
    listing = listed(path)
    assert listing.count == ROWS
    assert any("beside the table" in note for note in listing.notes)
    assert (first_pixels(path, home, 3) == noise(3, 8, 8)).all()


@pytest.mark.parametrize("bad", ["x" * 300 + ".png", "a\0b.png", "~nobody/a.png", "x/" * 3000])
def test_a_cell_that_is_no_name_is_a_missing_file(home: Path, source: Path, bad: str) -> None:
    for row, data in enumerate(pictures()):
        put(source / "i" / f"{row}.png", data)
    names = [f"i/{row}.png" for row in range(ROWS - 1)]
    path = table(source, file=[*names, bad], label=LABELS)
    for within in (None, source):
        info = prepare(DataConfig(str(path)), home, within=within).info
        assert dict(info.left_out) == {"whose file is missing": 1}
        assert len(peek(DataConfig(str(path)), within=within).images) > 0
        assert inspect(DataConfig(str(path)), home, within=within).samples == ROWS - 1


def test_without_any_file_the_first_path_is_named(home: Path, source: Path) -> None:
    path = table(source, file=[f"i/{row}.png" for row in range(ROWS)], label=LABELS)
    with pytest.raises(RequestError, match=f"none of {ROWS} images") as caught:
        prepare(DataConfig(str(path)), home)
    assert str(source / "i" / "0.png") in caught.value.message
    assert "'file'" in caught.value.message


def test_a_link_to_nowhere_is_a_missing_file(home: Path, source: Path) -> None:
    for row, data in enumerate(pictures()):
        put(source / "i" / f"{row}.png", data)
    (source / "i" / "3.png").unlink()
    (source / "i" / "3.png").symlink_to(source / "gone.png")
    path = table(source, file=[f"i/{row}.png" for row in range(ROWS)], label=LABELS)
    info = prepare(DataConfig(str(path)), home).info
    assert dict(info.left_out) == {"whose file is missing": 1}


def test_a_broken_file_is_refused_in_words(home: Path, source: Path) -> None:
    path = image_parquet(source / "all.parquet", list(pictures()), label=LABELS)
    whole = path.read_bytes()
    for damaged in (b"", whole[: len(whole) // 2], b"PAR1" + bytes(100) + b"PAR1"):
        path.write_bytes(damaged)
        with pytest.raises(RequestError, match=r"'all\.parquet'"):
            prepare(DataConfig(str(path)), home)
    middle = len(whole) // 3
    path.write_bytes(whole[:middle] + bytes(200) + whole[middle + 200 :])
    # Damage in the middle is a refusal or a few broken images, and no error of pyarrow.
    with contextlib.suppress(RequestError):
        prepare(DataConfig(str(path)), home)


def test_other_splits_of_a_saved_folder_are_counted(home: Path, source: Path) -> None:
    def rows(count: int) -> datasets.Dataset:
        return datasets.Dataset.from_dict({"text": sentences(count), "label": LABELS[:count]})

    both = datasets.DatasetDict(train=rows(20), test=rows(10), extra=rows(7))
    both.save_to_disk(str(source / "saved"))
    listing = listed(source / "saved")
    assert listing.accounted == Account(37, {"in the split 'extra'": 7})
    info = prepare(DataConfig(str(source / "saved")), home).info
    assert (info.found, info.total) == (37, 30)


def test_unlabeled_splits_are_said(source: Path) -> None:
    def rows(count: int) -> datasets.Dataset:
        return datasets.Dataset.from_dict({"text": sentences(count), "label": LABELS[:count]})

    datasets.DatasetDict(train=rows(20), unsupervised=rows(9)).save_to_disk(str(source / "saved"))
    notes = listed(source / "saved").notes
    assert any("'unsupervised' (9 rows)" in note for note in notes)

"""CSV and JSONL: encodings, separators, columns."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from data_making import WORDS, encoded, noise, put, sentences

from workbench.config import DataConfig
from workbench.data import prepare
from workbench.data.sources.row_files import encoding
from workbench.errors import RequestError

GERMAN = [f"Größe {word}, schön – „{word}“ für 3 €; naïve Süße" for word in WORDS] * 3


def rows_of(texts: list[str], separator: str = ",") -> str:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=separator)
    writer.writerow(["Nr", "Nachricht", "label"])
    for index, text in enumerate(texts):
        writer.writerow([index, f"{text} {index}", ["gut", "übel"][index % 2]])
    return out.getvalue()


@pytest.mark.parametrize(
    ("codec", "words"),
    [
        ("utf-8", "UTF-8"),
        ("utf-8-sig", "UTF-8 with a mark"),
        ("utf-16", "UTF-16"),
        ("utf-16-le", "UTF-16"),
        ("utf-16-be", "UTF-16"),
        ("cp1252", "Windows-1252"),
    ],
)
@pytest.mark.parametrize(
    ("separator", "name"), [(",", "commas"), (";", "semicolons"), ("\t", "tabs")]
)
def test_encoding_and_separator_are_found_out_and_named(
    home: Path, source: Path, codec: str, words: str, separator: str, name: str
) -> None:
    path = put(source / "posts.csv", rows_of(GERMAN, separator).encode(codec))
    data = prepare(DataConfig(str(path)), home)
    row = data.ids.index("posts/4")
    assert data.texts[row] == f"{GERMAN[4]} 4"
    assert data.info.label is not None
    assert data.info.label.classes == ("gut", "übel")
    note = next(note for note in data.info.notes if "separated by" in note)
    assert words in note
    assert name in note


@pytest.mark.parametrize(
    ("text", "codec"),
    [
        ("Привет, как дела? Я хочу вернуть деньги за мой заказ.", "cp1251"),
        ("Zażółć gęślą jaźń. Proszę o szybki zwrot pieniędzy.", "cp1250"),
        ("こんにちは世界。返金をお願いします。ありがとう。", "shift_jis"),
    ],
)
def test_a_page_of_another_script_is_not_taken_for_western(
    source: Path, text: str, codec: str
) -> None:
    path = put(source / "posts.csv", ("text\n" + f"{text}\n" * 20).encode(codec))
    found = encoding.detect(path)
    assert path.read_bytes().decode(found.codec).splitlines()[1] == text


def test_an_encoding_that_cannot_be_recognised_is_refused(home: Path, source: Path) -> None:
    path = put(source / "posts.csv", noise(0, 5000).tobytes())
    with pytest.raises(RequestError, match=r"encoding of 'posts\.csv'") as caught:
        prepare(DataConfig(str(path)), home)
    assert "UTF-8" in str(caught.value.remedy)


def test_without_a_text_column_the_columns_are_listed(home: Path, source: Path) -> None:
    rows = "when,price,city\n" + "2024-01-01 10:00:00,3.5,Rome\n" * 20
    path = put(source / "prices.csv", rows.encode())
    with pytest.raises(RequestError, match="when, price, city") as caught:
        prepare(DataConfig(str(path)), home)
    assert "--text" in str(caught.value.remedy)


def test_text_columns_are_joined(home: Path, source: Path) -> None:
    rows = "title,body,label\n" + "".join(
        f"{text},{text} {text},{'ab'[i % 2]}\n" for i, text in enumerate(sentences(40))
    )
    path = put(source / "posts.csv", rows.encode())
    data = prepare(DataConfig(str(path), text=("title", "body")), home)
    text = sentences(40)[5]
    assert data.texts[data.ids.index("posts/5")] == f"{text}\n{text} {text}"
    assert prepare(DataConfig(str(path)), home).texts[0].count(".") == 2


def test_rows_of_another_length_are_skipped_and_counted(home: Path, source: Path) -> None:
    lines = ["text,label", *(f"{text},{'ab'[i % 2]}" for i, text in enumerate(sentences(40)))]
    lines[5] += ",too,many"
    lines += ["", '"a quoted, comma",a']
    path = put(source / "posts.csv", "\n".join(lines).encode())
    data = prepare(DataConfig(str(path)), home)
    assert data.info.total == 40
    assert "a quoted, comma" in data.texts
    assert any("1 rows of 'posts.csv' have another number of fields" in n for n in data.info.notes)


@pytest.mark.parametrize("content", [b"", b"text,label\n"])
def test_a_table_without_rows_is_refused(home: Path, source: Path, content: bytes) -> None:
    path = put(source / "posts.csv", content)
    with pytest.raises(RequestError) as caught:
        prepare(DataConfig(str(path)), home)
    assert caught.value.field == "--data"


def test_a_csv_may_name_images(home: Path, source: Path) -> None:
    for index in range(20):
        put(source / "pictures" / f"{index}.png", encoded(noise(index, 8, 8)))
    rows = "file,kind\n" + "".join(f"pictures/{i}.png,{'ab'[i % 2]}\n" for i in range(20))
    path = put(source / "list.csv", (rows + "pictures/none.png,a\n").encode())
    data = prepare(DataConfig(str(path), label="kind"), home)
    assert data.info.total == 20
    assert (data.images[data.ids.index("list/6"), 0] == noise(6, 8, 8)).all()
    assert dict(data.info.left_out) == {"whose file is missing": 1}
    assert any("pictures/none.png" in note for note in data.info.notes)
    put(source / "pictures" / "6.png", encoded(noise(60, 8, 8)))
    again = prepare(DataConfig(str(path), label="kind"), home)
    assert again.info.fingerprint != data.info.fingerprint


@pytest.mark.parametrize("form", ["jsonl", "json"])
def test_json_objects_are_rows(home: Path, source: Path, form: str) -> None:
    objects = [
        {"text": f"{text}\u2028next", "label": i % 2} for i, text in enumerate(sentences(40))
    ]
    del objects[3]["label"]
    lines = [json.dumps(one, ensure_ascii=False) for one in objects]
    content = "\n".join([*lines, "not json"]) if form == "jsonl" else f"[{','.join(lines)}]"
    path = put(source / f"posts.{form}", content.encode())
    data = prepare(DataConfig(str(path)), home)
    assert data.info.total == 40
    assert data.info.label is not None
    assert data.info.label.classes == ("0", "1")
    assert data.target("label")[data.ids.index("posts/3")] == -1
    assert data.texts[data.ids.index("posts/7")] == objects[7]["text"]
    if form == "jsonl":
        assert any("1 lines of 'posts.jsonl'" in note for note in data.info.notes)


def test_json_without_objects_is_refused(home: Path, source: Path) -> None:
    path = put(source / "posts.jsonl", b"1\n2\n")
    with pytest.raises(RequestError, match="holds no JSON objects"):
        prepare(DataConfig(str(path)), home)


def test_a_folder_of_tables_has_their_splits(home: Path, source: Path) -> None:
    for split, start, count in (("train", 0, 30), ("dev", 30, 6), ("test", 36, 9)):
        lines = [json.dumps({"text": text}) for text in sentences(count, start)]
        put(source / f"{split}.jsonl", "\n".join(lines).encode())
    counts = prepare(DataConfig(str(source)), home).info.counts
    assert dict(counts) == {"train": 30, "validation": 6, "test": 9}

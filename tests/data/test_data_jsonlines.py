"""JSON and JSONL: every shape that holds a table, bad lines, objects in cells."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from data_making import put, sentences

from workbench.config import DataConfig
from workbench.data import prepare
from workbench.data.sources.row_files import jsonlines
from workbench.data.sources.row_files.row_file import RowFile
from workbench.errors import RequestError

TEXTS = sentences(20)
LABELS = [index % 2 for index in range(20)]
ROWS = [{"text": text, "label": label} for text, label in zip(TEXTS, LABELS, strict=True)]
COLUMNS = {"text": TEXTS, "label": LABELS}


def read(source: Path, content: str, name: str = "posts.json") -> RowFile:
    return jsonlines.read(put(source / name, content.encode()))


def lines(rows: list[Any], between: str = "\n") -> str:
    return between.join(json.dumps(row) for row in rows)


@pytest.mark.parametrize(
    "document",
    [
        ROWS,
        {"data": ROWS},
        {"version": 2, "source": {"by": "me"}, "data": ROWS},
        {"result": {"page": 1, "rows": ROWS}},
        {"schema": {"fields": [{"name": "text"}, {"name": "label"}]}, "data": ROWS},
        COLUMNS,
        {name: {str(at): value for at, value in enumerate(c)} for name, c in COLUMNS.items()},
        {str(at): row for at, row in enumerate(ROWS)},
        {f"post {at}": row for at, row in enumerate(ROWS)},
        {
            "columns": ["text", "label"],
            "index": list(range(20)),
            "data": [list(row.values()) for row in ROWS],
        },
    ],
    ids=[
        "list", "under a key", "beside others", "two keys", "with a schema", "columns",
        "columns by row", "numbered rows", "named rows", "names and lists",
    ],
)  # fmt: skip
@pytest.mark.parametrize("indent", [None, 1])
def test_every_shape_of_a_table_is_read(source: Path, document: Any, indent: int | None) -> None:
    file = read(source, json.dumps(document, indent=indent))
    assert file.columns == COLUMNS
    assert file.account.found == file.account.taken == 20


@pytest.mark.parametrize("between", ["\n", "\r\n", "\r", "\n\n", "\n  \n"])
@pytest.mark.parametrize("name", ["posts.jsonl", "posts.ndjson", "posts.json"])
def test_one_object_a_line(source: Path, between: str, name: str) -> None:
    file = read(source, lines(ROWS, between) + between, name)
    assert file.columns == COLUMNS
    assert file.account.found == 20


@pytest.mark.parametrize("name", ["posts.jsonl", "posts.json"])
def test_objects_over_several_lines_each(source: Path, name: str) -> None:
    content = "\n".join(json.dumps(row, indent=2) for row in ROWS)
    assert read(source, content, name).columns == COLUMNS


def test_a_jsonl_file_of_one_row_is_a_row_and_not_a_document(source: Path) -> None:
    file = read(source, json.dumps({"text": "a text", "data": 3}), "posts.jsonl")
    assert file.columns == {"text": ["a text"], "data": [3]}


@pytest.mark.parametrize("bad", ["not json", '{"text": "cut', "[1, 2]", "3", "null", '{"a": 1},'])
def test_bad_lines_are_counted_and_the_first_is_named(source: Path, bad: str) -> None:
    content = lines(ROWS).split("\n")
    content.insert(4, bad)
    content.insert(9, "")
    content.append(bad)
    file = read(source, "\n".join(content), "posts.jsonl")
    assert file.columns == COLUMNS
    assert file.account.found == 22
    assert file.account.left_out == {"without a JSON object": 2}
    assert any(f"line 5: '{bad}'" in note for note in file.notes)


def test_a_file_of_which_most_lines_are_bad_is_refused(source: Path) -> None:
    content = "\n".join([*lines(ROWS[:5]).split("\n"), *["{'text': 'python'}"] * 20])
    with pytest.raises(RequestError, match="20 of its 25 lines are no JSON objects") as caught:
        read(source, content, "posts.jsonl")
    assert "line 6: '{'text'" in caught.value.message


def test_a_list_that_was_cut_is_refused_with_the_line(source: Path) -> None:
    content = json.dumps(ROWS, indent=1)[:-30]
    with pytest.raises(RequestError, match=r"no complete JSON \(line \d+") as caught:
        read(source, content)
    assert caught.value.remedy


def test_values_of_a_list_that_are_no_objects_are_counted(source: Path) -> None:
    file = read(source, json.dumps([*ROWS[:10], None, 3, *ROWS[10:]]))
    assert file.columns == COLUMNS
    assert file.account.left_out == {"without a JSON object": 2}
    assert any("value 11" in note for note in file.notes)


def test_a_list_of_texts_is_one_column(source: Path) -> None:
    assert read(source, json.dumps(TEXTS)).columns == {"text": TEXTS}


def test_lists_that_are_called_like_splits_are_splits(home: Path, source: Path) -> None:
    rows = [{"text": text} for text in sentences(40)]
    document = {"train": rows[:30], "validation": rows[30:34], "test": rows[34:]}
    path = put(source / "posts.json", json.dumps(document).encode())
    data = prepare(DataConfig(str(path)), home)
    assert dict(data.info.counts) == {"train": 30, "validation": 4, "test": 6}


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ({"posts": ROWS, "people": ROWS}, "several lists of objects: posts, people"),
        ({"text": TEXTS, "label": LABELS[:5]}, "text 20, label 5"),
        ([[text, 1] for text in TEXTS], "holds no JSON objects"),
        ([], "holds no JSON objects"),
        (3, "holds no JSON objects"),
        ([{"tokens": ["a", "b"]}], "'tokens' holds lists of up to 2 values"),
    ],
)
def test_documents_without_one_table_are_refused(source: Path, document: Any, words: str) -> None:
    with pytest.raises(RequestError, match=words) as caught:
        read(source, json.dumps(document))
    assert caught.value.field == "--data"
    assert caught.value.remedy


def test_a_document_that_is_nested_too_deeply_is_refused(source: Path) -> None:
    with pytest.raises(RequestError, match="nested too deeply"):
        read(source, "[" * 100_000)


def test_objects_in_cells_become_columns_and_lists_of_one_their_value(source: Path) -> None:
    rows = [
        {"text": {"body": text, "by": {"name": "me"}}, "label": [label], "tags": ["a", "b"]}
        for text, label in zip(TEXTS, LABELS, strict=True)
    ]
    file = read(source, lines(rows), "posts.jsonl")
    assert file.columns == {"text.body": TEXTS, "text.by.name": ["me"] * 20, "label": LABELS}
    assert set(file.nested) == {"text", "text.by", "tags"}
    assert any("'text'" in note and "body" in note for note in file.notes)
    assert any("'tags'" in note and "not used" in note for note in file.notes)


@pytest.mark.parametrize(
    ("cell", "offer"),
    [
        (lambda text: {"body": text}, "--text text.body"),
        (lambda text: {"en": text, "de": text}, "--text text.en or text.de"),
        (lambda text: text.split(), "single values"),
        (lambda text: [{"role": "user", "content": text}] * 2, "single values"),
    ],
    ids=["object", "translations", "words", "turns"],
)
def test_a_nested_text_is_refused_and_never_trained_on_as_code(
    home: Path, source: Path, cell: Any, offer: str
) -> None:
    rows = [{"text": cell(text), "label": "ab"[i % 2], "id": i} for i, text in enumerate(TEXTS)]
    path = put(source / "posts.jsonl", lines(rows).encode())
    with pytest.raises(RequestError, match="column 'text' holds") as caught:
        prepare(DataConfig(str(path), text=("text",)), home)
    assert caught.value.field == "--text"
    assert offer in str(caught.value.remedy)


def test_a_text_inside_an_object_is_found_by_its_own_name(home: Path, source: Path) -> None:
    rows = [{"text": {"body": row["text"]}, "label": [row["label"]]} for row in ROWS]
    path = put(source / "posts.jsonl", lines(rows).encode())
    for config in (DataConfig(str(path)), DataConfig(str(path), text=("text.body",))):
        data = prepare(config, home)
        assert set(data.texts) == set(TEXTS)
        assert data.info.label is not None
        assert data.info.label.classes == ("0", "1")


def test_an_object_among_texts_is_no_text(source: Path) -> None:
    rows = [*ROWS[:19], {"text": {"body": TEXTS[19]}, "label": 1}]
    file = read(source, lines(rows), "posts.jsonl")
    assert file.columns["text"] == [*TEXTS[:19], None]
    assert file.columns["text.body"] == [*[None] * 19, TEXTS[19]]
    assert any("1 cells of column 'text'" in note for note in file.notes)


def test_the_names_of_inner_columns_do_not_clash(source: Path) -> None:
    rows = [{"a": {"b": 1}, "a.b": 2, "c": "x"}]
    assert read(source, lines(rows), "posts.jsonl").columns == {
        "a.b_2": [1],
        "a.b": [2],
        "c": ["x"],
    }


def test_numbers_and_nan_among_texts_are_words_and_nothing(home: Path, source: Path) -> None:
    rows: list[dict[str, Any]] = [{"text": f"{text} {i}"} for i, text in enumerate(TEXTS)]
    rows[3]["text"] = 12
    content = lines(rows).replace(json.dumps(rows[5]["text"]), "NaN")
    data = prepare(DataConfig(str(put(source / "posts.jsonl", content.encode()))), home)
    assert "12" in data.texts
    assert data.info.found == 20
    assert data.info.left_out == {"without a text": 1}


def test_the_account_of_the_first_rows_is_of_these(source: Path) -> None:
    path = put(source / "posts.jsonl", f"{lines(ROWS[:3])}\nbad\n{lines(ROWS)}".encode())
    file = jsonlines.read(path, 6)
    assert file.account.found == 6
    assert file.account.taken == 5 == len(file.columns["text"])

"""Labels of several tables: one mapping by name, whatever the types and spellings."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import datasets
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from data_making import put, sentences

from workbench.config import DataConfig
from workbench.data import prepare, roles
from workbench.data.columns import coded, distinct, remarks
from workbench.data.listing import LabelColumn
from workbench.data.peek import peek
from workbench.data.sources.resolve import resolve
from workbench.errors import RequestError

ROWS = 24
NFC, NFD = "caf\u00e9", "cafe\u0301"


def part(folder: Path, split: str, labels: Any, names: Sequence[str] | None = None) -> None:
    """SPLIT.parquet with ``labels``; names: of a ClassLabel."""
    rows = {"text": sentences(len(labels), hash(split) % 1000), "label": labels}
    if names is None:
        pq.write_table(pa.table(rows), folder / f"{split}.parquet")
        return
    kinds = {"text": datasets.Value("string"), "label": datasets.ClassLabel(names=list(names))}
    made = datasets.Dataset.from_dict(rows, datasets.Features(kinds))
    made.to_parquet(str(folder / f"{split}.parquet"))


def read(path: Path, **options: Any) -> tuple[list[str | None], tuple[str, ...]]:
    """The class name of each sample, None if it has none, and the notes on roles."""
    config = DataConfig(str(path), **({"label": "label"} | options))
    chosen = roles.assign(resolve(config).listing(config), config)
    assert chosen.label is not None
    codes, names = coded(chosen.label)
    return [names[code] if code >= 0 else None for code in codes.tolist()], chosen.notes


ANIMALS = ["cat", "dog", "owl"]
WANTED = ANIMALS * (ROWS // 3)


@pytest.mark.parametrize("order", [["dog", "owl", "cat"], ["owl", "cat", "dog", "pig"]])
def test_class_labels_in_another_order_are_matched_by_name(source: Path, order: list[str]) -> None:
    part(source, "train", [ANIMALS.index(name) for name in WANTED], ANIMALS)
    part(source, "test", [order.index(name) for name in WANTED], order)
    values, notes = read(source)
    assert values == WANTED * 2
    assert any("matched by name" in note for note in notes)
    # A look into the source shows names, too.
    assert [row["label"] for row in peek(DataConfig(str(source))).rows] == WANTED[:10]


def test_a_class_may_be_missing_in_one_part(source: Path) -> None:
    part(source, "train", [0, 1] * 12, ["cat", "owl"])
    part(source, "test", [0, 1, 2] * 8, ["dog", "cat", "owl"])
    values, _ = read(source)
    assert values == ["cat", "owl"] * 12 + ["dog", "cat", "owl"] * 8


@pytest.mark.parametrize("first", ["train", "test"])
def test_class_labels_meet_strings(source: Path, first: str) -> None:
    second = "test" if first == "train" else "train"
    part(source, first, [ANIMALS.index(name) for name in WANTED], ANIMALS)
    part(source, second, [*WANTED[:-1], " owl "])
    values, _ = read(source)
    assert values == WANTED * 2


def test_class_labels_meet_numbers_that_count_them(source: Path) -> None:
    part(source, "train", [0, 1, 2] * 8, ANIMALS)
    part(source, "test", [2, 1, -1] * 8)
    values, notes = read(source)
    assert values == WANTED + ["owl", "dog", None] * 8
    assert any("count its class names" in note for note in notes)


def test_numbers_that_count_no_class_names_are_refused(source: Path) -> None:
    part(source, "train", [0, 1, 2] * 8, ANIMALS)
    part(source, "test", [7, 1, 2] * 8)
    with pytest.raises(RequestError, match="numbers") as caught:
        read(source)
    assert caught.value.field == "--label"
    config = DataConfig(str(source))
    chosen = roles.assign(resolve(config).listing(config), config)
    assert chosen.label is None
    assert any("'label' is not taken" in note and "numbers" in note for note in chosen.notes)


def test_numbers_beyond_the_class_names_are_missing_and_counted(source: Path) -> None:
    part(source, "train", [0, 1] * 12, ["a", "b"])
    schema = pq.read_schema(source / "train.parquet")
    rows = {"text": sentences(24), "label": [0, 5, -1] * 8}
    made = pa.table(rows).replace_schema_metadata(schema.metadata)
    pq.write_table(made, source / "train.parquet")
    values, notes = read(source)
    assert values == ["a", None, None] * 8
    assert any("8 values of 'label' are no numbers of classes" in note for note in notes)


SPELLINGS: dict[str, tuple[list[Any], list[Any], list[str]]] = {
    "int, float": ([0, 1], [0.0, 1.0], ["0", "1"]),
    "int, bool": ([0, 1], [False, True], ["0", "1"]),
    "int, text": ([0, 1], ["0", "1"], ["0", "1"]),
    "int, fractions as text": ([3, 4], ["3.0", "4.0"], ["3", "4"]),
    "int, truth as text": ([0, 1], ["False", "True"], ["0", "1"]),
    "text, truth as text": (["0", "1"], ["false", "true"], ["0", "1"]),
    "truth in two spellings": (["False", "True"], ["false", "true"], ["false", "true"]),
    "bool, truth as text": ([False, True], ["FALSE", "TRUE"], ["false", "true"]),
    "float, decimal": ([0.5, 1.0], [Decimal("0.50"), Decimal("1.00")], ["0.5", "1"]),
    "int, decimal": ([2, 1], [Decimal("2.0"), Decimal("1.0")], ["2", "1"]),
    "float, float as text": ([0.5, 2.0], ["0.50", "2"], ["0.5", "2"]),
    "unicode": ([NFC, "th\u00e9"], [NFD, "the\u0301"], [NFC, "th\u00e9"]),
    "white space": (["a b", "c"], [" a b", "c\u00a0 "], ["a b", "c"]),
    "nothing, text": ([None, None], ["a", "b"], []),
}


@pytest.mark.parametrize(("train", "test", "names"), SPELLINGS.values(), ids=SPELLINGS)
def test_spellings_of_one_class_are_one_class(
    source: Path, train: list[Any], test: list[Any], names: list[str]
) -> None:
    part(source, "train", train * 12)
    part(source, "test", test * 12)
    values, _ = read(source)
    assert values[24:] == (names or test) * 12
    assert values[:24] == (names or train) * 12


TYPES = [
    pa.array(["a", "b"] * 12).dictionary_encode(),
    pa.array(["a", "b"] * 12, pa.large_string()),
    pa.array(["a", "b"] * 12, pa.string_view()),
    pa.array([b"a", b"b"] * 12, pa.binary()),
    pa.array([b"a", b"b"] * 12, pa.binary(1)),
    pa.array([b"a", b"b"] * 12, pa.large_binary()),
]


@pytest.mark.parametrize("values", TYPES, ids=lambda values: str(values.type))
@pytest.mark.parametrize("alone", [True, False])
def test_types_of_strings_do_not_matter(source: Path, values: pa.Array, alone: bool) -> None:
    part(source, "train", values)
    if not alone:
        part(source, "test", ["b", "a"] * 12)
    assert read(source)[0] == ["a", "b"] * 12 + ([] if alone else ["b", "a"] * 12)


def test_codes_keep_their_zeros(source: Path) -> None:
    part(source, "train", ["01", "1"] * 12)
    assert read(source)[0] == ["01", "1"] * 12


def test_names_stay_where_values_are_of_several_kinds(source: Path) -> None:
    part(source, "train", ["1", "1.0", "one", "true"] * 6)
    assert read(source)[0] == ["1", "1.0", "one", "true"] * 6


@pytest.mark.parametrize("odd", [float("inf"), float("-inf"), float("nan"), None])
def test_values_that_are_no_numbers_are_missing_and_counted(
    home: Path, source: Path, odd: float | None
) -> None:
    part(source, "train", [0.0, 1.0, 2.0, odd] * 6)
    values, notes = read(source)
    assert values == ["0", "1", "2", None] * 6
    if odd in (float("inf"), float("-inf")):
        assert any("6 values are infinite" in note for note in notes)
    info = prepare(DataConfig(str(source)), home).info
    assert any("Samples without a label: 6." in note for note in info.notes)


@pytest.mark.parametrize(
    ("values", "names"),
    [
        (["0", "1", "nan", "inf"], ["0", "1", None, None]),
        (["0.5", "2", "NaN", "-inf"], ["0.5", "2", None, None]),
        (["a", "b", "nan", "inf"], ["a", "b", None, "inf"]),
    ],
)
def test_words_for_no_number_are_missing_and_counted(
    source: Path, values: list[str], names: list[str | None]
) -> None:
    part(source, "train", values * 6)
    read_values, notes = read(source)
    assert read_values == names * 6
    count = 6 * names.count(None)
    assert any(f"{count} cells of column 'label' say" in note for note in notes)


def test_names_that_differ_in_capitals_are_two_classes_and_said(source: Path) -> None:
    part(source, "train", ["Cat", "cat", "dog"] * 8)
    values, notes = read(source)
    assert values == ["Cat", "cat", "dog"] * 8
    assert any("'Cat' and 'cat' are two classes" in note for note in notes)


def test_columns_of_different_types_are_said(source: Path) -> None:
    part(source, "train", [0, 1] * 12)
    part(source, "test", ["zero", "one"] * 12)
    values, notes = read(source)
    assert values == ["0", "1"] * 12 + ["zero", "one"] * 12
    assert any("numbers in 'train', text in 'test'" in note for note in notes)


@pytest.mark.parametrize("huge", [1e300, 2.0**70])
def test_huge_numbers_keep_their_names(source: Path, huge: float) -> None:
    part(source, "train", [0.0, huge] * 12)
    assert len({*read(source)[0]}) == 2
    assert all(float(str(value)) in (0.0, huge) for value in read(source)[0])


def test_fractions_of_16_bits_are_classes_like_others() -> None:
    values = pa.array(np.array([0, 1, 2, 1, np.nan, np.inf], np.float16))
    codes, names = coded(LabelColumn("label", pa.chunked_array([values])))
    assert (codes.tolist(), names) == ([0, 1, 2, 1, -1, -1], ("0", "1", "2"))


def test_unsigned_and_signed_numbers_are_one(source: Path) -> None:
    part(source, "train", pa.array([1, 2**63 + 1] * 12, pa.uint64()))
    part(source, "test", pa.array([1, 2] * 12, pa.int8()))
    assert read(source)[0] == ["1", str(2**63 + 1)] * 12 + ["1", "2"] * 12


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (pa.array([0, 1] * 12, pa.timestamp("s")), "dates or times"),
        (pa.array([0, 1] * 12, pa.date32()), "dates or times"),
        (pa.array([["a"], ["b"]] * 12), "holds lists"),
        (pa.array([{"name": "a", "id": 1}] * 24), "records \\(name, id\\)"),
        (pa.array([b"\xff\xfe\x01", b"\x80\x81"] * 12), "bytes that are no text"),
        (pa.array(np.linspace(0, 1, 24)), "fractions"),
        (pa.array(map(str, range(24))), "24 different values in 24 samples"),
    ],
    ids=["timestamp", "date", "list", "record", "bytes", "fractions", "many"],
)
def test_a_label_that_holds_no_classes_is_refused_in_words(
    source: Path, values: pa.Array, words: str
) -> None:
    part(source, "train", values)
    config = DataConfig(str(source))
    chosen = roles.assign(resolve(config).listing(config), config)
    assert chosen.label is None
    assert any("'label' is not taken" in n and re.search(words, n) for n in chosen.notes)
    if "24 different" in words:
        return
    with pytest.raises(RequestError, match=words) as caught:
        read(source)
    assert caught.value.field == "--label"
    assert "'label'" in caught.value.message


def test_too_many_classes_are_named_with_the_flag(home: Path, source: Path) -> None:
    rows = "text,label\n" + "".join(f"a message of {i} words,shop{i % 60}\n" for i in range(90))
    path = put(source / "data.csv", rows.encode())
    info = prepare(DataConfig(str(path)), home).info
    assert info.label is None
    assert any("60 different" in note and "--label label" in note for note in info.notes)
    info = prepare(DataConfig(str(path), label="label"), home).info
    assert info.label is not None
    assert len(info.label.classes) == 60


def test_more_classes_than_allowed_are_refused_with_the_number(source: Path) -> None:
    part(source, "train", [f"c{i}" for i in range(2500)] * 2)
    with pytest.raises(RequestError, match="2,500 different values, and 2,000"):
        read(source)
    config = DataConfig(str(source))
    notes = roles.assign(resolve(config).listing(config), config).notes
    assert any("2,500 different values, and 2,000 are the most" in note for note in notes)


@pytest.mark.parametrize("values", [[None] * 24, [""] * 24, pa.nulls(24)])
def test_an_empty_column_gives_no_labels(home: Path, source: Path, values: Any) -> None:
    part(source, "train", values)
    for options in ({}, {"label": "label"}):
        info = prepare(DataConfig(str(source), **options), home).info
        assert info.label is None
        assert any("'label'" in note and "empty" in note for note in info.notes)


def test_a_million_labels_take_no_time() -> None:
    values = pa.chunked_array([pa.array([f"class {i % 50}" for i in range(10**6)])])
    column = LabelColumn("label", values)
    start = time.monotonic()
    assert distinct(column) == 50
    assert len(coded(column)[1]) == 50
    assert remarks(column) == ()
    assert time.monotonic() - start < 2

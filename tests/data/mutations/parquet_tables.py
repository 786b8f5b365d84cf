"""Parquet tables with texts and labels of all types, as one file or as files of splits."""

from __future__ import annotations

import datetime
import decimal
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from mutations.made import CLASSES, DOUBTFUL, Known, Made, labels, mark, sentence, splits


@dataclass
class Part:
    """One file. columns: in order, names may come twice."""

    name: str
    columns: list[tuple[str, pa.Array]]
    class_names: tuple[str, ...] | None = None


@dataclass
class Draft:
    """The rows while they are mutated. splits: of the rows, one file each. column_splits: of the
    rows, as a column. text: makes a column of texts. label: makes a column of labels from the
    number of the file and class numbers, None for a missing one. more: make further columns."""

    texts: list[str | None]
    numbers: list[int | None]
    splits: list[str] | None
    text: Callable[[list[str | None]], pa.Array]
    label: Callable[[int, list[int | None]], pa.Array]
    names: list[str]
    more: list[Callable[[int, list[int]], tuple[str, pa.Array]]] = field(default_factory=list)
    label_name: str = "label"
    class_orders: bool = False
    named: bool = False
    clear: bool = True
    label_doubtful: bool = False
    column_splits: list[str] | None = None
    torn: int | None = None
    empty_part: bool = False


Mutation = Callable[[Draft, Random], None]


def make(random: Random, folder: Path) -> Made:
    """A table of texts and labels, one file or a folder of splits, with none to three mutations."""
    draft = _draft(random)
    names = random.sample(list(MUTATIONS), random.choice([0, 1, 1, 1, 2, 2, 3]))
    names.sort(key=list(MUTATIONS).index)
    # One type of labels and one of texts at most.
    for kind in ("labels ", "texts "):
        several = [name for name in names if name.startswith(kind) and "missing" not in name]
        names = [name for name in names if name not in several[1:]]
    for name in names:
        MUTATIONS[name](draft, random)
    path = _written(draft, random, folder)
    known = {}
    given = draft.splits or draft.column_splits
    for at, text in enumerate(draft.texts):
        number = draft.numbers[at]
        label = None if number is None else draft.names[number]
        split = DOUBTFUL if given is None else given[at]
        if text is not None:
            known[mark(at)] = Known(split, DOUBTFUL if draft.label_doubtful else label)
    return Made(path, len(draft.texts), known, draft.clear, tuple(names), draft.named)


def _draft(random: Random) -> Draft:
    count = random.randint(24, 40)
    drawn = labels(random, count)
    names = [name for name in CLASSES if name in drawn]
    return Draft(
        texts=[sentence(random, at) for at in range(count)],
        numbers=[names.index(name) for name in drawn],
        splits=splits(random, count) if random.random() < 0.6 else None,
        text=lambda values: pa.array(values, pa.string()),
        label=lambda part, numbers: _words(numbers),
        names=names,
        named=True,
    )


def _words(numbers: list[int | None]) -> pa.Array:
    return pa.array([None if n is None else CLASSES[n] for n in numbers], pa.string())


def _written(draft: Draft, random: Random, folder: Path) -> Path:
    """Write the files; returns the path of the source."""
    if draft.splits is None:
        path = folder / "table.parquet"
        _write(draft, path, 0, list(range(len(draft.texts))))
        last = path
    else:
        path = folder / "tables"
        path.mkdir()
        style = random.choice(["{}.parquet", "{}-00000-of-00001.parquet", "data/{}.parquet"])
        (path / style).parent.mkdir(exist_ok=True)
        for number, split in enumerate(sorted(set(draft.splits))):
            rows = [at for at, one in enumerate(draft.splits) if one == split]
            last = path / style.format(split)
            _write(draft, last, number, rows)
        if draft.empty_part:
            _write(draft, path / style.format("validation"), 0, [])
    if draft.torn is not None:
        data = last.read_bytes()
        last.write_bytes(data[: len(data) * draft.torn // 100])
    return path


def _write(draft: Draft, path: Path, part: int, rows: list[int]) -> None:
    label = draft.label(part, [draft.numbers[at] for at in rows])
    columns = [("text", draft.text([draft.texts[at] for at in rows])), (draft.label_name, label)]
    columns += [make_more(part, rows) for make_more in draft.more]
    table = pa.Table.from_arrays([values for _, values in columns], [name for name, _ in columns])
    if draft.class_orders:
        feature = {"names": _order(part, len(draft.names)), "_type": "ClassLabel"}
        described = {"info": {"features": {draft.label_name: feature}}}
        table = table.replace_schema_metadata({"huggingface": json.dumps(described)})
    pq.write_table(table, path, row_group_size=max(1, len(rows) // 3))


def _order(part: int, count: int) -> list[str]:
    """Class names in another order for each file."""
    names = list(CLASSES[:count])
    return names[part % count :] + names[: part % count]


def _labels_as(kind: pa.DataType, value: Callable[[int], Any], *, clear: bool = True) -> Mutation:
    """Labels of another type. value: of a class number."""

    def mutate(draft: Draft, random: Random) -> None:
        draft.named = False
        draft.clear = draft.clear and clear
        draft.label = lambda part, numbers: pa.array(
            [None if number is None else value(number) for number in numbers], kind
        )

    return mutate


def _dictionary_labels(draft: Draft, random: Random) -> None:
    draft.label = lambda part, numbers: _words(numbers).dictionary_encode()


def _class_labels(draft: Draft, random: Random) -> None:
    draft.class_orders = True

    def label(part: int, numbers: list[int | None]) -> pa.Array:
        order = _order(part, len(draft.names))
        places = [None if number is None else order.index(CLASSES[number]) for number in numbers]
        return pa.array(places, pa.int64())

    draft.label = label


def _types_by_part(draft: Draft, random: Random) -> None:
    """Numbers in one file; fractions or words in the next."""
    draft.named = False
    kinds = random.sample([pa.int64(), pa.int8(), pa.float64(), pa.string()], 3)

    def label(part: int, numbers: list[int | None]) -> pa.Array:
        kind = kinds[part % 3]
        change = str if kind == pa.string() else (float if kind == pa.float64() else int)
        return pa.array([None if n is None else change(n) for n in numbers], kind)

    draft.label = label


def _yes_no_by_part(draft: Draft, random: Random) -> None:
    """True and false in one file, 1 and 0 in the next."""
    draft.named = False
    draft.clear = False
    draft.numbers = [None if number is None else number % 2 for number in draft.numbers]
    draft.label = lambda part, numbers: pa.array(
        [None if n is None else (bool(n) if part % 2 else n) for n in numbers],
        pa.bool_() if part % 2 else pa.int64(),
    )


def _infinite_labels(draft: Draft, random: Random) -> None:
    draft.named = False
    draft.clear = False
    draft.label_doubtful = True
    draft.label = lambda part, numbers: pa.array(
        [float("inf") if n == 0 else (float("nan") if n is None else float(n)) for n in numbers]
    )


def _missing_labels(draft: Draft, random: Random) -> None:
    for at in random.sample(range(len(draft.numbers)), 3):
        draft.numbers[at] = None


def _texts_as(kind: pa.DataType, *, clear: bool = True) -> Mutation:
    def mutate(draft: Draft, random: Random) -> None:
        draft.clear = draft.clear and clear
        binary = pa.types.is_binary(kind) or pa.types.is_large_binary(kind)
        draft.text = lambda values: pa.array(
            [value.encode() if binary and value is not None else value for value in values], kind
        )

    return mutate


def _dictionary_texts(draft: Draft, random: Random) -> None:
    draft.text = lambda values: pa.array(values, pa.string()).dictionary_encode()


def _missing_texts(draft: Draft, random: Random) -> None:
    for at in random.sample(range(len(draft.texts)), 3):
        draft.texts[at] = None


def _checksum(draft: Draft, random: Random) -> None:
    draft.more.append(
        lambda part, rows: ("md5", pa.array([bytes([at] * 16) for at in rows], pa.binary()))
    )


def _one_name_twice(draft: Draft, random: Random) -> None:
    draft.clear = False
    draft.label_doubtful = True
    draft.more.append(
        lambda part, rows: ("label", pa.array([f"other {at % 2}" for at in rows], pa.string()))
    )


def _column_in_one_part(draft: Draft, random: Random) -> None:
    def column(part: int, rows: list[int]) -> tuple[str, pa.Array]:
        return (f"extra{part}", pa.array(rows, pa.int32()))

    draft.more.append(column)


def _nested(draft: Draft, random: Random) -> None:
    draft.more.append(
        lambda part, rows: ("about", pa.array([{"row": at, "marks": [1, 2]} for at in rows]))
    )
    draft.more.append(lambda part, rows: ("tags", pa.array([["a"] * (at % 3) for at in rows])))


def _odd_types(draft: Draft, random: Random) -> None:
    """A column of a type that is seldom."""
    day = datetime.date(2024, 1, 1)
    kinds: list[tuple[pa.DataType, Callable[[int], Any]]] = [
        (pa.date32(), lambda at: day + datetime.timedelta(at)),
        (pa.timestamp("ns"), lambda at: datetime.datetime(2024, 1, 1 + at % 28)),
        (pa.time64("us"), lambda at: datetime.time(at % 24)),
        (pa.duration("ms"), lambda at: datetime.timedelta(seconds=at)),
        (pa.decimal128(9, 2), lambda at: decimal.Decimal(at) / 4),
        (pa.float16(), lambda at: float(at)),
        (pa.null(), lambda at: None),
        (pa.list_(pa.float32(), 2), lambda at: [1.0, 2.0]),
        (pa.map_(pa.string(), pa.int32()), lambda at: [("a", at)]),
    ]
    kind, value = random.choice(kinds)
    draft.more.append(lambda part, rows: ("odd", pa.array([value(at) for at in rows], kind)))


def _split_column(draft: Draft, random: Random) -> None:
    """A column split, where the files give no splits."""
    if draft.splits is not None:
        return
    given = draft.column_splits = splits(random, len(draft.texts))
    draft.more.append(
        lambda part, rows: ("split", pa.array([given[at] for at in rows]).dictionary_encode())
    )


def _empty_part(draft: Draft, random: Random) -> None:
    if draft.splits is not None and "validation" not in draft.splits:
        draft.empty_part = True
        draft.clear = False


def _torn(draft: Draft, random: Random) -> None:
    draft.clear = False
    draft.torn = random.randint(0, 99)


MUTATIONS: dict[str, Mutation] = {
    "labels int8": _labels_as(pa.int8(), lambda n: n),
    "labels uint64": _labels_as(pa.uint64(), lambda n: 2**63 + n),
    "labels float64": _labels_as(pa.float64(), float),
    "labels float32 with halves": _labels_as(pa.float32(), lambda n: n + 0.5, clear=False),
    "labels decimal": _labels_as(pa.decimal128(9, 2), decimal.Decimal, clear=False),
    "labels binary": _labels_as(pa.binary(), lambda n: CLASSES[n].encode(), clear=False),
    "labels large_string": _labels_as(pa.large_string(), lambda n: CLASSES[n]),
    "labels string_view": _labels_as(pa.string_view(), lambda n: CLASSES[n]),
    "labels date": _labels_as(pa.date32(), lambda n: datetime.date(2024, 1, 1 + n), clear=False),
    "labels list": _labels_as(pa.list_(pa.string()), lambda n: [CLASSES[n]], clear=False),
    "labels dictionary": _dictionary_labels,
    "labels ClassLabel in other orders": _class_labels,
    "labels of other types in each file": _types_by_part,
    "labels bool in one file, int in the next": _yes_no_by_part,
    "labels with infinities": _infinite_labels,
    "labels missing in some": _missing_labels,
    "texts large_string": _texts_as(pa.large_string()),
    "texts string_view": _texts_as(pa.string_view()),
    "texts binary": _texts_as(pa.binary(), clear=False),
    "texts dictionary": _dictionary_texts,
    "texts missing in some": _missing_texts,
    "a checksum beside": _checksum,
    "one name twice": _one_name_twice,
    "other columns in each file": _column_in_one_part,
    "nested columns beside": _nested,
    "a column of a seldom type": _odd_types,
    "a column split": _split_column,
    "a file without rows": _empty_part,
    "a torn file": _torn,
}

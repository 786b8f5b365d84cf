"""Files with damaged bytes are read or refused in our own words, whatever way they are read.

The short form; ``python benchmarks/mutated_data.py --count 10000`` is the long one.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from random import Random

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from mutations import damaged_check
from mutations.damaged_check import DAMAGED

from workbench.config import DataConfig
from workbench.data import prepare
from workbench.data.inspection import inspect
from workbench.data.peek import peek
from workbench.data.preparing import account_now
from workbench.data.report import report
from workbench.errors import RequestError

ROWS = 12
EMPTY = {
    "null": pa.null(),
    "fraction": pa.float64(),
    "half": pa.float16(),
    "decimal": pa.decimal128(9, 2),
    "date": pa.date32(),
    "bytes": pa.binary(),
    "dictionary": pa.dictionary(pa.int32(), pa.string()),
    "list of nulls": pa.list_(pa.null()),
}


@pytest.mark.parametrize("kind", DAMAGED)
@pytest.mark.parametrize("number", range(6))
def test_damaged_files_end_in_our_own_words(tmp_path: Path, kind: str, number: int) -> None:
    folder = tmp_path / "source"
    folder.mkdir()
    path = DAMAGED[kind](Random(f"short/{kind}/{number}"), folder)
    outcome = damaged_check.check(path, tmp_path / "home")
    assert not outcome.is_fault, f"{outcome.result}: {outcome.message}"


@pytest.mark.parametrize("kind", [*EMPTY, "csv", "jsonl"])
def test_an_empty_column_is_no_fault_wherever_columns_are_looked_at(
    tmp_path: Path, kind: str
) -> None:
    texts = [f"a text with number {row}" for row in range(ROWS)]
    names = ["cat" if row % 2 else "dog" for row in range(ROWS)]
    path = tmp_path / f"table.{kind if kind in ('csv', 'jsonl') else 'parquet'}"
    if kind == "csv":
        rows = "".join(f"{t},{n},\n" for t, n in zip(texts, names, strict=True))
        path.write_text(f"text,label,empty\n{rows}")
    elif kind == "jsonl":
        path.write_text("".join(f'{{"text": "{t}", "label": 1, "empty": null}}\n' for t in texts))
    else:
        empty = pa.nulls(ROWS, EMPTY[kind])
        pq.write_table(pa.table({"text": texts, "label": names, "empty": empty}), path)
    home = tmp_path / "home"
    plain = DataConfig(str(path))
    data = prepare(plain, home)
    assert data.info.total == ROWS
    assert report(data, account_now(plain, data)).to_json()["taken"] == ROWS
    columns = {column.name: column.distinct for column in inspect(plain, home).columns}
    assert columns["empty"] in (0, None)
    assert "empty" in peek(plain).columns
    for field in ("label", "group", "split", "image", "text"):
        value = ("empty",) if field == "text" else "empty"
        config = DataConfig(str(path), **{field: value})  # type: ignore[arg-type]
        with suppress(RequestError):
            prepare(config, home)
        with suppress(RequestError):
            inspect(config, home)
        with suppress(RequestError):
            peek(config)

"""Files of embeddings: which columns are taken, and what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from workbench.diagnostics.table import read_embeddings, read_labels
from workbench.errors import RequestError

RNG = np.random.default_rng(0)
H = RNG.standard_normal((30, 4)).astype(np.float32)
NAMES = [f"cats/{i}.png" for i in range(30)]


@pytest.fixture
def table(tmp_path: Path) -> Any:
    def write(**columns: Any) -> Path:
        pq.write_table(pa.table(columns), tmp_path / "h.parquet")
        return tmp_path / "h.parquet"

    return write


def lists(x: Any) -> pa.Array:
    return pa.FixedSizeListArray.from_arrays(pa.array(np.ravel(x)), np.shape(x)[1])


def test_what_embed_writes_is_read_with_its_ids(table: Any) -> None:
    path = table(id=NAMES, split=["train"] * 30, label=["cat"] * 30, h=lists(H))
    found = read_embeddings(path, "FILE")
    np.testing.assert_array_equal(found.values, H)
    assert found.ids == tuple(NAMES)
    assert found.rows is None
    assert found.notes == ()


def test_lists_of_any_kind_and_columns_of_numbers_give_the_same(table: Any) -> None:
    ragged = pa.array(H.tolist(), pa.list_(pa.float64()))
    np.testing.assert_allclose(read_embeddings(table(e=ragged), "FILE").values, H)
    columns = {f"x{i}": H[:, i] for i in range(4)}
    found = read_embeddings(table(row=np.arange(30), label=np.zeros(30), **columns), "FILE")
    np.testing.assert_array_equal(found.values, H)
    assert found.rows is not None
    assert found.rows.tolist() == list(range(30))
    assert found.notes == ("Columns taken: 4 (x0 to x3); left out: row, label.",)
    halves = read_embeddings(table(h=lists(H.astype(np.float16))), "FILE")
    np.testing.assert_allclose(halves.values, H, atol=1e-2)


def test_ids_may_be_numbers_and_are_read_as_names(table: Any) -> None:
    assert read_embeddings(table(id=[7, 8], h=lists(H[:2])), "FILE").ids == ("7", "8")


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"name": ["a", "b"]}, "no column of lists"),
        ({"h": [[1.0, 2.0], [1.0]]}, "not all full"),
        ({"h": [[1.0, 2.0], None]}, "not all full"),
        ({"h": [[1.0, None], [1.0, 2.0]]}, "not all full"),
        ({"h": [[1.0, float("nan")], [1.0, 2.0]]}, "1 of 2 rows"),
        ({"x": [1.0, None], "y": [1.0, 2.0]}, "1 of 2 rows"),
        ({"a": [[1.0], [2.0]], "b": [[1.0], [2.0]]}, "several columns of lists: a, b"),
        ({"id": ["a", None], "h": [[1.0], [2.0]]}, "1 ids"),
        ({"row": [0.5, 1.5], "h": [[1.0], [2.0]]}, "whole numbers"),
    ],
)
def test_odd_tables_are_refused_with_field_and_remedy(
    table: Any, columns: dict[str, Any], message: str
) -> None:
    with pytest.raises(RequestError) as caught:
        read_embeddings(table(**columns), "--embeddings")
    assert message in caught.value.message
    assert caught.value.field == "--embeddings"
    assert caught.value.remedy


def test_what_is_no_table_is_refused(tmp_path: Path) -> None:
    (tmp_path / "text.parquet").write_text("hello", "utf-8")
    (tmp_path / "folder.parquet").mkdir()
    for name, message in (
        ("text", "no Parquet"),
        ("gone", "not there"),
        ("folder", "cannot be read"),
    ):
        with pytest.raises(RequestError, match=message):
            read_embeddings(tmp_path / f"{name}.parquet", "FILE")


def test_labels_come_from_either_file_and_may_be_missing(table: Any, tmp_path: Path) -> None:
    np.save(tmp_path / "l.npy", np.array([2.0, np.nan, 5.0]))
    assert read_labels(tmp_path / "l.npy", "--labels").tolist() == [0, -1, 1]
    names = pa.array(["b", None, "a"]).dictionary_encode()
    assert read_labels(table(id=[1, 2, 3], label=names), "--labels").tolist() == [1, -1, 0]
    assert read_labels(table(kind=[3, 3, 4]), "--labels").tolist() == [0, 0, 1]
    with pytest.raises(RequestError, match="no column 'label'"):
        read_labels(table(a=[1], b=[2]), "--labels")

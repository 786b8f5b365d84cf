"""Tables of embeddings: which columns of numbers are dimensions, and odd values of these."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyarrow import csv

from workbench.diagnostics import columns, files
from workbench.diagnostics.table import read_embeddings, read_labels
from workbench.errors import RequestError

RNG = np.random.default_rng(0)
N = 120
E = {f"e{at}": RNG.standard_normal(N) for at in range(8)}
UNNUMBERED = {name: RNG.standard_normal(N) for name in ("red", "green", "blue", "x", "y")}


def write(path: Path, /, **named: Any) -> Path:
    table = pa.table(named)
    if path.suffix == ".parquet":
        pq.write_table(table, path)
    else:
        csv.write_csv(
            table, path, csv.WriteOptions(delimiter="\t" if path.suffix == ".tsv" else ",")
        )
    return path


STRAYS: dict[str, tuple[str, np.ndarray, str]] = {
    "saved index": ("Unnamed: 0", np.arange(N), columns.INDEX),
    "saved index of pandas": ("__index_level_1__", np.arange(N)[::-1].copy(), columns.INDEX),
    "index without a name": ("", np.arange(N), columns.INDEX),
    "index by value": ("nimbus", RNG.permutation(N) + 7, columns.INDEX),
    "row numbers with gaps": ("nimbus", np.cumsum(RNG.integers(1, 9, N)), columns.INDEX),
    "index as fractions": ("level", np.arange(N).astype(float), columns.INDEX),
    "ids": ("sample_id", RNG.integers(0, 10**6, N), columns.INDEX),
    "target": ("target", RNG.integers(0, 3, N), columns.LABEL),
    "labels": ("Labels", RNG.integers(0, 3, N).astype(float), columns.LABEL),
    "cluster": ("cluster_id", RNG.integers(0, 3, N), columns.LABEL),
    "class number": ("class_idx", RNG.integers(0, 300, N), columns.LABEL),
    "value to be predicted": ("target", RNG.standard_normal(N), columns.LABEL),
    "few values": ("shoe", RNG.integers(0, 5, N), columns.LABEL),
    "many whole numbers": ("words", RNG.integers(0, 9000, N), columns.WHOLE),
    "fractions beside": ("price", RNG.standard_normal(N), columns.ALONE),
    "constant": ("version", np.full(N, 2.5), columns.ALONE),
    "constant dimension": ("e99", np.full(N, 2.5), columns.CONSTANT),
    "last column of a file without a header": ("e8", RNG.integers(0, 4, N), columns.LABEL),
}


@pytest.mark.parametrize("stray", STRAYS, ids=list(STRAYS))
@pytest.mark.parametrize("ending", [".parquet", ".csv", ".tsv"])
def test_what_is_no_dimension_is_left_out_by_name(tmp_path: Path, stray: str, ending: str) -> None:
    name, values, reason = STRAYS[stray]
    alone = files.diagnose(write(tmp_path / f"alone{ending}", **E))
    path = write(tmp_path / f"both{ending}", **{name: values}, **E)
    both = files.diagnose(path)
    assert both["metrics"] == alone["metrics"]
    assert f"{name} ({reason})" in both["verdict"]["reason"]
    assert "--columns" in both["verdict"]["reason"]
    assert files.diagnose(path, columns="all")["metrics"]["d"] == 9
    assert files.diagnose(path, columns=f"e0,{name or 'e1'}")["metrics"]["d"] == 2


def test_dimensions_without_numbers_are_kept() -> None:
    chosen = columns.dimensions(list(UNNUMBERED), UNNUMBERED.__getitem__)
    assert chosen.taken == tuple(UNNUMBERED)
    both = UNNUMBERED | {"age": RNG.integers(18, 90, N)}
    assert columns.dimensions(list(both), both.__getitem__).left_out == {"age": columns.WHOLE}


def test_whole_numbers_may_be_embeddings() -> None:
    bits = {f"bit{at}": RNG.integers(0, 2, N) for at in range(16)}
    chosen = columns.dimensions(list(bits), bits.__getitem__)
    assert chosen.taken == tuple(bits)
    levels = {f"q{at}": RNG.integers(-128, 128, N) for at in range(16)} | {"row_id": np.arange(N)}
    assert columns.dimensions(list(levels), levels.__getitem__).left_out == {
        "row_id": columns.INDEX
    }
    logits = {f"class_{at}": RNG.standard_normal(N) for at in range(5)}
    assert columns.dimensions(list(logits), logits.__getitem__).taken == tuple(logits)
    two = {f"image_{at}": RNG.random(N) for at in range(6)} | {
        f"text_{at}": RNG.random(N) for at in range(6)
    }
    assert columns.dimensions(list(two), two.__getitem__).taken == tuple(two)


def test_embeddings_that_have_collapsed_are_judged_as_such(tmp_path: Path) -> None:
    """Columns that do not vary are the collapse itself once most do not."""
    dead = {f"e{at}": np.full(N, 0.5) for at in range(8)}
    found = files.diagnose(write(tmp_path / "h.parquet", **dead))
    assert found["verdict"]["label"] == "complete collapse"
    assert found["metrics"]["d"] == 8
    half = dead | {f"e{at}": E[f"e{at}"] for at in range(4)}
    assert files.diagnose(write(tmp_path / "h.parquet", **half))["metrics"]["d"] == 8


def test_a_table_of_nothing_but_strays_is_taken_whole() -> None:
    only = {"id_a": np.arange(N), "id_b": np.arange(N)}
    assert columns.dimensions(list(only), only.__getitem__).taken == ("id_a", "id_b")


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ("e0,nothing", "unknown column 'nothing'"),
        ("e0,word", "holds no numbers"),
        (",", "no column"),
    ],
)
def test_columns_that_cannot_be_taken_are_refused(
    tmp_path: Path, wanted: str, message: str
) -> None:
    path = write(tmp_path / "h.parquet", word=["a"] * N, **E)
    with pytest.raises(RequestError, match=message) as caught:
        files.diagnose(path, columns=wanted)
    assert caught.value.field == "--columns"


def test_an_array_has_no_columns_by_name(tmp_path: Path) -> None:
    np.save(tmp_path / "z.npy", np.eye(4))
    with pytest.raises(RequestError, match="no table") as caught:
        files.diagnose(tmp_path / "z.npy", columns="all")
    assert caught.value.field == "--columns"


TEXTS = {
    "header": ("h.csv", "a1,a2\n0.5,1.5\n2.5,3.25\n"),
    "no header": ("h.csv", "0.5,1.5\n2.5,3.25\n"),
    "numbered header": ("h.csv", "0,1\n0.5,1.5\n2.5,3.25\n"),
    "decimal commas": ("h.csv", "a1;a2\n0,5;1,5\n2,5;3,25\n"),
    "semicolons": ("h.csv", "a1;a2\n0.5;1.5\n2.5;3.25\n"),
    "byte order mark": ("h.csv", "\ufeffa1,a2\n0.5,1.5\n2.5,3.25\n"),
    "windows": ("h.csv", "a1,a2\r\n0.5,1.5\r\n2.5,3.25\r\n"),
    "tabs": ("h.tsv", "0.5\t1.5\n2.5\t3.25\n"),
    "spaces": ("h.txt", "# a comment\n0.5 1.5\n2.5  3.25\n"),
    "exponents": ("h.txt", "5.0e-1 1.5e+0\n2.5e+0 3.25e+0\n"),
}


@pytest.mark.parametrize("case", TEXTS)
def test_texts_of_numbers_are_read(tmp_path: Path, case: str) -> None:
    name, text = TEXTS[case]
    (tmp_path / name).write_bytes(text.encode())
    found = read_embeddings(tmp_path / name, "FILE")
    np.testing.assert_array_equal(found.values, [[0.5, 1.5], [2.5, 3.25]])


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("h.csv", "", "empty"),
        ("h.csv", "a,b\n1.5,2.5\n1.5\n", "no table of numbers"),
        ("h.csv", "a,b\nred,blue\n", "no columns of numbers"),
        ("h.csv", "a,a\n0.5,0.5\n", "several columns called 'a'"),
        ("h.csv", "a1,a2\n0.5,\n1.5,2.5\n", "1 of 2 rows"),
        ("h.txt", "0.5 1.5\n2.5 x\n", "no table of numbers"),
        ("h.txt", "0.5 1.5\n2.5\n", "no table of numbers"),
    ],
)
def test_texts_that_are_no_embeddings_are_refused(
    tmp_path: Path, name: str, text: str, message: str
) -> None:
    (tmp_path / name).write_text(text, "utf-8")
    with pytest.raises(RequestError, match=message) as caught:
        read_embeddings(tmp_path / name, "FILE")
    assert caught.value.field == "FILE"
    assert caught.value.remedy


def test_labels_come_from_texts_too(tmp_path: Path) -> None:
    (tmp_path / "l.csv").write_text("label,other\nb,1\na,2\nb,3\n", "utf-8")
    assert read_labels(tmp_path / "l.csv", "--labels").tolist() == [1, 0, 1]


def test_names_of_samples_are_found_under_their_usual_names(tmp_path: Path) -> None:
    names = [f"cat/{at}.png" for at in range(N)]
    for column in ("ID", "file_name", "path"):
        found = read_embeddings(write(tmp_path / "h.parquet", **{column: names}, **E), "FILE")
        assert found.ids == tuple(names), column
    numbers = np.arange(N).astype(float)
    found = read_embeddings(write(tmp_path / "h.parquet", id=numbers, **E), "FILE")
    assert found.ids is not None
    assert found.ids[:2] == ("0", "1")


def lists(values: Any) -> pa.Array:
    return pa.FixedSizeListArray.from_arrays(pa.array(np.ravel(values)), np.shape(values)[1])


@pytest.mark.parametrize("kind", ["list", "large_list", "fixed", "half", "int", "chunks"])
def test_lists_of_every_kind_are_read(tmp_path: Path, kind: str) -> None:
    z = RNG.integers(-9, 9, (20, 3)).astype(np.float32)
    made = {
        "list": lambda: pa.array(z.tolist(), pa.list_(pa.float64())),
        "large_list": lambda: pa.array(z.tolist(), pa.large_list(pa.float32())),
        "fixed": lambda: lists(z),
        "half": lambda: lists(z.astype(np.float16)),
        "int": lambda: lists(z.astype(np.int8)),
        "chunks": lambda: pa.chunked_array([lists(z[:7]), lists(z[7:])]),
    }[kind]()
    pq.write_table(pa.table({"h": made, "e0": np.arange(20) / 3}), tmp_path / "h.parquet")
    found = read_embeddings(tmp_path / "h.parquet", "FILE")
    np.testing.assert_array_equal(np.asarray(found.values, np.float32), z)
    one = read_embeddings(tmp_path / "h.parquet", "FILE", "e0")
    assert one.values.shape == (20, 1)


@pytest.mark.parametrize("kind", [np.float16, np.float32, np.float64, np.int8, np.uint8, np.int64])
@pytest.mark.parametrize("order", ["C", "F"])
def test_arrays_of_every_kind_give_the_same(tmp_path: Path, kind: Any, order: Any) -> None:
    z = RNG.integers(0, 100, (60, 6))
    np.save(tmp_path / "plain.npy", z.astype(np.float64))
    np.save(tmp_path / "z.npy", np.asarray(z, kind, order=order))
    plain, found = (files.diagnose(tmp_path / name) for name in ("plain.npy", "z.npy"))
    assert found["metrics"] == pytest.approx(plain["metrics"])


@pytest.mark.parametrize("scale", [1e200, 1e30, 1e16, 1.0, 1e-14, 1e-200, 1e-300])
def test_no_number_changes_with_the_scale(tmp_path: Path, scale: float) -> None:
    side = np.arange(N) % 2
    z = RNG.standard_normal((N, 6)) + 6 * np.outer(2 * side - 1, np.ones(6))
    np.save(tmp_path / "labels.npy", side)
    np.save(tmp_path / "plain.npy", z)
    np.save(tmp_path / "z.npy", z * scale)
    labels = tmp_path / "labels.npy"
    plain, found = (files.diagnose(tmp_path / f"{name}.npy", labels) for name in ("plain", "z"))
    assert found["metrics"]["neighbours_agree"] == 1.0
    assert found["metrics"] == pytest.approx(plain["metrics"], rel=1e-6)
    assert ("Values reach" in found["verdict"]["reason"]) == (scale > 1e17)


def test_rows_of_zeros_are_said_and_have_no_neighbours(tmp_path: Path) -> None:
    side = np.arange(N) % 2
    z = RNG.standard_normal((N, 6)) + 6 * np.outer(2 * side - 1, np.ones(6))
    z[:30] = 0
    np.save(tmp_path / "z.npy", z)
    np.save(tmp_path / "labels.npy", side)
    found = files.diagnose(tmp_path / "z.npy", tmp_path / "labels.npy")
    assert "30 of 120 rows are all zero" in found["verdict"]["reason"]
    assert found["metrics"]["neighbours_agree"] == 1.0
    np.save(tmp_path / "z.npy", np.zeros((N, 6)))
    found = files.diagnose(tmp_path / "z.npy", tmp_path / "labels.npy")
    assert found["verdict"]["label"] == "complete collapse"
    assert "one class" not in found["verdict"]["reason"]
    assert "all zero" not in found["verdict"]["reason"]


@pytest.mark.parametrize("huge", [1e6, 1e200])
def test_one_row_that_decides_everything_is_said(tmp_path: Path, huge: float) -> None:
    side = np.arange(N) % 2
    z = RNG.standard_normal((N, 6)) + 6 * np.outer(2 * side - 1, np.ones(6))
    z[5] *= huge
    np.save(tmp_path / "z.npy", z)
    np.save(tmp_path / "labels.npy", side)
    found = files.diagnose(tmp_path / "z.npy", tmp_path / "labels.npy")
    assert "1 of 120 rows is more than 10,000 times" in found["verdict"]["reason"]
    assert found["metrics"]["neighbours_agree"] == 1.0

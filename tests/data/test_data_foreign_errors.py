"""Errors of the system, pyarrow and other readers become RequestErrors; those of our code pass."""

from __future__ import annotations

import csv
import errno
import os
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from data_making import class_tree, sentences

from workbench.config import DataConfig
from workbench.data import inspect, prepare
from workbench.data.listing import printable
from workbench.data.peek import peek
from workbench.data.sources.foreign_errors import UnreadableSource, in_words
from workbench.errors import RequestError


def system(number: int, name: str | bytes | None = "/data/cat.png") -> OSError:
    return OSError(number, os.strerror(number), name)


@pytest.mark.parametrize(
    ("raised", "field", "words"),
    [
        (system(errno.ENOENT), "--data", "'cat.png' does not exist"),
        (system(errno.ENAMETOOLONG, "x" * 400), "--data", "too long for the name of a file"),
        (system(errno.ELOOP), "--data", "leads in a circle"),
        (system(errno.EACCES, b"/data/cat.png"), "--data", "'cat.png' may not be read"),
        (system(errno.ENOSPC), "--home", "no room"),
        (system(errno.EACCES, "/home/x/cache/a"), "--home", "cannot be written"),
        (OSError("Couldn't deserialize thrift"), "--data", "'pets.zip' cannot be read"),
        (system(errno.ENOENT, "/data/caf\udce9.png"), "--data", r"caf\\xe9.png"),
        (zipfile.BadZipFile("Bad CRC-32"), "--data", "damaged zip .Bad CRC-32"),
        (zlib.error("Error -3"), "--data", "damaged zip"),
        (EOFError(), "--data", "damaged zip .EOFError"),
        (pa.ArrowInvalid("Field exists 2 times\nin schema"), "--data", "Field exists 2 times"),
        (pa.ArrowNotImplementedError("no cast"), "--data", "no cast"),
        (UnicodeEncodeError("utf-8", "a\udce9", 1, 2, "surrogates"), "--data", r"'a\\xe9' is no"),
        (UnicodeDecodeError("utf-8", b"\xff", 0, 1, "start"), "--data", "no UTF-8 throughout"),
        (RecursionError("maximum recursion depth"), "--data", "nested too deeply"),
        (MemoryError(), "--data", "too large for the memory"),
        (csv.Error("line contains NUL"), "--data", "line contains NUL"),
        (ValueError("embedded null byte"), "--data", "zero byte"),
    ],
)  # fmt: skip
def test_an_error_of_a_reader_has_field_and_remedy(
    raised: Exception, field: str, words: str
) -> None:
    with (
        pytest.raises(UnreadableSource, match=words) as caught,
        in_words("/data/pets.zip", Path("/home/x")),
    ):
        raise raised
    assert caught.value.field == field
    assert caught.value.remedy
    assert "\n" not in caught.value.message
    caught.value.message.encode()


def test_errors_of_our_own_pass_as_they_are() -> None:
    for error in (ValueError("5 is no split"), KeyError("x"), TypeError("y"), BrokenPipeError(32)):
        with pytest.raises(type(error)) as caught, in_words("/data/x"):
            raise error
        assert caught.value is error
    mine = RequestError("is empty.", field="--data", remedy="Give rows.")
    with pytest.raises(RequestError) as caught_mine, in_words("/data/x"):
        raise mine
    assert caught_mine.value is mine


def test_a_name_with_a_byte_that_is_no_utf8_can_be_shown() -> None:
    assert printable("caf\udce9.png") == r"caf\xe9.png"
    assert printable("café") == "café"
    assert printable("x\ud800") == r"x\ud800"


def refusal(look: Callable[[], object]) -> RequestError | None:
    """The error by which a source is refused, None if it is read."""
    try:
        look()
    except RequestError as error:
        return error
    return None


def dead_link(root: Path) -> Path:
    tree = class_tree(root / "tree", {"cat": 6, "dog": 6})
    (tree / "dog" / "gone.png").symlink_to(root / "nowhere.png")
    return tree


def foreign_name(root: Path) -> Path:
    tree = class_tree(root / "tree", {"cat": 6, "dog": 6})
    (tree / "dog" / "00.png").rename(os.fsdecode(os.fsencode(tree / "dog") + b"/caf\xe9.png"))
    return tree


def long_cell(root: Path) -> Path:
    tree = class_tree(root, {"cat": 6})
    names = [f"cat/0{at}.png" for at in range(6)] + ["x" * 5000 + ".png"]
    table = tree / "list.csv"
    table.write_text("file,label\n" + "\n".join(f"{name},{len(name) % 2}" for name in names))
    return table


def zero_byte(root: Path) -> Path:
    table = class_tree(root, {"cat": 6}) / "list.parquet"
    names = [f"cat/0{at}.png" for at in range(6)] + ["a\0b.png"]
    pq.write_table(pa.table({"file": names}), table)
    return table


def two_columns_of_one_name(root: Path) -> Path:
    columns = [pa.array(sentences(8)), pa.array(["a", "b"] * 4), pa.array(["c", "d"] * 4)]
    table = root / "twice.parquet"
    pq.write_table(pa.Table.from_arrays(columns, names=["text", "label", "label"]), table)
    return table


def torn_zip(root: Path) -> Path:
    tree = class_tree(root / "tree", {"cat": 6, "dog": 6})
    packed = root / "pets.zip"
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(tree.rglob("*.png")):
            archive.write(path, path.relative_to(tree))
    data = bytearray(packed.read_bytes())
    data[40:120] = bytes(80)
    packed.write_bytes(data)
    return packed


def torn_parquet(root: Path) -> Path:
    table = root / "torn.parquet"
    pq.write_table(pa.table({"text": sentences(50), "label": ["a", "b"] * 25}), table)
    table.write_bytes(table.read_bytes()[:-200] + b"PAR1")
    return table


def deep_json(root: Path) -> Path:
    table = root / "deep.jsonl"
    lines = ['{"text": "one word more", "label": "a"}'] * 3
    table.write_text("\n".join([*lines, '{"text": ' + "[" * 100_000 + "]" * 100_000 + "}"]))
    return table


def circle(root: Path) -> Path:
    tree = class_tree(root / "tree", {"cat": 6, "dog": 6})
    (tree / "dog" / "round.png").symlink_to(tree / "dog" / "round.png")
    return tree


@pytest.mark.parametrize(
    "make",
    [
        dead_link, foreign_name, long_cell, zero_byte, two_columns_of_one_name, torn_zip,
        torn_parquet, deep_json, circle,
    ],
)  # fmt: skip
def test_no_source_raises_a_foreign_error(source: Path, home: Path, make) -> None:
    config = DataConfig(str(make(source)))
    for look in (
        lambda: peek(config),
        lambda: inspect(config, home),
        lambda: prepare(config, home),
    ):
        error = refusal(look)
        if error is not None:
            assert error.field
            assert error.remedy
            str(error).encode()


@pytest.mark.parametrize("name", ["\0", "a\0b", "~nobody/x", "x" * 5000, "a/" * 3000])
def test_what_is_no_path_is_refused(home: Path, name: str) -> None:
    for look in (peek, lambda config: inspect(config, home), lambda config: prepare(config, home)):
        with pytest.raises(RequestError) as caught:
            look(DataConfig(name))
        assert caught.value.field == "--data"

"""A file from a stranger cannot use up the machine, and what is no regular file is not opened."""

from __future__ import annotations

import io
import json
import os
import socket
import struct
import tracemalloc
import zipfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from workbench.config import DataConfig
from workbench.data import prepare
from workbench.data.inspection import inspect
from workbench.data.peek import peek
from workbench.data.safety import inflating, limits, regular_files
from workbench.errors import RequestError

LABELS = [f"c{n % 2}" for n in range(40)]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


def refused(source: Path, home: Path, name: str) -> RequestError:
    """The refusal of ``source`` on all ways in; it names the limit, its value and the remedy."""
    for read in (prepare, inspect):
        with pytest.raises(RequestError) as caught:
            read(DataConfig(str(source)), home)
        error = caught.value
        assert f"{limits.variable(name)} to more than" in (error.remedy or "")
        assert "the limit is" in error.message
        assert error.field == "--data"
    assert not list(home.glob("data/*/info.json"))
    return error


def limit(monkeypatch: pytest.MonkeyPatch, name: str, value: int) -> None:
    monkeypatch.setenv(limits.variable(name), str(value))


def picture(number: int) -> bytes:
    pixels = np.random.default_rng(number).integers(0, 256, (12, 12, 3), np.uint8)
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "PNG")
    return out.getvalue()


def pictures(folder: Path, count: int = 6) -> Path:
    for number in range(count):
        path = folder / "ab"[number % 2] / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(picture(number))
    return folder


def table_of(kind: str, path: Path) -> None:
    """A Parquet file of a few kilobytes whose column ``text`` unpacks to more than 300 MB."""
    long = "a" * 300_000
    rows = 1200
    codes = pa.array(np.zeros(rows, np.int32))
    text: pa.Array
    if kind == "dictionary":
        text = pa.DictionaryArray.from_arrays(codes, pa.array([long]))
    elif kind == "list":
        inner = pa.array([long]).take(codes)
        text = pa.ListArray.from_arrays(pa.array(np.arange(rows + 1, dtype=np.int32)), inner)
    else:
        text = pa.array([long]).take(codes)
    names = pa.array([LABELS[row % 2] for row in range(rows)])
    options: dict[str, object] = {"compression": "zstd"}
    if kind == "delta":
        options |= {"use_dictionary": False, "column_encoding": {"text": "DELTA_BYTE_ARRAY"}}
    pq.write_table(pa.table({"text": text, "label": names}), path, **options)


@pytest.mark.parametrize("kind", ["plain", "dictionary", "delta", "list"])
def test_a_small_table_that_unpacks_to_much_is_refused(
    tmp_path: Path, home: Path, kind: str
) -> None:
    path = tmp_path / "bomb.parquet"
    table_of(kind, path)
    assert path.stat().st_size < 2**20
    before = pa.total_allocated_bytes()
    config = DataConfig(str(path), text=("text",))
    with pytest.raises(RequestError) as caught:
        prepare(config, home)
    if kind != "list":
        assert limits.variable("unpack_bytes") in (caught.value.remedy or "")
    assert pa.default_memory_pool().max_memory() < before + 2**30


def test_numbers_that_unpack_to_much_are_refused(tmp_path: Path, home: Path) -> None:
    path = tmp_path / "zeros.parquet"
    rows = 40
    zeros = pa.FixedSizeListArray.from_arrays(pa.array(np.zeros(rows * 1_000_000)), 1_000_000)
    pq.write_table(
        pa.table({"image": zeros, "text": LABELS, "label": LABELS}), path, compression="zstd"
    )
    assert path.stat().st_size < 2**20
    assert prepare(DataConfig(str(path)), home).info.total == rows
    with pytest.raises(RequestError, match="unpacks to"):
        peek(DataConfig(str(path)))


@pytest.mark.parametrize("kind", ["dictionary", "runs", "view"])
def test_a_stored_column_is_not_written_out_beyond_the_limit(
    monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    from workbench.data.sources.part import plain

    limit(monkeypatch, "unpack_bytes", 10_000)
    limit(monkeypatch, "unpack_ratio", 1)
    long = pa.array(["x" * 1000])
    codes = pa.array(np.zeros(5000, np.int32))
    whole: pa.Array = pa.DictionaryArray.from_arrays(codes, long)
    if kind == "runs":
        whole = pa.RunEndEncodedArray.from_arrays(pa.array([5000], pa.int32()), long)
    elif kind == "view":
        views = pa.py_buffer(struct.pack("<i4sii", 1000, b"xxxx", 0, 0) * 5000)
        whole = pa.Array.from_buffers(
            pa.string_view(), 5000, [None, views, pa.py_buffer(b"x" * 1000)]
        )
    with pytest.raises(RequestError, match="would unpack to 5,000,000 bytes"):
        plain(pa.chunked_array([whole]))


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl", "a.parquet"])
@pytest.mark.parametrize("limited", ["columns", "rows"])
def test_too_many_columns_or_rows_are_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, home: Path, name: str, limited: str
) -> None:
    limit(monkeypatch, limited, 30)
    rows = 40 if limited == "rows" else 4
    columns = [f"c{n}" for n in range(3 if limited == "rows" else 40)]
    cells = {column: [f"a text {row} of {column}" for row in range(rows)] for column in columns}
    path = tmp_path / name
    if path.suffix == ".parquet":
        pq.write_table(pa.table(cells), path)
    elif path.suffix == ".csv":
        lines = [columns, *zip(*cells.values(), strict=True)]
        path.write_text("".join(",".join(line) + "\n" for line in lines))
    else:
        records = [
            dict(zip(columns, row, strict=True)) for row in zip(*cells.values(), strict=True)
        ]
        path.write_text("".join(json.dumps(record) + "\n" for record in records))
    refused(path, home, limited)


def test_a_text_table_that_is_too_long_is_not_read(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, home: Path
) -> None:
    limit(monkeypatch, "text_file_bytes", 1000)
    path = tmp_path / "a.csv"
    path.write_text("text,label\n" + "".join(f"a text {n} here,{n % 2}\n" for n in range(100)))
    refused(path, home, "text_file_bytes")


def forged(path: Path, method: int, real: int, declared: int) -> None:
    """A zip whose first member inflates to ``real`` bytes and declares ``declared``."""
    with zipfile.ZipFile(path, "w", method) as archive:
        archive.writestr("a/big.png", bytes(real))
        for number in range(6):
            archive.writestr(f"{'ab'[number % 2]}/{number}.png", picture(number))
    raw = path.read_bytes()
    path.write_bytes(raw.replace(struct.pack("<I", real), struct.pack("<I", declared)))


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_no_more_is_inflated_than_a_member_declares(
    tmp_path: Path, home: Path, method: int
) -> None:
    path = tmp_path / "forged.zip"
    forged(path, method, 60_000_000, 4_000)
    with zipfile.ZipFile(path) as archive:
        tracemalloc.start()
        with pytest.raises(zipfile.BadZipFile):
            list(inflating.blocks(archive, archive.getinfo("a/big.png")))
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        # Members that declare what they hold are read.
        whole = b"".join(inflating.blocks(archive, archive.getinfo("a/0.png")))
    assert whole == picture(0)
    assert most < 20_000_000
    assert prepare(DataConfig(str(path)), home).info.total == 6


@pytest.mark.parametrize(
    ("name", "value"),
    [("members", 4), ("member_bytes", 100), ("zip_bytes", 1000), ("member_ratio", 1)],
)
def test_a_zip_beyond_a_limit_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, home: Path, name: str, value: int
) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(6):
            archive.writestr(f"{'ab'[number % 2]}/{number}.png", picture(number))
        if name == "member_ratio":
            archive.writestr("a/large.png", bytes(17 * 2**20))
    limit(monkeypatch, name, value)
    refused(path, home, name)


def test_the_files_of_a_zip_are_counted_and_not_guessed_from_its_size(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, home: Path
) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(6):
            archive.writestr(f"{'ab'[number % 2]}/{'long-name-' * 20}{number}.png", picture(number))
    # As writers of Go do it: the old fields of the end say nothing but that a zip64 end is there.
    raw = path.read_bytes()
    at = raw.rfind(b"PK\5\6")
    count, size, start = struct.unpack("<HII", raw[at + 10 : at + 20])
    new = struct.pack("<IQHHIIQQQQ", 0x06064B50, 44, 45, 45, 0, 0, count, count, size, start)
    place = struct.pack("<IIQI", 0x07064B50, 0, at, 1)
    old = struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, *(2 * [2**16 - 1]), *(2 * [2**32 - 1]), 0)
    path.write_bytes(raw[:at] + new + place + old)
    limit(monkeypatch, "members", 6)
    assert prepare(DataConfig(str(path)), home).info.total == 6
    limit(monkeypatch, "members", 5)
    with pytest.raises(RequestError, match="holds 6 files or more; the limit is 5"):
        inspect(DataConfig(str(path)), home)


def test_many_members_just_under_the_limit_are_refused_together(tmp_path: Path, home: Path) -> None:
    path = tmp_path / "many.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(30):
            archive.writestr(f"{number}.png", bytes(10 * 2**20), compresslevel=1)
    error = refused(path, home, "unpack_bytes")
    assert "all its files together" in error.message


def test_an_image_of_too_many_pixels_says_which_limit(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, home: Path
) -> None:
    limit(monkeypatch, "image_pixels", 5000)
    for number, form in enumerate(("PNG", "JPEG", "BMP", "TIFF", "GIF")):
        pixels = np.random.default_rng(number).integers(0, 256, (80, 80, 3), np.uint8)
        Image.fromarray(pixels).save(tmp_path / f"{number}.{form.lower()}")
    with pytest.raises(RequestError, match="WORKBENCH_LIMIT_IMAGE_PIXELS") as caught:
        prepare(DataConfig(str(tmp_path)), home)
    assert "6,400 pixels, the limit is 5,000" in caught.value.message
    monkeypatch.undo()
    assert prepare(DataConfig(str(tmp_path)), home).info.total == 5


def test_a_stack_of_too_many_pages_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, home: Path
) -> None:
    import tifffile

    for number in range(3):
        stack = np.random.default_rng(number).integers(0, 999, (50, 40, 40), np.uint16)
        tifffile.imwrite(tmp_path / f"{number}.tif", stack)
    limit(monkeypatch, "image_pixels", 5000)
    with pytest.raises(RequestError, match="WORKBENCH_LIMIT_IMAGE_PIXELS") as caught:
        prepare(DataConfig(str(tmp_path)), home)
    assert "pages and channels take the memory of 13,333 pixels" in caught.value.message


@pytest.mark.parametrize(("name", "value"), [("files", 3), ("depth", 2)])
def test_a_folder_beyond_a_limit_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, home: Path, name: str, value: int
) -> None:
    folder = pictures(tmp_path / "pictures")
    pictures(folder / "x" / "y" / "z")
    limit(monkeypatch, name, value)
    refused(folder, home, name)


def test_reading_ends_after_the_time_that_is_allowed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, home: Path
) -> None:
    folder = pictures(tmp_path / "pictures")
    monkeypatch.setattr(limits.time, "monotonic", iter(range(0, 10**6, 1000)).__next__)
    limit(monkeypatch, "seconds", 500)
    with pytest.raises(RequestError, match="takes too long; the limit is 500 seconds"):
        prepare(DataConfig(str(folder)), home)


@pytest.mark.parametrize("value", ["", "0", "-1", "many", "1e9", "9" * 30, "٣"])
def test_a_limit_that_is_no_number_is_refused(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("WORKBENCH_LIMIT_ROWS", value)
    with pytest.raises(RequestError) as caught:
        limits.current()
    assert caught.value.field == "WORKBENCH_LIMIT_ROWS"


needs_pipes = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes on this system")


@needs_pipes
@pytest.mark.parametrize("name", ["a.csv", "a.jsonl", "a.parquet", "a.zip", "a.png"])
def test_a_pipe_that_is_given_as_data_is_not_opened(tmp_path: Path, home: Path, name: str) -> None:
    os.mkfifo(tmp_path / name)
    for read in (
        lambda config: prepare(config, home), lambda config: inspect(config, home), peek,
    ):  # fmt: skip
        with pytest.raises(RequestError, match="is a pipe"):
            read(DataConfig(str(tmp_path / name)))


def test_a_socket_and_a_device_are_not_opened(tmp_path: Path, home: Path) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "a.csv"))
        with pytest.raises(RequestError, match="is a socket"):
            prepare(DataConfig(str(tmp_path / "a.csv")), home)
    (tmp_path / "zero.csv").symlink_to("/dev/zero")
    for source in ("/dev/zero", str(tmp_path / "zero.csv")):
        with pytest.raises(RequestError, match="is a device"):
            prepare(DataConfig(source), home)


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="no /proc on this system")
def test_folders_that_the_system_makes_up_hold_no_data(tmp_path: Path, home: Path) -> None:
    (tmp_path / "link").symlink_to("/proc/self")
    (tmp_path / "environ.csv").symlink_to("/proc/self/environ")
    for source in ("/proc", "/sys", "/dev", str(tmp_path / "link"), str(tmp_path / "environ.csv")):
        with pytest.raises(RequestError, match="belongs to the system"):
            prepare(DataConfig(source), home)
    assert not regular_files.is_system(Path("/dev/shm/x"))


@needs_pipes
def test_pipes_among_the_files_of_a_source_are_left_out_or_refused(
    tmp_path: Path, home: Path
) -> None:
    folder = pictures(tmp_path / "pictures")
    os.mkfifo(folder / "a" / "pipe.png")
    assert prepare(DataConfig(str(folder)), home).info.left_out == {"not a regular file": 1}
    table = tmp_path / "table"
    table.mkdir()
    os.mkfifo(table / "p.png")
    (table / "t.csv").write_text("image,label\n" + "".join(f"p.png,{one}\n" for one in LABELS))
    with pytest.raises(RequestError, match="there is no file"):
        prepare(DataConfig(str(table / "t.csv")), home)


@needs_pipes
@pytest.mark.parametrize("place", ["data", "named"])
def test_a_pipe_in_a_saved_data_set_is_not_opened(tmp_path: Path, home: Path, place: str) -> None:
    folder = tmp_path / "saved"
    folder.mkdir()
    os.mkfifo((folder if place == "data" else tmp_path) / "data.arrow")
    name = "data.arrow" if place == "data" else str(tmp_path / "data.arrow")
    state = {"_data_files": [{"filename": name}], "_split": None, "_format_type": None}
    (folder / "state.json").write_text(json.dumps(state))
    (folder / "dataset_info.json").write_text("{}")
    with pytest.raises(RequestError, match="is a pipe"):
        prepare(DataConfig(str(folder)), home)

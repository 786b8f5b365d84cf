"""Files of every binary kind with damaged bytes: whatever they hold, they are read or refused.

Nothing is known of what a damaged file should give, so only the way it ends is checked.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from random import Random

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from PIL import Image

_ROWS = 24
_FORMS = ("PNG", "JPEG", "TIFF", "GIF", "BMP", "WEBP", "PPM")


def damaged(random: Random, data: bytes) -> bytes:
    """``data`` with some bytes changed, cut, repeated, inserted or set to extremes."""
    out = bytearray(data)
    for _ in range(random.choice((1, 1, 2, 4, 16))):
        if not out:
            break
        # Headers and footers say how large things are.
        end = random.random()
        at = random.randrange(len(out))
        if end < 0.35:
            at = random.randrange(min(64, len(out)))
        elif end < 0.6:
            at = len(out) - 1 - random.randrange(min(200, len(out)))
        kind = random.randrange(7)
        if kind == 0:
            out[at] ^= 1 << random.randrange(8)
        elif kind == 1:
            out[at] = random.randrange(256)
        elif kind == 2:
            extreme = random.choice((b"\xff\xff\xff\xff", b"\xff\xff\xff\x7f", bytes(4), bytes(8)))
            out[at : at + len(extreme)] = extreme
        elif kind == 3:
            del out[at : at + random.choice((1, 4, 64, len(out)))]
        elif kind == 4:
            out[at:at] = random.randbytes(random.choice((1, 4, 300)))
        elif kind == 5:
            out[at:at] = out[at : at + random.choice((8, 500))]
        else:
            other = random.randrange(len(out))
            out[at : at + 16] = out[other : other + 16]
    return bytes(out)


def _picture(random: Random, form: str) -> bytes:
    mode = random.choice(("RGB", "L", "P", "RGBA"))
    if form in ("JPEG", "PPM") and mode in ("P", "RGBA"):
        mode = "RGB"
    pixels = np.frombuffer(random.randbytes(14 * 11 * 3), np.uint8).reshape(14, 11, 3)
    out = io.BytesIO()
    Image.fromarray(pixels).convert(mode).save(out, form)
    return out.getvalue()


def _sixteen(random: Random) -> bytes:
    import tifffile

    out = io.BytesIO()
    shape = random.choice(((9, 8), (4, 9, 8), (9, 8, 5)))
    values = np.frombuffer(random.randbytes(2 * int(np.prod(shape))), np.uint16).reshape(shape)
    tifffile.imwrite(out, values)
    return out.getvalue()


def images(random: Random, folder: Path) -> Path:
    """A folder of images of all formats, most of them damaged."""
    for number in range(8):
        form = random.choice((*_FORMS, "TIFF"))
        data = _sixteen(random) if random.random() < 0.2 else _picture(random, form)
        suffix = "tif" if data[:2] in (b"II", b"MM") else form.lower()
        path = folder / "ab"[number % 2] / f"{number}.{suffix}"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(damaged(random, data) if random.random() < 0.8 else data)
    return folder


def zips(random: Random, folder: Path) -> Path:
    """A damaged zip of images or of a table."""
    out = io.BytesIO()
    method = random.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2,
                            zipfile.ZIP_LZMA))  # fmt: skip
    with zipfile.ZipFile(out, "w", method) as archive:
        if random.random() < 0.3:
            archive.writestr("train.csv", _delimited(random))
        for number in range(6):
            archive.writestr(f"{'ab'[number % 2]}/{number}.png", _picture(random, "PNG"))
    path = folder / "data.zip"
    path.write_bytes(damaged(random, out.getvalue()))
    return path


def _table(random: Random) -> pa.Table:
    texts = [f"text {random.random()} of {row}" for row in range(_ROWS)]
    labels = [random.choice(("cat", "dog", None)) for _ in range(_ROWS)]
    columns: dict[str, object] = {"text": texts, "label": labels}
    if random.random() < 0.4:
        columns["image"] = [{"bytes": _picture(random, "PNG"), "path": None} for _ in texts]
    if random.random() < 0.3:
        columns["more"] = pa.array(labels).dictionary_encode()
    if random.random() < 0.3:
        columns["empty"] = pa.nulls(_ROWS)
    if random.random() < 0.3:
        columns["list"] = [[random.random()] * (row % 4) for row in range(_ROWS)]
    return pa.table(columns)


def parquet(random: Random, folder: Path) -> Path:
    """A damaged Parquet file."""
    out = io.BytesIO()
    pq.write_table(
        _table(random),
        out,
        compression=random.choice(("none", "snappy", "zstd", "gzip")),
        row_group_size=random.choice((_ROWS, 7)),
        data_page_version=random.choice(("1.0", "2.0")),
    )
    path = folder / "data.parquet"
    path.write_bytes(damaged(random, out.getvalue()))
    return path


def arrow(random: Random, folder: Path) -> Path:
    """A saved ``datasets`` folder of which one file is damaged."""
    table = _table(random).select(["text", "label"])
    types = {name: {"dtype": "string", "_type": "Value"} for name in table.column_names}
    with (
        pa.OSFile(str(folder / "data-00000-of-00001.arrow"), "wb") as file,
        pa.ipc.new_stream(file, table.schema) as writer,
    ):
        writer.write_table(table)
    state = {"_data_files": [{"filename": "data-00000-of-00001.arrow"}], "_fingerprint": "0" * 16,
             "_format_columns": None, "_format_kwargs": {}, "_format_type": None,
             "_output_all_columns": False, "_split": "train"}  # fmt: skip
    (folder / "state.json").write_text(json.dumps(state))
    (folder / "dataset_info.json").write_text(json.dumps({"features": types}))
    path = random.choice(sorted(folder.iterdir()))
    path.write_bytes(damaged(random, path.read_bytes()))
    return folder


def arrays(random: Random, folder: Path) -> Path:
    """Stored arrays of a notebook of which one file is damaged."""
    values = np.frombuffer(random.randbytes(_ROWS * 36), np.uint8).reshape(_ROWS, 6, 6, 1)
    np.save(folder / "images.npy", values)
    pq.write_table(
        pa.table({"label": [row % 2 for row in range(_ROWS)]}), folder / "labels.parquet"
    )
    card = {"name": "notebook", "modality": "image", "count": _ROWS}
    (folder / "arrays.json").write_text(json.dumps(card))
    path = random.choice(sorted(folder.iterdir()))
    path.write_bytes(damaged(random, path.read_bytes()))
    return folder


def _delimited(random: Random) -> bytes:
    rows = "".join(f"text {random.random()},{'ab'[row % 2]}\n" for row in range(_ROWS))
    return f"text,label\n{rows}".encode()


def texts(random: Random, folder: Path) -> Path:
    """A damaged CSV or JSON file, or JSON that nests deeply."""
    suffix = random.choice(("csv", "tsv", "jsonl", "json"))
    data = _delimited(random)
    if suffix in ("json", "jsonl"):
        records = [{"text": f"text {row}", "label": row % 2} for row in range(_ROWS)]
        data = "".join(json.dumps(record) + "\n" for record in records).encode()
        if random.random() < 0.3:
            deep = random.choice((50, 900, 50_000))
            left, right = random.choice((("[", "]"), ('{"a":', "}")))
            data = data.replace(b'"label": 0', f'"label": {left * deep}1{right * deep}'.encode())
    path = folder / f"data.{suffix}"
    path.write_bytes(damaged(random, data))
    return path


def embeddings(random: Random, folder: Path) -> Path:
    """A damaged file of embeddings for ``workbench diagnose``."""
    values = np.frombuffer(random.randbytes(_ROWS * 8 * 2), np.uint16).reshape(_ROWS, 8) / 7.0
    out = io.BytesIO()
    suffix = random.choice(("npy", "npy", "npz", "parquet", "csv"))
    if suffix == "npy":
        np.save(out, values)
    elif suffix == "npz":
        np.savez(out, values)
    elif suffix == "parquet":
        pq.write_table(pa.table({f"f{at}": values[:, at] for at in range(8)}), out)
    else:
        np.savetxt(out, values, delimiter=",")
    path = folder / f"embeddings.{'npy' if suffix == 'npz' else suffix}"
    path.write_bytes(damaged(random, out.getvalue()))
    return path


# From a source of chance and an empty folder to an input in it.
DAMAGED: Mapping[str, Callable[[Random, Path], Path]] = {
    "damaged images": images,
    "damaged zips": zips,
    "damaged Parquet": parquet,
    "damaged saved folders": arrow,
    "damaged arrays": arrays,
    "damaged CSV and JSON": texts,
    "damaged embeddings": embeddings,
}

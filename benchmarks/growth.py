"""How preparing, speed and memory grow with the number of images.

    python benchmarks/growth.py [--counts 1000 10000 100000 1000000] [--photos 10000]
                                [--seconds 10] [--summary]

Makes a Parquet file of that many JPEG images of 32 x 32 pixels, and a folder of photographs of
500 x 400; prepares them and trains SimCLR on the small conv net. Memory is a process's own, the
largest seen: pages of the mapped cache are not counted, for the system takes them back when it
needs them. Rows go to results/growth.jsonl, the table to RESULTS.md.
"""

from __future__ import annotations

import argparse
import io
import json
import subprocess
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pyarrow as pa
import pyarrow.parquet as pq
from machine import describe, workbench
from PIL import Image
from rows import Rows, put

_BLOCK, _CLASSES = 10_000, 10
_POLL = 0.2
# Of every image an own one, patterns repeat: making a million from scratch takes minutes.
_PATTERNS = 500


def smooth(rng: np.random.Generator, width: int, height: int) -> np.ndarray:
    """uint8 (height, width, 3): blotches of colour, as photographs have them."""
    small = rng.integers(0, 255, (6, 6, 3)).astype(np.uint8)
    return np.asarray(Image.fromarray(small).resize((width, height), Image.Resampling.BICUBIC))


def jpeg(pixels: np.ndarray) -> bytes:
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "JPEG", quality=90)
    return out.getvalue()


def make_table(file: Path, count: int) -> None:
    """A Parquet file of ``count`` images of 32 x 32; no two are equal."""
    rng = np.random.default_rng(0)
    patterns = np.stack([smooth(rng, 32, 32) for _ in range(_PATTERNS)]).astype(np.int16)
    schema = pa.schema([("image", pa.binary()), ("label", pa.int64())])
    with pq.ParquetWriter(file, schema) as writer:
        for start in range(0, count, _BLOCK):
            n = min(_BLOCK, count - start)
            labels = rng.integers(0, _CLASSES, n)
            noise = rng.integers(-20, 20, (n, 32, 32, 3), dtype=np.int16)
            chosen = patterns[rng.integers(0, _PATTERNS, n)]
            pixels = np.clip(chosen + noise, 0, 255).astype(np.uint8)
            images = [jpeg(one) for one in pixels]
            writer.write_table(pa.table({"image": images, "label": labels}, schema=schema))


def make_photos(folder: Path, count: int) -> None:
    """``count`` JPEG files of 500 x 400 in a folder for each class."""
    rng = np.random.default_rng(0)
    for number in range(count):
        place = folder / f"class {number % _CLASSES}" / f"{number}.jpg"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(jpeg(smooth(rng, 500, 400)))


class Watch(threading.Thread):
    """The largest own memory of the processes of a home, in bytes, while it runs."""

    def __init__(self, home: Path):
        super().__init__(daemon=True)
        self.home, self.most, self.ended = str(home), 0, False

    def run(self) -> None:
        while not self.ended:
            for process in psutil.process_iter(["cmdline"]):
                if self.home in " ".join(process.info["cmdline"] or ()):
                    self.most = max(self.most, _own_memory(process.pid))
            time.sleep(_POLL)


def _own_memory(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    found = [line.split()[1] for line in lines if line.startswith("RssAnon")]
    return 1024 * int(found[0]) if found else 0


def command(home: Path, *words: str) -> tuple[str, float, int]:
    """What the command prints, its seconds, and the largest own memory of any of its processes."""
    watch = Watch(home)
    watch.start()
    began = time.perf_counter()
    process = workbench(*words, "--home", str(home), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    out, err = process.communicate()
    took = time.perf_counter() - began
    watch.ended = True
    if not out.strip():
        raise SystemExit(err)
    return out, took, watch.most


def measure(source: Path, count: int, home: Path, seconds: float) -> dict[str, Any]:
    data = ("--samples", str(count))
    _, prepared, preparing = command(home, "data", str(source), *data, "--json")
    cache = sum(file.stat().st_size for file in home.glob("data/**/*") if file.is_file())
    out, took, training = command(
        home, "pretrain", "--json", "--data", str(source), *data,
        "--task", "simclr", "--encoder", "small_conv", "--seconds", str(seconds),
    )  # fmt: skip
    run = json.loads(out)
    found = run["training"]
    return {
        "status": run["status"],
        "prepared": prepared,
        "preparing_memory": preparing,
        "cache": cache,
        "speed": found["samples"] / found["seconds"],
        "training_memory": training,
        "started_after": found["started_after"],
        "to_scores": took,
    }


def table(rows: list[dict[str, Any]]) -> list[str]:
    out = [
        "| images | source | cache | preparing | its memory | samples/s | memory of the run | "
        "to the first step | to scores |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for row in sorted(rows, key=lambda row: (row["kind"], row["count"]), reverse=False):
        out.append(
            f"| {row['count']:,} | {row['kind']} | {row['cache'] / 1e6:,.0f} MB | "
            f"{row['prepared']:.1f} s | {row['preparing_memory'] / 1e6:,.0f} MB | "
            f"{row['speed']:,.0f} | {row['training_memory'] / 1e6:,.0f} MB | "
            f"{row['started_after']:.1f} s | {row['to_scores']:.0f} s |"
        )
    return out


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "--counts", type=int, nargs="+", default=[1_000, 10_000, 100_000, 1_000_000]
    )
    parser.add_argument("--photos", type=int, nargs="+", default=[10_000])
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--summary", action="store_true", help="write the table only")
    given = parser.parse_args()
    rows = Rows("growth")
    wanted = [("32 x 32, Parquet", count, make_table) for count in given.counts]
    wanted += [("500 x 400, folder", count, make_photos) for count in given.photos]
    for kind, count, make in () if given.summary else wanted:
        key = {"kind": kind, "count": count}
        if rows.find(key) is None:
            with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
                source = Path(folder) / ("made.parquet" if make is make_table else "made")
                make(source, count)
                rows.add(key, measure(source, count, Path(folder) / "home", given.seconds))
            print(rows.rows[-1], flush=True)
    head = [
        "## How it grows with the data",
        "",
        f"`python benchmarks/growth.py`, {describe()}. SimCLR, small conv net, {given.seconds:g} s "
        "of training. Memory: the largest that one process had for itself; pages of the mapped "
        "cache are not counted.",
        "",
    ]
    put("growth", "\n".join([*head, *table(rows.rows)]))


if __name__ == "__main__":
    main()

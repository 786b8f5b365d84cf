"""A home in which one file of a run is damaged, and every way in which such a file is read.

Either bytes are damaged, or the file is whole and holds something else: other names, types, shapes
or values.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from damaged_homes import small_home
from safetensors.numpy import load_file, save_file

from mutations.damaged_bytes import damaged
from workbench.config import DataConfig
from workbench.export.embeddings_table import embeddings_parquet
from workbench.export.encoder import export_run
from workbench.export.groups_table import groups_table
from workbench.export.new_embeddings import embed_data
from workbench.export.report.writer import write_report
from workbench.run_folder import CHECKPOINT
from workbench.store.named_groups import NamedGroup
from workbench.store.store import Store
from workbench.stored_runs import (
    check_maps,
    checks,
    map_files,
    neighbours,
    reference_samples,
    run_text,
    spectra,
)
from workbench.stored_runs.compare import compare_runs
from workbench.stored_runs.health import checkup
from workbench.stored_runs.stored_run import StoredRun
from workbench.stored_runs.validation_predictions import predictions
from workbench.training import checkpoint

_ODD = (None, -1, 2**40, 1.5, "x", [], {}, [1], {"a": 1}, True, "", float("nan"))
_UNREAD = (".txt",)


def runs(random: Random, folder: Path) -> Path:
    """A damaged file in a run's folder of a home below ``folder``."""
    home = small_home(folder / "place")
    part = random.choice(("contrastive", "contrastive", "words", "stopped"))
    files = [path for path in home.run_folder(part).iterdir() if path.suffix not in _UNREAD]
    path = random.choice(sorted(files))
    if random.random() < 0.4:
        path.write_bytes(damaged(random, path.read_bytes()))
    else:
        _OTHER[path.suffix](random, path)
    return path


def _array(random: Random, values: np.ndarray) -> np.ndarray:
    """Another array: of other length, shape, type or values."""
    kind = random.randrange(9)
    if kind == 0:
        return values[: len(values) // 2] if values.ndim else values
    if kind == 1:
        return values[:0] if values.ndim else values
    if kind == 2:
        return values.reshape(-1)
    if kind == 3:
        return values[None]
    if kind == 4:
        return values.astype(random.choice((np.float64, np.int8, np.bool_, np.float16)))
    if kind == 5:
        return np.concatenate([values, values]) if values.ndim else values
    if kind == 6 and values.ndim > 1:
        return values[:, : values.shape[1] // 2]
    if values.dtype.kind == "f":
        return np.full_like(values, random.choice((np.nan, np.inf, 0.0, 1e38)))
    largest = np.iinfo(values.dtype).max if values.dtype.kind in "iu" else 1
    return np.full_like(values, random.choice((largest, 0, 1)))


def _safetensors(random: Random, path: Path) -> None:
    arrays = load_file(str(path))
    name = random.choice(sorted(arrays))
    kind = random.randrange(4)
    if kind == 0:
        del arrays[name]
    elif kind == 1:
        arrays[f"{name}.other"] = arrays.pop(name)
    else:
        arrays[name] = np.ascontiguousarray(_array(random, arrays[name]))
    save_file(arrays, str(path))


def _npy(random: Random, path: Path) -> None:
    np.save(path, _array(random, np.load(path)))


def _parquet(random: Random, path: Path) -> None:
    table = pq.read_table(path)
    at = random.randrange(table.num_columns)
    name, values = table.column_names[at], table.column(at)
    kind = random.randrange(7)
    if kind == 0:
        table = table.drop_columns([name])
    elif kind == 1:
        table = table.slice(0, random.choice((0, 1, table.num_rows // 2)))
    elif kind == 2:
        table = table.set_column(at, name, pa.array([str(one) for one in values.to_pylist()]))
    elif kind == 3:
        table = table.set_column(at, name, pa.nulls(table.num_rows, values.type))
    elif kind == 4:
        table = table.rename_columns([*(f"other{n}" for n in range(table.num_columns))])
    elif kind == 5:
        table = table.set_column(at, name, pa.array([[1]] * table.num_rows))
    else:
        odd = random.choice((-1, 2**40, 0, float("nan"), float("inf")))
        table = table.set_column(at, name, pa.array([odd] * table.num_rows))
    pq.write_table(table, path)


def _json(random: Random, path: Path) -> None:
    """A value somewhere inside is replaced, or removed."""
    document = json.loads(path.read_text("utf-8"))
    places: list[tuple[Any, Any]] = []

    def walk(node: Any) -> None:
        for key in node if isinstance(node, dict) else range(len(node)):
            places.append((node, key))
            if isinstance(node[key], dict | list):
                walk(node[key])

    walk(document)
    node, key = random.choice(places)
    if random.random() < 0.3 and isinstance(node, dict):
        del node[key]
    else:
        node[key] = random.choice(_ODD)
    path.write_text(json.dumps(document), "utf-8")


_OTHER: dict[str, Callable[[Random, Path], None]] = {
    ".safetensors": _safetensors,
    ".npy": _npy,
    ".parquet": _parquet,
    ".json": _json,
}


def ways(path: Path) -> list[Callable[[], object]]:
    """Every way in which the file of a run is read: commands, notebook, pages, engine."""
    home, out = path.parents[2], path.parents[3] / "out"
    store = Store.open(home)
    rows = store.runs()
    run = next(StoredRun(home, row) for row in rows if row.id == path.parent.name)
    every = [run, *(StoredRun(home, row) for row in rows if row.id != run.id)]
    source = DataConfig(str(run.config["data"]["source"]))

    def maps() -> None:
        found = [map_files.read_map(run, kind) for kind in map_files.KINDS]
        map_files.align_maps(found)
        samples = map_files.read_samples(run)
        if samples.labels is not None:
            _ = samples.labels[found[0].rows]

    def references() -> object:
        return None if run.data is None else reference_samples.read(run, run.data)

    def group() -> object:
        chosen = NamedGroup("group", "", (0, 1, 2))
        return groups_table(run, [chosen], rest=True)

    def near() -> None:
        found = neighbours.read(run)
        found.nearest(int(found.rows[0]), 5)

    return [
        lambda: run_text.run_text(run.record(curves=True)),
        lambda: compare_runs(every),
        lambda: write_report(every, out / "report.html"),
        lambda: export_run(run, out / "export"),
        lambda: embed_data(run, source, out / "embedded.parquet"),
        lambda: embeddings_parquet(run),
        lambda: checkup.check(home),
        lambda: spectra.read_spectra(run),
        lambda: predictions(run),
        references,
        lambda: checkpoint.step_of(run.files / CHECKPOINT),
        lambda: checkpoint.choices(run.files / CHECKPOINT),
        lambda: map_files.read_thumbnails(run),
        lambda: [check_maps.of_run(run, space) for space in checks.SPACES],
        maps,
        group,
        near,
    ]

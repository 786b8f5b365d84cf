"""From the home in which the demo runs were made to the small one that is shipped."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
from safetensors import safe_open
from safetensors.numpy import save_file

from workbench import paths
from workbench.config import RunConfig
from workbench.data.cache import TRIMMED
from workbench.data.dataset import Dataset
from workbench.lessons import demo
from workbench.lessons.evidence import CURVES
from workbench.store.store import Store

# Kept of every run.
_EVERY = ("config.json", "spectrum.json")
_MAPS = (
    "map_pca.parquet",
    "map_umap.parquet",
    "map_umap_again.parquet",
    "map_umap_untrained.parquet",
    "map_pca_untrained.parquet",
)
# Kept besides of the Start page's three, so that every page can show them.
_QUIZ = ("predictions_validation.parquet",)
# Of the data: what maps show, and the samples themselves where they are this small.
_DATA = ("info.json", "targets.parquet", "texts.parquet")
_SMALL = 1_000_000
# Points a curve of the Start page's runs, and of the lessons' own.
_POINTS, _FEW = 120, 60
_CHECKS, _MAPPED = 8, 1_100


def pack(
    home: Path,
    to: Path,
    run_ids: Sequence[str],
    *,
    quiz: Sequence[str],
    without_maps: Sequence[str],
) -> None:
    """Copy what pages read of ``run_ids``. quiz: runs that keep embeddings and checks, too.

    Where more than 1,100 samples are mapped, every second one is kept, on all maps alike, and the
    maps' notes say so. Pictures of the mapped samples lie once beside the data they are of.
    """
    shutil.rmtree(to, ignore_errors=True)
    to.mkdir(parents=True)
    store = Store.open(home)
    for run_id in run_ids:
        maps = run_id not in without_maps
        source, target = paths.run_dir(home, run_id), paths.run_dir(to, run_id)
        target.mkdir(parents=True)
        _copy(source, target, (*_EVERY, *(_QUIZ if run_id in quiz else ())))
        if maps:
            _thin_maps(source, target)
            _pictures(store, home, to, run_id)
        if run_id in quiz:
            _thin_embeddings(source, target)
            _thin_checks(source, target)
    for fingerprint in {store.run(run_id).config["data"]["fingerprint"] for run_id in run_ids}:
        source, target = (paths.cache_dir(at) / fingerprint for at in (home, to))
        target.mkdir(parents=True, exist_ok=True)
        small = ("images.npy",) if _size(source / "images.npy") <= _SMALL else ()
        _copy(source, target, (*_DATA, *small))
        _note_left_out(source, target)
        Dataset.open(target)
    _write_store(home, to, run_ids, quiz, without_maps)
    opened = Store.open(to, read_only=True)
    print(json.dumps({row.id: row.state for row in opened.runs()}))


def add(new: Path, to: Path, *, keep: Collection[str]) -> None:
    """Put the packed runs of ``new`` into the demo home ``to``, and remove from it the runs whose
    configuration's digest is not in ``keep``."""
    store = Store.open(to, read_only=True)
    gone = [row.id for row in store.runs() if RunConfig.from_json(row.config).digest() not in keep]
    for run_id in gone:
        shutil.rmtree(paths.run_dir(to, run_id))
    for room in (paths.run_dir(to, "x").parent, paths.cache_dir(to)):
        for folder in sorted((new / room.relative_to(to)).iterdir()):
            if not (room / folder.name).exists():
                shutil.copytree(folder, room / folder.name)
    with sqlite3.connect(to / "store.db") as target:
        target.execute("ATTACH ? AS new", (str(new / "store.db"),))
        for table, column in (("runs", "id"), ("metrics", "run")):
            target.executemany(f"DELETE FROM {table} WHERE {column} = ?", [(i,) for i in gone])
            columns = ",".join(row[1] for row in target.execute(f"PRAGMA main.table_info({table})"))
            target.execute(f"INSERT INTO {table} ({columns}) SELECT {columns} FROM new.{table}")
    with sqlite3.connect(to / "store.db") as target:
        target.execute("VACUUM")


def _copy(source: Path, target: Path, names: Collection[str]) -> None:
    for name in names:
        if (source / name).exists():
            shutil.copyfile(source / name, target / name)


def _note_left_out(source: Path, target: Path) -> None:
    """Name the files of the data that were not copied: without that, they count as lost."""
    names = [path.name for path in source.iterdir() if path.is_file()]
    left_out = sorted(name for name in names if not (target / name).exists())
    (target / TRIMMED).write_text(json.dumps({"left_out": left_out}), "utf-8")


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else _SMALL + 1


def _kept(count: int) -> slice:
    return slice(None, None, 2 if count > _MAPPED else 1)


def _thin_maps(source: Path, target: Path) -> None:
    known: dict[str, Any] = json.loads((source / "map.json").read_text("utf-8"))
    for name in _MAPS:
        if (source / name).exists():
            table = pq.read_table(source / name)
            kept = np.arange(table.num_rows)[_kept(table.num_rows)]
            pq.write_table(table.take(kept), target / name, compression="zstd")
            kind = name.removesuffix(".parquet").removeprefix("map_")
            if len(kept) < table.num_rows and kind in known:
                note = f"Every second of {table.num_rows:,} mapped samples is kept here."
                known[kind]["notes"] = [*known[kind].get("notes", []), note]
    (target / "map.json").write_text(json.dumps(known), "utf-8")


def _pictures(store: Store, home: Path, to: Path, run_id: str) -> None:
    source = paths.run_dir(home, run_id) / "thumbnails.npy"
    folder = paths.cache_dir(to) / store.run(run_id).config["data"]["fingerprint"]
    if source.exists() and not (folder / "thumbnails.npy").exists():
        folder.mkdir(parents=True, exist_ok=True)
        pictures = np.load(source)
        np.save(folder / "thumbnails.npy", pictures[_kept(len(pictures))], allow_pickle=False)


def _thin_embeddings(source: Path, target: Path) -> None:
    """Of the mapped samples only, which are never of the test split."""
    mapped = pq.read_table(target / "map_pca.parquet", columns=["row"])["row"].to_numpy()
    arrays = {}
    with safe_open(str(source / "embeddings.safetensors"), framework="numpy") as stored:
        for split in ("train", "validation"):
            index = stored.get_tensor(f"index_{split}")
            kept = np.isin(index, mapped)
            arrays[f"index_{split}"] = index[kept]
            for letter in ("h", "u"):
                values = stored.get_tensor(f"{letter}_{split}")[kept]
                arrays[f"{letter}_{split}"] = np.ascontiguousarray(values.astype(np.float16))
    save_file(arrays, str(target / "embeddings.safetensors"))


def _thin_checks(source: Path, target: Path) -> None:
    """The first, the last and some between, evenly by their number; representations only."""
    found = sorted(source.glob("check_*.safetensors"))
    for place in np.unique(np.linspace(0, len(found) - 1, _CHECKS).round().astype(int)):
        with safe_open(str(found[place]), framework="numpy") as stored:
            save_file({"h": stored.get_tensor("h")}, str(target / found[place].name))


def _write_store(
    home: Path, to: Path, run_ids: Sequence[str], quiz: Sequence[str], without_maps: Sequence[str]
) -> None:
    made = Store.open(home)
    points = {
        run_id: made.metrics(run_id, max_points=_POINTS)
        if run_id in quiz
        else made.metrics(run_id, CURVES, max_points=_FEW)
        for run_id in run_ids
    }
    marks = ",".join("?" * len(run_ids))
    with sqlite3.connect(home / "store.db") as source, sqlite3.connect(to / "store.db") as target:
        source.backup(target)
        target.execute("PRAGMA journal_mode=DELETE")
        target.execute("DELETE FROM heartbeats")
        target.execute("DELETE FROM metrics")
        target.execute("DELETE FROM settings WHERE key != 'schema'")
        target.execute(f"DELETE FROM runs WHERE id NOT IN ({marks})", run_ids)
        target.executemany(
            "INSERT INTO metrics (run, name, step, value) VALUES (?, ?, ?, ?)",
            [
                (run_id, name, step, value)
                for run_id, curves in points.items()
                for name, curve in curves.items()
                for step, value in curve
            ],
        )
        for run_id in run_ids:
            target.execute(
                "UPDATE runs SET experiment = ?, map_state = ?, pid = NULL, owner = '' "
                "WHERE id = ?",
                (
                    demo.START if run_id in quiz else demo.LESSONS,
                    "none" if run_id in without_maps else "ready",
                    run_id,
                ),
            )
    with sqlite3.connect(to / "store.db") as target:
        target.execute("VACUUM")

"""Makes the demo runs that the Start page shows: a read-only home in `sample_data/demo`.

    python sample_data/make_demo.py [--to DIR] [--seconds 60]

They are ordinary runs on `sample:digits`, made by the workbench itself: SimCLR, rotation, and
VICReg without the term that keeps its directions apart, which collapses. Nothing in them is
edited; files that only resuming needs are left out to keep the package small.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sqlite3
import tempfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

import workbench as wb
from workbench import paths
from workbench.data.dataset import Dataset
from workbench.maps.pca import pca
from workbench.maps.umap import umap_map
from workbench.runs.mapping import fit_map, map_features
from workbench.runs.recorder import FolderArtifacts
from workbench.runs.store import Store

ROOT = Path(__file__).resolve().parent
DATA = "sample:digits"
EXPERIMENT = "demo"
RUNS = (
    {"task": "simclr", "name": "SimCLR"},
    {"task": "rotation", "name": "Rotation"},
    {
        "task": "vicreg",
        "name": "VICReg without its covariance term",
        "options": {"covariance": 0.0},
    },
)
KEPT = (
    "config.json",
    "map_pca.parquet",
    "map_umap.parquet",
    "map_umap_untrained.parquet",
    "map_pca_untrained.parquet",
    "map.json",
    "spectrum.json",
    "thumbnails.npy",
)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--to", type=Path, default=ROOT / "demo")
    parser.add_argument("--seconds", type=float, default=60.0)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        data = wb.load(DATA, home=home)
        runs = [
            wb.pretrain(data, seconds=given.seconds, encoder="small_conv", **asked)  # type: ignore[arg-type]
            for asked in RUNS
        ]
        for run in runs:
            if run.status != "finished":
                raise SystemExit(f"{run.id} {run.status}: {run.row.reason}")
            artifacts = FolderArtifacts(paths.run_dir(home, run.id))
            fit_map(artifacts)
        write_untrained(FolderArtifacts(paths.run_dir(home, runs[0].id)))
        pack(home, given.to, [run.id for run in runs], data.info.fingerprint)
    size = sum(path.stat().st_size for path in given.to.rglob("*") if path.is_file())
    print(f"{given.to}: {len(runs)} runs, {size / 1e6:.1f} MB")


def write_untrained(artifacts: FolderArtifacts) -> None:
    """The maps of the untrained encoder, of the same samples as the trained one's."""
    table = pq.read_table(artifacts.path("map_pca.parquet"))
    u = map_features(artifacts, table, of="u")
    for name, xy in (("pca", pca(u)[0]), ("umap", umap_map(u))):
        columns = {
            "row": table["row"],
            "x": pa.array(np.asarray(xy)[:, 0], pa.float32()),
            "y": pa.array(np.asarray(xy)[:, 1], pa.float32()),
            "split": table["split"],
        }
        written = pa.table(columns)
        artifacts.put(
            f"map_{name}_untrained.parquet", lambda path, t=written: pq.write_table(t, path)
        )


def pack(home: Path, to: Path, run_ids: list[str], fingerprint: str) -> None:
    """Copy what the pages read: store, maps, labels of the data (not its images)."""
    shutil.rmtree(to, ignore_errors=True)
    to.mkdir(parents=True)
    store = Store.open(home)
    for run_id in run_ids:
        store.update(run_id, experiment=EXPERIMENT, map_state="ready", pid=None, owner="")
        target = paths.run_dir(to, run_id)
        target.mkdir(parents=True)
        for name in KEPT:
            source = paths.run_dir(home, run_id) / name
            if source.exists():
                shutil.copyfile(source, target / name)
    cache = paths.cache_dir(to) / fingerprint
    cache.mkdir(parents=True)
    for name in ("info.json", "targets.parquet"):
        shutil.copyfile(paths.cache_dir(home) / fingerprint / name, cache / name)
    thin_thumbnails(to, run_ids)
    with sqlite3.connect(home / "store.db") as source, sqlite3.connect(to / "store.db") as target:
        source.backup(target)
        target.execute("PRAGMA journal_mode=DELETE")
        target.execute("DELETE FROM heartbeats")
        target.execute("DELETE FROM settings WHERE key != 'schema'")
    with sqlite3.connect(to / "store.db") as target:
        target.execute("VACUUM")
    Dataset.open(cache)
    print(
        json.dumps({run_id: Store.open(to, read_only=True).run(run_id).state for run_id in run_ids})
    )


def thin_thumbnails(to: Path, run_ids: list[str]) -> None:
    """The pictures are the same for every run of one data set: the first run's serve all."""
    for run_id in run_ids[1:]:
        (paths.run_dir(to, run_id) / "thumbnails.npy").unlink(missing_ok=True)


if __name__ == "__main__":
    main()

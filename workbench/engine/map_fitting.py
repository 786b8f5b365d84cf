"""Fitting the UMAP maps of finished runs, one by one, from the store's queue."""

from __future__ import annotations

import json
import sys
import time
import traceback
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from filelock import Timeout
from safetensors.numpy import load_file

from workbench import paths
from workbench.engine import noise_control
from workbench.store.artifacts import FolderArtifacts
from workbench.store.locks import device_lock
from workbench.store.store import LIVE, Store

# A map that was being fitted when this many engines died has ended them.
_TRIES = 2


class Mapper:
    """Takes queued maps, oldest first; ``fit_next`` does one."""

    def __init__(self, home: Path):
        self.home, self.store = home, Store.open(home)
        for run_id in self.store.unfinished_maps():
            # What is "running" now was being fitted when the last engine died.
            again = self._tries(run_id) < _TRIES
            self.store.move_map(run_id, ("running",), "queued" if again else "failed")

    def fit_next(self) -> bool:
        """Fit the oldest queued map, if no run has the processor to itself; returns whether."""
        queued, again = self.store.queued_maps(), noise_control.asked(self.store)
        if not queued and not again:
            return False
        try:
            with device_lock(self.home).acquire(timeout=0):
                if self.store.count(LIVE):
                    return False
                return self._fit(queued[0]) if queued else self._fit_again(again[0])
        except Timeout:
            return False

    def _fit(self, run_id: str) -> bool:
        if not self.store.move_map(run_id, ("queued",), "running"):
            return False
        self.store.merge_summary(run_id, {"map_tries": self._tries(run_id) + 1})
        try:
            fit_map(FolderArtifacts(paths.run_dir(self.home, run_id)))
        except Exception:  # noqa: BLE001  a map that fails is a map's failure, not the engine's
            sys.stderr.write(f"the map of {run_id} failed:\n{traceback.format_exc()}")
            self.store.move_map(run_id, ("running",), "failed")
        else:
            self.store.merge_summary(run_id, {"map_tries": 0})
            self.store.move_map(run_id, ("running",), "ready")
        return True

    def _fit_again(self, run_id: str) -> bool:
        if self.store.find(run_id) is None:
            noise_control.done(self.store, run_id)
            return False
        try:
            fit_again(FolderArtifacts(paths.run_dir(self.home, run_id)))
        except Exception:  # noqa: BLE001  as above
            sys.stderr.write(f"the second map of {run_id} failed:\n{traceback.format_exc()}")
            noise_control.done(self.store, run_id, failed=True)
        else:
            noise_control.done(self.store, run_id)
        return True

    def _tries(self, run_id: str) -> int:
        row = self.store.find(run_id)
        return 0 if row is None else int(row.summary.get("map_tries", 0))


def fit_map(artifacts: FolderArtifacts, seed: int = 0) -> None:
    """Write ``map_umap.parquet`` beside the PCA map, of the same samples, and its trust."""
    from workbench.maps.trust import trustworthiness
    from workbench.maps.umap import umap_layout

    began = time.perf_counter()
    table = pq.read_table(artifacts.path("map_pca.parquet"))
    h = map_features(artifacts, table)
    layout = umap_layout(h, seed=seed)
    xy = layout.xy
    _put(artifacts, "map_umap.parquet", table, xy)
    known: dict[str, Any] = json.loads(artifacts.path("map.json").read_text("utf-8"))
    known["umap"] = {
        "trustworthiness": trustworthiness(h, xy, metric="cosine"),
        "n": len(xy),
        "seed": seed,
        "seconds": time.perf_counter() - began,
        "notes": list(layout.notes),
    }
    artifacts.put("map.json", lambda path: path.write_text(json.dumps(known), "utf-8"))


def fit_again(artifacts: FolderArtifacts) -> None:
    """Write ``map_umap_again.parquet``: the same samples, another seed (``map_again.py``)."""
    from workbench.maps.umap import umap_layout

    table = pq.read_table(artifacts.path("map_pca.parquet"))
    layout = umap_layout(map_features(artifacts, table), seed=noise_control.SEED)
    _put(artifacts, noise_control.FILE, table, layout.xy)


def _put(artifacts: FolderArtifacts, name: str, table: pa.Table, xy: np.ndarray[Any, Any]) -> None:
    """A map with the rows and splits of ``table``."""
    columns = {
        "row": table["row"],
        "x": pa.array(xy[:, 0], pa.float32()),
        "y": pa.array(xy[:, 1], pa.float32()),
        "split": table["split"],
    }
    artifacts.put(name, lambda path: pq.write_table(pa.table(columns), path))


def map_features(
    artifacts: FolderArtifacts, table: pa.Table, of: Literal["h", "u"] = "h"
) -> np.ndarray[Any, Any]:
    """float32 (n, dim): representations of the mapped samples, in the map's order.

    of: ``h`` for the trained encoder's, ``u`` for the untrained one's.
    """
    stored = load_file(str(artifacts.path("embeddings.safetensors")))
    at: dict[int, Any] = {}
    for split in ("train", "validation"):
        index, h = stored.get(f"index_{split}"), stored.get(f"{of}_{split}")
        if index is not None and h is not None:
            at |= dict(zip(index.tolist(), h, strict=True))
    return np.stack([at[row] for row in table["row"].to_pylist()]).astype(np.float32)

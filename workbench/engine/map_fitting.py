"""Fitting the UMAP maps of finished runs, one by one, from the store's queue."""

from __future__ import annotations

import json
import sys
import time
import traceback
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq
from filelock import Timeout

from workbench import damage, paths
from workbench.engine import noise_control
from workbench.run_folder import EMBEDDINGS, MAP_FACTS, NOISE_MAP, PCA_MAP, UMAP_MAP
from workbench.store.artifacts import FolderArtifacts, NoRoomError
from workbench.store.locks import device_lock
from workbench.store.store import LIVE, Store
from workbench.stored_runs.embeddings import Embeddings

# A map that was being fitted when so many engines died is what ends them, and is given up. Engines
# also die for other reasons, so two deaths are no proof: a map was lost to three random kills.
_TRIES = 4
# For a map and its facts, and for the store that takes its state.
_ROOM_BYTES = 2 * 2**20


class Mapper:
    """Fits the queued maps of a home, oldest first; ``fit_next`` fits one."""

    def __init__(self, home: Path):
        self.home, self.store = home, Store.open(home)
        # Whether a map may be called "running" that nobody fits.
        self._left = True
        self._queue_left()

    def _queue_left(self) -> None:
        """Queue the maps that were being fitted when an engine died, or when the store took nothing
        more. Raises StoreError."""
        for run_id in self.store.unfinished_maps():
            again = self._tries(run_id) < _TRIES
            self.store.move_map(run_id, ("running",), "queued" if again else "failed")
        self._left = False

    def fit_next(self) -> bool:
        """Fit the oldest queued map, else a requested noise map, unless a run has the processor to
        itself; returns whether it fitted one. Raises StoreError, and NoRoomError if the disk is
        full: then the map waits in the queue."""
        if self._left:
            self._queue_left()
        queued, noise = self.store.queued_maps(), noise_control.requested(self.store)
        if not queued and not noise:
            return False
        try:
            with device_lock(self.home).acquire(timeout=0):
                if self.store.count(LIVE):
                    return False
                return self._fit(queued[0]) if queued else self._fit_noise(noise[0])
        except Timeout:
            return False

    def _fit(self, run_id: str) -> bool:
        artifacts, tries = FolderArtifacts(paths.run_dir(self.home, run_id)), self._tries(run_id)
        # Before the fit, which takes its time and would be made again and again.
        artifacts.check_room(_ROOM_BYTES, UMAP_MAP)
        if not self.store.move_map(run_id, ("queued",), "running"):
            return False
        self._left = True
        self.store.merge_summary(run_id, {"map_tries": tries + 1})
        try:
            fit_map(artifacts)
        except NoRoomError:
            # No fault of the map's, so the try does not count.
            self.store.merge_summary(run_id, {"map_tries": tries})
            self.store.move_map(run_id, ("running",), "queued")
            raise
        except Exception:  # noqa: BLE001  a map that cannot be fitted must not end the engine
            sys.stderr.write(f"the map of {run_id} failed:\n{traceback.format_exc()}")
            self.store.move_map(run_id, ("running",), "failed")
        else:
            self.store.merge_summary(run_id, {"map_tries": 0})
            self.store.move_map(run_id, ("running",), "ready")
        self._left = False
        return True

    def _fit_noise(self, run_id: str) -> bool:
        if self.store.find(run_id) is None:
            noise_control.finish(self.store, run_id)
            return False
        try:
            fit_noise_map(FolderArtifacts(paths.run_dir(self.home, run_id)))
        except Exception:  # noqa: BLE001  as above
            sys.stderr.write(f"the second map of {run_id} failed:\n{traceback.format_exc()}")
            noise_control.finish(self.store, run_id, failed=True)
        else:
            noise_control.finish(self.store, run_id)
        return True

    def _tries(self, run_id: str) -> int:
        row = self.store.find(run_id)
        return 0 if row is None else int(row.summary.get("map_tries", 0))


def fit_map(artifacts: FolderArtifacts, seed: int = 0) -> None:
    """Write the UMAP map beside the PCA map, of the same samples, and its trustworthiness."""
    from workbench.maps.trust import trustworthiness
    from workbench.maps.umap import umap_layout

    began = time.perf_counter()
    table = _pca_map(artifacts)
    h = map_features(artifacts, table)
    layout = umap_layout(h, seed=seed)
    _put(artifacts, UMAP_MAP, table, layout.xy)
    facts: dict[str, Any] = dict(damage.read_json(artifacts.path(MAP_FACTS)))
    facts["umap"] = {
        "trustworthiness": trustworthiness(h, layout.xy, metric="cosine"),
        "n": len(layout.xy),
        "seed": seed,
        "seconds": time.perf_counter() - began,
        "notes": list(layout.notes),
    }
    artifacts.put(MAP_FACTS, lambda path: path.write_text(json.dumps(facts), "utf-8"))


def fit_noise_map(artifacts: FolderArtifacts) -> None:
    """Write the UMAP map of the same samples with another seed (``noise_control.py``)."""
    from workbench.maps.umap import umap_layout

    table = _pca_map(artifacts)
    layout = umap_layout(map_features(artifacts, table), seed=noise_control.SEED)
    _put(artifacts, NOISE_MAP, table, layout.xy)


def _pca_map(artifacts: FolderArtifacts) -> pa.Table:
    """The stored PCA map. Raises DamageError if it is damaged or missing."""
    path = artifacts.path(PCA_MAP)
    with damage.reading(path):
        return pq.read_table(path, columns=["row", "split"])


def _put(artifacts: FolderArtifacts, name: str, table: pa.Table, xy: npt.NDArray[Any]) -> None:
    """Write a map with the rows and splits of ``table``."""
    columns = {
        "row": table["row"],
        "x": pa.array(xy[:, 0], pa.float32()),
        "y": pa.array(xy[:, 1], pa.float32()),
        "split": table["split"],
    }
    artifacts.put(name, lambda path: pq.write_table(pa.table(columns), path))


def map_features(
    artifacts: FolderArtifacts, table: pa.Table, of: Literal["h", "u"] = "h"
) -> npt.NDArray[np.float32]:
    """float32 (n, dim): representations of the mapped samples, in the map's order.

    of: ``h`` for the trained encoder's, ``u`` for the untrained one's.
    """
    embeddings = Embeddings(artifacts.path(EMBEDDINGS), artifacts.folder.name)
    trained, untrained = embeddings.at(table["row"].to_numpy())
    return trained if of == "h" else untrained

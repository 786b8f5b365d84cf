"""The maps in runs' folders, for pages, notebooks and reports. Needs numpy and pyarrow alone."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow.parquet as pq

from workbench import paths
from workbench.data.dataset import Dataset
from workbench.errors import RequestError
from workbench.maps.align import align

KINDS = ("pca", "umap")


@dataclass(frozen=True)
class StoredMap:
    """One map of a run. xy: float32 (n, 2); rows: positions in the data set's cache (n,).

    trust: trustworthiness, None if it was not measured. residual: what turning the map onto the
    first one left unexplained, None for a map that was not turned. notes: as stored.
    """

    kind: str
    xy: npt.NDArray[np.float32]
    rows: npt.NDArray[np.int64]
    trust: float | None = None
    residual: float | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Samples:
    """What the samples of maps are. labels: int64 (N,) of the whole data set, -1 where missing,
    None without a label column; texts: all N raw texts, None for images; title: the data set's."""

    labels: npt.NDArray[np.int64] | None
    classes: tuple[str, ...]
    texts: list[str] | None
    title: str = ""


def read_map(home: Path, run_id: str, kind: str = "pca") -> StoredMap:
    """Raises RequestError for an unknown kind or a map that is not there (yet)."""
    if kind not in KINDS:
        raise RequestError(f"'{kind}' is no map.", field="kind", remedy="Give 'pca' or 'umap'.")
    folder = paths.run_dir(home, run_id)
    path = folder / f"map_{kind}.parquet"
    if not path.exists():
        raise RequestError(
            f"run '{run_id}' has no {kind.upper()} map.",
            field="kind",
            remedy="The PCA map is written when a run finishes; the UMAP follows in the background "
            "while the app or the engine runs.",
        )
    table = pq.read_table(path)
    told = _told(folder / "map.json").get(kind, {})
    trust = told.get("trustworthiness")
    return StoredMap(
        kind,
        np.stack([table["x"].to_numpy(), table["y"].to_numpy()], axis=1).astype(np.float32),
        table["row"].to_numpy().astype(np.int64),
        None if trust is None else float(trust),
        None,
        tuple(told.get("notes", ())),
    )


def aligned(maps: Sequence[StoredMap], *, rescale: bool = True) -> list[StoredMap]:
    """The maps turned onto the first one over the samples they share, with their residuals."""
    if not maps:
        return []
    first, out = maps[0], [maps[0]]
    for other in maps[1:]:
        found = align(other.xy, other.rows, first.xy, first.rows, rescale=rescale)
        out.append(dataclasses.replace(other, xy=found.xy, residual=found.residual))
    return out


def read_samples(home: Path, config: Mapping[str, Any], target: str | None = None) -> Samples:
    """Labels and texts of a run's data set from its cache; nothing where the cache is gone.

    config: a run's configuration as stored. target: a label column; default: the label.
    """
    fingerprint = config["data"].get("fingerprint")
    folder = paths.cache_dir(home) / str(fingerprint)
    if fingerprint is None or not (folder / "info.json").exists():
        return Samples(None, (), None)
    data = Dataset.open(folder)
    texts = data.texts if data.info.modality == "text" else None
    named = [t for t in data.info.targets if t.name == target] if target else [data.info.label]
    if not named or named[0] is None:
        return Samples(None, (), texts, data.info.title)
    return Samples(data.target(named[0].name), named[0].classes, texts, data.info.title)


def read_thumbnails(home: Path, run_id: str) -> npt.NDArray[np.uint8] | None:
    """uint8 (n, H, W, 3), in the order of the PCA map's rows, memory-mapped; None for texts."""
    path = thumbnails_path(home, run_id)
    return None if path is None else np.load(path, mmap_mode="r")


def thumbnails_path(home: Path, run_id: str) -> Path | None:
    """Where a run's thumbnails lie: in its folder, or, of stored runs, once beside their data."""
    folder = paths.run_dir(home, run_id)
    fingerprint = (_told(folder / "config.json").get("data") or {}).get("fingerprint")
    beside = paths.cache_dir(home) / str(fingerprint)
    found = (at / "thumbnails.npy" for at in (folder, beside))
    return next((path for path in found if path.exists()), None)


def _told(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text("utf-8")) if path.exists() else {}

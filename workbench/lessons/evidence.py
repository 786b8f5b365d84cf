"""The runs of a lesson: those stored with the workbench, and those made anew in a home."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from workbench import paths
from workbench.config import RunConfig
from workbench.data.dataset import DataInfo, Dataset
from workbench.errors import RequestError
from workbench.jobs import launch
from workbench.lessons.base import Lesson, Variant
from workbench.maps.agreement import agreement
from workbench.maps.map_files import read_map
from workbench.store.store import LIVE, RunRow, Store
from workbench.stored_runs.run_json import run_json

# The same run projected a second time, with another seed of the map.
AGAIN = "map_umap_again.parquet"
# The curves that lessons draw or read; of stored runs shown nowhere else no others are kept.
CURVES = (
    "loss", "accuracy", "explained", "check.knn", "check.z.std_sqrt_d", "check.z.rankme_ratio",
    "check.h.std_sqrt_d", "check.h.rankme_ratio",
)  # fmt: skip
_NEIGHBOURS = 15


@lru_cache(maxsize=8)
def infos(home: Path) -> dict[str, DataInfo]:
    """What is known of the prepared data sets of ``home``, by source."""
    folders = sorted(path.parent for path in paths.cache_dir(home).glob("*/info.json"))
    found = [Dataset.open(folder).info for folder in folders]
    return {info.source: info for info in found}


def config_of(variant: Variant, home: Path, seed: int | None = None) -> RunConfig:
    """The complete configuration of ``variant`` on the data known in ``home`` (the stored runs').

    Raises RequestError if these are not there.
    """
    info = infos(home).get(variant.data)
    if info is None:
        raise RequestError(
            f"the stored runs on {variant.data} are not installed.",
            field="lesson",
            remedy="Install the workbench again.",
        )
    return variant.config(info, seed)


def stored(lesson: Lesson, home: Path, rows: Sequence[RunRow]) -> dict[str, RunRow]:
    """The stored runs of a lesson by variant: those of exactly its configurations.

    home: where ``rows`` lie. A variant without a stored run, because its configuration has changed
    since, is left out.
    """
    by_digest = {RunConfig.from_json(row.config).digest(): row for row in rows}
    out = {}
    for variant in lesson.variants:
        if variant.data in infos(home):
            row = by_digest.get(config_of(variant, home).digest())
            if row is not None:
                out[variant.key] = row
    return out


def here(store: Store, configs: Sequence[RunConfig]) -> list[RunRow | None]:
    """For each configuration the run of this home: a finished one, else one that is queued or
    runs, else the newest that has ended otherwise; None if there is none."""
    digests = [launch.request_digest(config) for config in configs]
    best: dict[str, RunRow] = {}
    for row in store.with_digests(digests):
        known = best.get(row.digest)
        if known is None or _rank(row) < _rank(known):
            best[row.digest] = row
    return [best.get(digest) for digest in digests]


def document(home: Path, row: RunRow, variant: Variant, *, read_only: bool) -> dict[str, Any]:
    """The run as ``workbench show --json`` gives it, called as the lesson calls it.

    With ``curves`` ({name: [(step, value)]}), ``chance``, and ``maps``: what was measured of its
    UMAP, and how much a second one, of another seed, shares with it.
    """
    named = dataclasses.replace(row, name=variant.name)
    points = Store.open(home, read_only=read_only).metrics(row.id, CURVES)
    return {
        **run_json(home, named, read_only=read_only),
        "curves": points,
        "maps": _maps(home, row.id),
    }


def _rank(row: RunRow) -> int:
    if row.state == "finished":
        return 0
    return 1 if row.state in (*LIVE, "queued") else 2


def _maps(home: Path, run_id: str) -> dict[str, Any]:
    folder = paths.run_dir(home, run_id)
    known = folder / "map.json"
    out: dict[str, Any] = json.loads(known.read_text("utf-8")) if known.exists() else {}
    if (folder / AGAIN).exists() and (folder / "map_umap.parquet").exists():
        first, second = read_map(home, run_id, "umap"), read_again(home, run_id)
        found = agreement(first.xy, first.rows, second.xy, second.rows, k=_NEIGHBOURS)
        out["again"] = {"overlap": found.mean, "chance": found.chance, "k": found.k}
    return out


def read_again(home: Path, run_id: str) -> Any:
    """The second UMAP of a stored run, as ``maps.stored.read_map`` gives the first."""
    import numpy as np
    import pyarrow.parquet as pq

    first = read_map(home, run_id, "umap")
    table = pq.read_table(paths.run_dir(home, run_id) / AGAIN)
    xy = np.stack([table["x"].to_numpy(), table["y"].to_numpy()], axis=1).astype(np.float32)
    rows = table["row"].to_numpy().astype(np.int64)
    return dataclasses.replace(first, xy=xy, rows=rows, trust=None, notes=())

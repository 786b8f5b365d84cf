"""The runs of a lesson: those stored with the workbench, and those made anew in a home."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import cast

from workbench import paths
from workbench.config import RunConfig
from workbench.data.dataset import DataInfo, Dataset
from workbench.errors import RequestError
from workbench.jobs import launch
from workbench.lessons.base import Lesson, LessonMaps, LessonRun, Variant
from workbench.maps.agreement import agreement
from workbench.store.store import LIVE, RunRow, Store
from workbench.stored_runs.map_files import read_map, read_map_facts, read_noise_map
from workbench.stored_runs.stored_run import StoredRun

# The curves that lessons draw or read. Of stored runs shown nowhere else no others are kept.
CURVES = (
    "loss", "accuracy", "explained", "check.knn", "check.z.std_sqrt_d", "check.z.rankme_ratio",
    "check.h.std_sqrt_d", "check.h.rankme_ratio",
)  # fmt: skip
_NEIGHBOURS = 15


@lru_cache(maxsize=8)
def infos(home: Path) -> dict[str, DataInfo]:
    """The descriptions of the prepared data sets of ``home``, by source."""
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


def stored_variants(lesson: Lesson, runs: Sequence[StoredRun]) -> dict[str, StoredRun]:
    """The stored runs of a lesson by variant: those of exactly its configurations.

    runs: of the demo home. A variant without a stored run, because its configuration has changed
    since, is left out.
    """
    by_digest = {RunConfig.from_json(run.config).digest(): run for run in runs}
    out = {}
    for variant in lesson.variants if runs else ():
        home = runs[0].home
        if variant.data in infos(home):
            run = by_digest.get(config_of(variant, home).digest())
            if run is not None:
                out[variant.key] = run
    return out


def newest_runs(store: Store, configs: Sequence[RunConfig]) -> list[RunRow | None]:
    """For each configuration the run of this home: a finished one, else one that is queued or
    runs, else the newest that has ended otherwise; None if there is none."""
    digests = [launch.request_digest(config) for config in configs]
    best: dict[str, RunRow] = {}
    for row in store.with_digests(digests):
        known = best.get(row.digest)
        if known is None or _rank(row) < _rank(known):
            best[row.digest] = row
    return [best.get(digest) for digest in digests]


def lesson_run(run: StoredRun, variant: Variant) -> LessonRun:
    """The run's record under the variant's name, with the curves and maps that lessons read."""
    named = dataclasses.replace(run, row=dataclasses.replace(run.row, name=variant.name))
    curves = run.store.metrics(run.id, CURVES)
    targets = () if run.data is None else run.data.info.targets
    classes = {target.name: len(target.classes) for target in targets}
    record = {**named.record(), "curves": curves, "maps": _maps(run), "classes": classes}
    return cast(LessonRun, record)


def _rank(row: RunRow) -> int:
    if row.state == "finished":
        return 0
    return 1 if row.state in (*LIVE, "queued") else 2


def _maps(run: StoredRun) -> LessonMaps:
    """What was measured of the run's maps, and how much a second UMAP agrees with its first."""
    maps = cast(LessonMaps, dict(read_map_facts(run)))
    second = read_noise_map(run)
    if second is not None and run.files.map("umap").exists():
        first = read_map(run, "umap")
        both = agreement(first.xy, first.rows, second.xy, second.rows, k=_NEIGHBOURS)
        maps["again"] = {"overlap": both.mean, "chance": both.chance, "k": both.k}
    return maps

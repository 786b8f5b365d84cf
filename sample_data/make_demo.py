"""Makes the demo runs of the Start page and of the lessons: a read-only home in `sample_data/demo`.

    python sample_data/make_demo.py [--to DIR] [--home DIR] [--add [--again TASK]]

Which runs these are is declared in `workbench/lessons`. They are ordinary runs, made by the
workbench itself and budgeted in steps, so that other work on the machine does not change their
results. Nothing in them is edited, but much is left out to keep the package small: weights, most
points of the curves, samples that no map shows (`_demo_pack.py`). With `--home`, runs are made in a
home of yours, and those that are there already are taken. With `--add`, the demo home keeps the
runs that are still declared, and only the others are made; `--again TASK` makes those of a task
anew, whose defaults have changed. `make_class_runs.py` makes the stored seeds of a class.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from _demo_pack import add, pack

import workbench as wb
from workbench import paths
from workbench.config import RunConfig
from workbench.engine.handlers import illustrate
from workbench.engine.map_fitting import fit_map, map_features
from workbench.engine.replies import IllustrationRecord, unpack_illustration
from workbench.engine.requests import IllustrateRequest
from workbench.engine.stored_illustrations import write_picture
from workbench.jobs import follow, launch, supervisor
from workbench.lessons import demo, evidence, lessons, umap
from workbench.lessons.base import Variant
from workbench.maps.pca import pca
from workbench.maps.umap import umap_map
from workbench.run_folder import NOISE_MAP
from workbench.store.artifacts import FolderArtifacts
from workbench.store.store import Store

ROOT = Path(__file__).resolve().parent


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--to", type=Path, default=ROOT / "demo")
    parser.add_argument("--home", type=Path)
    parser.add_argument("--add", action="store_true", help="make only what is missing in the demo")
    parser.add_argument("--again", help="with --add: make the runs of this task anew")
    given = parser.parse_args()
    kept = _declared_in(given.to, given.again) if given.add else set()
    with tempfile.TemporaryDirectory() as folder:
        home = given.home or Path(folder)
        variants = [one for one in demo.all_variants() if not _is_among(one, kept)]
        if not variants:
            raise SystemExit(f"{given.to}: nothing is missing.")
        data = {source: wb.load(source, home=home) for source in {v.data for v in variants}}
        configs = [variant.config(data[variant.data].info) for variant in variants]
        ids = make(home, variants, configs)
        for variant, run_id in zip(variants, ids, strict=True):
            draw(FolderArtifacts(paths.run_dir(home, run_id)), variant)
        shown = list(demo.mapped_variants())
        without = [
            run_id
            for variant, run_id in zip(variants, ids, strict=True)
            if not any(demo.same_run(variant, other) for other in shown)
        ]
        quiz = [i for v, i in zip(variants, ids, strict=True) if v in demo.QUIZ]
        if given.add:
            with tempfile.TemporaryDirectory() as new:
                pack(home, Path(new), ids, quiz=quiz, without_maps=without)
                add(Path(new), given.to, keep=kept)
        else:
            pack(home, given.to, ids, quiz=quiz, without_maps=without)
        draw_tasks(home, given.to)
    size = sum(path.stat().st_size for path in given.to.rglob("*") if path.is_file())
    print(f"{given.to}: {len(ids)} runs, {size / 1e6:.1f} MB")


def _declared_in(folder: Path, without: str | None) -> set[str]:
    """The digests of the runs of a demo home that are still declared, but for those of the task
    ``without``."""
    declared = {_digest(one) for one in demo.all_variants() if one.task != without}
    rows = Store.open(folder, read_only=True).runs()
    return {RunConfig.from_json(row.config).digest() for row in rows} & declared


def _digest(variant: Variant) -> str:
    return evidence.config_of(variant, paths.demo_home()).digest()


def _is_among(variant: Variant, digests: set[str]) -> bool:
    return bool(digests) and _digest(variant) in digests


def draw_tasks(home: Path, to: Path) -> None:
    """Store the picture of each lesson's task: one row for each of the data it is about."""
    for lesson in lessons().values():
        drawn = [_drawn(variant, home) for variant in lesson.pictured]
        rows = [record["rows"][0] for record in drawn]
        write_picture(to, lesson.name, {"question": drawn[0]["question"], "rows": rows})


def _drawn(variant: Variant, home: Path) -> IllustrationRecord:
    """The task of a variant, shown for the first sample of its data."""
    config = variant.config(wb.load(variant.data, home=home).info)
    return unpack_illustration(illustrate.handle(IllustrateRequest(config, (0,), 0), home))


def make(home: Path, variants: list[Variant], configs: list[RunConfig]) -> list[str]:
    """Run all that is not there, and wait; the runs' ids, in order."""
    ids = [
        launch.launch(home, config, name=variant.name).run_id
        for variant, config in zip(variants, configs, strict=True)
    ]
    follow.wait(home, ids)
    store = Store.open(home)
    for variant, run_id in zip(variants, ids, strict=True):
        row = store.run(run_id)
        if row.state != "finished":
            raise SystemExit(f"{variant.name}, {run_id}: {row.state}, {row.reason}")
        store.update(run_id, name=variant.name)
    supervisor.ensure(home)
    return ids


def draw(artifacts: FolderArtifacts, variant: Variant) -> None:
    """The UMAP if it is shown; a second one of another seed, or the untrained encoder's, where a
    page shows these. What is there already is left."""
    if any(demo.same_run(variant, other) for other in demo.mapped_variants()):
        known = json.loads(artifacts.path("map.json").read_text("utf-8"))
        if "umap" not in known:
            fit_map(artifacts)
    table = pq.read_table(artifacts.path("map_pca.parquet"))
    last = "map_umap_untrained.parquet"
    if demo.same_run(variant, demo.QUIZ[0]) and not artifacts.path(last).exists():
        u = map_features(artifacts, table, of="u")
        write_map(artifacts, "map_pca_untrained.parquet", table, pca(u)[0])
        write_map(artifacts, last, table, umap_map(u))
    if demo.same_run(variant, umap.TWICE) and not artifacts.path(NOISE_MAP).exists():
        write_map(artifacts, NOISE_MAP, table, umap_map(map_features(artifacts, table), seed=1))


def write_map(artifacts: FolderArtifacts, name: str, table: pa.Table, xy: np.ndarray) -> None:
    """A map of the samples of ``table``, the run's PCA map."""
    columns = {
        "row": table["row"],
        "x": pa.array(np.asarray(xy)[:, 0], pa.float32()),
        "y": pa.array(np.asarray(xy)[:, 1], pa.float32()),
        "split": table["split"],
    }
    artifacts.put(name, lambda path: pq.write_table(pa.table(columns), path))


if __name__ == "__main__":
    main()

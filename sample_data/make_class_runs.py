"""Makes the stored seeds of a lesson's class experiment: `sample_data/demo/class_runs.json`.

    python sample_data/make_class_runs.py LESSON [--seeds N] [--home DIR]

They stand in for students' seeds that did not get their turn (`workbench/lessons/stored_seeds.py`).
Each seed is a pair of ordinary runs, and of each run only its gain is kept. Seeds that the file has
already are left; runs of a configuration that the lesson no longer has are thrown away.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path

import workbench as wb
from workbench import paths
from workbench.jobs import follow, launch
from workbench.lessons import evidence, lessons
from workbench.lessons.base import Lesson
from workbench.lessons.stored_seeds import FILE, StoredSeed, stored_pairs
from workbench.store.store import Store

# Classes count up from 11. Stored seeds count down from here.
_HIGHEST = 40
_KEPT = ("knn", "accuracy", "random init")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("lesson", choices=[one.name for one in lessons().values() if one.pooled])
    parser.add_argument("--seeds", type=int, default=15)
    parser.add_argument("--home", type=Path)
    given = parser.parse_args()
    file = paths.demo_home() / FILE
    stored: list[StoredSeed] = json.loads(file.read_text("utf-8")) if file.exists() else []
    lesson = lessons()[given.lesson]
    made = {run["config"]["seed"] for run in stored_pairs(paths.demo_home(), lesson)[0]}
    stored = [one for one in stored if one["lesson"] != lesson.name or one["seed"] in made]
    # The engine may still write when the last run has ended.
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        home = given.home or Path(folder)
        for seed in range(_HIGHEST, _HIGHEST - given.seeds, -1):
            if seed not in made:
                stored += make_pair(home, lesson, seed)
                file.write_text(json.dumps(stored, indent=1), "utf-8")
    print(f"{file}: {len(stored)} runs")


def make_pair(home: Path, lesson: Lesson, seed: int) -> list[StoredSeed]:
    """Run both configurations of the lesson's experiment with this seed, and wait."""
    pair = dict(zip(lesson.pooled or (), lesson.seeded_pair(), strict=True))
    for variant in pair.values():
        wb.load(variant.data, home=home)
    configs = {
        key: evidence.config_of(variant, paths.demo_home(), seed) for key, variant in pair.items()
    }
    ids = {key: launch.launch(home, config).run_id for key, config in configs.items()}
    follow.wait(home, list(ids.values()))
    store = Store.open(home)
    stored: list[StoredSeed] = []
    for key, run_id in ids.items():
        row = store.run(run_id)
        if row.state != "finished":
            raise SystemExit(f"{run_id}: {row.state}, {row.reason}")
        gains = [
            gain
            for gain in row.summary["gains"]
            if (gain["protocol"], gain["metric"], gain["over"]) == _KEPT
        ]
        stored.append(
            {
                "lesson": lesson.name,
                "variant": key,
                "seed": seed,
                "digest": configs[key].digest(),
                "gains": gains,
            }
        )
    return stored


if __name__ == "__main__":
    main()

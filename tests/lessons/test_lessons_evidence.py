"""Which runs a lesson's are, here and among the stored ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from workbench import paths
from workbench.config import RunConfig
from workbench.errors import RequestError
from workbench.jobs import launch
from workbench.lessons import evidence, lessons
from workbench.store.store import State, Store
from workbench.stored_runs.map_files import read_noise_map
from workbench.stored_runs.stored_run import StoredRun

HOME = paths.demo_home()


def packaged_runs() -> list[StoredRun]:
    return [StoredRun(HOME, row, demo=True) for row in Store.open(HOME, read_only=True).runs()]


def test_of_several_equal_runs_the_one_that_says_most_is_taken(tmp_path: Path) -> None:
    store = Store.open(tmp_path)
    variant = lessons()["collapse"].variants[0]
    configs = [evidence.config_of(variant, HOME, seed) for seed in range(5)]

    def add(seed: int, state: State) -> str:
        config = configs[seed]
        run_id = store.add_run(config.to_json(), digest=launch.request_digest(config))
        store.update(run_id, state=state)
        return run_id

    finished = add(0, "finished")
    add(0, "failed")
    add(1, "failed")
    queued = add(1, "queued")
    add(2, "failed")
    stopped = add(2, "stopped")
    add(4, "finished")
    found = [None if row is None else row.id for row in evidence.newest_runs(store, configs[:4])]
    assert found[:2] == [finished, queued]
    assert found[2] is not None
    assert found[2] == stopped or store.run(found[2]).state == "failed"
    assert found[3] is None


def test_a_stored_run_is_one_of_exactly_this_configuration() -> None:
    lesson = lessons()["umap"]
    found = evidence.stored_variants(lesson, packaged_runs())
    for key, run in found.items():
        stored = RunConfig.from_json(run.config)
        assert evidence.config_of(lesson.variant(key), HOME) == stored
    others = [run for run in packaged_runs() if run.id != found["twice"].id]
    assert evidence.stored_variants(lesson, others) == {"collapsed": found["collapsed"]}
    assert evidence.stored_variants(lesson, []) == {}


def test_without_the_stored_data_it_says_so(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="not installed"):
        evidence.config_of(lessons()["umap"].variants[0], tmp_path)


def test_the_same_run_projected_twice_differs() -> None:
    lesson = lessons()["umap"]
    run = evidence.stored_variants(lesson, packaged_runs())["twice"]
    found = evidence.lesson_run(run, lesson.variant("twice"))["maps"]["again"]
    assert found["chance"] < found["overlap"] < 1
    again = read_noise_map(run)
    assert again is not None
    assert again.trust is None
    assert len(again.rows) == len(again.xy) > 500

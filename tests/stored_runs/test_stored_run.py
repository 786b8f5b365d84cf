"""A stored run: its data, its samples, its embeddings, its configuration, and how it is found."""

from __future__ import annotations

import contextlib
import dataclasses
import shutil
import sqlite3
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from run_making import digits
from safetensors.numpy import save_file

from workbench import paths
from workbench.errors import RequestError, StoreError
from workbench.store.rows import ENDED, LIVE, State
from workbench.store.store import Store
from workbench.stored_runs import embeddings, hidden_test, stored_run
from workbench.stored_runs.embeddings import Embeddings
from workbench.stored_runs.stored_run import StoredRun

CONFIG = {
    "task": "simclr",
    "options": {"temperature": 0.5, "width": 64},
    "encoder": "small_conv",
    "budget": {"steps": 3},
    "seed": 0,
    "device": "cpu",
    "plugins": [],
}
# Positions in the order of the file: each split is drawn, so it need not ascend.
TRAIN, VALIDATION, TEST = (7, 2, 5), (12, 10), (20, 21)


def stored(
    home: Path, *, fingerprint: str | None = None, state: State = "finished", **changes: Any
) -> StoredRun:
    """A run of the store alone, without files."""
    store = Store.open(home)
    data = {"source": "sample:digits", "fingerprint": fingerprint}
    run_id = store.add_run({**CONFIG, "data": data, **changes}, digest="d")
    store.update(run_id, state=state)
    return StoredRun(home, store.run(run_id))


def write_embeddings(path: Path, **splits: tuple[int, ...]) -> Embeddings:
    """A file in which h of the sample at row r is [r, r] and u is [-r, -r]."""
    arrays = {}
    for split, index in splits.items():
        rows = np.array(index, np.int64)
        h = np.stack([rows, rows], axis=1).astype(np.float16)
        arrays |= {f"index_{split}": rows, f"h_{split}": h, f"u_{split}": -h}
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file(arrays, path)
    return Embeddings(path, "simclr-abc234")


# Data -------------------------------------------------------------------------------------------


def test_a_run_finds_the_data_that_it_saw(home: Path) -> None:
    info = digits(home).info
    run = stored(home, fingerprint=info.fingerprint)
    assert run.fingerprint == info.fingerprint
    assert run.data is not None
    assert run.samples is not None
    assert run.data.info == info
    assert len(run.samples.images) == info.total


def test_without_images_labels_can_still_be_read(home: Path) -> None:
    run = stored(home, fingerprint=digits(home).info.fingerprint)
    (run.data_folder / "images.npy").unlink()
    assert run.samples is None
    assert run.data is not None
    assert set(run.data.target("label")) == set(range(10))


@pytest.mark.parametrize("fingerprint", [None, "of data that were removed"])
def test_a_run_whose_cache_is_gone_has_no_data(tmp_path: Path, fingerprint: str | None) -> None:
    run = stored(tmp_path, fingerprint=fingerprint)
    assert run.fingerprint == (fingerprint or "")
    assert run.data is None
    assert run.samples is None


# Embeddings -------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["queued", "stopped"])
def test_a_run_that_was_not_scored_has_no_embeddings(tmp_path: Path, state: State) -> None:
    run = stored(tmp_path, state=state)
    assert not run.has_embeddings
    with pytest.raises(RequestError, match=rf"'{run.id}' \({state}\) kept no repr") as caught:
        _ = run.embeddings
    assert caught.value.field == "RUN"


def test_a_scored_run_gives_its_embeddings(tmp_path: Path) -> None:
    run = stored(tmp_path)
    write_embeddings(run.files.embeddings, train=TRAIN)
    assert run.has_embeddings
    assert run.embeddings.stamp == run.files.embeddings.stat().st_mtime
    assert run.embeddings.seen_rows().tolist() == sorted(TRAIN)


def test_a_split_is_given_as_it_was_written(tmp_path: Path) -> None:
    stored_features = write_embeddings(tmp_path / "e", train=TRAIN, test=TEST)
    rows, features = stored_features.rows("train"), stored_features.features("train")
    assert rows is not None
    assert features is not None
    assert (rows.dtype, features.dtype) == (np.int64, np.float32)
    assert rows.tolist() == list(TRAIN)
    assert features[:, 0].tolist() == list(TRAIN)
    untrained = stored_features.features("test", embeddings.UNTRAINED)
    assert untrained is not None
    assert untrained[:, 0].tolist() == [-row for row in TEST]
    assert stored_features.rows("validation") is None
    assert stored_features.features("validation") is None


@pytest.mark.parametrize(
    "rows", [TRAIN + VALIDATION, (10, 7, 12, 2), (5, 5, 10), (), tuple(sorted(TRAIN + VALIDATION))]
)
def test_samples_come_in_the_order_in_which_they_are_named(
    tmp_path: Path, rows: tuple[int, ...]
) -> None:
    stored_features = write_embeddings(
        tmp_path / "e", train=TRAIN, validation=VALIDATION, test=TEST
    )
    trained, untrained = stored_features.at(np.array(rows, np.int64))
    assert trained.shape == (len(rows), 2)
    assert trained[:, 0].tolist() == list(rows)
    assert untrained.tolist() == (-trained).tolist()


@pytest.mark.parametrize("row", [0, 6, 11, 1000, TEST[0]])
def test_a_sample_that_was_not_embedded_is_an_error(tmp_path: Path, row: int) -> None:
    stored_features = write_embeddings(
        tmp_path / "e", train=TRAIN, validation=VALIDATION, test=TEST
    )
    with pytest.raises(RequestError, match="'simclr-abc234' has no embedding of some"):
        stored_features.at(np.array([TRAIN[0], row]))


def test_a_file_of_test_samples_alone_has_nothing_to_show(tmp_path: Path) -> None:
    stored_features = write_embeddings(tmp_path / "e", test=TEST)
    assert stored_features.seen_rows().tolist() == []
    with pytest.raises(RequestError, match="has no embedding of some"):
        stored_features.at(np.array([TEST[0]]))


def test_the_test_split_is_read_only_where_it_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored_features = write_embeddings(
        tmp_path / "e", train=TRAIN, validation=VALIDATION, test=TEST
    )
    read: list[str] = []

    class Watched:
        """A file that notes which arrays are read."""

        def __init__(self, path: str, framework: str) -> None:
            self._file = embeddings_open(path, framework=framework)

        def __enter__(self) -> Watched:
            self._entered = self._file.__enter__()
            return self

        def __exit__(self, *error: Any) -> None:
            self._file.__exit__(*error)

        def keys(self) -> list[str]:
            return list(self._entered.keys())

        def get_tensor(self, name: str) -> Any:
            read.append(name)
            return self._entered.get_tensor(name)

    embeddings_open = embeddings.safe_open
    monkeypatch.setattr(embeddings, "safe_open", Watched)
    stored_features.seen_rows()
    stored_features.at(np.array(VALIDATION))
    assert {"index_train", "h_validation", "u_train"} <= set(read)
    assert not [name for name in read if name.endswith("test")]
    stored_features.rows("test")
    assert read[-1] == "index_test"


# Configuration, results, record -----------------------------------------------------------------


def test_a_configuration_is_all_but_seed_device_and_plugins(tmp_path: Path) -> None:
    run = stored(tmp_path)
    same = {
        "seed": 4,
        "device": "cuda",
        "plugins": ["/else/where.py"],
        "options": {"width": 64, "temperature": 0.5},
    }
    assert run.configuration == stored(tmp_path, **same).configuration
    for other in ({"budget": {"steps": 4}}, {"options": {}}, {"data": {"source": "sample:shapes"}}):
        assert run.configuration != stored(tmp_path, **other).configuration


@pytest.mark.parametrize("state", ["queued", *LIVE, *ENDED])
def test_results_are_kept_of_runs_that_have_ended_outside_the_demo(
    tmp_path: Path, state: State
) -> None:
    run = stored(tmp_path, state=state)
    assert run.may_keep_results == (state in ("stopped", "finished", "failed"))
    assert run.finished == (state == "finished")
    assert not dataclasses.replace(run, demo=True).may_keep_results


def test_a_record_has_curves_on_request(tmp_path: Path) -> None:
    run = stored(tmp_path)
    Store.open(tmp_path).write_metrics(run.id, [("loss", 1, 0.5), ("loss", 2, float("inf"))])
    assert "curves" not in run.record()
    assert run.record(curves=True)["curves"] == {"loss": [(1, 0.5), (2, None)]}


# Finding runs -----------------------------------------------------------------------------------


@pytest.fixture
def demo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> StoredRun:
    """A run of a demo home, in which test scores were hidden before it was made one."""
    run = stored(tmp_path / "demo", fingerprint="abc")
    hidden_test.switch(run.store, "abc", on=True)
    # A store that is read without a lock is one file: nothing waits in a log beside it.
    with contextlib.closing(sqlite3.connect(tmp_path / "demo" / "store.db")) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    monkeypatch.setattr(paths, "demo_home", lambda: tmp_path / "demo")
    return dataclasses.replace(run, demo=True)


def test_a_run_is_found_in_its_home_and_then_among_the_demo_runs(
    tmp_path: Path, demo: StoredRun
) -> None:
    run = stored(tmp_path)
    assert stored_run.find(tmp_path, run.id) == run
    assert stored_run.get(tmp_path, run.id) == run
    assert stored_run.find(tmp_path, demo.id) == demo
    assert stored_run.find(tmp_path / "demo", demo.id) == dataclasses.replace(demo, demo=False)


@pytest.mark.parametrize("run_id", ["simclr-222222", "", "../demo", "'; drop table runs"])
def test_a_run_that_is_nowhere_is_none_or_an_error(
    tmp_path: Path, demo: StoredRun, run_id: str
) -> None:
    assert stored_run.find(tmp_path, run_id) is None
    with pytest.raises(RequestError, match="there is no run") as caught:
        stored_run.get(tmp_path, run_id)
    assert caught.value.field == "RUN"


def test_without_a_demo_home_only_the_own_runs_are_there(tmp_path: Path, demo: StoredRun) -> None:
    shutil.rmtree(tmp_path / "demo")
    assert stored_run.find(tmp_path, demo.id) is None


def test_nothing_is_hidden_and_nothing_written_in_the_demo_home(
    tmp_path: Path, demo: StoredRun
) -> None:
    assert demo.record()["test"] == "open"
    assert dataclasses.replace(demo, demo=False).record()["test"] == "closed"
    with pytest.raises(StoreError, match="cannot be written"):
        demo.store.set_setting("key", 1)

"""``workbench clean``: what is listed, what stays, and that nothing goes unless asked for."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

import pytest
from run_making import write_posts

from workbench import paths
from workbench.cli.main import workbench
from workbench.config import DataConfig
from workbench.data import prepare, uploads
from workbench.run_folder import CHECKPOINT, ENCODER
from workbench.store import upload_owners
from workbench.store.store import Store
from workbench.stored_runs.removal import cleaning

WEEK = 7 * 86_400


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home where one of each thing is needed and one is not; all are a week old."""
    home = tmp_path / "home"
    store = Store.open(home)
    source = Path(write_posts(tmp_path / "posts.csv", [12] * 60).source)
    for owner, text in (("used", source.read_bytes()), ("unused", b"a\nx\n" * 9)):
        path = uploads.store([(f"{owner}.csv", text)], paths.uploads_dir(home))
        upload_owners.record(store, path.parent.name, "Ada", 0.1)
        if owner == "used":
            data = prepare(DataConfig(str(path)), home)
            config = {
                "task": "t",
                "data": {"source": str(path), "fingerprint": data.info.fingerprint},
            }
    spare = write_posts(tmp_path / "spare.csv", [9] * 60)
    prepare(spare, home)
    for state in ("finished", "stopped", "deleted"):
        run_id = store.add_run(config, digest="d", name=state)
        folder = paths.run_dir(home, run_id)
        folder.mkdir(parents=True)
        for name in (CHECKPOINT, ENCODER):
            (folder / name).write_bytes(b"x" * 1000)
        store.update(run_id, state="stopped" if state == "deleted" else state)
        if state == "deleted":
            store.delete_run(run_id)
    past = time.time() - WEEK
    for path in (home, *home.rglob("*")):
        os.utime(path, (past, past))
    return home


def answer(capsys: pytest.CaptureFixture[str], home: Path, *options: str) -> Any:
    assert workbench.main(["clean", "--home", str(home), "--json", *options]) == 0
    return json.loads(capsys.readouterr().out)


def test_it_lists_with_sizes_and_removes_only_with_yes(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = sorted(home.glob("*/*"))
    listed = answer(capsys, home, "--older-than", "3")
    assert sorted(one["kind"] for one in listed["leftovers"]) == [
        "checkpoint of a finished run",
        "folder of a run that was deleted",
        "prepared data without a run",
        "upload without prepared data or a run",
    ]
    assert listed["bytes"] == sum(one["bytes"] for one in listed["leftovers"]) > 0
    assert all(one["bytes"] > 0 for one in listed["leftovers"])
    assert answer(capsys, home, "--older-than", "30")["leftovers"] == []
    assert sorted(home.glob("*/*")) == before
    removed = answer(capsys, home, "--older-than", "3", "--yes")
    assert removed["freed"] == listed["bytes"]
    store = Store.open(home)
    rows = {row.name: paths.run_dir(home, row.id) for row in store.runs()}
    assert not (rows["finished"] / CHECKPOINT).exists()
    assert (rows["finished"] / ENCODER).exists()
    assert (rows["stopped"] / CHECKPOINT).exists(), "it may be resumed"
    assert len(upload_owners.records(store)) == len(list(paths.uploads_dir(home).iterdir())) == 1
    assert answer(capsys, home, "--older-than", "0")["leftovers"] == []


def test_what_is_needed_by_the_time_it_is_removed_stays(home: Path) -> None:
    found = cleaning.leftovers(home, 3)
    spare = next(one for one in found if one.kind.startswith("prepared"))
    fingerprint = spare.path.name
    store = Store.open(home)
    store.add_run({"task": "t", "data": {"source": "x", "fingerprint": fingerprint}}, digest="d")
    cleaning.remove(home, found)
    assert spare.path.exists()


def test_a_home_without_a_store_has_nothing_to_remove(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert answer(capsys, tmp_path)["leftovers"] == []
    assert list(tmp_path.iterdir()) == []

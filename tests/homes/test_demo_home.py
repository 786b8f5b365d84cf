"""The home of the demo runs that comes with the workbench: what is in it can be used."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from workbench import paths
from workbench.config import DataConfig
from workbench.data import cache, prepare
from workbench.store.store import RunRow, Store

Command = Callable[..., Any]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy: a command brings the tables of a store to the present version."""
    home = tmp_path_factory.mktemp("demo") / "home"
    shutil.copytree(paths.demo_home(), home)
    return home


def rows(home: Path) -> list[RunRow]:
    return Store.open(home).runs()


def test_every_run_is_listed_and_shown(demo: Path, command: Command) -> None:
    listed = command("runs", "--home", demo, "--json")
    stored = Store.open(paths.demo_home(), read_only=True).runs()
    assert {run["id"] for run in listed} == {row.id for row in stored}
    assert len(listed) > 20
    for run in listed:
        shown = command("show", run["id"], "--curves", "--home", demo, "--json")
        assert shown["status"] == "finished"
        assert shown["scores"], run["id"]
        assert shown["verdict"]["label"]


def test_runs_are_compared_and_reported(demo: Path, command: Command, tmp_path: Path) -> None:
    """The report holds what a demo run has: its scores, curves and map, but no embeddings."""
    first = rows(demo)[0].config["data"]["fingerprint"]
    ids = [row.id for row in rows(demo) if row.config["data"]["fingerprint"] == first][:3]
    report = tmp_path / "report.html"
    document = command("compare", *ids, "--home", demo, "--html", report, "--json")
    assert [run["id"] for run in document["runs"]] == ids
    assert document["comparison"]["gains"]
    assert all(run in report.read_text("utf-8") for run in ids)


def test_without_weights_an_export_says_what_is_missing(
    demo: Path, command: Command, tmp_path: Path
) -> None:
    run = rows(demo)[0].id
    message = command("export", run, "--to", tmp_path / "out", "--home", demo, status=1)
    assert "encoder" in message
    config = paths.run_dir(demo, run) / "config.json"
    assert f'workbench pretrain --again --config "{config}"' in message
    assert len(message.splitlines()) <= 6


def test_trimmed_data_are_not_damaged_and_are_made_whole_when_they_are_needed(
    demo: Path, command: Command
) -> None:
    report = command("doctor", "--home", demo, "--json")
    assert (report["healthy"], report["findings"]) == (True, [])
    fingerprint = next(
        row.config["data"]["fingerprint"]
        for row in rows(demo)
        if row.config["data"]["source"] == "sample:digits"
    )
    folder = paths.cache_dir(demo) / fingerprint
    assert cache.find(demo, fingerprint) is None
    data = prepare(DataConfig("sample:digits", fingerprint=fingerprint), demo)
    assert len(data.digests) == data.info.total
    assert not (folder / "trimmed.json").exists()
    assert (folder / "thumbnails.npy").exists()
    assert cache.find(demo, fingerprint) is not None
    # What is lost from whole data is damage.
    (folder / "digests.npy").unlink()
    assert command("doctor", "--home", demo, "--json", status=1) is not None

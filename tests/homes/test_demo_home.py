"""The home of the demo runs that comes with the workbench: what is in it can be used."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from workbench import paths
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
    # In a copy nobody can tell that the weights were left out on purpose.
    message = command("export", run, "--to", tmp_path / "out", "--home", demo, status=1)
    assert "encoder" in message
    assert len(message.splitlines()) <= 6

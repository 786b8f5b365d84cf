"""``workbench doctor``: it lists what is damaged in a home and mends it after asking."""

from __future__ import annotations

import io
import json
import os
from pathlib import Path

import pytest
from damaged_homes import DAMAGE, SmallHome, small_home
from filelock import FileLock
from how_to import HowTo

from workbench.cli import doctor
from workbench.cli.main import workbench
from workbench.engine import address, server
from workbench.jobs import supervisor
from workbench.jobs.processes import identify
from workbench.store.store import Store


@pytest.fixture
def small(tmp_path: Path) -> SmallHome:
    return small_home(tmp_path / "place")


def _doctor(small: SmallHome, *words: str) -> int:
    return int(workbench.main(["doctor", *words, "--home", str(small.home)]))


def test_a_whole_home_is_status_0(small: SmallHome, capsys: pytest.CaptureFixture[str]) -> None:
    assert _doctor(small, "--json") == 0
    report = json.loads(capsys.readouterr().out)
    assert (report["healthy"], report["findings"], report["runs"]) == (True, [], 3)


def test_each_finding_says_what_where_and_how_it_is_mended(
    small: SmallHome, capsys: pytest.CaptureFixture[str]
) -> None:
    path = small.run_folder("stopped") / "checkpoint.safetensors"
    DAMAGE["half"](path)
    assert _doctor(small, "--json") == 1
    (finding,) = json.loads(capsys.readouterr().out)["findings"]
    assert (finding["subject"], finding["path"]) == (small.parts["stopped"], str(path))
    assert "has" in finding["problem"]
    assert "bytes of" in finding["problem"]
    assert "damaged" in finding["mending"]
    assert "--from-start" in finding["advice"]


def test_the_page_on_repairing_a_home(small: SmallHome, monkeypatch: pytest.MonkeyPatch) -> None:
    DAMAGE["noise"](small.run_folder("contrastive") / "predictions.parquet")
    monkeypatch.setattr("sys.stdin", io.StringIO("y\n"))
    statuses = [
        workbench.main([*words, "--home", str(small.home)])
        for words in HowTo("repair-a-home").commands()
    ]
    assert statuses == [0, 1, 0, 0, 0]


@pytest.mark.parametrize(("reply", "status"), [("n\n", 1), ("y\n", 0)])
def test_a_repair_asks_first(
    small: SmallHome, reply: str, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = small.run_folder("contrastive") / "predictions.parquet"
    DAMAGE["noise"](path)
    monkeypatch.setattr("sys.stdin", io.StringIO(reply))
    assert _doctor(small, "--repair") == status
    assert path.exists() == bool(status)
    moved = list((small.home / "damaged").glob("*/runs/*/predictions.parquet"))
    assert len(moved) == 1 - status


def test_a_home_in_use_is_not_mended(small: SmallHome, capsys: pytest.CaptureFixture[str]) -> None:
    with FileLock(small.home / "supervisor.lock").acquire(timeout=5):
        assert supervisor.running(small.home)
        assert _doctor(small, "--repair", "--yes") == 2
    assert "in use" in capsys.readouterr().err


def test_a_home_of_a_live_worker_is_not_mended(small: SmallHome) -> None:
    """A worker outlives a supervisor that was killed."""
    worker = identify(os.getpid())
    store, run_id = Store.open(small.home), small.parts["stopped"]
    store.update(run_id, state="running", pid=worker.pid, pid_created=worker.created)
    assert _doctor(small, "--repair", "--yes") == 2
    store.update(run_id, state="stopped")
    assert _doctor(small, "--repair", "--yes") == 0


def test_no_supervisor_or_engine_starts_during_a_repair(small: SmallHome) -> None:
    DAMAGE["noise"](small.run_folder("contrastive") / "predictions.parquet")
    seen = []

    def ask(question: str) -> bool:
        seen.append(supervisor.running(small.home))
        assert server.main([str(small.home), "0"]) == 0
        seen.append((small.home / address.FILE).exists())
        return True

    assert doctor.repair(small.home, ask=ask, say=lambda line: None) == 0
    assert seen == [True, False]


def test_an_encoder_comes_back_from_the_checkpoint(small: SmallHome) -> None:
    folder = small.run_folder("stopped")
    before = (folder / "encoder.safetensors").read_bytes()
    DAMAGE["half"](folder / "encoder.safetensors")
    assert _doctor(small, "--repair", "--yes") == 0
    assert len((folder / "encoder.safetensors").read_bytes()) >= len(before)

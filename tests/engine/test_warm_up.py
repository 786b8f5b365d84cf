"""What an engine gets ready, and when."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from workbench.engine import server, warm_up
from workbench.engine.warm_up import WarmUp
from workbench.maps import umap


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was made ready; the real work takes half a minute."""
    made: list[str] = []
    monkeypatch.setattr(warm_up, "import_all", lambda: made.append("imports"))
    monkeypatch.setattr(warm_up, "compile_umap", lambda: made.append("umap"))
    monkeypatch.delenv(warm_up.SETTING, raising=False)
    return made


@pytest.mark.parametrize(("setting", "made"), [("0", []), ("1", ["imports"]), (None, ["imports"])])
def test_an_engine_imports_at_its_start_unless_told_otherwise(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    calls: list[str],
    setting: str | None,
    made: list[str],
) -> None:
    if setting is not None:
        monkeypatch.setenv(warm_up.SETTING, setting)
    assert server.main([str(tmp_path), "0.1"]) == 0
    assert calls == made, "UMAP waits until the engine has not been asked for a while"


def test_umap_waits_for_runs_and_for_a_quiet_engine(calls: list[str]) -> None:
    runs, quiet = 1, 0.0
    warming = WarmUp(lambda: quiet, lambda: runs)
    assert warming.maps_wait()
    quiet = 60.0
    assert warming.maps_wait(), "a run lives"
    assert "umap" not in calls
    runs = 0
    _until_maps_may_begin(warming)
    assert sorted(calls) == ["imports", "umap"]


def test_an_engine_that_is_asked_all_the_time_compiles_too(calls: list[str]) -> None:
    clock = 0.0
    warming = WarmUp(lambda: 0.0, lambda: 0, lambda: clock)
    clock = 14.0
    assert warming.maps_wait()
    assert "umap" not in calls
    clock = 15.0
    _until_maps_may_begin(warming)
    assert "umap" in calls


def _until_maps_may_begin(warming: WarmUp) -> None:
    deadline = time.monotonic() + 30
    while warming.maps_wait():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_it_compiles_umap(monkeypatch: pytest.MonkeyPatch) -> None:
    compiled: list[str] = []
    monkeypatch.setattr(umap, "warm_up", lambda: compiled.append("umap"))
    warm_up.compile_umap()
    assert compiled == ["umap"]

"""Measuring how fast a run would train: by training's own steps, alone, and without a trace."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from run_making import request

from workbench.engine.handlers import measure as handler
from workbench.engine.requests import MeasureRequest
from workbench.errors import RequestError
from workbench.store.locks import device_lock
from workbench.store.store import Store


@pytest.fixture
def own(digits_home: Path, tmp_path: Path) -> Path:
    (tmp_path / "data").symlink_to(digits_home / "data")
    return tmp_path


def measure(home: Path) -> dict[str, float]:
    return dict(handler.handle(MeasureRequest(request(home)), home).values)


def test_it_counts_the_samples_of_timed_steps(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handler, "SECONDS", 0.2)
    threads = torch.get_num_threads()
    found = measure(own)
    assert found["batch_size"] == 64
    assert found["samples_per_second"] > 10
    assert torch.get_num_threads() == threads
    assert not (own / "runs").exists()
    assert Store.open(own).runs() == []


def test_it_never_disturbs_a_run(own: Path) -> None:
    store = Store.open(own)
    run_id = store.add_run(request(own).to_json(), digest="d")
    store.claim_next()
    with pytest.raises(RequestError, match="a run is training"):
        measure(own)
    store.end(run_id, "finished")
    with device_lock(own), pytest.raises(RequestError, match="a run is training"):
        measure(own)

"""A worker that is killed leaves a run that goes on to the weights of an undisturbed one; files are
on the disk before their names are.

The long form, over all tasks and all processes, is ``benchmarks/faults.py``.
"""

from __future__ import annotations

import dataclasses
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest
from process_ending import end_processes
from run_making import ended, request, step_of, until
from safetensors.numpy import load_file

from workbench import paths
from workbench.config import DataConfig
from workbench.data import prepare
from workbench.jobs import launch, recorder
from workbench.run_folder import CHECKPOINT, ENCODER
from workbench.store.artifacts import FolderArtifacts
from workbench.store.store import Store

STEPS = 100
# Few samples, scored shortly: what is looked at is the training.
SMALL: dict[str, Any] = {
    "task": "moco_v2",
    "data": DataConfig("sample:digits", samples=200),
    "train": {"batch_size": 32},
    "eval": {"label_efficiency": False, "nuisances": False},
}
OFTEN = """
import sys
if "worker" in sys.argv[0]:
    from workbench.training import trainer
    trainer._CHECKPOINT_SECONDS, trainer._CHECKPOINT_PAUSE = 0.1, 0.0
"""


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """A home with the few samples; its processes end with the test."""
    prepare(SMALL["data"], tmp_path / "home")
    yield tmp_path / "home"
    end_processes(tmp_path / "home")


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_a_killed_run_ends_with_the_weights_of_an_undisturbed_one(
    home: Path, tmp_path: Path
) -> None:
    """MoCo has most to lose: a second network, and a queue of representations."""
    plugin = tmp_path / "often.py"
    plugin.write_text(OFTEN)
    store = Store.open(home)
    config = request(home, STEPS, **SMALL)
    # By a worker too. A UMAP in this process changes the threads of torch, and so its rounding.
    undisturbed = launch.launch(home, config).run_id
    assert ended(store, undisturbed).state == "finished"
    config = dataclasses.replace(config, plugins=(str(plugin),))
    killed = launch.launch(home, config, again=True).run_id
    checkpoint = paths.run_dir(home, killed) / CHECKPOINT
    until(lambda: step_of(store, killed) >= 40 and checkpoint.exists(), "there is a checkpoint")
    psutil.Process(store.run(killed).pid).kill()
    assert "SIGKILL" in str(ended(store, killed).reason)
    launch.resume(home, killed)
    row = ended(store, killed)
    assert row.state == "finished", row.reason
    assert any(note.startswith("Resumed at step") for note in row.summary["notes"])
    weights = [load_file(paths.run_dir(home, run) / ENCODER) for run in (undisturbed, killed)]
    assert weights[0].keys() == weights[1].keys()
    for name, values in weights[0].items():
        assert np.array_equal(values, weights[1][name]), name
    points = store.metrics(killed, ["loss"], max_points=10**6)["loss"]
    assert [step for step, _ in points] == list(range(1, STEPS + 1))


@pytest.mark.skipif(sys.platform != "linux", reason="it looks up open files in /proc")
def test_a_file_is_on_the_disk_before_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a power failure leaves is the old file or the new one, and never an empty one."""
    done: list[str] = []
    sync, rename = os.fsync, Path.replace

    def synced(number: int) -> None:
        done.append(f"sync {Path(f'/proc/self/fd/{number}').readlink().name}")
        sync(number)

    def renamed(self: Path, target: Path) -> Path:
        done.append(f"rename to {target.name}")
        return rename(self, target)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(Path, "replace", renamed)
    FolderArtifacts(tmp_path / "run").put("a.bin", lambda path: path.write_bytes(b"x"))
    assert done == [f"sync .a.{os.getpid()}.part.bin", "rename to a.bin", "sync run"]


def test_a_checkpoint_waits_for_the_curves_up_to_its_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else a worker that is killed right after it leaves a hole that no resumed run fills."""
    monkeypatch.setattr(recorder, "_WRITE_SECONDS", 60.0)
    store = Store.open(tmp_path)
    run_id = store.add_run({"task": "t", "device": "cpu"}, digest="d")
    with recorder.StoreEvents(store, run_id) as events:
        files = recorder.CheckpointedArtifacts(FolderArtifacts(tmp_path / "run"), events)
        events.metrics(7, {"loss": 1.0})
        files.put("other.bin", lambda path: path.write_bytes(b"x"))
        assert store.metrics(run_id, ["loss"]) == {}
        files.put(CHECKPOINT, lambda path: path.write_bytes(b"x"))
        assert store.metrics(run_id, ["loss"]) == {"loss": [(7, 1.0)]}

"""One run from its configuration to its scores, and how it ends when something breaks."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from run_making import enqueue, request, write_posts

from workbench import registry
from workbench.config import Budget, DataConfig, RunConfig
from workbench.data import prepare
from workbench.errors import RunError
from workbench.jobs import processor, worker
from workbench.jobs.endings import describe_error
from workbench.requests import validation
from workbench.store.artifacts import FolderArtifacts
from workbench.store.store import Store

TRAINING = {
    "steps",
    "samples",
    "views",
    "seconds",
    "samples_per_second",
    "device",
    "precision",
    "threads",
    "parameters",
    "peak_memory",
    "started_after",
    "warmup_seconds",
    "check_seconds",
    "evaluation_seconds",
    "batch_size",
    "epochs",
}


@pytest.fixture(scope="module")
def gray(tmp_path_factory: pytest.TempPathFactory) -> DataConfig:
    """28 x 28 gray images in one folder, without labels."""
    folder = tmp_path_factory.mktemp("gray") / "scans"
    folder.mkdir()
    rng = np.random.default_rng(0)
    for i in range(60):
        shade = rng.integers(0, 200, (7, 7), dtype=np.uint8).repeat(4, 0).repeat(4, 1)
        Image.fromarray(shade + rng.integers(0, 40, (28, 28), dtype=np.uint8)).save(
            folder / f"{i:03}.png"
        )
    return DataConfig(str(folder))


@pytest.fixture(scope="module")
def posts(tmp_path_factory: pytest.TempPathFactory) -> DataConfig:
    """Posts of one word up to several hundred, without labels."""
    return write_posts(tmp_path_factory.mktemp("posts") / "posts.csv", [1, 3, 12, 60, 400] * 18)


@pytest.fixture(scope="module")
def prepared_home(
    gray: DataConfig, posts: DataConfig, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    home = tmp_path_factory.mktemp("prepared")
    for config in (gray, posts):
        prepare(config, home)
    return home


def carry_out(
    config: RunConfig, home: Path, folder: Path, events: Any, control: Any
) -> FolderArtifacts:
    artifacts = FolderArtifacts(folder)
    assert worker.run(config, events, artifacts, control, home=home)
    return artifacts


@pytest.mark.parametrize(
    "task", sorted(name for name, cls in registry.tasks().items() if not cls.needs.labels)
)
def test_five_steps_finish_for_every_task_without_labels(
    task: str,
    gray: DataConfig,
    posts: DataConfig,
    prepared_home: Path,
    tmp_path: Path,
    memory_events: Any,
    stop_after: Any,
) -> None:
    declared = registry.task(task)
    data = gray if "image" in declared.modalities else posts
    if declared.needs.sentences:
        data = DataConfig("sample:tickets", label="none", samples=200)
    info = prepare(data, prepared_home).info
    config = validation.validate(RunConfig(data, task, budget=Budget(steps=5)), info)
    made = carry_out(config, prepared_home, tmp_path / "run", memory_events, stop_after())
    assert memory_events.told["training"]["steps"] == 5
    # Without labels only the task's own answers can be scored, the order of texts, and what should
    # not matter.
    assert all(
        score["representation"] == "output"
        or score["protocol"] in ("nuisance probe", "order probe")
        for score in memory_events.told["scores"]
    )
    assert any("label" in note for note in memory_events.notes), memory_events.notes
    assert memory_events.phases[-1] == "done"
    for name in ("encoder.safetensors", "embeddings.safetensors", "map_pca.parquet"):
        assert made.path(name).exists()


def test_a_run_tells_all_that_pages_and_commands_read(
    home: Path, tmp_path: Path, memory_events: Any, stop_after: Any
) -> None:
    # In a home of its own, for it leaves baselines beside the data.
    config = request(home, 10, eval={}, budget=Budget(epochs=0.6))
    made = carry_out(config, home, tmp_path / "run", memory_events, stop_after())
    told = memory_events.told
    assert set(told["training"]) == TRAINING
    assert {"chance", "verdict", "scores", "gains", "versions"} <= set(told)
    assert {"label", "reason", "since_step", "metrics", "advice"} <= set(told["verdict"])
    assert {"workbench", "torch", "python"} <= set(told["versions"])
    assert told["training"]["device"] == "cpu"
    assert told["training"]["samples"] == told["training"]["steps"] * 64
    assert told["training"]["seconds"] > 0
    assert {(row["protocol"], row["features"]) for row in told["scores"]} >= {
        (protocol, features)
        for protocol in ("knn", "linear probe")
        for features in ("trained", "random init", "raw input")
    }
    assert all(row["low"] <= row["value"] <= row["high"] for row in told["scores"])
    for word in ("Device: cpu", "Precision:", "Batch: 64", "Optimizer:"):
        assert any(note.startswith(word) for note in memory_events.notes), word
    assert memory_events.phases == [
        "preparing",
        "warming up",
        "training",
        "evaluating",
        "done",
    ]
    assert memory_events.series("check.h.rankme")[0][0] == 0
    assert memory_events.series("check.knn")
    for name in ("predictions.parquet", "spectrum.json", "map.json", "thumbnails.npy"):
        assert made.path(name).exists()


def test_a_stop_leaves_an_encoder_and_no_scores(
    digits_home: Path, tmp_path: Path, memory_events: Any, stop_after: Any
) -> None:
    artifacts = FolderArtifacts(tmp_path / "run")
    config = request(digits_home, 500)
    assert not worker.run(config, memory_events, artifacts, stop_after(3), home=digits_home)
    assert memory_events.told["training"]["steps"] < 10
    assert "scores" not in memory_events.told
    assert artifacts.path("checkpoint.safetensors").exists()
    assert artifacts.path("encoder.safetensors").exists()


@pytest.mark.parametrize("first", [1, 2])
def test_a_resumed_run_keeps_its_threads_and_precision(
    digits_home: Path,
    tmp_path: Path,
    memory_events: Any,
    stop_after: Any,
    monkeypatch: pytest.MonkeyPatch,
    first: int,
) -> None:
    """The machine may be another one, or have other cores free, when the run goes on."""
    config = request(digits_home, task="rotation", budget=Budget(steps=4))
    before = torch.get_num_threads()
    try:
        monkeypatch.setattr(processor, "threads", lambda: first)
        files = FolderArtifacts(tmp_path)
        worker.run(config, memory_events, files, stop_after(2), home=digits_home)
        monkeypatch.setattr(processor, "threads", lambda: 3 - first)
        again = type(memory_events)()
        assert worker.run(config, again, files, stop_after(), home=digits_home)
    finally:
        torch.set_num_threads(before)
    assert again.told["training"]["threads"] == first
    assert again.told["training"]["precision"] == memory_events.told["training"]["precision"]
    assert f"Threads: {first} (as before the run was interrupted)." in again.notes


def test_a_loss_that_is_no_number_ends_the_run(
    digits_home: Path, tmp_path: Path, memory_events: Any, stop_after: Any
) -> None:
    config = request(digits_home, 60, train={"learning_rate": 1000.0, "optimizer": "sgd"})
    with pytest.raises(RunError, match="learning rate"):
        worker.run(config, memory_events, FolderArtifacts(tmp_path), stop_after(), home=digits_home)


def test_a_failed_run_has_reason_and_remedy_in_the_store(home: Path) -> None:
    run_id = enqueue(home, 60, train={"learning_rate": 1000.0, "optimizer": "sgd"})
    store = Store.open(home)
    store.claim_next()
    command = [sys.executable, "-m", "workbench.jobs.worker", str(home), run_id]
    assert subprocess.run(command, timeout=240, check=False).returncode == 1
    row = store.run(run_id)
    assert row.state == "failed"
    assert "step" in str(row.reason)
    assert "--set train.learning_rate" in str(row.reason)
    assert "Give a learning rate below" in str(row.reason)
    assert row.map_state == "none"


def test_a_worker_leaves_a_run_alone_that_is_not_its_own(home: Path) -> None:
    run_id = enqueue(home)
    store = Store.open(home)
    with kept_signals():
        assert worker.main([str(home), run_id]) == 0
        assert store.run(run_id).state == "queued", "nobody has claimed it"
        store.claim_next()
        store.update(run_id, pid=1, pid_created=1.0)
        assert worker.main([str(home), run_id]) == 0
    assert store.run(run_id).state == "running"
    assert not (home / "runs" / run_id).exists()


def test_what_comes_after_the_last_checkpoint_is_forgotten(
    digits_home: Path, tmp_path: Path, memory_events: Any, stop_after: Any
) -> None:
    """Budgets in seconds make other steps the second time: the curve would hold both."""
    store = Store.open(tmp_path / "home")
    run_id = store.add_run({"task": "t", "device": "cpu"}, digest="d")
    artifacts = FolderArtifacts(tmp_path / "run")
    worker.run(request(digits_home, 500), memory_events, artifacts, stop_after(3), home=digits_home)
    step = memory_events.told["training"]["steps"]
    store.write_metrics(run_id, [("loss", i, 1.0) for i in range(1, step + 40, 3)])
    for late in (step, step + 7):
        artifacts.path(f"check_{late:06d}.safetensors").touch()
    artifacts.path(".embeddings.1.part.safetensors").touch()
    worker.forget_lost_steps(store, run_id, artifacts)
    assert max(at for at, _ in store.metrics(run_id)["loss"]) <= step
    assert not artifacts.path(f"check_{step + 7:06d}.safetensors").exists()
    assert artifacts.path(f"check_{step:06d}.safetensors").exists()
    assert not list(artifacts.folder.glob(".*"))

    artifacts.path("checkpoint.safetensors").unlink()
    worker.forget_lost_steps(store, run_id, artifacts)
    assert store.metrics(run_id) == {}, "it begins anew"
    assert not list(artifacts.folder.glob("check_*"))


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OSError(28, "No space left on device"), "The disk is full."),
        (RuntimeError("I/O error: No space left on device (os error 28)"), "The disk is full."),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory"), "The memory is full."),
        (MemoryError(), "The memory is full."),
        (ValueError("x"), "ValueError: x"),
    ],
)
def test_a_reason_says_what_to_do(error: Exception, words: str) -> None:
    assert describe_error(error).startswith(words)


@contextlib.contextmanager
def kept_signals() -> Any:
    kept = signal.getsignal(signal.SIGTERM)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, kept)

"""Which samples a run embeds, scores and maps: real runs of a few steps, with little time."""

from __future__ import annotations

import dataclasses
import shutil
from pathlib import Path
from typing import Any

import pytest
from safetensors.numpy import load_file

from workbench.config import Budget, DataConfig, RunConfig
from workbench.data import prepare
from workbench.jobs.worker import run
from workbench.run_folder import EMBEDDINGS
from workbench.scoring import sample_plan, time_budget
from workbench.scoring.time_budget import Rung
from workbench.store.artifacts import FolderArtifacts

DATA = DataConfig("sample:digits")
FEW = Rung({"train": 120, "validation": 60, "test": 80}, 100)


@pytest.fixture
def home(digits_home: Path, tmp_path: Path) -> Path:
    """A home of this test's own, with the digits and no baselines."""
    prepare(DATA, digits_home)
    ignored = shutil.ignore_patterns("baselines")
    return Path(shutil.copytree(digits_home / "data", tmp_path / "data", ignore=ignored)).parent


@pytest.fixture
def no_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Scoring may take no time at all: the fewest samples are taken."""
    monkeypatch.setattr(time_budget, "LADDER", (time_budget.FULL, FEW))
    monkeypatch.setattr(time_budget, "choose", lambda *_: (1, 0.0))


def carry_out(home: Path, events: Any, control: Any, name: str, **changes: Any) -> dict[str, Any]:
    known: dict[str, Any] = {
        "data": DATA,
        "task": "rotation",
        "encoder": "small_conv",
        "encoder_options": {"width": 4},
        "budget": Budget(seconds=0.2),
        "train": {"batch_size": 32},
        "device": "cpu",
    }
    config = RunConfig(**(known | changes))
    assert run(config, events, FolderArtifacts(home / "runs" / name), control, home=home)
    return dict(events.told)


def embedded(home: Path, name: str) -> dict[str, int]:
    arrays = load_file(str(home / "runs" / name / EMBEDDINGS))
    return {key.removeprefix("index_"): len(a) for key, a in arrays.items() if "index_" in key}


def test_little_time_scores_few_samples_and_says_so(
    home: Path, memory_events: Any, stop_after: Any, no_time: None
) -> None:
    summary = carry_out(home, memory_events, stop_after(), "a")
    assert embedded(home, "a") == dict(FEW.limits)
    assert {score["n"] for score in summary["scores"] if score["split"] == "test"} == {80}
    assert {score["total"] for score in summary["scores"] if score["split"] == "test"} != {80}
    assert summary["map_rows"] == 100
    (note,) = [note for note in memory_events.notes if note.startswith("Scored on")]
    assert "120 of 719 training, 60 of 359 validation and 80 of 719 test samples" in note
    assert "--full" in note


def test_later_runs_of_a_pilot_score_the_same_samples(
    home: Path, memory_events: Any, stop_after: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(time_budget, "LADDER", (time_budget.FULL, FEW))
        patched.setattr(time_budget, "choose", lambda *_: (1, 0.0))
        carry_out(home, memory_events, stop_after(), "a")
        patched.setattr(time_budget, "choose", lambda *_: (0, 0.0))
        carry_out(home, type(memory_events)(), stop_after(), "b", task="simclr")
        carry_out(home, type(memory_events)(), stop_after(), "c", budget=Budget(seconds=0.3))
    assert embedded(home, "b") == embedded(home, "a")
    assert embedded(home, "c")["train"] == 719


def test_full_scores_all_whatever_the_time(
    home: Path, memory_events: Any, stop_after: Any, no_time: None
) -> None:
    summary = carry_out(home, memory_events, stop_after(), "a", eval={"full": True})
    assert all(score["n"] == score["total"] for score in summary["scores"])


def test_runs_of_steps_look_at_no_clock(
    home: Path, memory_events: Any, stop_after: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = []
    choose = time_budget.choose
    monkeypatch.setattr(time_budget, "choose", lambda *given: taken.append(given) or choose(*given))
    for name in ("a", "b"):
        carry_out(home, type(memory_events)(), stop_after(), name, budget=Budget(steps=3))
    assert taken[0] == taken[1]
    assert not list(home.glob("data/*/baselines/samples-*"))


def test_too_slow_an_encoder_has_a_map_and_no_scores(
    home: Path, memory_events: Any, stop_after: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(time_budget, "choose", lambda *_: (len(time_budget.LADDER), 0.0))
    summary = carry_out(home, memory_events, stop_after(), "a")
    assert summary["scores"] == summary["gains"] == []
    assert summary["unscored"] is True
    assert summary["map_rows"] == 500
    assert any(note.startswith("Not scored in this budget") for note in memory_events.notes)


def test_a_damaged_choice_is_made_again(home: Path, memory_events: Any, stop_after: Any) -> None:
    carry_out(home, memory_events, stop_after(), "a")
    (file,) = home.glob("data/*/baselines/samples-*")
    before = sample_plan._read(file)
    assert before is not None
    file.write_bytes(file.read_bytes()[:10])
    assert sample_plan._read(file) is None
    carry_out(home, type(memory_events)(), stop_after(), "b")
    again = sample_plan._read(file)
    assert again is not None
    assert again.place == before.place


def test_the_encoders_width_counts_for_its_own_representations_only(home: Path) -> None:
    data = prepare(DATA, home)
    narrow, wide = (
        sample_plan._step_of_all(data, lambda features: float(features), width)
        for width in (64, 512)
    )
    assert wide - narrow == pytest.approx(1.8 * (512 - 64))
    assert narrow == pytest.approx(1.8 * 64 + 2.5 * 256)


def test_word_vectors_have_their_time_where_there_are_labels(home: Path) -> None:
    data = prepare(DataConfig("sample:intents"), home)
    train = data.rows("train")
    tokens = data.offsets[train.stop] - data.offsets[train.start]
    assert sample_plan._vector_seconds(data) == pytest.approx(tokens * 3e-6)
    unlabelled = dataclasses.replace(data, info=dataclasses.replace(data.info, targets=()))
    assert sample_plan._vector_seconds(unlabelled) == 0
    assert sample_plan._vector_seconds(prepare(DATA, home)) == 0

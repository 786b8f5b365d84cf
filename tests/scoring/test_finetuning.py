"""When a run is fine-tuned by itself: real runs of a few steps."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from workbench.config import Budget, DataConfig, RunConfig
from workbench.jobs.worker import run
from workbench.scoring import finetuning, time_budget
from workbench.store.artifacts import FolderArtifacts
from workbench.training import finetune

TEXTS = DataConfig("sample:intents")


@pytest.fixture(autouse=True)
def few_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finetune, "STEPS", 3)


def carried_out(home: Path, events: Any, control: Any, **changes: Any) -> list[dict[str, Any]]:
    """The scores of fine-tuning."""
    known: dict[str, Any] = {
        "data": TEXTS,
        "task": "mlm",
        "budget": Budget(steps=3),
        "device": "cpu",
        "eval": {"label_efficiency": False, "nuisances": False, "factors": False},
    }
    config = RunConfig(**(known | changes))
    assert run(config, events, FolderArtifacts(home / "run"), control, home=home)
    return [row for row in events.told["scores"] if row["protocol"] == "fine-tuning"]


@pytest.mark.parametrize("spare", [0.0, 1e6])
def test_a_language_model_is_fine_tuned_where_the_time_is_there(
    spare: float,
    tmp_path: Path,
    memory_events: Any,
    stop_after: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(time_budget, "choose", lambda *_: (0, spare))
    scores = carried_out(tmp_path, memory_events, stop_after())
    left_out = [note for note in memory_events.notes if note.startswith("Fine-tuning is left out")]
    assert bool(scores) == (spare > 0)
    assert bool(left_out) == (spare == 0)
    assert all("--set eval.fine_tuning=true" in note for note in left_out)


def test_other_tasks_are_fine_tuned_on_request_alone(
    tmp_path: Path, memory_events: Any, stop_after: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(time_budget, "choose", lambda *_: (0, 1e6))
    assert carried_out(tmp_path, memory_events, stop_after(), task="half_split") == []
    assert not any(note.startswith("Fine-tuning") for note in memory_events.notes)


def test_a_language_model_is_not_fine_tuned_where_that_is_refused(
    tmp_path: Path, memory_events: Any, stop_after: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(time_budget, "choose", lambda *_: (0, 1e6))
    assert carried_out(tmp_path, memory_events, stop_after(), eval={"fine_tuning": False}) == []


def test_its_time_is_that_of_the_steps_and_of_the_samples() -> None:
    none = finetuning.seconds({}, 1e-3)
    assert none == pytest.approx(2e-3 * 3 * 3 * 32 * 4)
    more = finetuning.seconds({"validation": 100, "test": 200}, 1e-3)
    assert more == pytest.approx(2e-3 * (5 * 3 * 32 * 4 + 3 * 100 + 3 * 200))

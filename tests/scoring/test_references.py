"""What a run is compared with on request: labels, a few labels, and a pretrained encoder."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np
import pytest

from workbench.config import Budget, DataConfig, RunConfig
from workbench.data import prepare
from workbench.data.dataset import Dataset
from workbench.data.sampling import choose
from workbench.errors import RequestError
from workbench.evaluation.label_efficiency import draw
from workbench.jobs.worker import run
from workbench.scoring import finetuning, references
from workbench.store.artifacts import FolderArtifacts
from workbench.training import finetune, trainer

STEPS = 3


# Few samples: what is made, for whom and from what is looked at, and not how good it is.
DATA = DataConfig("sample:digits", samples=400)


@pytest.fixture(autouse=True)
def _short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finetune, "STEPS", 4)


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home in which the data lie, without any run or baseline."""
    home = tmp_path_factory.mktemp("prepared")
    prepare(DATA, home)
    return home


@pytest.fixture
def home(prepared: Path, tmp_path: Path) -> Path:
    """A home of this test's own: baselines are shared by all runs of a home."""
    return Path(shutil.copytree(prepared, tmp_path / "home"))


def carry_out(home: Path, events: Any, control: Any, **changes: Any) -> None:
    known: dict[str, Any] = {
        "data": DATA,
        "task": "rotation",
        "encoder": "small_conv",
        "encoder_options": {"width": 4},
        "budget": Budget(steps=STEPS),
        "train": {"batch_size": 32},
        "device": "cpu",
    }
    known |= changes
    known["eval"] = {"label_efficiency": False, "nuisances": False, **changes.get("eval", {})}
    folder = FolderArtifacts(home / "runs" / str(len(list((home / "runs").glob("*")))))
    assert run(RunConfig(**known), events, folder, control, home=home)


def rows_of(events: Any, **wanted: Any) -> list[dict[str, Any]]:
    return [row for row in events.told["scores"] if all(row[key] == wanted[key] for key in wanted)]


def test_the_supervised_reference_is_scored_beside_and_made_once(
    home: Path, memory_events: Any, stop_after: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    trainings: list[Any] = []
    train = trainer.Trainer.train
    monkeypatch.setattr(
        trainer.Trainer, "train", lambda self: (trainings.append(self), train(self))[1]
    )
    asked = {"supervised": True, "label_efficiency": True}
    carry_out(home, memory_events, stop_after(), eval=asked)
    own, reference = trainings
    assert reference.task.name == "supervised"
    assert reference.counters.step == own.counters.step == STEPS
    assert reference.batch_size == own.batch_size == 32
    mine, theirs = own.untrained.state_dict(), reference.untrained.state_dict()
    assert mine.keys() == theirs.keys()
    assert all((mine[name] == theirs[name]).all() for name in mine)
    # No scores with few labels, or none: its features have seen them all.
    said = {row["protocol"] for row in rows_of(memory_events, features="supervised")}
    assert said == {"knn", "linear probe"}
    assert any(row["over"] == "supervised" for row in memory_events.told["gains"])
    assert any("uses labels: a reference" in note for note in memory_events.notes)
    # Its steps are not told as the run's own.
    assert [step for step, _ in memory_events.series("loss")] == [1, 2, 3]
    assert memory_events.told["training"]["steps"] == STEPS
    first = rows_of(memory_events, features="supervised")

    asked = {"supervised": True}
    # Another task with the same encoder, seed and steps takes it from the shelf; more steps do not.
    again = type(memory_events)()
    carry_out(home, again, stop_after(), eval=asked, task="simclr")
    assert [one.task.name for one in trainings[2:]] == ["simclr"]
    assert rows_of(again, features="supervised") == first
    carry_out(home, type(memory_events)(), stop_after(), eval=asked, budget=Budget(steps=4))
    assert [one.task.name for one in trainings[3:]] == ["rotation", "supervised"]


def test_a_supervised_run_is_its_own_reference(
    home: Path, memory_events: Any, stop_after: Any
) -> None:
    carry_out(home, memory_events, stop_after(), task="supervised", eval={"supervised": True})
    assert rows_of(memory_events, features="supervised") == []
    assert any("left out: this run is one itself" in note for note in memory_events.notes)


def test_fine_tuning_is_told_with_its_gain_and_shared(
    home: Path, memory_events: Any, stop_after: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = {"fine_tuning": True}
    carry_out(home, memory_events, stop_after(), eval=asked)
    told = rows_of(memory_events, protocol="fine-tuning")
    assert [(row["features"], row["metric"]) for row in told] == [
        ("trained", "accuracy"),
        ("trained", "macro_f1"),
        ("random init", "accuracy"),
        ("random init", "macro_f1"),
    ]
    for row in told:
        assert row["labels_per_class"] == 10
        assert row["split"] == "test"
        assert row["low"] < row["value"] < row["high"]
    gain, balanced = [r for r in memory_events.told["gains"] if r["protocol"] == "fine-tuning"]
    assert (gain["over"], gain["metric"]) == ("random init", "accuracy")
    assert (balanced["over"], balanced["metric"]) == ("random init", "balanced_accuracy")
    assert gain["value"] == pytest.approx(told[0]["value"] - told[2]["value"])
    assert gain["low"] < gain["value"] < gain["high"]
    assert any("Both sides have the same recipe and search" in n for n in memory_events.notes)

    # Which encoder is tuned, and on which labels; the untrained side comes from the shelf.
    tuned: list[Any] = []
    original = finetune.fine_tune

    def watched(*args: Any, **known: Any) -> Any:
        tuned.append(args)
        return original(*args, **known)

    monkeypatch.setattr(finetune, "fine_tune", watched)
    carry_out(home, memory_events, stop_after(), eval=asked)
    ((_, data, draws, *_),) = tuned
    assert rows_of(memory_events, protocol="fine-tuning") == told
    train = choose(data)["train"]
    labels = data.target("label")[train]
    seed = crc32(data.info.fingerprint.encode())
    for number, drawn in enumerate(draws):
        assert (drawn.rows == train[draw(labels, 10, number, seed)]).all()


def test_labels_of_test_choose_nothing(
    home: Path, memory_events: Any, stop_after: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the labels of test shuffled, the same predictions are made by the same choices."""
    data = prepare(DATA, home)
    original = Dataset.target
    said: list[Any] = []

    def watched(said_now: Any, truth: Any, *rest: Any) -> Any:
        said.append((said_now, truth))
        return [], []

    def shuffled(self: Dataset, name: str) -> Any:
        values = original(self, name).copy()
        test = data.rows("test")
        values[test] = np.random.default_rng(0).permutation(values[test])
        return values

    monkeypatch.setattr(finetuning, "score", watched)
    asked = {"fine_tuning": True}
    carry_out(home, memory_events, stop_after(), eval=asked)
    for path in (home / "data").rglob("random_init-*"):
        path.unlink()
    monkeypatch.setattr(Dataset, "target", shuffled)
    carry_out(home, memory_events, stop_after(), eval=asked)
    (one, truth), (two, other) = said
    assert (truth != other).any()
    for name in ("trained", "random init"):
        assert (one[name] == two[name]).all()
    notes = [note for note in memory_events.notes if note.startswith("Fine-tuning: ")]
    assert len(notes) == 2
    assert notes[0] == notes[1]


def test_a_stop_leaves_references_out_and_keeps_the_scores(
    home: Path, memory_events: Any, stop_after: Any
) -> None:
    # The run's own steps ask first; then the references do.
    asked = {"supervised": True, "fine_tuning": True}
    carry_out(home, memory_events, stop_after(STEPS + 1), eval=asked)
    features = {row["features"] for row in memory_events.told["scores"]}
    assert features == {"trained", "random init", "raw input", "largest class"}
    left = [note for note in memory_events.notes if "asked to stop" in note]
    assert len(left) == 2


def test_a_pretrained_model_is_scored_beside(
    home: Path, memory_events: Any, stop_after: Any, tmp_path: Path
) -> None:
    transformers = pytest.importorskip("transformers")
    folder = tmp_path / "vit"
    config = transformers.ViTConfig(
        hidden_size=8,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=8,
        image_size=8,
        patch_size=4,
    )
    transformers.ViTModel(config, add_pooling_layer=False).save_pretrained(folder)
    wanted = {"size": {"height": 8, "width": 8}, "image_mean": [0.5] * 3, "image_std": [0.5] * 3}
    (folder / "preprocessor_config.json").write_text(json.dumps(wanted))
    asked = {"pretrained": str(folder)}
    carry_out(home, memory_events, stop_after(), eval=asked)
    told = rows_of(memory_events, features="pretrained")
    assert {row["protocol"] for row in told} >= {"knn", "linear probe"}
    assert any("perhaps from these very samples" in note for note in memory_events.notes)
    (kept,) = (home / "data").rglob("pretrained-*")
    before = kept.stat().st_mtime_ns
    carry_out(home, memory_events, stop_after(), eval=asked)
    assert kept.stat().st_mtime_ns == before
    assert rows_of(memory_events, features="pretrained") == told


def test_a_model_of_the_hub_is_fetched_before_training(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    config = RunConfig(
        DataConfig("sample:digits"), "rotation", eval={"pretrained": "hub:nobody/nothing"}
    )
    with pytest.raises(RequestError, match="the hub does not give 'nobody/nothing'"):
        references.fetch(config)

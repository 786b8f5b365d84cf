"""The training loop: repeats bit for bit, resumes where it stopped, says why it breaks."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import pytest
import torch

from workbench.augment.policy import Policy
from workbench.config import Budget, DataConfig, RunConfig
from workbench.data import prepare
from workbench.errors import RunError
from workbench.requests import validation
from workbench.store.artifacts import FolderArtifacts
from workbench.training import device, encode, instances, trainer
from workbench.training.batches import SplitData
from workbench.training.schedule import Plan
from workbench.training.trainer import Trained, Trainer


def train(
    home: Path,
    folder: Path,
    events: Any,
    control: Any,
    *,
    task: str = "simclr",
    budget: Budget | None = None,
    seed: int = 1,
    batch_size: int = 32,
    **options: Any,
) -> Trained:
    """Train on the digits with the ports given."""
    data = prepare(DataConfig("sample:digits"), home)
    config = validation.validate(
        RunConfig(DataConfig("sample:digits"), task, encoder="small_conv", train=options), data.info
    )
    chosen, encoder = instances.task_of(config), instances.encoder_of(config)
    torch.manual_seed(seed)
    return Trainer(
        task=chosen,
        module=chosen.build(encoder.build(data.info), data.info),
        data=data,
        augment=Policy(config.augment or (), data.info),
        plan_of=lambda per_epoch: Plan.of(budget or Budget(steps=6), per_epoch),
        train=instances.train_options(config),
        batch_size=batch_size,
        placement=device.choose("cpu", "auto", encoder.kind, 8),
        seed=seed,
        events=events,
        artifacts=FolderArtifacts(folder),
        control=control,
    ).train()


def weights(trained: Trained) -> dict[str, torch.Tensor]:
    return {name: value.clone() for name, value in trained.module.state_dict().items()}


def same(a: dict[str, torch.Tensor], b: dict[str, torch.Tensor]) -> bool:
    return a.keys() == b.keys() and all(torch.equal(a[name], b[name]) for name in a)


@pytest.mark.parametrize("task", ["simclr", "vicreg", "rotation"])
def test_a_seeded_run_repeats_bit_for_bit(
    digits_home: Path, tmp_path: Path, memory_events: Any, stop_after: Any, task: str
) -> None:
    events = [type(memory_events)() for _ in range(3)]
    runs = [
        train(digits_home, tmp_path / str(i), events[i], stop_after(), task=task, seed=seed)
        for i, seed in enumerate((1, 1, 2))
    ]
    assert same(weights(runs[0]), weights(runs[1]))
    assert events[0].series("loss") == events[1].series("loss")
    for name in ("check.knn", "check.z.alignment", "check.z.lidar", "check.h.uniformity"):
        assert events[0].series(name) == events[1].series(name)
        assert bool(events[0].series(name)) == (task != "rotation" or ".z." not in name)
    assert not same(weights(runs[0]), weights(runs[2]))


def test_a_resumed_run_ends_where_the_uninterrupted_one_does(
    digits_home: Path, tmp_path: Path, memory_events: Any, stop_after: Any
) -> None:
    make = type(memory_events)
    whole_events, events = make(), make()
    whole = train(digits_home, tmp_path / "whole", whole_events, stop_after())
    part = train(digits_home, tmp_path / "part", events, stop_after(3))
    assert part.stopped
    assert part.counters.step == 3
    rest = train(digits_home, tmp_path / "part", events, stop_after())
    assert not rest.stopped
    assert any("Resumed at step 3" in note for note in events.notes)
    assert same(weights(whole), weights(rest))
    assert dict(events.series("loss")) == dict(whole_events.series("loss"))


def test_checks_come_at_least_every_fiftieth_of_the_run(
    digits_home: Path, tmp_path: Path, memory_events: Any, stop_after: Any
) -> None:
    trained = train(
        digits_home, tmp_path, memory_events, stop_after(), budget=Budget(steps=100), batch_size=8
    )
    steps = [step for step, _ in memory_events.series("check.z.rankme")]
    assert steps[0] == 0
    assert steps[-1] == 100
    assert max(b - a for a, b in itertools.pairwise(steps)) <= 2
    stored = list(tmp_path.glob("check_*.safetensors"))
    assert 10 <= len(stored) <= 30
    assert trained.counters.samples == 800
    assert trained.counters.views == 1600


def test_fewer_checks_leave_the_training_as_it_is(
    digits_home: Path, tmp_path: Path, memory_events: Any, stop_after: Any
) -> None:
    events = [type(memory_events)() for _ in range(2)]
    many, few = (
        train(
            digits_home,
            tmp_path / str(i),
            events[i],
            stop_after(),
            task="simsiam",
            budget=Budget(steps=10),
            **options,
        )
        for i, options in enumerate(({}, {"check_every": 0.2}))
    )
    assert same(weights(many), weights(few))
    assert [step for step, _ in events[1].series("check.z.rankme")] == [0, 2, 4, 6, 8, 10]


def test_a_budget_in_seconds_holds_the_whole_schedule(
    digits_home: Path, tmp_path: Path, memory_events: Any, stop_after: Any
) -> None:
    trained = train(digits_home, tmp_path, memory_events, stop_after(), budget=Budget(seconds=1.0))
    assert 1.0 <= trained.counters.seconds < 3.0
    assert trained.counters.step >= 1


def test_a_loss_that_is_not_finite_ends_the_run_with_the_remedy(
    digits_home: Path, tmp_path: Path, memory_events: Any, stop_after: Any
) -> None:
    with pytest.raises(RunError, match=r"step \d+") as caught:
        train(
            digits_home,
            tmp_path,
            memory_events,
            stop_after(),
            task="vicreg",
            budget=Budget(steps=60),
            optimizer="sgd",
            learning_rate=1000.0,
            warmup=0.0,
        )
    assert "learning rate below" in str(caught.value)


def test_the_untrained_encoder_is_the_one_that_training_began_with(
    digits_home: Path, tmp_path: Path, memory_events: Any, stop_after: Any
) -> None:
    trained = train(digits_home, tmp_path, memory_events, stop_after(), budget=Budget(steps=2))
    before = dict(trained.untrained.named_parameters())
    after = dict(trained.module.encoder.named_parameters())
    assert before.keys() == after.keys()
    assert any(not torch.equal(before[name], after[name]) for name in before)
    assert not trained.untrained.training


def test_labels_never_reach_pretraining(
    digits_home: Path,
    tmp_path: Path,
    memory_events: Any,
    stop_after: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from workbench.tasks.simclr import SimCLR

    seen = []
    original = SimCLR.views

    def watching(self: Any, module: Any, batch: Any, augment: Any, rng: Any) -> Any:
        seen.append(batch.labels)
        return original(self, module, batch, augment, rng)

    monkeypatch.setattr(SimCLR, "views", watching)
    train(digits_home, tmp_path, memory_events, stop_after(), budget=Budget(steps=3))
    assert len(seen) >= 3
    assert all(labels is None for labels in seen)


def test_a_time_for_too_few_steps_is_said_before_the_training(
    digits_home: Path, tmp_path: Path, memory_events: Any, stop_after: Any
) -> None:
    short = Budget(seconds=1e-4)
    train(digits_home, tmp_path / "a", memory_events, stop_after(), budget=short)
    assert any("too few to learn from" in note for note in memory_events.notes)
    others = type(memory_events)()
    train(digits_home, tmp_path / "b", others, stop_after())
    assert not any("too few to learn from" in note for note in others.notes)


def test_a_slow_encoder_is_calibrated_on_fewer_samples(
    digits_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = prepare(DataConfig("sample:digits"), digits_home)
    placement = device.choose("cpu", "auto", "image", 8)
    samples = SplitData(data, "train", placement.device)
    config = validation.validate(
        RunConfig(DataConfig("sample:digits"), "simclr", encoder="small_conv"), data.info
    )

    def batches() -> int:
        encoder = instances.encoder_of(config).build(data.info)
        seen: list[int] = []
        encoder.register_forward_pre_hook(lambda module, _: seen.append(int(module.training)))
        encode.calibrate(encoder, samples, placement)
        return sum(seen)

    assert batches() == 10
    monkeypatch.setattr(encode, "_CALIBRATION_FLOPS", 1.0)
    assert batches() == 1


@pytest.mark.parametrize(("pause", "most"), [(0.0, 8), (1e6, 2)])
def test_checkpoints_that_take_long_to_write_come_seldom(
    digits_home: Path,
    tmp_path: Path,
    memory_events: Any,
    stop_after: Any,
    monkeypatch: pytest.MonkeyPatch,
    pause: float,
    most: int,
) -> None:
    """One is due before each of seven steps, and one at the end. With a long pause after the first
    none comes but the last."""
    written: list[int] = []
    save = trainer.Trainer._save
    monkeypatch.setattr(trainer, "_CHECKPOINT_SECONDS", 0.0)
    monkeypatch.setattr(trainer, "_CHECKPOINT_PAUSE", pause)
    monkeypatch.setattr(
        trainer.Trainer, "_save", lambda self: (written.append(self.counters.step), save(self))[1]
    )
    train(digits_home, tmp_path, memory_events, stop_after(), budget=Budget(steps=7))
    assert len(written) == most
    assert written[-1] == 7

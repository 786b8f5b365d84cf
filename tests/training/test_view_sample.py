"""Augmented views of the check sample: made as training makes them, and of no influence on it."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from workbench import registry
from workbench.augment.policy import Policy
from workbench.config import AugmentStep, DataConfig, RunConfig
from workbench.data import prepare
from workbench.diagnostics.views import alignment, summarise_views
from workbench.requests import validation
from workbench.tasks.base import Batch
from workbench.training import device, instances
from workbench.training.checks import Checker
from workbench.training.view_sample import FEWEST, VIEWS

TWO_VIEW = {"alignment", "lidar", "lidar_ratio"}


def made(
    home: Path, task: str, *, source: str = "sample:digits", **config: Any
) -> tuple[torch.nn.Module, Checker]:
    """An untrained module of the task, and its checker."""
    data = prepare(DataConfig(source), home)
    config.setdefault("encoder", "text_mini" if source == "sample:intents" else "small_conv")
    run = validation.validate(RunConfig(DataConfig(source), task, **config), data.info)
    chosen, encoder = instances.task_of(run), instances.encoder_of(run)
    torch.manual_seed(0)
    module = chosen.build(encoder.build(data.info), data.info)
    placement = device.choose("cpu", "auto", encoder.kind, 8)
    policy = Policy(run.augment or (), data.info, data)
    return module, Checker(chosen, data, policy, placement, 1e6)


def test_projections_are_checked_on_views_too(digits_home: Path) -> None:
    module, checker = made(digits_home, "simclr")
    result = checker.check(module, 0)
    assert result.z_metrics is not None
    assert set(result.z_metrics) > TWO_VIEW
    assert set(result.h_metrics).isdisjoint(TWO_VIEW)
    assert all(math.isfinite(value) for value in result.scalars().values())
    assert {f"check.z.{name}" for name in TWO_VIEW} < set(result.scalars())
    assert result.z_metrics["alignment"] > 0
    assert result.notes == ()
    assert module.training


def test_tasks_without_projections_have_no_views(digits_home: Path) -> None:
    module, checker = made(digits_home, "rotation")
    assert checker.views is None
    result = checker.check(module, 0)
    assert result.z_metrics is None
    assert not any(name.rsplit(".")[-1] in TWO_VIEW for name in result.scalars())


def test_two_checks_see_the_same_views_and_leave_random_numbers_alone(digits_home: Path) -> None:
    module, checker = made(digits_home, "simclr")
    before = torch.get_rng_state()
    once = checker.check(module, 0).scalars()
    assert torch.equal(torch.get_rng_state(), before)
    torch.rand(7)
    assert checker.check(module, 0).scalars() == once
    again = made(digits_home, "simclr")
    assert again[1].check(again[0], 0).scalars() == once


def test_the_numbers_are_those_of_the_tasks_own_views(digits_home: Path) -> None:
    """Rebuilt by hand: the same generator, the task's views, the network, the metrics."""
    module, checker = made(digits_home, "simclr")
    sample = checker.views
    assert sample is not None
    task, data = registry.task("simclr")(), prepare(DataConfig("sample:digits"), digits_home)
    policy = Policy(task.augment_for(data.info), data.info)
    rng = torch.Generator().manual_seed(int(data.info.fingerprint[:8], 16))
    module.eval()
    found = []
    for start in range(0, len(sample.positions), 64):
        rows = sample.positions[start : start + 64] + data.rows("validation").start
        images = torch.from_numpy(data.images[rows].copy())
        batch = Batch(torch.arange(len(images)), images=images)
        views = [view for _ in range(2) for view in task.views(module, batch, policy, rng).inputs]
        with torch.no_grad():
            z = [module.projector(module.encoder(view)).numpy() for view in views]
        found.append(np.stack(z, axis=1))
    embedded = np.concatenate(found)
    assert embedded.shape == (len(sample.positions), VIEWS, 128)
    np.testing.assert_allclose(sample.embed(module), embedded, atol=1e-5)
    metrics = checker.check(module, 0).z_metrics
    assert metrics is not None
    for name, value in summarise_views(embedded).items():
        assert metrics[name] == pytest.approx(value, rel=1e-4)


@pytest.mark.parametrize("task", ["dino", "emp_ssl", "lejepa"])
def test_views_of_several_sizes_give_those_of_the_first(digits_home: Path, task: str) -> None:
    module, checker = made(digits_home, task)
    assert checker.views is not None
    z = checker.views.embed(module.eval())
    assert z.shape[1] == VIEWS
    assert 0 < alignment(z[:, :2]) < 4


def test_dropout_is_the_view_of_a_text(home: Path) -> None:
    module, checker = made(home, "simcse", source="sample:intents")
    assert checker.views is not None
    z = checker.views.embed(module.eval())
    assert alignment(z[:, :2]) > 0.01
    np.testing.assert_array_equal(checker.views.embed(module), z)
    assert not any(part.training for part in module.modules())


def test_halves_of_a_text_lie_further_apart_than_the_text_and_itself(home: Path) -> None:
    module, checker = made(home, "half_split", source="sample:intents")
    found = checker.check(module, 0).z_metrics
    assert found is not None
    assert found["alignment"] > 0.01


def test_without_augmentation_views_are_one_and_the_number_says_so(digits_home: Path) -> None:
    module, checker = made(digits_home, "simclr", augment=())
    found = checker.check(module, 0).z_metrics
    assert found is not None
    assert found["alignment"] == pytest.approx(0, abs=1e-10)
    noisy = made(digits_home, "simclr", augment=(AugmentStep("gaussian_noise"),))
    other = noisy[1].check(noisy[0], 0).z_metrics
    assert other is not None
    assert other["alignment"] > found["alignment"]


def test_views_are_as_many_embeddings_as_the_check_sample_has(digits_home: Path) -> None:
    _, checker = made(digits_home, "simclr")
    assert checker.views is not None
    chosen = checker.views.positions
    assert len(chosen) == max(FEWEST, len(checker.positions) // VIEWS)
    assert set(chosen) <= set(checker.positions)
    assert len(set(chosen)) == len(chosen)


def test_wide_projections_have_no_lidar_and_that_is_noted(digits_home: Path) -> None:
    module, checker = made(digits_home, "vicreg", options={"width": 512})
    result = checker.check(module, 0)
    assert result.z_metrics is not None
    assert "alignment" in result.z_metrics
    assert "lidar" not in result.z_metrics
    assert "LiDAR is not measured" in result.notes[0]

"""A check needs a sample with spread: of one image there is none."""

from __future__ import annotations

from pathlib import Path

import pytest

from workbench import registry
from workbench.augment.policy import Policy
from workbench.config import DataConfig
from workbench.data import prepare
from workbench.training import device
from workbench.training.checks import Checker


@pytest.mark.parametrize(("samples", "split"), [(5, "train"), (200, "validation")])
def test_too_few_validation_samples_give_way_to_training_samples(
    home: Path, samples: int, split: str
) -> None:
    data = prepare(DataConfig("sample:digits", samples=samples), home)
    assert (data.info.counts.get("validation", 0) < 2) == (split == "train")
    placement = device.choose("cpu", "fp32", "conv", None)
    checker = Checker(registry.task("simclr")(), data, Policy((), data.info), placement, 1e6)
    assert checker.split == split
    assert len(checker.positions) > 1
    assert checker.views is not None
    assert 1 < len(checker.views.positions) <= len(checker.positions)

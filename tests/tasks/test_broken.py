"""Presets that break a method: they name real options, and change what they say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from workbench import options, registry
from workbench.comparison.run_fields import task_title
from workbench.config import Budget, DataConfig, RunConfig, TrainOptions
from workbench.data import prepare
from workbench.data.dataset import DataInfo
from workbench.errors import RequestError
from workbench.requests import validation
from workbench.requests.build import with_augmentations
from workbench.requests.command_line import command_line

PRESETS = list(registry.broken().values())


@pytest.fixture(scope="module")
def infos(tmp_path_factory: pytest.TempPathFactory) -> dict[str, DataInfo]:
    home: Path = tmp_path_factory.mktemp("home")
    named = {"image": "sample:digits", "text": "sample:intents"}
    return {kind: prepare(DataConfig(source), home).info for kind, source in named.items()}


def request(broken: Any, info: DataInfo, **more: Any) -> RunConfig:
    fields = {"task": broken.task, "preset": broken.name, "budget": Budget(steps=5), **more}
    return RunConfig(data=DataConfig(info.source), **fields)


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.name)
def test_a_preset_is_ordinary_options(preset: Any, infos: dict[str, DataInfo]) -> None:
    """And the run made by it is the run made by --set, under no other name."""
    info = infos[preset.modalities[0]]
    made = validation.validate(request(preset, info), info)
    assert made.preset is None
    plain = validation.validate(request(preset, info, preset=None), info)
    assert made != plain
    task = registry.task(preset.task)
    for name, value in preset.options.items():
        (spec,) = [spec for spec in options.options_of(task) if spec.name == name]
        assert spec.parse(value, field=name) == value
        assert made.options[name] == value
    for name, value in preset.train.items():
        assert getattr(TrainOptions(**dict(made.train)), name) == value
    by_hand = RunConfig(
        data=made.data,
        task=preset.task,
        options=preset.options,
        train=preset.train,
        augment=preset.augment,
        budget=Budget(steps=5),
    )
    assert validation.validate(by_hand, info) == made
    assert f"--task {preset.task}" in command_line(made)
    # A run that is broken says so wherever it is named, and no other does.
    assert registry.broken_preset_of(made.to_json()) == preset
    assert registry.broken_preset_of(plain.to_json()) is None
    assert task_title(made.to_json()) == preset.title


def test_every_way_of_breaking_is_there() -> None:
    assert {preset.task for preset in PRESETS} == {"simsiam", "byol", "vicreg", "simclr", "mlm"}
    names = {entry["name"] for entry in (preset.describe() for preset in PRESETS)}
    assert len(names) == len(PRESETS)
    assert not names & set(registry.presets())
    for entry in (preset.describe() for preset in PRESETS):
        assert entry["family"] == "broken on purpose"
        assert entry["sets"] or entry["steps"] == []


def test_what_the_user_says_stands_above_the_preset(infos: dict[str, DataInfo]) -> None:
    info, preset = infos["image"], registry.broken()["vicreg_no_variance"]
    made = validation.validate(request(preset, info, options={"variance": 3.0, "width": 64}), info)
    assert made.options == {"variance": 3.0, "width": 64}


def test_augmentations_may_be_edited_on_top(infos: dict[str, DataInfo]) -> None:
    info, preset = infos["image"], registry.broken()["simclr_no_augmentation"]
    edited = with_augmentations(request(preset, info), ["rotation"], info)
    made = validation.validate(edited, info)
    assert [step.name for step in made.augment or ()] == ["rotation"]


def test_another_task_is_refused(infos: dict[str, DataInfo]) -> None:
    preset = registry.broken()["byol_no_predictor"]
    with pytest.raises(RequestError, match="breaks 'byol'") as caught:
        validation.validate(request(preset, infos["image"], task="simclr"), infos["image"])
    assert caught.value.field == "--preset"
    assert "--task byol" in (caught.value.remedy or "")

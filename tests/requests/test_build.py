"""A form, a file, a notebook and flags make one and the same request."""

from __future__ import annotations

import dataclasses
import json
import shlex
from pathlib import Path
from typing import Any

import click
import pytest

from workbench.augment.presets import steps
from workbench.cli.main import workbench
from workbench.config import AugmentStep, Budget, DataConfig, RunConfig
from workbench.data import prepare
from workbench.data.dataset import DataInfo
from workbench.errors import RequestError
from workbench.requests import validation
from workbench.requests.build import (
    check_edits,
    check_kind,
    pilot_configs,
    with_settings,
)
from workbench.requests.command_line import command_line
from workbench.requests.from_flags import RunFlags, base_config, prepared_configs
from workbench.tasks.simcse import SimCSE
from workbench.training import instances


def from_shell(line: str, home: Path) -> RunConfig:
    """The request that a printed command makes."""
    name, command, *words = shlex.split(line)
    assert (name, command) == ("workbench", "pretrain")
    found = workbench.commands[command]
    assert isinstance(found, click.Command)
    parameters = found.make_context(command, [*words, "--home", str(home)]).params
    flags = RunFlags.of(parameters)
    base = base_config(flags, Budget(seconds=60.0))
    (config,), _ = prepared_configs(base, [base.task], home, edits=flags.augment)
    return config


@pytest.fixture(scope="module")
def digits(digits_home: Path) -> DataInfo:
    return prepare(DataConfig("sample:digits"), digits_home).info


@pytest.fixture(scope="module")
def intents(digits_home: Path) -> DataInfo:
    return prepare(DataConfig("sample:intents"), digits_home).info


@pytest.fixture
def posts(tmp_path: Path) -> Path:
    """Texts in a path that a shell must quote, with two columns of text, a label and a group."""
    folder = tmp_path / "my data"
    folder.mkdir()
    rows = (
        {"head": f"post {i}", "body": f"it says {i * i}", "kind": "ab"[i % 2], "who": i % 7}
        for i in range(60)
    )
    path = folder / "posts.jsonl"
    path.write_text("\n".join(json.dumps(row) for row in rows), "utf-8")
    return path


def config_with(**change: Any) -> RunConfig:
    start = RunConfig(DataConfig("sample:digits"), "simclr", budget=Budget(steps=20))
    return dataclasses.replace(start, **change)


def test_form_file_notebook_and_flags_are_equal(
    digits_home: Path, digits: DataInfo, tmp_path: Path
) -> None:
    form = config_with(
        options={"temperature": 0.5},
        encoder="small_conv",
        augment=steps("simclr", digits),
        train={"batch_size": 64, "learning_rate": 1.0},
        budget=Budget(epochs=2.0),
        seed=3,
    )
    notebook = config_with(
        options={"temperature": "0.5"},
        preset="simclr",
        train={"batch_size": 64.0, "learning_rate": 1, "optimizer": None, "warmup": 0.05},
        eval={"factors": True},
        budget=Budget(epochs=2),
        seed=3,
    )
    file = tmp_path / "config.json"
    file.write_text(
        json.dumps(
            {
                "data": "sample:digits",
                "task": "simclr",
                "options": {"temperature": 0.5},
                "augment": [
                    {"name": s.name, "options": dict(s.options)} for s in form.augment or ()
                ],
                "train": {"batch_size": 64, "learning_rate": 1, "precision": "auto"},
                "budget": {"epochs": 2},
                "seed": 3,
            }
        )
    )
    flags = (
        "workbench pretrain --data sample:digits --task simclr --set temperature=.5 --preset simclr"
        " --set train.batch_size=64 --set train.learning_rate=1e0 --set train.clip=0 --epochs 2"
        " --seed 3"
    )
    made = [
        validation.validate(form, digits),
        validation.validate(notebook, digits),
        from_shell(flags, digits_home),
        from_shell(f"workbench pretrain --config {file}", digits_home),
    ]
    assert made[0].train == {"batch_size": 64, "learning_rate": 1.0}
    assert made[0].options == {"temperature": 0.5}
    for other in made[1:]:
        assert other == made[0]
        assert other.digest() == made[0].digest()


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"budget": Budget(steps=1234567)},
        {"budget": Budget(seconds=0.1 + 0.2)},
        {"budget": Budget(epochs=1e-05)},
        {"options": {"temperature": 0.123456789}, "seed": 2**31 - 1, "device": "cpu"},
        {"encoder": "vit_mini", "encoder_options": {"patch": 4}},
        {"augment": ()},
        {
            "augment": (
                AugmentStep("gaussian_noise", {"sigma": [0.01, 0.0123456789]}),
                AugmentStep("horizontal_flip"),
                AugmentStep("gaussian_noise", {"sigma": "0,1", "p": 1}),
            )
        },
        {"train": {"stop_on_collapse": True, "optimizer": "sgd", "warmup": "0.125"}},
        {"eval": {"full": "yes", "label_efficiency": False}},
        {"data": DataConfig("sample:digits", label="none", samples=200, size=12, channels=(0,))},
        {"preset": "characters"},
    ],
)
def test_the_printed_command_makes_an_equal_request(
    digits_home: Path, change: dict[str, Any]
) -> None:
    config = config_with(**change)
    made = validation.validate(config, prepare(config.data, digits_home).info)
    again = from_shell(command_line(made), digits_home)
    assert again == made
    assert again.digest() == made.digest()


def test_the_printed_command_of_texts_makes_an_equal_request(posts: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    data = DataConfig(str(posts), text=("head", "body"), label="kind", group="who", length=32)
    config = RunConfig(data, "mlm", preset="eda", budget=Budget(steps=3))
    made = validation.validate(config, prepare(data, home).info)
    assert made.augment
    assert from_shell(command_line(made), home) == made


def test_the_printed_command_of_a_tree_and_a_plugin(tmp_path: Path, digits: DataInfo) -> None:
    plugin = tmp_path / "my task.py"
    plugin.write_text("", "utf-8")
    config = config_with(data=DataConfig("my flowers", folders="group"), plugins=(str(plugin),))
    words = shlex.split(command_line(validation.validate(config, digits)))
    assert words[words.index("--data") + 1] == str(Path("my flowers").absolute())
    assert words[words.index("--folders") + 1] == "group"
    assert words[words.index("--plugin") + 1] == str(plugin)


def test_validating_twice_changes_nothing(digits: DataInfo) -> None:
    once = validation.validate(config_with(options={"temperature": "0.3"}, augment=None), digits)
    assert validation.validate(once, digits) == once
    assert RunConfig.from_json(json.loads(json.dumps(once.to_json()))) == once


def test_defaults_are_left_out_and_values_typed(digits: DataInfo) -> None:
    temperature = instances.task_of(config_with()).temperature  # type: ignore[attr-defined]
    made = validation.validate(
        config_with(
            options={"temperature": str(temperature)},
            augment=(AugmentStep("horizontal_flip", {"p": "0.5"}),),
            train={"batch_size": "auto"},
        ),
        digits,
    )
    assert (made.options, made.train) == ({}, {})
    assert made.augment == (AugmentStep("horizontal_flip", {}),)


def test_an_augmentation_out_of_range_is_refused_wherever_it_comes_from(digits: DataInfo) -> None:
    with pytest.raises(RequestError) as caught:
        validation.validate(
            config_with(augment=(AugmentStep("horizontal_flip", {"p": 7}),)), digits
        )
    assert caught.value.field == "--augment horizontal_flip.p"
    with pytest.raises(RequestError, match="is for text data"):
        validation.validate(config_with(augment=(AugmentStep("token_mask"),)), digits)


def test_edits_start_from_the_preset_or_the_tasks_own_list(digits: DataInfo) -> None:
    def names(edits: list[str], **change: Any) -> list[str]:
        (made,), _ = pilot_configs(config_with(**change), ["simclr"], digits, 1, edits)
        return [step.name for step in made.augment or ()]

    own = names([])
    assert names(["vertical_flip"]) == [*own, "vertical_flip"]
    assert names([f"-{own[0]}"]) == own[1:]
    assert names(["none", "vertical_flip"]) == ["vertical_flip"]
    assert names(["vertical_flip"], preset="none") == ["vertical_flip"]


@pytest.mark.parametrize("edit", ["flipp", "-flipp", "flipp.p=1", "horizontal_flip.p=7"])
def test_an_edit_that_is_wrong_with_any_data_is_refused_without_them(edit: str) -> None:
    with pytest.raises(RequestError) as caught:
        check_edits([edit])
    assert (caught.value.field or "").startswith("--augment")


def test_edits_that_depend_on_the_list_wait_for_the_data() -> None:
    check_edits(["simclr", "-horizontal_flip", "horizontal_flip.p=0.1", "gaussian_noise"])


def test_the_kind_of_data_is_enough_to_refuse_by(digits: DataInfo) -> None:
    known = dataclasses.replace(digits, counts={}, size=None, channels=None)
    check_kind(["simclr", "mae"], ["vertical_flip", "-affine", "simclr"], known)
    for tasks, edits in ((["mlm"], []), (["simclr"], ["token_mask"]), (["simclr"], ["eda"])):
        with pytest.raises(RequestError, match="is for text data"):
            check_kind(tasks, edits, known)


def test_settings_go_where_their_prefix_says() -> None:
    words = ["temperature=1=2", "train.warmup=0.1", "encoder.patch=4", "eval.full=true"]
    made = with_settings(config_with(), words)
    assert made.options == {"temperature": "1=2"}
    assert made.train == {"warmup": "0.1"}
    assert made.encoder_options == {"patch": "4"}
    assert made.eval == {"full": "true"}


def test_an_encoder_for_the_other_kind_of_data_is_refused(digits_home: Path) -> None:
    """A task for both kinds of data takes both kinds of encoder."""
    config = config_with(task="supervised", encoder="text_mini")
    with pytest.raises(RequestError, match="cannot take image data") as caught:
        validation.validate(config, prepare(config.data, digits_home).info)
    assert caught.value.field == "--encoder"
    assert "small_conv" in (caught.value.remedy or "")


def test_what_the_user_says_of_an_option_that_the_task_sets_stays_said(
    tmp_path: Path, intents: DataInfo
) -> None:
    """The encoder's own default, asked for, is not the task's choice when validated again."""
    plugin = tmp_path / "loose.py"
    plugin.write_text(
        "from dataclasses import dataclass\n"
        "from typing import ClassVar\n"
        "from workbench.tasks.simcse import SimCSE\n"
        "@dataclass(frozen=True)\n"
        "class Loose(SimCSE):\n"
        "    name: ClassVar[str] = 'loose'\n"
        "    def check_encoder(self, encoder):\n"
        "        return None\n"
    )
    start = RunConfig(
        DataConfig("sample:intents"),
        "loose",
        encoder_options={"dropout": 0.0},
        budget=Budget(steps=5),
        plugins=(str(plugin),),
    )
    once = validation.validate(start, intents)
    assert once.encoder_options["dropout"] == 0.0
    assert validation.validate(once, intents) == once
    left_open = validation.validate(dataclasses.replace(start, encoder_options={}), intents)
    assert left_open.encoder_options["dropout"] == SimCSE.encoder_options["dropout"]
    assert validation.validate(left_open, intents) == left_open


def test_a_language_model_gets_a_causal_encoder_and_no_other(intents: DataInfo) -> None:
    start = RunConfig(DataConfig("sample:intents"), "causal_lm", budget=Budget(steps=5))
    assert validation.validate(start, intents).encoder_options == {"causal": True}
    told = dataclasses.replace(start, encoder_options={"causal": False})
    with pytest.raises(RequestError):
        validation.validate(told, intents)

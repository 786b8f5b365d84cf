"""The Pretrain form in its address: both ways, for a run that is cloned, and whatever one types."""

from __future__ import annotations

import pytest

from workbench.app.pretrain import form_state
from workbench.app.pretrain.form_state import Draft
from workbench.config import Budget, DataConfig, RunConfig, TrainOptions
from workbench.tasks.simclr import SimCLR

WHOLE = Draft(
    tasks=("simclr", "rotation"),
    unit="steps",
    amount=300.0,
    seeds=3,
    seed=7,
    encoder="small_conv",
    preset="simclr",
    broken="vicreg_no_variance",
    augment="gaussian_blur p-0.5",
    options={"temperature": "0.1"},
    encoder_options={"width": "16"},
    train={"warmup": "0"},
    eval={"full": "true"},
)


def test_a_form_comes_back_from_its_address() -> None:
    query = form_state.to_query(WHOLE)
    assert query["set.temperature"] == "0.1"
    assert query["steps"] == "300"
    assert form_state.from_query(query) == WHOLE


def test_what_stands_at_its_default_is_not_in_the_address() -> None:
    assert form_state.to_query(Draft(("simclr",))) == {"tasks": "simclr"}
    assert form_state.budget(Draft(("simclr",))) == Budget(seconds=60.0)
    assert form_state.budget(Draft(("simclr", "mae"))) == Budget(seconds=20.0)
    epochs = form_state.to_query(Draft(("mae",), unit="epochs"))
    assert form_state.from_query(epochs).unit == "epochs"


@pytest.mark.parametrize(
    "query",
    [
        {"tasks": "../x,<b>,a b", "seconds": "nan", "seeds": "-3", "seed": "99999999999"},
        {"seconds": "inf", "encoder": "../../etc", "preset": "a,b", "seeds": "x"},
        {"seconds": "-1", "steps": "", "set.<b>": "1", "train.": "2", "other.x": "3"},
    ],
)
def test_whatever_is_typed_is_read_or_left_out(query: dict[str, str]) -> None:
    draft = form_state.from_query(query)
    assert draft == Draft(seed=draft.seed)
    assert 0 <= draft.seed < 2**31


def test_more_seeds_than_the_form_has_are_its_most() -> None:
    assert form_state.from_query({"seeds": "400"}).seeds == form_state.MOST_SEEDS


def test_options_are_read_by_their_declaration_and_the_rest_is_named() -> None:
    read, lost = form_state.parsed(SimCLR, {"temperature": "0.3", "no": "1"})
    assert (read, lost) == ({"temperature": 0.3}, ["no"])
    read, lost = form_state.parsed(TrainOptions, {"stop_on_collapse": "false", "clip": "x"})
    assert (read, lost) == ({"stop_on_collapse": False}, ["clip"])


def test_a_clone_has_all_that_the_run_had() -> None:
    config = RunConfig(
        DataConfig("sample:digits"),
        "simclr",
        options={"temperature": 0.1},
        encoder="small_conv",
        budget=Budget(epochs=2.5),
        train={"batch_size": 64},
        seed=4,
    )
    draft = form_state.of_run(config, "none")
    again = form_state.from_query(form_state.to_query(draft))
    assert (again.tasks, again.seed, again.encoder, again.augment) == (
        ("simclr",),
        4,
        "small_conv",
        "none",
    )
    assert form_state.budget(again) == config.budget
    assert form_state.parsed(SimCLR, again.options)[0] == {"temperature": 0.1}
    assert form_state.parsed(TrainOptions, again.train)[0] == {"batch_size": 64}

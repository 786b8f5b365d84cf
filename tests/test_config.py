"""RunConfig: through JSON and back, its digest, and what is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest

from workbench.config import AugmentStep, Budget, DataConfig, RunConfig
from workbench.errors import RequestError

FULL = RunConfig(
    data=DataConfig("table.csv", text=("title", "body"), channels=(0, 2), samples=100),
    task="simclr",
    options={"temperature": 0.1},
    encoder="small_conv",
    augment=(AugmentStep("random_resized_crop", {"scale": [0.3, 1.0]}),),
    budget=Budget(steps=50),
    train={"batch_size": 64},
    seed=3,
    plugins=("mine.py",),
)


def test_a_config_survives_json_unchanged() -> None:
    again = RunConfig.from_json(json.loads(json.dumps(FULL.to_json())))
    assert again == FULL
    assert again.digest() == FULL.digest()


def test_the_digest_tells_requests_apart() -> None:
    other = RunConfig.from_json({**FULL.to_json(), "seed": 4})
    assert other.digest() != FULL.digest()


def test_a_source_alone_is_data_enough() -> None:
    config = RunConfig.from_json({"data": "sample:digits", "task": "simclr"})
    assert config.data == DataConfig("sample:digits")
    assert config.budget == Budget(seconds=60.0)


def test_whole_numbers_from_a_file_become_what_the_field_holds() -> None:
    config = RunConfig.from_json({"data": "x", "task": "t", "budget": {"seconds": 20}})
    assert type(config.budget.seconds) is float
    other = RunConfig.from_json({"data": "x", "task": "t", "budget": {"seconds": 20.0}})
    assert other.digest() == config.digest()


@pytest.mark.parametrize(
    ("raw", "field"),
    [
        ({"task": "simclr"}, "data"),
        ({"data": "x"}, "task"),
        ({"data": "x", "task": "t", "bugdet": {}}, "bugdet"),
        ({"data": {"sorce": "x"}, "task": "t"}, "data.sorce"),
        ({"data": "x", "task": "t", "budget": 5}, "budget"),
        ({"data": {}, "task": "t"}, "data.source"),
        ({"data": {"source": "x", "size": 8.5}, "task": "t"}, "data.size"),
        ({"data": {"source": "x", "channels": ["red"]}, "task": "t"}, "data.channels"),
        ({"data": {"source": "x", "text": "body"}, "task": "t"}, "data.text"),
        ({"data": "x", "task": "t", "seed": True}, "seed"),
        ({"data": "x", "task": "t", "augment": ["flip"]}, "augment"),
        (
            {"data": "x", "task": "t", "augment": [{"name": "flip", "options": 3}]},
            "augment.options",
        ),
        ([], "config"),
        ({"data": "x", "task": "t", "budget": {"steps": 1, "seconds": 2}}, "--seconds"),
        ({"data": "x", "task": "t", "budget": {"steps": 0}}, "--steps"),
        ({"data": "x", "task": "t", "budget": {}}, "--seconds"),
    ],
)
def test_a_bad_config_names_its_field(raw: Any, field: str) -> None:
    with pytest.raises(RequestError) as caught:
        RunConfig.from_json(raw)
    assert (caught.value.field or "").startswith(field)


def test_a_field_with_an_empty_name_is_named_all_the_same() -> None:
    with pytest.raises(RequestError) as caught:
        RunConfig.from_json({**FULL.to_json(), "": 1})
    assert caught.value.field
    assert caught.value.remedy

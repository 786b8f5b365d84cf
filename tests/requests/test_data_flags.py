"""One table says which flags describe data: they are offered, read and written from it."""

from __future__ import annotations

import dataclasses

import click
import pytest

from workbench.cli.main import workbench
from workbench.config import DataConfig
from workbench.errors import RequestError
from workbench.requests.data_flags import DATA_FLAGS, data_config, data_words

READING = DataConfig(
    "sample:scans",
    label="none",
    group="patient",
    text=("head", "body"),
    image="scan",
    folders="group",
    size=32,
    samples=100,
    channels=(0, 2),
    length=16,
    split="part",
    unsplit="out",
    fit="pad",
    dedupe=True,
)


def test_every_field_of_a_data_config_has_a_flag_but_the_fingerprint() -> None:
    fields = {field.name for field in dataclasses.fields(DataConfig)}
    assert {row.field for row in DATA_FLAGS} == fields - {"fingerprint"}


@pytest.mark.parametrize("command", ["pretrain", "pilot", "embed"])
def test_commands_offer_every_flag_of_the_table(command: str) -> None:
    found = workbench.commands[command]
    assert isinstance(found, click.Command)
    offered = {option.opts[0]: option.help for option in found.params if option.opts}
    for row in DATA_FLAGS:
        assert offered[row.flag] == row.help


def test_words_describe_the_data_and_leave_out_what_is_as_it_would_be() -> None:
    words = data_words(READING)
    # A flag without a value stands alone.
    switches = [row.flag for row in DATA_FLAGS if row.kind is bool]
    rest = [word for word in words if word not in switches]
    values = dict(zip(rest[::2], rest[1::2], strict=True))
    typed = {
        row.field: row.flag in words if row.kind is bool else row.kind(values[row.flag])
        for row in DATA_FLAGS
    }
    assert data_config(typed) == READING
    assert data_words(DataConfig("sample:digits")) == ["--data", "sample:digits"]


def test_another_reading_of_the_same_source_has_no_fingerprint_yet() -> None:
    base = dataclasses.replace(READING, fingerprint="abc")
    assert data_config({}, base) == base
    assert data_config({"size": 16}, base) == dataclasses.replace(READING, size=16)


@pytest.mark.parametrize(
    ("values", "field"), [({}, "--data"), ({"source": "x", "channels": "0,b"}, "--channels")]
)
def test_what_cannot_be_read_names_its_flag(values: dict[str, str], field: str) -> None:
    with pytest.raises(RequestError) as caught:
        data_config(values)
    assert caught.value.field == field

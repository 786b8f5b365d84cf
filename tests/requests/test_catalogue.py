from __future__ import annotations

import json

import pytest

from workbench.requests import catalogue

KINDS = ("tasks", "augmentations", "encoders", "datasets", "presets")
KEYS = {"name", "modality", "family", "summary", "reference", "options"}


@pytest.mark.parametrize("kind", KINDS)
def test_every_entry_has_the_promised_keys(kind: str) -> None:
    rows = catalogue.entries(kind)
    assert rows
    for row in rows:
        assert set(row) >= KEYS, row["name"]
        assert row["name"]
        modality = [row["modality"]] if isinstance(row["modality"], str) else row["modality"]
        assert modality
        assert set(modality) <= {"image", "text"}
        assert row["summary"].endswith("."), row["name"]


@pytest.mark.parametrize("kind", KINDS)
def test_names_are_told_apart_and_go_through_json(kind: str) -> None:
    rows = catalogue.entries(kind)
    assert len({row["name"] for row in rows}) == len(rows)
    read = json.loads(json.dumps(rows, allow_nan=False))
    assert [row["name"] for row in read] == [row["name"] for row in rows]


@pytest.mark.parametrize("kind", ["tasks", "augmentations", "encoders"])
def test_options_say_type_default_range_and_help(kind: str) -> None:
    for row in catalogue.entries(kind):
        for option in row["options"]:
            assert set(option) >= {"name", "type", "default", "help"}, row["name"]
            assert option["help"], (row["name"], option["name"])


def test_the_first_tasks_and_encoders_are_there() -> None:
    tasks = {row["name"]: row["modality"] for row in catalogue.entries("tasks")}
    assert set(tasks) >= {"simclr", "vicreg", "rotation", "mae", "mlm"}
    assert tasks["simclr"] == "image"
    assert tasks["mlm"] == "text"
    assert {row["modality"] for row in catalogue.entries("encoders")} == {"image", "text"}


def test_datasets_are_the_samples_with_their_counts() -> None:
    rows = {row["name"]: row for row in catalogue.entries("datasets")}
    assert set(rows) >= {
        *("sample:digits", "sample:shapes", "sample:surfaces"),
        *("sample:scans", "sample:intents", "sample:tickets"),
    }
    assert sum(rows["sample:digits"]["splits"].values()) == 1797
    assert len(rows["sample:intents"]["classes"]) == 12
    assert rows["sample:shapes"]["factors"]


def test_the_table_has_one_line_an_entry_with_its_summary() -> None:
    rows = catalogue.entries("tasks")
    lines = catalogue.as_text(rows).splitlines()
    assert len(lines) == len(rows)
    for row, line in zip(rows, lines, strict=True):
        assert line.startswith(row["name"])
        assert line.endswith(row["summary"])
    assert catalogue.as_text([]) == ""

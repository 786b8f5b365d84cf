"""Titles of runs and names of their data."""

from __future__ import annotations

from typing import Any

import pytest
from comparison_making import run

from workbench import comparison
from workbench.comparison.run_fields import DATA_FILES, data_name, distinct
from workbench.data.sources import file_kinds


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("sample:digits", "digits"),
        ("/data/cells/plate 3/", "plate 3"),
        ("C:\\Users\\ada\\cells\\", "cells"),
        ("C:\\Users\\ada/cells.zip", "cells"),
        ("uploads/0f3a/Photos.ZIP", "Photos"),
        ("/data/plate.3", "plate.3"),
        ("hub:owner/name", "name"),
        ("", ""),
    ],
)
def test_data_are_called_by_the_last_part_of_their_source(source: str, name: str) -> None:
    assert data_name({"source": source}) == name


def test_data_of_a_file_are_called_as_the_data_set_is() -> None:
    """By its name without the ending, whatever kinds of files are read as data."""
    assert set(DATA_FILES) == {".zip", *file_kinds.TABLE_SUFFIXES}


def test_a_title_is_the_name_or_the_task_with_its_seed() -> None:
    assert comparison.title(run(name="mine")) == "mine"  # type: ignore[arg-type]
    assert comparison.title(run(seed=3)) == "SimCLR (seed 3)"  # type: ignore[arg-type]


def test_a_title_names_options_that_are_not_at_their_defaults() -> None:
    sweep = [run(options={"temperature": value}) for value in (0.2, 0.3)]
    assert [comparison.title(one) for one in sweep] == [  # type: ignore[arg-type]
        "SimCLR, temperature 0.2 (seed 0)",
        "SimCLR, temperature 0.3 (seed 0)",
    ]
    # The title of a run that is broken on purpose says what was done to it.
    broken = comparison.title(run(options={"temperature": 100.0}))  # type: ignore[arg-type]
    assert broken == "SimCLR at a temperature of 100 (seed 0)"


def test_equal_titles_get_their_ids() -> None:
    runs: list[Any] = [run(), run("byol"), run()]
    runs[2]["id"] = "simclr-other"
    assert comparison.unique_titles(runs) == [
        "SimCLR (seed 0), simclr-0-20",
        "BYOL (seed 0)",
        "SimCLR (seed 0), simclr-other",
    ]
    assert distinct(["a", "b"], ["1", "2"]) == ["a", "b"]

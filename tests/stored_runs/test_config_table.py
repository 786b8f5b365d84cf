"""A run's configuration as a table: what differs from the defaults comes first."""

from __future__ import annotations

from pathlib import Path

from run_making import digits, request

from workbench.stored_runs.config_table import settings


def test_what_differs_from_a_plain_request_comes_first(digits_home: Path) -> None:
    config = request(digits_home, seed=3).to_json()
    rows = settings(config, digits(digits_home).info)
    by_field = {row.field: row for row in rows}
    assert (by_field["seed"].value, by_field["seed"].default) == ("3", "0")
    assert (by_field["budget"].value, by_field["budget"].default) == ("3 steps", "60 seconds")
    assert by_field["train.batch_size"].value == "64"
    assert not by_field["eval.neighbours"].chosen
    assert all(row.chosen == (row.value != row.default) for row in rows)
    assert [row.chosen for row in rows] == sorted((row.chosen for row in rows), reverse=True)


def test_without_the_data_every_stored_setting_counts_as_chosen(digits_home: Path) -> None:
    config = request(digits_home).to_json()
    rows = settings(config, None)
    assert {row.default for row in rows} == {None}
    assert all(row.chosen for row in rows)
    gone = {**config, "plugins": ["/no/such/task.py"]}
    assert all(row.chosen for row in settings(gone, digits(digits_home).info))

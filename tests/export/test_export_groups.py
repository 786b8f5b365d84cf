"""Named groups as a table, and the table as data whose label is the group."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from run_making import carry_out

import workbench as wb
from workbench import paths
from workbench.data.dataset import Dataset
from workbench.errors import RequestError
from workbench.export.groups_table import as_bytes, groups_table
from workbench.jobs import supervisor
from workbench.store.named_groups import NamedGroup
from workbench.store.store import Store
from workbench.stored_runs import feature_spaces
from workbench.stored_runs.stored_run import StoredRun

sys.path.insert(0, str(Path(__file__).parents[1] / "app"))
from drawn_runs import dataset, draw


@pytest.fixture(scope="module")
def drawn_home(digits_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The digits, and a run of theirs that was drawn and not trained."""
    home = tmp_path_factory.mktemp("drawn") / "home"
    shutil.copytree(digits_home, home)
    draw(home, dataset(home), "simclr")
    return home


def first_run(home: Path) -> StoredRun:
    rows = Store.open(home).runs()
    return StoredRun(home, next(row for row in rows if row.config["task"] == "simclr"))


@pytest.fixture(scope="module")
def groups(drawn_home: Path) -> list[NamedGroup]:
    rows = feature_spaces.mapped_rows(first_run(drawn_home))
    return [
        NamedGroup("left", "Ada", tuple(map(int, rows[:150])), 1.0),
        NamedGroup("right side", "", tuple(map(int, rows[140:300])), 2.0),
    ]


def test_each_row_is_the_sample_that_it_says(drawn_home: Path, groups: list[NamedGroup]) -> None:
    run = first_run(drawn_home)
    table = groups_table(run, groups, rest=False)
    data = Dataset.open(paths.cache_dir(drawn_home) / run.config["data"]["fingerprint"])
    rows = table["row"].to_numpy()
    assert len(rows) == 300
    assert set(table.column_names) == {"id", "row", "split", "group", "image", "h"}
    assert table["id"].to_pylist() == [data.ids[row] for row in rows]
    assert rows.max() < data.rows("test").start
    at = {int(row): name for row, name in zip(rows, table["group"].to_pylist(), strict=True)}
    for row in groups[0].rows:
        # The ten samples of both groups are in the one that was named latest.
        assert at[row] == ("right side" if row in groups[1].rows else "left")
    space = feature_spaces.of_runs([run], plain=False)[-1]
    h = np.array(table["h"].to_pylist(), np.float32)
    np.testing.assert_array_equal(h, space.features[np.searchsorted(space.rows, rows)])


def test_the_rest_is_a_class_of_its_own(drawn_home: Path, groups: list[NamedGroup]) -> None:
    run = first_run(drawn_home)
    table = groups_table(run, groups[:1], rest=True)
    assert table["row"].to_pylist() == feature_spaces.mapped_rows(run).tolist()
    assert table["group"].to_pylist().count("left") == 150
    assert set(table["group"].to_pylist()) == {"left", "rest"}


def test_a_model_trains_on_the_table_with_the_group_as_label(
    drawn_home: Path, groups: list[NamedGroup], tmp_path: Path
) -> None:
    run = first_run(drawn_home)
    file = tmp_path / "groups.parquet"
    file.write_bytes(as_bytes(groups_table(run, groups, rest=True)))
    home = tmp_path / "home"
    data = wb.load(str(file), label="group", home=home)
    assert data.info.label is not None
    assert set(data.info.label.classes) == {"left", "right side", "rest"}
    assert data.info.modality == "image"
    before = Dataset.open(paths.cache_dir(drawn_home) / run.config["data"]["fingerprint"])
    assert (data.info.size, data.info.channels) == (before.info.size, before.info.channels)
    with supervisor._lock(home).acquire(timeout=5):
        trained = wb.pretrain(
            data,
            task="simclr",
            steps=2,
            encoder="small_conv",
            train={"batch_size": 32},
            evaluation={"label_efficiency": False, "nuisances": False},
            wait=False,
        )
        row = carry_out(home)
    assert row.state == "finished", row.reason
    assert {row["target"] for row in trained.scores.to_dict("records")} >= {"group"}


def test_what_cannot_be_exported_is_said(drawn_home: Path, groups: list[NamedGroup]) -> None:
    run = first_run(drawn_home)
    elsewhere = [NamedGroup("elsewhere", "", (10**9,), 1.0)]
    with pytest.raises(RequestError, match="no sample of these groups"):
        groups_table(run, elsewhere, rest=True)
    demo = paths.sample_data_dir() / "demo"
    row = Store.open(demo, read_only=True).runs()[0]
    with pytest.raises(RequestError, match="not on this machine"):
        groups_table(StoredRun(demo, row, demo=True), groups, rest=False)


def test_the_file_says_whose_embeddings_it_holds(
    drawn_home: Path, groups: list[NamedGroup]
) -> None:
    run = first_run(drawn_home)
    raw = as_bytes(groups_table(run, groups[:1], rest=False))
    metadata = pq.read_schema(pa.BufferReader(raw)).metadata
    assert metadata[b"workbench.run"].decode() == run.id

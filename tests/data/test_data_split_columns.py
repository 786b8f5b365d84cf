"""A column that names splits: read as splits, never as a label, and never silently ignored."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from data_making import sentences

from workbench.config import DataConfig
from workbench.data import prepare, roles
from workbench.data.listing import Listing
from workbench.data.sources.resolve import resolve
from workbench.errors import RequestError

ROWS = 60
GIVEN = ["a"] * 40 + ["b"] * 8 + ["c"] * 12
COUNTS = {"train": 40, "validation": 8, "test": 12}
WORDS = {
    "plain": ("train", "validation", "test"),
    "short": ("trn", "val", "tst"),
    "long": ("Training", "valid", "Testing"),
    "capitals": ("TRAIN", "DEV", "TEST"),
    "others": ("train", "dev", "holdout"),
    "eval": ("train set", "validation set", "eval"),
    "spaces": (" train", "val ", "test "),
}


def table(folder: Path, name: str = "all", **columns: Any) -> Path:
    rows = {"text": sentences(ROWS), "label": ["x", "y"] * (ROWS // 2)} | columns
    path = folder / f"{name}.parquet"
    pq.write_table(pa.table(rows), path)
    return path


def spelled(words: tuple[str, str, str]) -> list[str]:
    return [dict(zip("abc", words, strict=True))[one] for one in GIVEN]


def listed(path: Path, **options: Any) -> Listing:
    config = DataConfig(str(path), **options)
    return resolve(config).listing(config)


def described(path: Path, **options: Any) -> tuple[str | None, list[str]]:
    """The names of the label and of the factors."""
    config = DataConfig(str(path), **options)
    chosen = roles.assign(resolve(config).listing(config), config)
    return chosen.label and chosen.label.name, [column.name for column in chosen.factors]


def counts(listing: Listing) -> list[int]:
    """Samples without a split, in training, in validation, in test."""
    return np.bincount(listing.split.astype(int) + 1, minlength=4).tolist()


@pytest.mark.parametrize(
    "name", ["split", "Split", "SUBSET", "set", "fold", "partition", "phase", "usage", "Data Split"]
)
def test_a_column_is_read_as_splits_by_its_name_and_values(source: Path, name: str) -> None:
    path = table(source, **{name: spelled(WORDS["plain"])})
    listing = listed(path)
    assert counts(listing) == [0, 40, 8, 12]
    assert any(f"'{name}'" in note and "--split none" in note for note in listing.notes)
    assert described(path) == ("label", [])


@pytest.mark.parametrize("words", WORDS.values(), ids=WORDS)
def test_splits_have_many_names(source: Path, words: tuple[str, str, str]) -> None:
    path = table(source, split=spelled(words))
    assert counts(listed(path)) == [0, 40, 8, 12]


def test_a_column_of_splits_is_never_the_label(source: Path) -> None:
    path = source / "only.parquet"
    values = spelled(("train", "val", "test"))
    pq.write_table(pa.table({"text": sentences(ROWS), "Split": values}), path)
    assert described(path) == (None, [])
    # Neither is a second one, whatever it is called.
    path = table(source, split=values, part=values)
    assert described(path) == ("label", [])
    assert described(path, split="none") == ("label", [])
    # Unless somebody wants it.
    assert described(path, label="part") == ("part", ["label"])


@pytest.mark.parametrize("gap", [None, "", "  ", "n/a", "None"])
def test_empty_cells_go_to_training_or_out_and_are_counted(source: Path, gap: str | None) -> None:
    values: list[str | None] = list(spelled(WORDS["plain"]))
    values[0] = values[45] = values[59] = gap
    path = table(source, split=values)
    listing = listed(path)
    assert counts(listing) == [0, 42, 7, 11]
    assert any("3 of 60 rows have no split" in note for note in listing.notes)
    out = listed(path, unsplit="out")
    assert counts(out) == [0, 39, 7, 11]
    assert dict(out.accounted.left_out) == {"without a split": 3}
    assert out.ids[0] == "all/1"
    assert out.texts is not None
    assert out.texts()[0] == sentences(2)[1]
    assert all(len(column.values) == 57 for column in out.columns.values())


def test_only_the_test_samples_may_be_marked(source: Path) -> None:
    values = [None] * 48 + ["test"] * 12
    assert counts(listed(table(source, usage=values))) == [0, 48, 0, 12]


def test_values_that_are_no_splits_are_named(source: Path) -> None:
    values = spelled(("train", "extra", "test"))
    path = table(source, split=values)
    for options, field in (({}, "--data"), ({"split": "split"}, "--split")):
        with pytest.raises(RequestError, match="'extra'") as caught:
            listed(path, **options)
        assert caught.value.field == field
        assert "--split none" in str(caught.value.remedy)
    assert counts(listed(path, split="none")) == [60, 0, 0, 0]


def test_a_set_of_other_things_is_no_split(source: Path) -> None:
    path = table(source, set=spelled(("train", "bus", "plane")))
    listing = listed(path)
    assert counts(listing) == [60, 0, 0, 0]
    assert any(
        "'set' is not read as splits, because of its values 'bus', 'plane'" in note
        for note in listing.notes
    )
    with pytest.raises(RequestError, match="'bus', 'plane'"):
        listed(path, split="set")


def test_a_column_called_anything_is_split_if_asked_or_if_all_values_are_splits(
    source: Path,
) -> None:
    path = table(source, where=spelled(WORDS["plain"]))
    assert counts(listed(path)) == [0, 40, 8, 12]
    path = table(source, kind=spelled(("train_1", "val_1", "test_1")))
    assert counts(listed(path)) == [60, 0, 0, 0]
    assert counts(listed(path, split="kind")) == [0, 40, 8, 12]


def test_folds_are_read_when_they_are_named(source: Path) -> None:
    folds = [row % 5 + 1 for row in range(ROWS)]
    path = table(source, fold=folds)
    listing = listed(path)
    assert counts(listing) == [60, 0, 0, 0]
    assert any("--split fold" in note for note in listing.notes)
    assert described(path) == ("label", [])
    chosen = listed(path, split="fold")
    assert counts(chosen) == [0, 36, 12, 12]
    assert any("5 is test" in note and "4 is validation" in note for note in chosen.notes)
    assert described(path, group="fold")[1] == []


@pytest.mark.parametrize("values", [[False] * 48 + [True] * 12, [0] * 48 + [1] * 12])
def test_a_column_of_truth_values_says_which_split(source: Path, values: list[Any]) -> None:
    assert counts(listed(table(source, is_test=values), split="is_test")) == [0, 48, 0, 12]
    assert counts(listed(table(source, is_valid=values), split="is_valid")) == [0, 48, 12, 0]
    assert counts(listed(table(source, in_train=values), split="in_train")) == [0, 12, 0, 48]


def test_files_come_before_a_column_unless_it_is_named(source: Path) -> None:
    both = spelled(WORDS["plain"])
    table(source, "train", split=["train"] * ROWS)
    table(source, "test", split=both)
    listing = listed(source)
    assert counts(listing) == [0, 60, 0, 60]
    assert any("48 rows of the column say otherwise" in note for note in listing.notes)
    assert counts(listed(source, split="split")) == [0, 100, 8, 12]
    assert counts(listed(source, split="none")) == [120, 0, 0, 0]


def test_a_column_that_cannot_name_splits_is_refused(source: Path) -> None:
    path = table(source, nr=list(range(ROWS)), many=[[1]] * ROWS)
    for name, words in (
        ("splitt", "unknown column"),
        ("nr", "names splits, but also"),
        ("many", "names no splits"),
        ("label", "'x', 'y'"),
        ("text", "holds the samples"),
    ):
        with pytest.raises(RequestError, match=words) as caught:
            listed(path, split=name)
        assert caught.value.field == "--split"


def test_the_prepared_data_have_the_splits(home: Path, source: Path) -> None:
    values: list[str | None] = list(spelled(WORDS["short"]))
    values[3] = None
    path = table(source, subset=values)
    info = prepare(DataConfig(str(path)), home).info
    assert dict(info.counts) == COUNTS
    info = prepare(DataConfig(str(path), unsplit="out"), home).info
    assert dict(info.counts) == COUNTS | {"train": 39}
    assert (info.found, dict(info.left_out)) == (60, {"without a split": 1})

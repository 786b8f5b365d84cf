"""Parquet, saved data sets and the roles of columns."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import datasets
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from data_making import encoded, image_parquet, noise, put, sentences, split_rows

from workbench.config import DataConfig
from workbench.data import prepare
from workbench.errors import RequestError

LABELS = [["plum", "fig", "pear"][i % 3] for i in range(60)]


def table(path: Path, **columns: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table(columns), path)
    return path


def pictures(count: int, start: int = 0) -> list[bytes | None]:
    return [encoded(noise(seed, 8, 8)) for seed in range(start, start + count)]


def test_encoded_images_may_lie_in_a_column_of_bytes(home: Path, source: Path) -> None:
    table(source / "all.parquet", photo=pictures(60), y=LABELS)
    data = prepare(DataConfig(str(source / "all.parquet")), home)
    assert data.images.shape == (60, 1, 8, 8)
    row = data.ids.index("all/7")
    assert (data.images[row, 0] == noise(7, 8, 8)).all()
    assert data.info.label is not None
    assert data.info.label.classes == ("fig", "pear", "plum")
    assert data.info.label.classes[data.target("y")[row]] == LABELS[7]


def test_images_may_be_named_by_a_column_of_paths(home: Path, source: Path) -> None:
    for index, data in enumerate(pictures(60)):
        put(source / "files" / f"{index}.png", data or b"")
    names = [f"files/{index}.png" for index in range(60)]
    path = table(source / "all.parquet", where=names, label=LABELS)
    data = prepare(DataConfig(str(path)), home)
    assert (data.images[data.ids.index("all/7"), 0] == noise(7, 8, 8)).all()
    first = data.info.fingerprint
    put(source / "files" / "3.png", encoded(noise(1000, 8, 8)))
    assert prepare(DataConfig(str(path)), home).info.fingerprint != first


@pytest.mark.parametrize("name", ["validation", "valid", "val", "dev"])
def test_files_named_after_splits_are_the_splits(home: Path, source: Path, name: str) -> None:
    for split, start, count in (("train", 0, 30), (name, 30, 12), ("test", 42, 18)):
        path = source / f"{split}-00000-of-00001.parquet"
        table(path, text=sentences(count, start), label=LABELS[:count])
    info = prepare(DataConfig(str(source)), home).info
    assert dict(info.counts) == {"train": 30, "validation": 12, "test": 18}


def test_validation_is_carved_from_training_and_test_stays(home: Path, source: Path) -> None:
    table(source / "train.parquet", text=sentences(60), label=LABELS)
    table(source / "test.parquet", text=sentences(30, 60), label=LABELS[:30])
    data = prepare(DataConfig(str(source)), home)
    rows = split_rows(data)
    assert {split: len(names) for split, names in rows.items()} == {
        "train": 54,
        "validation": 6,
        "test": 30,
    }
    assert rows["test"] == {f"test/{i}" for i in range(30)}
    validation = data.target("label")[data.rows("validation")]
    assert np.bincount(validation).tolist() == [2, 2, 2]


def test_a_column_called_split_gives_the_splits(home: Path, source: Path) -> None:
    splits = ["train"] * 40 + ["val"] * 10 + ["test"] * 10
    path = table(source / "all.parquet", text=sentences(60), label=LABELS, split=splits)
    data = prepare(DataConfig(str(path)), home)
    assert dict(data.info.counts) == {"train": 40, "validation": 10, "test": 10}
    assert [target.name for target in data.info.targets] == ["label"]


def test_without_a_training_split_one_is_made_of_validation(home: Path, source: Path) -> None:
    for start, split in enumerate(("validation", "test")):
        table(source / f"{split}.parquet", text=sentences(9, 9 * start), label=LABELS[:9])
    info = prepare(DataConfig(str(source)), home).info
    assert info.counts["test"] == 9
    assert info.counts["train"] + info.counts["validation"] == 9
    assert any("no training split: training samples are taken from" in n for n in info.notes)


def test_a_test_file_alone_is_divided_like_any_other(home: Path, source: Path) -> None:
    table(source / "test.parquet", text=sentences(60), label=LABELS)
    counts = prepare(DataConfig(str(source)), home).info.counts
    assert dict(counts) == {"train": 42, "validation": 6, "test": 12}


def test_equal_texts_share_a_made_split_and_are_told_in_given_ones(
    home: Path, source: Path
) -> None:
    texts = sentences(40)
    path = table(source / "all.parquet", text=texts + texts[:20], label=["a", "b"] * 30)
    data = prepare(DataConfig(str(path)), home)
    where = {name: split for split, names in split_rows(data).items() for name in names}
    assert all(where[f"all/{i}"] == where[f"all/{40 + i}"] for i in range(20))
    assert any("20 samples equal another one exactly" in note for note in data.info.notes)

    table(source / "given" / "train.parquet", text=texts, label=["a", "b"] * 20)
    table(source / "given" / "test.parquet", text=texts[:5], label=["a"] * 5)
    given = prepare(DataConfig(str(source / "given")), home).info
    assert given.counts["test"] == 5
    assert any("5 of 5 test samples equal a training sample" in note for note in given.notes)


def test_a_group_lies_in_one_split(home: Path, source: Path) -> None:
    patients = [f"p{i // 3}" for i in range(60)]
    path = table(source / "all.parquet", text=sentences(60), label=LABELS, patient=patients)
    data = prepare(DataConfig(str(path), group="patient"), home)
    assert data.info.group == "patient"
    assert data.groups is not None
    groups = [set(data.groups[data.rows(split)]) for split in ("train", "validation", "test")]
    assert all(groups)
    assert not groups[0] & groups[1]
    assert not groups[0] & groups[2]
    assert not groups[1] & groups[2]
    assert "patient" not in [target.name for target in data.info.targets]


def test_groups_that_straddle_given_splits_are_told(home: Path, source: Path) -> None:
    table(source / "train.parquet", text=sentences(20), who=["x", "y"] * 10)
    table(source / "test.parquet", text=sentences(10, 20), who=["x", "z"] * 5)
    info = prepare(DataConfig(str(source), group="who"), home).info
    assert any("1 groups lie both in training and in test" in note for note in info.notes)


def test_training_on_one_class_only_is_training_on_normals(home: Path, source: Path) -> None:
    table(source / "train.parquet", text=sentences(40), label=["good"] * 40)
    table(source / "test.parquet", text=sentences(20, 40), label=["good", "torn"] * 10)
    data = prepare(DataConfig(str(source)), home)
    assert data.info.normal == "good"
    assert data.info.counts["validation"] == 4
    assert data.info.label is not None
    assert data.info.label.classes == ("good", "torn")


def test_class_names_come_from_the_schema_in_its_order(home: Path, source: Path) -> None:
    features = datasets.Features(
        {"text": datasets.Value("string"), "label": datasets.ClassLabel(names=["z", "a"])}
    )
    rows = {"text": sentences(40), "label": [0, 1] * 20}
    datasets.Dataset.from_dict(rows, features).to_parquet(str(source / "all.parquet"))
    data = prepare(DataConfig(str(source / "all.parquet")), home)
    assert data.info.label is not None
    assert data.info.label.classes == ("z", "a")
    assert data.target("label")[data.ids.index("all/3")] == 1


def test_numbers_are_classes_in_the_order_of_numbers_and_gaps_are_missing(
    home: Path, source: Path
) -> None:
    labels = [10.0, 2.0, None, 2.0] * 15
    path = table(source / "all.parquet", text=sentences(60), label=labels)
    data = prepare(DataConfig(str(path)), home)
    assert data.info.label is not None
    assert data.info.label.classes == ("2", "10")
    row = data.ids.index("all/2")
    assert data.target("label")[row] == -1
    assert any("Samples without a label: 15." in note for note in data.info.notes)


def test_the_label_is_guessed_and_said_so(home: Path, source: Path) -> None:
    columns = {"text": sentences(60), "dept": LABELS, "nr": list(range(60))}
    path = table(source / "all.parquet", **columns)
    info = prepare(DataConfig(str(path)), home).info
    assert info.label is not None
    assert info.label.name == "dept"
    assert any("'dept' is taken as the label" in note for note in info.notes)
    # Of two that may be it, neither is taken.
    path = table(source / "two.parquet", **columns, shop=["n", "s"] * 30)
    info = prepare(DataConfig(str(path)), home).info
    assert info.label is None
    assert {target.role for target in info.targets} == {"factor"}
    assert any("'dept', 'shop'" in note for note in info.notes)
    # The name decides.
    chosen = prepare(DataConfig(str(path), label="shop"), home).info
    assert chosen.label is not None
    assert chosen.label.name == "shop"
    assert not prepare(DataConfig(str(path), label="none"), home).info.targets


def test_columns_that_cannot_be_what_is_asked_are_refused(home: Path, source: Path) -> None:
    weights = list(np.linspace(0, 1, 60))
    path = table(source / "all.parquet", text=sentences(60), label=LABELS, weight=weights)
    for change, field in (
        ({"label": "lable"}, "--label"),
        ({"label": "weight"}, "--label"),
        ({"group": "weight"}, "--group"),
        ({"text": ("txt",)}, "--text"),
        ({"image": "img"}, "--image"),
    ):
        with pytest.raises(RequestError) as caught:
            prepare(DataConfig(str(path), **change), home)
        assert caught.value.field == field


def test_a_file_that_is_no_parquet_is_refused(home: Path, source: Path) -> None:
    put(source / "train.parquet", b"PAR0 not really")
    with pytest.raises(RequestError, match="not a Parquet file"):
        prepare(DataConfig(str(source)), home)


def test_samples_are_drawn_by_split_and_label(home: Path, source: Path) -> None:
    image_parquet(source / "train.parquet", pictures(90), label=["a", "b", "b"] * 30)
    image_parquet(source / "validation.parquet", pictures(30, 90), label=["a", "b", "b"] * 10)
    image_parquet(source / "test.parquet", pictures(30, 120), label=["a", "b", "b"] * 10)
    data = prepare(DataConfig(str(source), samples=50), home)
    assert dict(data.info.counts) == {"train": 30, "validation": 10, "test": 10}
    assert np.bincount(data.target("label")[data.rows("train")]).tolist() == [10, 20]
    assert any("50 of 150 samples were drawn" in note for note in data.info.notes)
    again = prepare(DataConfig(str(source), samples=50), home.parent / "other")
    assert again.ids == data.ids


def test_a_class_with_one_sample_stays_in_training(home: Path, source: Path) -> None:
    labels = ["a"] * 30 + ["b"] * 29 + ["once"]
    path = table(source / "all.parquet", text=sentences(60), label=labels)
    data = prepare(DataConfig(str(path)), home)
    assert "all/59" in split_rows(data)["train"]
    assert any("a single sample ('once')" in note for note in data.info.notes)


@pytest.mark.parametrize("whole", [True, False])
def test_a_saved_datasets_folder_is_read(home: Path, source: Path, whole: bool) -> None:
    features = datasets.Features(
        {"image": datasets.Image(), "label": datasets.ClassLabel(names=["a", "b"])}
    )
    cells = [{"bytes": data, "path": None} for data in pictures(40)]
    rows = datasets.Dataset.from_dict({"image": cells, "label": [0, 1] * 20}, features)
    if whole:
        rows.shuffle(seed=1).save_to_disk(str(source / "saved"))
        expected = {"train": 28, "validation": 4, "test": 8}
    else:
        both = datasets.DatasetDict(train=rows.select(range(30)), test=rows.select(range(30, 40)))
        both.save_to_disk(str(source / "saved"))
        expected = {"train": 27, "validation": 3, "test": 10}
    data = prepare(DataConfig(str(source / "saved")), home)
    assert dict(data.info.counts) == expected
    assert data.info.label is not None
    assert data.info.label.classes == ("a", "b")
    pixels = {np.asarray(image).tobytes() for image in data.images}
    assert pixels == {noise(seed, 8, 8).tobytes() for seed in range(40)}

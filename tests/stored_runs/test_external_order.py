"""Embeddings from elsewhere: names of samples in the source, and what is assumed without them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from workbench.config import DataConfig
from workbench.data import prepare, prepare_arrays
from workbench.data.dataset import Dataset
from workbench.errors import RequestError
from workbench.stored_runs import external_embeddings
from workbench.stored_runs.external_ids import row_numbers, source_order

RNG = np.random.default_rng(0)
WORDS = ("river", "stone", "cloud", "winter", "garden", "letter", "bridge", "copper")


def vectors(classes: np.ndarray) -> np.ndarray:
    """Vectors that give every class away."""
    return np.eye(classes.max() + 1)[classes] * 4 + RNG.standard_normal((len(classes), 4)) * 0.1


def posts(path: Path, classes: np.ndarray, *, empty: tuple[int, ...] = ()) -> None:
    rows = [
        f"{'' if at in empty else f'{WORDS[at % 8]} number {at} of the {WORDS[label]}'},{label}"
        for at, label in enumerate(classes.tolist())
    ]
    path.write_text("text,label\n" + "\n".join(rows) + "\n", "utf-8")


CLASSES = RNG.integers(0, 4, 300)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    folder = tmp_path_factory.mktemp("posts")
    posts(folder / "data.csv", CLASSES)
    return prepare(DataConfig(str(folder / "data.csv"), label="label"), folder / "home")


@pytest.fixture(scope="module")
def gaps(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    """As ``data``, with texts that are empty and are left out."""
    folder = tmp_path_factory.mktemp("gaps")
    posts(folder / "data.csv", CLASSES, empty=(0, 17, 150))
    found = prepare(DataConfig(str(folder / "data.csv"), label="label"), folder / "home")
    assert found.info.total == 297
    return found


def read(values: np.ndarray, data: Dataset, folder: Path, **columns: Any) -> Any:
    if not columns:
        np.save(folder / "h.npy", values)
        return external_embeddings.read_files([f"mine={folder}/h.npy"], data)[0]
    lists = pa.FixedSizeListArray.from_arrays(pa.array(np.ravel(values)), values.shape[1])
    pq.write_table(pa.table({**columns, "h": lists}), folder / "h.parquet")
    return external_embeddings.read_files([f"mine={folder}/h.parquet"], data)[0]


def truth(data: Dataset) -> np.ndarray:
    """The row in the source of each prepared sample."""
    return np.array([int(name.rpartition("/")[2]) for name in data.ids])


def test_the_order_of_the_source_is_found_by_its_check(data: Dataset, tmp_path: Path) -> None:
    assert (truth(data) != np.arange(300)).any()
    h = vectors(CLASSES).astype(np.float32)
    found = read(h, data, tmp_path)
    np.testing.assert_array_equal(found.values, h[truth(data)])
    (note,) = found.notes
    assert "Assumed order: that of the source (kNN accuracy 1.00; as prepared 0." in note
    assert "shuffled 0." in note


def test_the_prepared_order_is_found_by_its_check(data: Dataset, tmp_path: Path) -> None:
    h = vectors(CLASSES).astype(np.float32)[truth(data)]
    found = read(h, data, tmp_path)
    np.testing.assert_array_equal(found.values, h)
    assert (
        "Assumed order: train, validation, test, as prepared (kNN accuracy 1.00" in found.notes[0]
    )


def test_an_order_that_is_no_better_than_chance_is_doubted(data: Dataset, tmp_path: Path) -> None:
    h = vectors(CLASSES).astype(np.float32)[RNG.permutation(300)]
    found = read(h, data, tmp_path)
    assert "It is probably wrong" in found.notes[0]
    assert "column 'id'" in found.notes[0]


def test_labels_of_the_test_split_decide_no_order(
    data: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    h = vectors(CLASSES).astype(np.float32)
    before = read(h, data, tmp_path).notes
    column = data.target("label")
    column[data.rows("test")] = 0
    monkeypatch.setattr(Dataset, "target", lambda *_: column)
    assert read(h, data, tmp_path).notes == before


@pytest.mark.parametrize("kind", ["image", "text"])
def test_without_labels_pixels_or_words_tell_the_order(tmp_path: Path, kind: str) -> None:
    if kind == "image":
        source: Any = RNG.integers(0, 255, (200, 8, 8)).astype(np.uint8)
        h = source.reshape(200, -1).astype(np.float32)
    else:
        picks = RNG.integers(0, 8, (200, 5))
        source = [
            " ".join(WORDS[word] for word in pick) + f" {at}" for at, pick in enumerate(picks)
        ]
        h = np.stack([(picks == word).sum(axis=1) for word in range(8)], axis=1).astype(np.float32)
    _, data = prepare_arrays(source, tmp_path)
    found = read(h, data, tmp_path)
    np.testing.assert_array_equal(found.values, h[truth(data)])
    assert "neighbours in common with pixels or words" in found.notes[0]


def test_where_nothing_tells_the_order_it_is_refused(tmp_path: Path) -> None:
    _, data = prepare_arrays(RNG.integers(0, 255, (8, 8, 8)).astype(np.uint8), tmp_path)
    with pytest.raises(RequestError, match="no ids") as caught:
        read(RNG.standard_normal((8, 4)), data, tmp_path)
    assert caught.value.field == "--embeddings mine"
    assert "'id'" in str(caught.value.remedy)


@pytest.mark.parametrize("name", ["data/{}", "{}"])
def test_ids_are_rows_of_the_source_whatever_was_left_out(
    gaps: Dataset, tmp_path: Path, name: str
) -> None:
    h = vectors(CLASSES).astype(np.float32)
    order = RNG.permutation(300)
    ids = [name.format(row) for row in order]
    found = read(h[order], gaps, tmp_path, id=ids)
    np.testing.assert_array_equal(found.values, h[truth(gaps)])
    (note,) = [note for note in found.notes if "passed over" in note]
    assert note.startswith("3 of 300 rows are of no prepared sample")
    assert all(repr(name.format(row)) in note for row in (0, 17, 150))


@pytest.mark.parametrize("kind", [np.int64, np.float64])
def test_ids_may_be_numbers(gaps: Dataset, tmp_path: Path, kind: Any) -> None:
    h = vectors(CLASSES).astype(np.float32)
    found = read(h, gaps, tmp_path, id=np.arange(300).astype(kind))
    np.testing.assert_array_equal(found.values, h[truth(gaps)])


def test_a_file_with_as_many_rows_as_the_source_is_read_row_for_row(
    gaps: Dataset, tmp_path: Path
) -> None:
    h = vectors(CLASSES).astype(np.float32)
    found = read(h, gaps, tmp_path)
    np.testing.assert_array_equal(found.values, h[truth(gaps)])
    assert "3 that preparing left out are passed over" in found.notes[0]


def test_more_unknown_ids_than_were_left_out_are_refused(gaps: Dataset, tmp_path: Path) -> None:
    ids = [f"data/{row}" for row in range(1, 17)] + [f"else/{row}" for row in range(4)]
    with pytest.raises(RequestError, match="4 of 20 rows are of no sample") as caught:
        read(RNG.standard_normal((20, 4)), gaps, tmp_path, id=ids)
    assert "'else/0', 'else/1', 'else/2', ..." in caught.value.message


def test_an_id_twice_is_refused(data: Dataset, tmp_path: Path) -> None:
    ids = ["data/3", "data/4", "data/3"]
    with pytest.raises(RequestError, match="1 samples come more than once, such as 'data/3'"):
        read(RNG.standard_normal((3, 4)), data, tmp_path, id=ids)


@pytest.mark.parametrize("form", ["{}", "./{}", "pictures/{}", "{source}/{}", "back"])
def test_files_are_known_by_their_paths(tmp_path: Path, form: str) -> None:
    from PIL import Image

    source = tmp_path / "pictures"
    for at in range(12):
        path = source / ("sun" if at % 2 else "moon") / f"{at}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(RNG.integers(0, 255, (8, 8)).astype(np.uint8)).save(path)
    data = prepare(DataConfig(str(source)), tmp_path / "home")
    ids = [
        name.replace("/", "\\") if form == "back" else form.format(name, source=source)
        for name in data.ids
    ]
    h = RNG.standard_normal((12, 3)).astype(np.float32)
    found = read(h, data, tmp_path, id=ids)
    np.testing.assert_array_equal(found.values, h)


def test_values_that_single_precision_does_not_hold_are_scaled(
    data: Dataset, tmp_path: Path
) -> None:
    h = vectors(CLASSES)[truth(data)]
    plain = read(h, data, tmp_path, id=data.ids)
    for scale in (1e200, 1e-200):
        found = read(h * scale, data, tmp_path, id=data.ids)
        ratio = found.values / plain.values
        np.testing.assert_allclose(ratio, ratio[0, 0], rtol=1e-5)
        assert any("Values reach" in note for note in found.notes)
    h[3] *= 1e200
    with pytest.raises(RequestError, match="1 of 300 rows hold values up to"):
        read(h, data, tmp_path, id=data.ids)


def test_the_order_of_a_source_follows_from_names() -> None:
    assert source_order(["data/2", "data/10", "data/1"]).tolist() == [2, 0, 1]
    assert source_order(["test/0", "train/1", "train/0"]).tolist() == [2, 1, 0]
    assert source_order(["b/1.png", "a/2.png", "a/1.png"]).tolist() == [2, 1, 0]
    assert source_order(["2", "0", "1"]).tolist() == [1, 2, 0]
    assert row_numbers(["train/1", "test/1"]) is None
    assert row_numbers(["a/1.png"]) is None

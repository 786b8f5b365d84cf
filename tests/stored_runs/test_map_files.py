"""Maps in runs' folders: read, turned onto each other, with their samples and thumbnails."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from workbench import paths
from workbench.config import DataConfig
from workbench.data import prepare, prepare_arrays
from workbench.errors import RequestError
from workbench.run_folder import NOISE_MAP, map_name
from workbench.store.store import Store
from workbench.stored_runs.map_files import (
    align_maps,
    file_names,
    read_map,
    read_noise_map,
    read_samples,
    read_thumbnails,
)
from workbench.stored_runs.stored_run import StoredRun

XY = np.random.default_rng(0).standard_normal((12, 2)).astype(np.float32)


def make_run(home: Path, fingerprint: str | None = None) -> StoredRun:
    store = Store.open(home)
    config: Any = {"task": "simclr", "data": {"fingerprint": fingerprint}}
    run = StoredRun(home, store.run(store.add_run(config, digest="d")))
    run.folder.mkdir(parents=True, exist_ok=True)
    return run


def write_map(run: StoredRun, xy: np.ndarray, name: str = map_name("pca")) -> StoredRun:
    columns = {"row": np.arange(len(xy)) * 3, "x": xy[:, 0], "y": xy[:, 1]}
    table = pa.table({**columns, "split": ["train"] * len(xy)})
    pq.write_table(table, run.files / name)
    return run


def test_reads_what_was_written(tmp_path: Path) -> None:
    run = write_map(make_run(tmp_path), XY)
    facts = {"pca": {"trustworthiness": 0.9, "notes": ["a note"]}}
    run.files.map_facts.write_text(json.dumps(facts), "utf-8")
    found = read_map(run)
    np.testing.assert_array_equal(found.xy, XY)
    assert found.rows.tolist() == list(range(0, 36, 3))
    assert (found.trust, found.notes, found.residual) == (0.9, ("a note",), None)


def test_a_map_without_a_document_has_no_trust(tmp_path: Path) -> None:
    assert read_map(write_map(make_run(tmp_path), XY, map_name("umap")), "umap").trust is None


@pytest.mark.parametrize(("kind", "message"), [("umap", "no UMAP map"), ("tsne", "no map")])
def test_a_missing_map_is_named(tmp_path: Path, kind: str, message: str) -> None:
    run = write_map(make_run(tmp_path), XY)
    with pytest.raises(RequestError, match=message):
        read_map(run, kind)


def test_a_second_umap_is_there_only_once_it_was_made(tmp_path: Path) -> None:
    run = make_run(tmp_path)
    assert read_noise_map(run) is None
    again = read_noise_map(write_map(run, XY, NOISE_MAP))
    assert again is not None
    np.testing.assert_array_equal(again.xy, XY)


def test_others_are_turned_onto_the_first(tmp_path: Path) -> None:
    runs = [write_map(make_run(tmp_path), XY), write_map(make_run(tmp_path), -3 * XY + 2)]
    first, other = align_maps([read_map(run) for run in runs])
    assert first.residual is None
    assert other.residual == pytest.approx(0, abs=1e-6)
    np.testing.assert_allclose(other.xy, XY, atol=1e-4)
    assert align_maps([]) == []


@pytest.mark.parametrize("fingerprint", [None, "0123456789abcdef"])
def test_samples_and_thumbnails_may_be_gone(tmp_path: Path, fingerprint: str | None) -> None:
    run = write_map(make_run(tmp_path, fingerprint), XY)
    found = read_samples(run)
    assert (found.labels, found.classes, found.texts, found.title) == (None, (), None, "")
    assert read_thumbnails(run) is None
    np.save(run.files / "thumbnails.npy", np.ones((12, 4, 4, 3), np.uint8))
    thumbnails = read_thumbnails(run)
    assert thumbnails is not None
    assert thumbnails.shape == (12, 4, 4, 3)


def test_images_of_a_folder_have_file_names(tmp_path: Path) -> None:
    for place in ("a", "b"):
        (tmp_path / "photos" / place).mkdir(parents=True)
        for i in range(6):
            picture = np.full((8, 8, 3), 20 * i, np.uint8)
            Image.fromarray(picture).save(tmp_path / "photos" / place / f"{i}.png")
    data = prepare(DataConfig(str(tmp_path / "photos")), tmp_path)
    names = file_names(data)
    assert names is not None
    assert sorted(names) == sorted(f"{place}/{i}.png" for place in "ab" for i in range(6))
    images = np.arange(12 * 64 * 3, dtype=np.uint8).reshape(12, 8, 8, 3)
    assert file_names(prepare_arrays(images, tmp_path)[1]) is None
    texts = prepare(DataConfig("sample:tickets", samples=40), tmp_path)
    assert file_names(texts) is None


def test_stored_runs_have_their_pictures_once_beside_the_data(tmp_path: Path) -> None:
    first, second = (write_map(make_run(tmp_path, "0123456789abcdef"), XY) for _ in range(2))
    data = paths.cache_dir(tmp_path) / "0123456789abcdef"
    data.mkdir(parents=True)
    np.save(data / "thumbnails.npy", np.full((12, 4, 4, 3), 7, np.uint8))
    np.save(second.files / "thumbnails.npy", np.ones((12, 4, 4, 3), np.uint8))
    shared, own = read_thumbnails(first), read_thumbnails(second)
    assert shared is not None
    assert own is not None
    assert (int(shared[0, 0, 0, 0]), int(own[0, 0, 0, 0])) == (7, 1)

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from workbench.maps.map_files import aligned, read_map, read_samples, read_thumbnails

from workbench import paths
from workbench.errors import RequestError

XY = np.random.default_rng(0).standard_normal((12, 2)).astype(np.float32)


def _write(home: Path, run_id: str, xy: np.ndarray, kind: str = "pca") -> Path:
    folder = paths.run_dir(home, run_id)
    folder.mkdir(parents=True, exist_ok=True)
    columns = {"row": np.arange(len(xy)) * 3, "x": xy[:, 0], "y": xy[:, 1]}
    table = pa.table({**columns, "split": ["train"] * len(xy)})
    pq.write_table(table, folder / f"map_{kind}.parquet")
    return folder


def test_reads_what_was_written(tmp_path: Path) -> None:
    folder = _write(tmp_path, "simclr-abcdef", XY)
    told = {"pca": {"trustworthiness": 0.9, "notes": ["said"]}}
    (folder / "map.json").write_text(json.dumps(told), "utf-8")
    found = read_map(tmp_path, "simclr-abcdef")
    np.testing.assert_array_equal(found.xy, XY)
    assert found.rows.tolist() == list(range(0, 36, 3))
    assert (found.trust, found.notes, found.residual) == (0.9, ("said",), None)


def test_a_map_without_a_document_has_no_trust(tmp_path: Path) -> None:
    _write(tmp_path, "simclr-abcdef", XY, "umap")
    assert read_map(tmp_path, "simclr-abcdef", "umap").trust is None


@pytest.mark.parametrize(("kind", "said"), [("umap", "no UMAP map"), ("tsne", "no map")])
def test_says_what_is_missing(tmp_path: Path, kind: str, said: str) -> None:
    _write(tmp_path, "simclr-abcdef", XY)
    with pytest.raises(RequestError, match=said):
        read_map(tmp_path, "simclr-abcdef", kind)


def test_others_are_turned_onto_the_first(tmp_path: Path) -> None:
    _write(tmp_path, "first-abcdef", XY)
    _write(tmp_path, "other-abcdef", -3 * XY + 2)
    first, other = aligned([read_map(tmp_path, f"{n}-abcdef") for n in ("first", "other")])
    assert first.residual is None
    assert other.residual == pytest.approx(0, abs=1e-6)
    np.testing.assert_allclose(other.xy, XY, atol=1e-4)
    assert aligned([]) == []


def test_samples_and_thumbnails_may_be_gone(tmp_path: Path) -> None:
    for fingerprint in (None, "0123456789abcdef"):
        found = read_samples(tmp_path, {"data": {"fingerprint": fingerprint}})
        assert (found.labels, found.classes, found.texts, found.title) == (None, (), None, "")
    folder = _write(tmp_path, "simclr-abcdef", XY)
    assert read_thumbnails(tmp_path, "simclr-abcdef") is None
    np.save(folder / "thumbnails.npy", np.ones((12, 4, 4, 3), np.uint8))
    thumbnails = read_thumbnails(tmp_path, "simclr-abcdef")
    assert thumbnails is not None
    assert thumbnails.shape == (12, 4, 4, 3)


def test_stored_runs_have_their_pictures_once_beside_the_data(tmp_path: Path) -> None:
    for run_id in ("simclr-abcdef", "rotation-abcdef"):
        folder = _write(tmp_path, run_id, XY)
        (folder / "config.json").write_text('{"data": {"fingerprint": "0123456789abcdef"}}')
    data = tmp_path / "data" / "0123456789abcdef"
    data.mkdir(parents=True)
    np.save(data / "thumbnails.npy", np.full((12, 4, 4, 3), 7, np.uint8))
    own = tmp_path / "runs" / "rotation-abcdef" / "thumbnails.npy"
    np.save(own, np.ones((12, 4, 4, 3), np.uint8))
    shared, kept = (read_thumbnails(tmp_path, f"{name}-abcdef") for name in ("simclr", "rotation"))
    assert shared is not None
    assert kept is not None
    assert (int(shared[0, 0, 0, 0]), int(kept[0, 0, 0, 0])) == (7, 1)

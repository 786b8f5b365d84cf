"""The noise control: a second UMAP of one run, made on request when nothing else waits."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from safetensors.numpy import save_file

from workbench import paths
from workbench.engine import noise_control
from workbench.engine.map_fitting import Mapper, fit_map
from workbench.evaluation.run_files import write_map
from workbench.maps import umap
from workbench.maps.pca import pca
from workbench.run_folder import EMBEDDINGS, MAP_FACTS, NOISE_MAP, PCA_MAP
from workbench.store.artifacts import FolderArtifacts
from workbench.store.store import Store
from workbench.stored_runs import stored_run
from workbench.stored_runs.map_files import read_map

ROWS = np.arange(10, 90)


@pytest.fixture(scope="module", autouse=True)
def _uncompiled() -> Iterator[None]:
    """A layout by the seed alone in place of UMAP, which compiles for long; that UMAP's own layouts
    differ by their seeds is tested in tests/maps."""

    def layout(points: Any, start: Any, seed: int, *_: Any) -> Any:
        return (start + np.random.default_rng(seed).normal(0, 1.0, start.shape)).astype(np.float32)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(umap, "_fit", layout)
        yield


@pytest.fixture(scope="module")
def projected(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A home with one run of 80 samples in four clumps, and its UMAP."""
    home = tmp_path_factory.mktemp("again")
    store = Store.open(home)
    run_id = store.add_run({"task": "t", "device": "cpu"}, digest="d")
    store.update(run_id, state="finished", map_state="ready")
    rng = np.random.default_rng(0)
    h = rng.standard_normal((80, 8)) + 4 * np.repeat(np.eye(8)[:4], 20, axis=0)
    folder = FolderArtifacts(paths.run_dir(home, run_id))
    h16 = h.astype(np.float16)
    save_file({"index_train": ROWS, "h_train": h16, "u_train": h16}, str(folder.path(EMBEDDINGS)))
    write_map(folder.path(PCA_MAP), ROWS, pca(h)[0], ["train"] * 80)
    folder.path(MAP_FACTS).write_text(json.dumps({"pca": {"n": 80}}))
    fit_map(folder)
    return home, run_id


def test_it_is_made_on_request_and_differs_by_its_seed(projected: tuple[Path, str]) -> None:
    home, run_id = projected
    run = stored_run.get(home, run_id)
    store, mapper = Store.open(home), Mapper(home)
    assert not mapper.fit_next(), "nobody has asked for one"
    assert noise_control.residual(run) is None
    noise_control.request(store, run_id)
    assert noise_control.requested(store) == [run_id]

    live = store.add_run({"task": "t", "device": "cpu"}, digest="e")
    assert store.claim_next() is not None
    assert not mapper.fit_next(), "a run has the processor to itself"
    assert noise_control.state(store, run_id) == "asked"
    store.end(live, "stopped")

    assert mapper.fit_next()
    assert noise_control.state(store, run_id) is None
    again = pq.read_table(run.files / NOISE_MAP)
    assert again["row"].to_pylist() == ROWS.tolist()
    assert not np.allclose(again["x"].to_numpy(), read_map(run, "umap").xy[:, 0])
    noise = noise_control.residual(run)
    assert noise is not None
    assert 0 < noise < 0.9
    assert not mapper.fit_next()


def test_the_residual_is_that_of_procrustes(projected: tuple[Path, str]) -> None:
    from scipy.spatial import procrustes

    run = stored_run.get(*projected)
    first = read_map(run, "umap")
    turned = first.xy[::-1] @ np.array([[0.6, -0.8], [0.8, 0.6]]) * 3 + 5
    turned += np.random.default_rng(1).normal(0, 1.0, turned.shape)
    write_map(run.files / NOISE_MAP, first.rows[::-1], turned, ["train"] * 80)
    expected = procrustes(first.xy[::-1], turned)[2]
    assert noise_control.residual(run) == pytest.approx(expected, abs=1e-6)


def test_a_failure_and_a_deleted_run_are_not_tried_for_ever(
    projected: tuple[Path, str], capsys: pytest.CaptureFixture[str]
) -> None:
    home, _ = projected
    store, mapper = Store.open(home), Mapper(home)
    empty = store.add_run({"task": "t", "device": "cpu"}, digest="f")
    store.update(empty, state="finished")
    for run_id in (empty, "gone-abcdef"):
        noise_control.request(store, run_id)
    mapper.fit_next()
    mapper.fit_next()
    assert not mapper.fit_next()
    assert noise_control.state(store, empty) == "failed"
    assert noise_control.state(store, "gone-abcdef") is None
    assert "the second map of" in capsys.readouterr().err
    assert not paths.run_dir(home, "gone-abcdef").exists()

"""Maps of stored runs as figures: of real folders and a real data cache."""

from __future__ import annotations

import html
import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from workbench import comparison, paths
from workbench.api.figures import map_figure, maps_figure
from workbench.data.dataset import DataInfo, Target
from workbench.errors import RequestError
from workbench.store.store import Store
from workbench.stored_runs.stored_run import StoredRun

N = 30
LABELS = np.arange(N) % 3
XY = np.random.default_rng(0).standard_normal((N, 2)).astype(np.float32)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = paths.cache_dir(tmp_path) / "abc"
    folder.mkdir(parents=True)
    target = Target("label", ("red", "green", "blue"))
    info = DataInfo("d", "D", "d", "abc", "text", {"train": N}, (target,))
    (folder / "info.json").write_text(json.dumps(info.to_json()), "utf-8")
    pq.write_table(pa.table({"label": LABELS}), folder / "targets.parquet")
    pq.write_table(pa.table({"text": [f"text {i}" for i in range(N)]}), folder / "texts.parquet")
    return tmp_path


def _run(home: Path, task: str, xy: np.ndarray, fingerprint: str = "abc") -> StoredRun:
    store = Store.open(home)
    config: dict[str, Any] = {"task": task, "seed": 0, "data": {"fingerprint": fingerprint}}
    run_id = store.add_run(config, digest=task)
    store.merge_summary(run_id, {"verdict": {"label": "no sign of collapse"}})
    folder = paths.run_dir(home, run_id)
    folder.mkdir(parents=True)
    columns = {"row": np.arange(N), "x": xy[:, 0], "y": xy[:, 1]}
    pq.write_table(pa.table({**columns, "split": ["train"] * N}), folder / "map_pca.parquet")
    (folder / "map.json").write_text('{"pca": {"trustworthiness": 0.875}}', "utf-8")
    return StoredRun(home, store.run(run_id))


def test_one_map_is_coloured_by_label_and_says_its_verdict(home: Path) -> None:
    run = _run(home, "simclr", XY)
    figure = map_figure(run)
    assert [trace.name for trace in figure.data] == ["red", "green", "blue"]
    green = figure.data[1]
    assert (LABELS[green.customdata] == 1).all()
    np.testing.assert_allclose(green.x, XY[LABELS == 1, 0])
    assert "text 1" in green.text[0]
    heading = figure.layout.annotations[0].text
    for part in (
        comparison.title({"name": "", "config": run.config}),
        "quality not judged",
        "trustworthiness 0.88",
    ):
        assert part in heading


def test_several_maps_are_turned_onto_the_first(home: Path) -> None:
    runs = [_run(home, "simclr", XY), _run(home, "rotation", 5 - 2 * XY)]
    figure = maps_figure(runs)
    first, second = (t for t in figure.data if t.name == "blue")
    np.testing.assert_allclose(first.x, second.x, atol=1e-4)
    assert "layout differs by 0%" in html.unescape(figure.layout.annotations[1].text)


def test_without_labels_there_is_one_colour(home: Path) -> None:
    figure = map_figure(_run(home, "simclr", XY, "gone"))
    assert len(figure.data) == 1
    assert not figure.data[0].showlegend
    mixed = maps_figure([_run(home, "a", XY), _run(home, "b", XY, "gone")])
    assert len(mixed.data) == 2


def test_a_map_that_is_not_ready_is_refused_with_a_remedy(home: Path) -> None:
    with pytest.raises(RequestError) as caught:
        map_figure(_run(home, "simclr", XY), "umap")
    assert "background" in str(caught.value.remedy)

"""Agreement of stored runs, and the neighbour sheets that show it."""

from __future__ import annotations

import dataclasses
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from workbench.data.dataset import Dataset
from workbench.errors import RequestError
from workbench.maps.agreement import agreement as pairwise
from workbench.store.store import RunRow, Store
from workbench.stored_runs import agreement, feature_spaces, neighbour_sheets
from workbench.stored_runs.feature_spaces import Space
from workbench.stored_runs.stored_run import StoredRun

RNG = np.random.default_rng(0)


@pytest.fixture
def runs(finished_home: Path) -> list[StoredRun]:
    """rotation and simclr, oldest first."""
    return [StoredRun(finished_home, row) for row in reversed(Store.open(finished_home).runs())]


def data_of(place: StoredRun) -> Dataset:
    data = place.samples
    assert data is not None
    return data


def test_spaces_hold_the_mapped_samples_and_no_test_sample(runs: list[StoredRun]) -> None:
    found = feature_spaces.of_runs(runs)
    assert [space.kind for space in found] == ["plain", "untrained", "run", "run"]
    assert found[0].title == "pixels only"
    test = data_of(runs[0]).rows("test")
    for space in found:
        assert len(space.features) == len(space.rows) > 500
        assert space.rows.max() < test.start
        assert (np.diff(space.rows) > 0).all()
    raw = data_of(runs[0]).images[found[0].rows[:5]].reshape(5, -1) / 255
    np.testing.assert_allclose(
        np.diff(found[0].features[:5], axis=0), np.diff(raw, axis=0), atol=1e-6
    )


def test_the_document_holds_what_the_pairs_give(runs: list[StoredRun]) -> None:
    found = agreement.agreement(runs)
    assert found is not None
    assert found["kinds"] == ["untrained", "run", "run"]
    assert found["keys"][1:] == [run.id for run in runs]
    assert found["n"] == 1000
    assert found["chance"] == pytest.approx(10 / 999)
    assert found["seeds"] is None
    assert "--seeds" in " ".join(found["sentences"])
    kept = feature_spaces.of_runs(runs, plain=False)
    rows = agreement.common_rows(kept)
    at = np.searchsorted(kept[1].rows, rows)
    pair = pairwise(kept[1].features[at], rows, kept[2].features[at], rows, k=10, metric="cosine")
    assert found["overlap"][1][2] == pytest.approx(pair.mean, abs=1e-6)
    assert found == agreement.agreement(runs)
    json.dumps(found, allow_nan=False)
    text = agreement.as_text(found)
    assert f"{100 * found['overlap'][1][2]:5.0f}" in text[4]


def test_seeds_of_one_configuration_give_the_band(
    runs: list[StoredRun], monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = np.arange(300)
    base = RNG.standard_normal((300, 8)).astype(np.float32)

    def space(key: str, kind: Any, noise: float, configuration: str = "") -> Space:
        noisy = base + noise * RNG.standard_normal(base.shape).astype(np.float32)
        return Space(key, key, kind, rows, noisy, configuration)

    made = [
        space("untrained", "untrained", 3.0),
        space("a0", "run", 0.1, "a"),
        space("a1", "run", 0.1, "a"),
        space("a2", "run", 0.3, "a"),
        space("b0", "run", 2.0, "b"),
    ]
    monkeypatch.setattr(feature_spaces, "of_runs", lambda *_, **__: made)
    found = agreement.agreement(runs)
    assert found is not None
    assert found["seeds"]["pairs"] == 3
    shares = [found["overlap"][i][j] for i, j in ((1, 2), (1, 3), (2, 3))]
    assert found["seeds"]["overlap"] == [min(shares), max(shares)]
    said = " ".join(found["sentences"])
    assert "less than any two seeds of one do here" in said
    assert "(3 pairs)" in said


def test_configurations_are_equal_up_to_seed_and_device(runs: list[StoredRun]) -> None:
    def of(**changes: Any) -> str:
        config: Any = {**runs[0].config, **changes}
        return StoredRun(
            runs[0].home, dataclasses.replace(runs[0].row, config=config)
        ).configuration

    known = of()
    assert known == of(seed=3, device="cuda")
    assert known != of(budget={"steps": 6})
    assert agreement.seed_pairs([known, "", known, "other", ""]) == [(0, 2)]


def test_what_comes_from_elsewhere_takes_no_samples_away(runs: list[StoredRun]) -> None:
    (_, _, run, _) = feature_spaces.of_runs(runs)
    same = Space("outside same", "same", "outside", run.rows[100:], run.features[100:])
    few = Space("outside few", "few", "outside", run.rows[:5], run.features[:5])
    still = Space("outside still", "still", "outside", run.rows, np.ones((len(run.rows), 3)))
    found = agreement.agreement(runs, [same, few, still])
    assert found is not None
    assert found["titles"][-2:] == ["same", "still"]
    assert found["overlap"][1][3] == 1.0
    assert found["cka"][1][3] == pytest.approx(1.0)
    assert found["cka"][4] == [None] * 5
    assert any("few has too few" in note for note in found["notes"])
    assert any("still does not vary" in note for note in found["notes"])
    assert any("same shares" in line for line in found["sentences"])


def test_runs_without_embeddings_or_on_other_data_are_left_out(
    runs: list[StoredRun], tmp_path: Path
) -> None:
    home, row = runs[0].home, runs[0].row
    gone = StoredRun(tmp_path, row)
    assert agreement.agreement([gone]) is None
    config = {**row.config, "data": {**row.config["data"], "fingerprint": "other"}}
    other: RunRow = dataclasses.replace(row, config=config)
    found = agreement.agreement([runs[0], StoredRun(home, other), gone])
    assert found is not None
    assert len(found["keys"]) == 2
    assert "2 runs" in found["notes"][0]


def test_files_of_another_data_set_are_refused(runs: list[StoredRun], tmp_path: Path) -> None:
    from safetensors.numpy import load_file, save_file

    home, row = runs[0].home, runs[0].row
    shutil.copytree(home / "runs" / row.id, tmp_path / "runs" / row.id)
    path = tmp_path / "runs" / row.id / "embeddings.safetensors"
    arrays = load_file(path)
    save_file({**arrays, "index_train": arrays["index_train"] + 10**6}, path)
    with pytest.raises(RequestError, match="no embedding of some"):
        feature_spaces.of_runs([StoredRun(tmp_path, row)])


def test_a_sheet_shows_the_same_samples_by_every_way_of_seeing(runs: list[StoredRun]) -> None:
    near = neighbour_sheets.neighbour_sheet(runs, queries=3, k=4)
    assert near is not None
    fewer = neighbour_sheets.neighbour_sheet(runs[:1], queries=3, k=4)
    redrawn = neighbour_sheets.neighbour_sheet(runs, queries=3, draw=1)
    assert fewer is not None
    assert redrawn is not None
    assert near.queries.tolist() == fewer.queries.tolist()
    assert near.queries.tolist() != redrawn.queries.tolist()
    assert list(near.titles.values())[:2] == ["pixels only", "untrained encoder"]
    run = feature_spaces.of_runs(runs)[2]
    unit = run.features / np.linalg.norm(run.features, axis=1, keepdims=True)
    place = int(np.searchsorted(run.rows, near.queries[0]))
    order = np.argsort(-(unit @ unit[place]))
    assert set(near.by[run.key][0]) == set(run.rows[order[order != place][:4]])
    text = neighbour_sheets.as_html(near)
    assert text.count("<img") == 3 * (1 + 4 * 4)
    assert text.count("alt=") == text.count("<img")
    assert "http" not in text
    assert neighbour_sheets.neighbour_sheet([StoredRun(Path("/nowhere"), runs[0].row)]) is None

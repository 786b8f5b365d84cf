"""What the engine answers of one run in depth, on real runs of a few steps."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from run_making import copy_home

from workbench import paths
from workbench.config import AugmentStep
from workbench.engine.handlers import frames, invariance, sample_views
from workbench.engine.handlers.parts import encoder_cache
from workbench.engine.replies import SampleViews
from workbench.engine.requests import FramesRequest, InvarianceRequest, SampleViewsRequest
from workbench.errors import RequestError
from workbench.store.store import Store
from workbench.stored_runs import check_maps, feature_spaces, invariances
from workbench.stored_runs.stored_run import StoredRun


@pytest.fixture(scope="module")
def home(finished_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy that may be written to."""
    return copy_home(finished_home, tmp_path_factory.mktemp("inspected") / "home")


@pytest.fixture(scope="module")
def run(home: Path) -> StoredRun:
    """The run of the task simclr."""
    rows = Store.open(home).runs()
    return StoredRun(home, next(row for row in rows if row.config["task"] == "simclr"))


@pytest.fixture(scope="module")
def demo() -> str:
    """A stored demo run, which keeps neither an encoder nor checks."""
    return Store.open(paths.demo_home(), read_only=True).runs()[0].id


def views(home: Path, run_id: str, row: int) -> SampleViews:
    request = SampleViewsRequest(run_id, row, views=3, seed=0)
    return SampleViews.of(sample_views.handle(request, home))


def test_frames_are_those_of_the_stored_run(run: StoredRun) -> None:
    answer = frames.handle(FramesRequest(run.id, "h"), run.home).arrays
    maps = check_maps.of_run(run, "h")
    assert set(answer) == {field.name for field in dataclasses.fields(maps)}
    assert all(np.array_equal(answer[name], getattr(maps, name)) for name in answer)


@pytest.mark.parametrize("space", ["h", "x"])
def test_runs_without_checks_say_so(home: Path, demo: str, space: str) -> None:
    with pytest.raises(RequestError, match="has no checks"):
        frames.handle(FramesRequest(demo, space), home)
    with pytest.raises(RequestError, match="no run"):
        frames.handle(FramesRequest("../../etc"), home)


def test_encoders_in_memory_are_those_that_were_scored(run: StoredRun) -> None:
    encoders = encoder_cache.load(run)
    rows, h, u = feature_spaces.embedded(run)
    some = rows[(rows >= encoders.data.rows("validation").start)][:40]
    at = np.searchsorted(rows, some)
    x = encoders.batch(some).clean()
    for encoder, stored in ((encoders.encoder, h), (encoders.untrained, u)):
        off = np.abs(encoders.encode(encoder, x) - stored[at]).max() / np.abs(stored[at]).max()
        assert off < 5e-3
    assert not np.allclose(h[at], u[at], atol=1e-2)


def test_views_are_of_the_sample_that_was_asked_for(run: StoredRun) -> None:
    rows, h, _ = feature_spaces.embedded(run)
    assert run.data is not None
    for row in (int(rows[0]), int(rows[-1])):
        found = views(run.home, run.id, row)
        assert isinstance(found.shown, np.ndarray)
        assert found.h.shape[0] == 4
        stored = h[np.searchsorted(rows, row)]
        assert np.abs(found.h[0] - stored).max() < 0.02 * np.abs(stored).max()
        assert np.array_equal(found.shown[0][..., 0], run.data.images[row, 0])
        assert not np.array_equal(found.shown[1], found.shown[2])
        assert np.array_equal(found.shown, views(run.home, run.id, row).shown)


def test_no_view_is_made_of_a_test_sample(run: StoredRun) -> None:
    assert run.data is not None
    for row in (run.data.rows("test").start, 10**9, -1):
        with pytest.raises(RequestError, match="not of the training or validation"):
            views(run.home, run.id, row)


def test_a_run_without_an_encoder_says_what_is_missing(home: Path, demo: str) -> None:
    with pytest.raises(RequestError, match="no trained encoder") as caught:
        views(home, demo, 0)
    assert "demo" in str(caught.value.remedy)


def test_an_augmentation_is_measured_once_for_both_encoders(run: StoredRun) -> None:
    encoders = encoder_cache.load(run)
    trials = invariances.trials(encoders.config, encoders.data.info)
    assert [trial.step for trial in trials if trial.own] == list(encoders.config.augment or ())
    names = [trial.step.name for trial in trials]
    assert len(set(names)) == len(names)
    assert "grayscale" not in names, "gray images have no colour to take away"
    flip = next(trial for trial in trials if trial.step.name == "vertical_flip")
    row = invariance.handle(InvarianceRequest(run.id, flip.key), run.home).values
    assert 0 < row["trained"]["low"] < row["trained"]["value"] < row["trained"]["high"]
    assert row["trained"]["changed"] == row["untrained"]["changed"] > 0
    assert row["trained"]["value"] != row["untrained"]["value"]
    assert invariances.read_measurements(run.folder) == {flip.key: row}
    with pytest.raises(RequestError, match="not among"):
        invariance.handle(InvarianceRequest(run.id, "[]"), run.home)

    # Another encoder, as after a resume: what was measured is of no use any more.
    run.files.encoder.touch()
    assert invariances.read_measurements(run.folder) == {}


def test_the_identity_moves_no_sample(run: StoredRun) -> None:
    encoders = encoder_cache.load(run)
    plain = AugmentStep("rotation", {"degrees": 0.0})
    config = dataclasses.replace(encoders.config, augment=(plain,))
    still = dataclasses.replace(encoders, config=config)
    trials = invariances.trials(config, encoders.data.info)
    key = next(trial.key for trial in trials if trial.step.name == "rotation")
    row = invariance._measure(still, key)
    assert row["trained"]["value"] == row["trained"]["high"] == 0.0
    assert row["trained"]["changed"] == 0.0

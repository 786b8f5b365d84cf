"""What the engine answers of one run in depth, on real runs of a few steps."""

from __future__ import annotations

import dataclasses
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from workbench.config import AugmentStep
from workbench.engine import encoder_cache
from workbench.engine.handlers import frames, invariance, sample_views
from workbench.engine.wire import Message
from workbench.errors import RequestError
from workbench.store.store import Store
from workbench.stored_runs import feature_spaces, inspected, invariances, neighbours
from workbench.training.check_sample import rows as check_rows


@pytest.fixture(scope="module")
def own_home(finished_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy that may be written to."""
    own = tmp_path_factory.mktemp("inspected") / "home"
    shutil.copytree(finished_home, own, ignore=shutil.ignore_patterns("*.lock", "engine.json"))
    return own


@pytest.fixture(scope="module")
def run_id(own_home: Path) -> str:
    return next(row.id for row in Store.open(own_home).runs() if row.config["task"] == "simclr")


def ask(handler: Any, home: Path, **values: Any) -> Message:
    answer: Message = handler(Message(values), home)
    return answer


def test_frames_are_made_once_and_anew_when_checks_have_changed(
    own_home: Path, run_id: str
) -> None:
    first = ask(frames.frames, own_home, run=run_id, space="h").arrays
    place = inspected.find(own_home, run_id)
    files = inspected.check_files(place.folder)
    assert first["steps"].tolist() == [step for step, _ in files]
    assert first["xy"].shape[:2] == (len(files), len(load_file(str(files[0][1]))["h"]))
    kept = place.folder / "frames_h.safetensors"
    made = kept.stat().st_mtime_ns
    again = ask(frames.frames, own_home, run=run_id).arrays
    assert all(np.array_equal(first[name], again[name]) for name in first)
    assert kept.stat().st_mtime_ns == made

    changed = load_file(str(files[-1][1]))
    changed["h"] = changed["h"][::-1].copy()
    save_file(changed, str(files[-1][1]))
    assert frames.kept(place.folder, "h") is None
    other = ask(frames.frames, own_home, run=run_id).arrays
    assert not np.allclose(other["xy"][-1], first["xy"][-1])
    assert kept.stat().st_mtime_ns != made


def test_projections_have_frames_of_their_own(own_home: Path, run_id: str) -> None:
    h, z = (ask(frames.frames, own_home, run=run_id, space=s).arrays for s in "hz")
    assert not np.allclose(h["xy"], z["xy"])


def test_a_run_that_goes_on_and_a_home_that_is_only_read_keep_nothing(
    own_home: Path, run_id: str
) -> None:
    place = inspected.find(own_home, run_id)
    kept = place.folder / "frames_z.safetensors"
    kept.unlink(missing_ok=True)
    live = dataclasses.replace(place, row=dataclasses.replace(place.row, state="running"))
    for one in (live, dataclasses.replace(place, read_only=True)):
        assert len(frames.of_run(one, "z").steps)
        assert not kept.exists()


@pytest.mark.parametrize("space", ["h", "x"])
def test_runs_without_checks_say_so(own_home: Path, space: str) -> None:
    demo = next(row.id for row in Store.open(_demo(), read_only=True).runs())
    with pytest.raises(RequestError, match="has no checks"):
        ask(frames.frames, own_home, run=demo, space=space)
    with pytest.raises(RequestError, match="no run"):
        ask(frames.frames, own_home, run="../../etc")


def _demo() -> Path:
    from workbench import paths

    return paths.demo_home()


def test_encoders_in_memory_are_those_that_were_scored(own_home: Path, run_id: str) -> None:
    place = inspected.find(own_home, run_id)
    run = encoder_cache.load(place)
    rows, h, u = feature_spaces.embedded((own_home, place.row))
    some = rows[(rows >= run.data.rows("validation").start)][:40]
    at = np.searchsorted(rows, some)
    x = run.batch(some).clean()
    for encoder, stored in ((run.encoder, h), (run.untrained, u)):
        off = np.abs(run.encode(encoder, x) - stored[at]).max() / np.abs(stored[at]).max()
        assert off < 5e-3
    assert not np.allclose(h[at], u[at], atol=1e-2)


def test_views_are_of_the_sample_that_was_asked_for(own_home: Path, run_id: str) -> None:
    place = inspected.find(own_home, run_id)
    rows, h, _ = feature_spaces.embedded((own_home, place.row))
    data = feature_spaces.dataset((own_home, place.row))
    assert data is not None
    for row in (int(rows[0]), int(rows[-1])):
        found = ask(sample_views.sample_views, own_home, run=run_id, row=row, views=3, seed=0)
        assert found.arrays["h"].shape[0] == 4
        stored = h[np.searchsorted(rows, row)]
        assert np.abs(found.arrays["h"][0] - stored).max() < 0.02 * np.abs(stored).max()
        assert np.array_equal(found.arrays["pictures"][0][..., 0], data.images[row, 0])
        assert not np.array_equal(found.arrays["pictures"][1], found.arrays["pictures"][2])
        again = ask(sample_views.sample_views, own_home, run=run_id, row=row, views=3, seed=0)
        assert np.array_equal(found.arrays["pictures"], again.arrays["pictures"])


def test_no_view_is_made_of_a_test_sample(own_home: Path, run_id: str) -> None:
    data = feature_spaces.dataset((own_home, inspected.find(own_home, run_id).row))
    assert data is not None
    for row in (data.rows("test").start, 10**9, -1):
        with pytest.raises(RequestError, match="not of the training or validation"):
            ask(sample_views.sample_views, own_home, run=run_id, row=row, views=2, seed=0)


def test_a_run_without_an_encoder_says_what_is_missing(own_home: Path) -> None:
    demo = next(row.id for row in Store.open(_demo(), read_only=True).runs())
    with pytest.raises(RequestError, match="no trained encoder") as caught:
        ask(sample_views.sample_views, own_home, run=demo, row=0, views=2, seed=0)
    assert "demo" in str(caught.value.remedy)


def test_an_augmentation_is_measured_once_for_both_encoders(own_home: Path, run_id: str) -> None:
    place = inspected.find(own_home, run_id)
    run = encoder_cache.load(place)
    asked = invariances.asked(run.config, run.data.info)
    assert [one.step for one in asked if one.own] == list(run.config.augment or ())
    names = [one.step.name for one in asked]
    assert len(set(names)) == len(names)
    assert "grayscale" not in names, "gray images have no colour to take away"
    flip = next(one for one in asked if one.step.name == "vertical_flip")
    row = ask(invariance.invariance, own_home, run=run_id, key=flip.key).values
    assert 0 < row["trained"]["low"] < row["trained"]["value"] < row["trained"]["high"]
    assert row["trained"]["changed"] == row["untrained"]["changed"] > 0
    assert row["trained"]["value"] != row["untrained"]["value"]
    assert invariances.read(place.folder) == {flip.key: row}
    with pytest.raises(RequestError, match="not among"):
        ask(invariance.invariance, own_home, run=run_id, key="[]")

    # Another encoder, as after a resume: what was measured is of no use any more.
    (place.folder / inspected.ENCODER).touch()
    assert invariances.read(place.folder) == {}


def test_the_identity_moves_no_sample(own_home: Path, run_id: str) -> None:
    run = encoder_cache.load(inspected.find(own_home, run_id))
    plain = AugmentStep("rotation", {"degrees": 0.0})
    config = dataclasses.replace(run.config, augment=(plain,))
    still = dataclasses.replace(run, config=config)
    key = next(o.key for o in invariances.asked(config, run.data.info) if o.step.name == "rotation")
    row = invariance._measured(still, key)
    assert row["trained"]["value"] == row["trained"]["high"] == 0.0
    assert row["trained"]["changed"] == 0.0


def test_neighbours_are_the_nearest_by_cosine_among_train_and_validation(
    own_home: Path, run_id: str
) -> None:
    place = inspected.find(own_home, run_id)
    found = neighbours.read((own_home, place.row))
    rows, h, u = feature_spaces.embedded((own_home, place.row))
    data = feature_spaces.dataset((own_home, place.row))
    assert data is not None
    assert rows.max() < data.rows("test").start
    row = int(rows[7])
    for near, stored in zip(found.near(row, 5), (h, u), strict=True):
        unit = stored / np.linalg.norm(stored, axis=1, keepdims=True)
        cosine = unit @ unit[7]
        cosine[7] = -2
        assert np.allclose(near.cosine, np.sort(cosine)[::-1][:5], atol=1e-5)
        assert set(near.rows) == set(rows[np.argsort(-cosine)[:5]])
        assert row not in near.rows
    with pytest.raises(RequestError, match="none of the"):
        found.near(data.rows("test").start, 5)


def test_all_check_samples_may_be_asked_for_their_neighbours(own_home: Path, run_id: str) -> None:
    place = inspected.find(own_home, run_id)
    data = feature_spaces.dataset((own_home, place.row))
    assert data is not None
    count = len(load_file(str(inspected.check_files(place.folder)[0][1]))["h"])
    found = neighbours.read((own_home, place.row))
    assert set(check_rows(data.info, count)) <= set(found.rows.tolist())

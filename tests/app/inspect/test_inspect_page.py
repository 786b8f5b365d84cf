"""The Inspect page in every state that a run may be in, and whose samples it shows."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest
from page_reading import html as page
from page_reading import maps, press, texts
from safetensors.numpy import load_file, save_file
from streamlit.testing.v1 import AppTest

from workbench import paths
from workbench.data.thumbnails import thumbnails
from workbench.plots import sheets
from workbench.run_folder import INVARIANCE
from workbench.store.store import Store
from workbench.stored_runs import (
    check_maps,
    invariances,
    neighbours,
    stored_run,
    validation_predictions,
)
from workbench.stored_runs.stored_run import StoredRun

Open = Callable[..., AppTest]
LOOKS = ("Training", "Samples", "Augmentations", "Mistakes", "Settings")


@pytest.fixture(scope="module")
def own_home(finished_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A copy whose maps over training are made already, so that pages need no engine for them."""
    own = tmp_path_factory.mktemp("inspect") / "home"
    shutil.copytree(finished_home, own, ignore=shutil.ignore_patterns("*.lock", "engine.json"))
    for row in Store.open(own).runs():
        check_maps.of_run(stored_run.get(own, row.id), "h")
    yield own
    for process in psutil.process_iter(["cmdline"]):
        if any(str(own) in part for part in process.info["cmdline"] or ()):
            process.kill()


def simclr(home: Path) -> StoredRun:
    """The trained run, and none that ``another`` has added."""
    rows = [row for row in Store.open(home).runs() if row.config["task"] == "simclr"]
    return StoredRun(home, min(rows, key=lambda row: row.created))


@pytest.fixture
def opened(open_page: Open) -> Open:
    """Opens the page on a run, with one of its views."""

    def make(home: Path, run: str, look: str = "Training", **query: str) -> AppTest:
        return open_page(home, "inspect", run=run, look=look, **query)

    return make


def another(home: Path, **changes: Any) -> str:
    """A further run like the SimCLR one, with a folder of its own (``files``: what is in it)."""
    store, like = Store.open(home), simclr(home)
    config = json.loads(json.dumps(like.config))
    config["data"] |= changes.pop("data", {})
    run_id = store.add_run(config, digest="x", name=str(changes.pop("name", "other")))
    folder = paths.run_dir(home, run_id)
    shutil.copytree(like.folder, folder, dirs_exist_ok=True)
    keep = changes.pop("files", "*")
    for path in set(folder.iterdir()) - set(folder.glob(keep)):
        path.unlink()
    if changes.pop("summary", True):
        store.merge_summary(run_id, like.row.summary)
    store.update(run_id, **{"state": "finished", "started": 1.0, "ended": 2.0, **changes})
    return run_id


def remove(home: Path, run: str) -> None:
    """A run that only looks as if it were live may go, too."""
    store = Store.open(home)
    store.update(run, state="stopped")
    store.delete_run(run)


def pictures(run: StoredRun, rows: Any, side: int = 64) -> list[str]:
    data = run.samples
    assert data is not None
    small = thumbnails(data, np.asarray(rows), side=min(side, max(data.info.size or (1,))))
    return [sheets.picture(pixels, "").split('"')[1] for pixels in small]


def test_the_head_says_what_the_run_is_and_the_scrubber_how_it_is_drawn(
    opened: Open, own_home: Path
) -> None:
    run = simclr(own_home)
    app = opened(own_home, run.id)
    text = texts(app)
    assert "SimCLR" in text
    assert run.row.summary["verdict"]["reason"] in text
    assert "above the untrained encoder" in text or "no clear difference" in text
    assert {"Compare", "Runs"} <= {button.label for button in app.button}
    assert len(maps(app)) == 1
    assert "never stretched" in text
    assert app.query_params["step"] == "12"


def test_a_sample_in_the_address_is_shown_with_its_own_neighbours(
    opened: Open, own_home: Path
) -> None:
    run = simclr(own_home)
    features = neighbours.read(run)
    sample = int(features.rows[-3])
    shown = page(opened(own_home, run.id, sample=str(sample)))
    nearest = [of_encoder.rows for of_encoder in features.nearest(sample, 8)]
    expected = [p for rows in ([sample], *nearest) for p in pictures(run, rows)]
    sources = [part.split('"')[0] for part in shown.split('<img src="')[1:]]
    assert sources == expected


def test_a_sample_and_its_augmented_views_on_the_map(opened: Open, own_home: Path) -> None:
    """With the real engine: it makes the views."""
    run = simclr(own_home)
    sample = int(neighbours.read(run).rows[2])
    app = opened(own_home, run.id, "Samples", sample=str(sample))
    shown = page(app)
    assert shown.count('alt="augmented view') == 8
    assert "the sample as it is" in shown
    assert "placed by the same two directions" in texts(app)
    before = shown
    assert page(press(app, "Other views")) != before


def test_a_chosen_square_shows_just_its_samples(opened: Open, own_home: Path) -> None:
    run = simclr(own_home)
    predictions = validation_predictions.predictions(run)
    assert predictions is not None
    predicted = np.asarray(predictions.answers["linear probe"])
    wrong = np.flatnonzero(predicted != predictions.truth)[0]
    cell = (int(predictions.truth[wrong]), int(predicted[wrong]))
    app = opened(own_home, run.id, "Mistakes", cell=f"{cell[0]}-{cell[1]}")
    rows = predictions.rows[(predictions.truth == cell[0]) & (predicted == cell[1])]
    sources = [part.split('"')[0] for part in page(app).split('<img src="')[1:]]
    assert sources == pictures(run, rows[:40])
    (table,) = [t.value for t in app.dataframe if "predicted class" in t.value]
    assert table["samples"].is_monotonic_decreasing
    app.selectbox(key="inspect-said").set_value(cell[0]).run()
    assert not app.exception
    assert app.query_params["cell"] == f"{cell[0]}-{cell[0]}"


@pytest.mark.parametrize("cell", ["", "1", "9-99", "a-b", "-1--1", "99999999999-1"])
def test_any_square_may_stand_in_the_address(opened: Open, own_home: Path, cell: str) -> None:
    app = opened(own_home, simclr(own_home).id, "Mistakes", cell=cell)
    assert "<img" not in page(app)


def test_what_was_measured_is_shown_with_intervals(opened: Open, own_home: Path) -> None:
    run = simclr(own_home)
    assert run.data is not None
    config = invariances.config_with_plugins(run.config)
    trials = invariances.trials(config, run.data.info)
    app = opened(own_home, run.id, "Augmentations")
    assert [b.label for b in app.button if "Measure" in b.label] == [
        f"Measure {len(trials)} augmentations"
    ]
    one = {"value": 0.5, "low": 0.4, "high": 0.6, "n": 9, "changed": 1.0, "apart": 0.2}
    blind, lost = one | {"value": 0.01, "low": 0.0, "high": 0.02}, one | {"value": None}
    measured = {"samples": 9, "views": 2, "split": "validation", "untrained": one}
    for trial, trained in zip(trials, (one, blind, lost), strict=False):
        record = measured | {"trained": trained}
        text = invariances.extended_document(run.folder, trial.key, record)
        (run.folder / INVARIANCE).write_text(text, "utf-8")
    app = opened(own_home, run.id, "Augmentations")
    (table,) = [t.value for t in app.dataframe]
    assert list(table["trained"]) == ["0.01 [0.00, 0.02]", "0.50 [0.40, 0.60]", "no clear value"]
    assert table["augmentation"][0] == f"● {trials[1].title}"


def test_settings_that_differ_come_first(opened: Open, own_home: Path) -> None:
    app = opened(own_home, simclr(own_home).id, "Settings")
    chosen, rest = (frame.value for frame in app.dataframe)
    found = dict(zip(chosen["setting"], chosen["value"], strict=True))
    assert found["budget"] == "12 steps"
    assert found["train.batch_size"] == "64"
    assert dict(zip(chosen["setting"], chosen["default"], strict=True))["budget"] == "60 seconds"
    assert "task.temperature" in list(rest["setting"])
    assert "task.temperature" not in found
    assert "training" in app.code[0].value


@pytest.mark.parametrize("run", ["../../etc/passwd", "simclr-nothere", "x" * 400])
def test_an_unknown_run_is_said_and_another_one_offered(
    opened: Open, own_home: Path, run: str
) -> None:
    app = opened(own_home, run)
    assert "no run of this id" in texts(app)
    box = app.selectbox(key="inspect-run")
    app = box.set_value(simclr(own_home).id).run()
    assert not app.exception
    assert "no run of this id" not in texts(app)


@pytest.mark.parametrize("look", LOOKS)
def test_a_stored_demo_run_says_what_it_has_not_got(
    opened: Open, own_home: Path, look: str
) -> None:
    demo = Store.open(paths.demo_home(), read_only=True).runs()[0].id
    app = opened(own_home, demo, look, sample="3")
    if look != "Samples":
        assert "stored demo runs keep no" in texts(app)
    assert not app.warning or "collapse" in texts(app)


@pytest.mark.parametrize("look", LOOKS)
def test_a_run_that_trains_shows_what_there_is(opened: Open, own_home: Path, look: str) -> None:
    run = another(own_home, files="check_*", state="running", ended=None, summary=False)
    app = opened(own_home, run, look)
    if look == "Training":
        assert "The run is going on" in texts(app)
        assert not maps(app), "maps take time from the run: only when asked for"
        (toggle,) = [t for t in app.toggle if "checks so far" in t.label]
        assert not toggle.value
    remove(own_home, run)


@pytest.mark.parametrize(
    ("state", "expected"),
    [("failed", "ended before its first check"), ("queued", "No check is stored yet")],
)
def test_a_run_without_any_file(opened: Open, own_home: Path, state: str, expected: str) -> None:
    reason = "the loss became nan at step 3.\nGive a learning rate below 1."
    run = another(own_home, files="none", state=state, reason=reason, ended=None, summary=False)
    for look in LOOKS:
        app = opened(own_home, run, look)
        if look == "Training":
            assert expected in texts(app)
        if state == "failed":
            assert "the loss became nan" in texts(app)
    remove(own_home, run)


def test_data_that_are_gone_are_said_everywhere(opened: Open, own_home: Path) -> None:
    run = another(own_home, data={"fingerprint": "0123456789abcdef"})
    for look in LOOKS:
        app = opened(own_home, run, look, sample="1")
        assert not page(app)
        if look in ("Samples", "Augmentations"):
            assert "prepared" in texts(app) or "not on this machine" in texts(app)
    remove(own_home, run)


def test_data_without_labels_have_neighbours_and_no_mistakes(opened: Open, own_home: Path) -> None:
    labelled = simclr(own_home)
    folder = labelled.data_folder.with_name(f"{labelled.fingerprint[:8]}ffffffff")
    shutil.copytree(labelled.data_folder, folder)
    path = folder / "info.json"
    info = json.loads(path.read_text("utf-8"))
    path.write_text(json.dumps(info | {"targets": [], "fingerprint": folder.name}), "utf-8")
    run = another(own_home, data={"fingerprint": folder.name})
    stored_run.get(own_home, run).files.predictions("validation").unlink()
    app = opened(own_home, run, sample="700")
    # Three samples with five neighbours by pixels, untrained encoder and run open the page, and
    # eight samples that are least like the rest follow.
    assert page(app).count("<img") == 3 * (1 + 3 * 5) + 8 + 17
    assert "What does it find similar?" in texts(app)
    assert "What is least like the rest?" in texts(app)
    assert "label **" not in texts(app)
    (look,) = [one for one in app.button_group if one.label == "Look at"]
    assert "Mistakes" not in look.options
    assert "Training" in look.options
    # An old link to it opens the first view.
    assert "After each step" not in texts(opened(own_home, run, "Mistakes"))
    remove(own_home, run)


def test_a_handful_of_samples_is_enough(opened: Open, own_home: Path) -> None:
    run = another(own_home, files="check_*")
    few_samples = stored_run.get(own_home, run)
    for _, path in few_samples.files.checks():
        few = {name: values[:2].copy() for name, values in load_file(str(path)).items()}
        save_file(few, str(path))
    check_maps.of_run(few_samples, "h")
    app = opened(own_home, run)
    assert "The same 2 validation images" in texts(app)
    assert len(maps(app)) == 1
    remove(own_home, run)

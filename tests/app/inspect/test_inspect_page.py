"""The Inspect page in every state that a run may be in, and whose samples it shows."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest
from page_reading import html as page
from safetensors.numpy import load_file, save_file
from streamlit.testing.v1 import AppTest

from workbench import paths
from workbench.app import settings
from workbench.data.thumbnails import thumbnails
from workbench.engine.handlers import frames
from workbench.plots import sheets
from workbench.store.store import RunRow, Store
from workbench.stored_runs import (
    feature_spaces,
    inspected,
    invariances,
    neighbours,
    validation_predictions,
)

ENTRY = Path(settings.__file__).with_name("entry.py")
LOOKS = ("Training", "Samples", "Augmentations", "Mistakes", "Settings")


@pytest.fixture(scope="module")
def own_home(finished_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A copy whose maps over training are made already, so that pages need no engine for them."""
    own = tmp_path_factory.mktemp("inspect") / "home"
    shutil.copytree(finished_home, own, ignore=shutil.ignore_patterns("*.lock", "engine.json"))
    for row in Store.open(own).runs():
        frames.of_run(inspected.find(own, row.id), "h")
    yield own
    for process in psutil.process_iter(["cmdline"]):
        if any(str(own) in part for part in process.info["cmdline"] or ()):
            process.kill()


@pytest.fixture(autouse=True)
def _no_settings_left() -> Iterator[None]:
    yield
    settings.use(None)


def simclr(home: Path) -> RunRow:
    return next(row for row in Store.open(home).runs() if row.config["task"] == "simclr")


def opened(home: Path, run: str, look: str = "Training", **query: str) -> AppTest:
    settings.use(settings.AppSettings(home))
    app = AppTest.from_file(str(ENTRY), default_timeout=90).run()
    for name, value in {"run": run, "look": look, **query}.items():
        app.query_params[name] = value
    app.switch_page(str(paths.pages_dir() / "inspect_run.py")).run()
    assert not app.exception
    return app


def said(app: AppTest) -> str:
    kinds = (app.subheader, app.markdown, app.caption, app.error, app.warning, app.info)
    return "\n".join(str(element.value) for kind in kinds for element in kind)


def another(home: Path, **changes: Any) -> str:
    """A further run like the SimCLR one, with a folder of its own (``files``: what is in it)."""
    store, row = Store.open(home), simclr(home)
    config = json.loads(json.dumps(row.config))
    config["data"] |= changes.pop("data", {})
    run_id = store.add_run(config, digest="x", name=str(changes.pop("name", "other")))
    folder = paths.run_dir(home, run_id)
    shutil.copytree(paths.run_dir(home, row.id), folder, dirs_exist_ok=True)
    keep = changes.pop("files", "*")
    for path in set(folder.iterdir()) - set(folder.glob(keep)):
        path.unlink()
    if changes.pop("summary", True):
        store.merge_summary(run_id, row.summary)
    store.update(run_id, **{"state": "finished", "started": 1.0, "ended": 2.0, **changes})
    return run_id


def remove(home: Path, run: str) -> None:
    """A run that only looks as if it were live may go, too."""
    store = Store.open(home)
    store.update(run, state="stopped")
    store.delete_run(run)


def pictures(home: Path, row: RunRow, wanted: Any, side: int = 64) -> list[str]:
    data = feature_spaces.dataset((home, row))
    assert data is not None
    small = thumbnails(data, np.asarray(wanted), side=min(side, max(data.info.size or (1,))))
    return [sheets.picture(one, "").split('"')[1] for one in small]


def test_the_head_says_what_the_run_is_and_the_scrubber_how_it_is_drawn(own_home: Path) -> None:
    row = simclr(own_home)
    app = opened(own_home, row.id)
    text = said(app)
    assert "SimCLR" in text
    assert row.summary["verdict"]["reason"] in text
    assert "over the untrained encoder" in text or "not distinguishable" in text
    assert {"Compare", "Runs"} <= {button.label for button in app.button}
    assert len(app.get("bidi_component")) == 1
    assert "never stretched" in text
    assert app.query_params["step"] == "12"


def test_a_sample_in_the_address_is_shown_with_its_own_neighbours(own_home: Path) -> None:
    row = simclr(own_home)
    known = neighbours.read((own_home, row))
    sample = int(known.rows[-3])
    shown = page(opened(own_home, row.id, sample=str(sample)))
    found = [known.near(sample, 8)[i].rows for i in (0, 1)]
    expected = [p for rows in ([sample], *found) for p in pictures(own_home, row, rows)]
    sources = [part.split('"')[0] for part in shown.split('<img src="')[1:]]
    assert sources == expected


def test_a_sample_and_its_augmented_views_on_the_map(own_home: Path) -> None:
    """With the real engine: it makes the views."""
    row = simclr(own_home)
    sample = int(neighbours.read((own_home, row)).rows[2])
    app = opened(own_home, row.id, "Samples", sample=str(sample))
    shown = page(app)
    assert shown.count('alt="augmented view') == 8
    assert "the sample as it is" in shown
    assert "placed by the same two directions" in said(app)
    before = shown
    next(b for b in app.button if b.label == "Other views").click().run()
    assert not app.exception
    assert page(app) != before


def test_a_chosen_square_shows_just_its_samples(own_home: Path) -> None:
    row = simclr(own_home)
    found = validation_predictions.predictions(own_home, row.id)
    assert found is not None
    answers = np.asarray(found.answers["linear probe"])
    wrong = np.flatnonzero(answers != found.truth)[0]
    cell = (int(found.truth[wrong]), int(answers[wrong]))
    app = opened(own_home, row.id, "Mistakes", cell=f"{cell[0]}-{cell[1]}")
    mine = found.rows[(found.truth == cell[0]) & (answers == cell[1])]
    sources = [part.split('"')[0] for part in page(app).split('<img src="')[1:]]
    assert sources == pictures(own_home, row, mine[:40])
    (table,) = [t.value for t in app.dataframe if "said to be" in t.value]
    assert table["samples"].is_monotonic_decreasing
    app.selectbox(key="inspect-said").set_value(cell[0]).run()
    assert not app.exception
    assert app.query_params["cell"] == f"{cell[0]}-{cell[0]}"


@pytest.mark.parametrize("cell", ["", "1", "9-99", "a-b", "-1--1", "99999999999-1"])
def test_any_square_may_stand_in_the_address(own_home: Path, cell: str) -> None:
    app = opened(own_home, simclr(own_home).id, "Mistakes", cell=cell)
    assert "<img" not in page(app)


def test_what_was_measured_is_shown_with_intervals(own_home: Path) -> None:
    row = simclr(own_home)
    folder = paths.run_dir(own_home, row.id)
    data = feature_spaces.dataset((own_home, row))
    assert data is not None
    asked = invariances.asked(invariances.config_of(row.config), data.info)
    app = opened(own_home, row.id, "Augmentations")
    assert [b.label for b in app.button if "Measure" in b.label] == [
        f"Measure {len(asked)} augmentations"
    ]
    one = {"value": 0.5, "low": 0.4, "high": 0.6, "n": 9, "changed": 1.0, "apart": 0.2}
    blind, lost = one | {"value": 0.01, "low": 0.0, "high": 0.02}, one | {"value": None}
    told = {"samples": 9, "views": 2, "split": "validation", "untrained": one}
    for which, trained in zip(asked, (one, blind, lost), strict=False):
        text = invariances.document(folder, which.key, told | {"trained": trained})
        (folder / invariances.FILE).write_text(text, "utf-8")
    app = opened(own_home, row.id, "Augmentations")
    (table,) = [t.value for t in app.dataframe]
    assert list(table["trained"]) == ["0.01 [0.00, 0.02]", "0.50 [0.40, 0.60]", "cannot be told"]
    assert table["augmentation"][0] == f"● {asked[1].title}"


def test_settings_that_differ_come_first(own_home: Path) -> None:
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
def test_an_unknown_run_is_said_and_another_one_offered(own_home: Path, run: str) -> None:
    app = opened(own_home, run)
    assert "no run of this id" in said(app)
    box = app.selectbox(key="inspect-run")
    app = box.set_value(simclr(own_home).id).run()
    assert not app.exception
    assert "no run of this id" not in said(app)


@pytest.mark.parametrize("look", LOOKS)
def test_a_stored_demo_run_says_what_it_has_not_got(own_home: Path, look: str) -> None:
    demo = Store.open(paths.demo_home(), read_only=True).runs()[0].id
    app = opened(own_home, demo, look, sample="3")
    if look != "Samples":
        assert "stored demo runs keep no" in said(app)
    assert not app.warning or "collapse" in said(app)


@pytest.mark.parametrize("look", LOOKS)
def test_a_run_that_trains_shows_what_there_is(own_home: Path, look: str) -> None:
    run = another(own_home, files="check_*", state="running", ended=None, summary=False)
    app = opened(own_home, run, look)
    if look == "Training":
        assert "The run is going on" in said(app)
        assert not app.get("bidi_component"), "maps take time from the run: only when asked for"
        (toggle,) = [t for t in app.toggle if "checks so far" in t.label]
        assert not toggle.value
    remove(own_home, run)


@pytest.mark.parametrize(
    ("state", "expected"),
    [("failed", "ended before its first check"), ("queued", "No check is stored yet")],
)
def test_a_run_without_any_file(own_home: Path, state: str, expected: str) -> None:
    reason = "the loss became nan at step 3.\nGive a learning rate below 1."
    run = another(own_home, files="none", state=state, reason=reason, ended=None, summary=False)
    for look in LOOKS:
        app = opened(own_home, run, look)
        if look == "Training":
            assert expected in said(app)
        if state == "failed":
            assert "the loss became nan" in said(app)
    remove(own_home, run)


def test_data_that_are_gone_are_said_everywhere(own_home: Path) -> None:
    run = another(own_home, data={"fingerprint": "0123456789abcdef"})
    for look in LOOKS:
        app = opened(own_home, run, look, sample="1")
        assert not page(app)
        if look in ("Samples", "Augmentations"):
            assert "prepared" in said(app) or "not on this machine" in said(app)
    remove(own_home, run)


def test_data_without_labels_have_neighbours_and_no_mistakes(own_home: Path) -> None:
    row = simclr(own_home)
    cache = paths.cache_dir(own_home)
    print_ = str(row.config["data"]["fingerprint"])
    shutil.copytree(cache / print_, cache / f"{print_[:8]}ffffffff")
    path = cache / f"{print_[:8]}ffffffff" / "info.json"
    told = json.loads(path.read_text("utf-8"))
    path.write_text(json.dumps(told | {"targets": [], "fingerprint": path.parent.name}), "utf-8")
    run = another(own_home, data={"fingerprint": path.parent.name})
    (paths.run_dir(own_home, run) / validation_predictions.FILE).unlink()
    app = opened(own_home, run, sample="700")
    assert page(app).count("<img") == 17
    assert "label **" not in said(app)
    assert "no labels" in said(opened(own_home, run, "Mistakes"))
    remove(own_home, run)


def test_a_handful_of_samples_is_enough(own_home: Path) -> None:
    run = another(own_home, files="check_*")
    folder = paths.run_dir(own_home, run)
    for _, path in inspected.check_files(folder):
        few = {name: values[:2].copy() for name, values in load_file(str(path)).items()}
        save_file(few, str(path))
    frames.of_run(inspected.find(own_home, run), "h")
    app = opened(own_home, run)
    assert "The same 2 validation images" in said(app)
    assert len(app.get("bidi_component")) == 1
    remove(own_home, run)

"""The Pretrain page: tasks as cards, the form in its address, the estimate, clones, the launch."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from drawn_runs import dataset
from page_reading import labels, press, texts
from streamlit.testing.v1 import AppTest

from workbench import paths
from workbench.app.pretrain import pictures
from workbench.engine.client import EngineClient
from workbench.errors import EngineError
from workbench.jobs import supervisor
from workbench.store.store import Store
from workbench.stored_runs import hidden_test

Open = Callable[..., AppTest]


@pytest.fixture
def opened(open_page: Open, monkeypatch: pytest.MonkeyPatch) -> Open:
    """Opens the page on digits; pictures, which have a test of their own, are left out."""
    monkeypatch.setattr(pictures, "fill", lambda *_: None)
    monkeypatch.setattr(pictures, "large", lambda *_: None)

    def make(home: Path, **query: str) -> AppTest:
        # The digits lie prepared: no engine is needed to say so.
        data = dataset(home)
        monkeypatch.setattr(EngineClient, "prepare", lambda *_a, **_k: data)
        return open_page(home, "pretrain", **{"data": "sample:digits", **query})

    return make


def address(app: AppTest) -> dict[str, str]:
    """The address that the page wrote."""
    query: dict[str, Any] = dict(app.query_params.items())
    return {name: one if isinstance(one, str) else one[-1] for name, one in query.items()}


def code(app: AppTest) -> str:
    return "\n".join(block.value for block in app.code)


def box(app: AppTest, title: str) -> Any:
    return next(one for one in app.checkbox if one.label == title)


def test_six_tasks_come_first_then_all_by_family(opened: Open, own: Path) -> None:
    app = opened(own)
    assert len(app.checkbox) == 6
    assert [one.label for one in app.checkbox if one.value] == ["SimCLR"]
    assert "it must say by how much" in box(app, "Rotation").help
    show = next(one for one in app.button if one.label.startswith("Show all"))
    show.click().run()
    assert not app.exception
    assert f"Show all {len(app.checkbox)} tasks" == show.label
    assert "Clustering: agree on a cluster" in texts(app)
    assert "gains nothing on scenes" in texts(app), "a caution stands on its card"


def test_cards_are_chosen_and_stand_in_the_address(opened: Open, own: Path) -> None:
    app = opened(own, tasks="vicreg,rotation", seeds="2")
    assert [one.label for one in app.checkbox if one.value] == ["VICReg", "Rotation"]
    assert "Start the pilot (4 runs)" in labels(app)
    assert "2 tasks, 2 seeds, 20 s each" in texts(app)
    assert "15 s" in app.select_slider[0].options
    box(app, "SimCLR").set_value(True).run()
    assert address(app)["tasks"] == "vicreg,rotation,simclr"
    for title in ("VICReg", "Rotation", "SimCLR"):
        box(app, title).set_value(False).run()
    assert "Pick at least one task." in texts(app)
    assert not any(one.label.startswith("Start") for one in app.button)


def test_a_task_of_the_address_is_shown_beside_the_six(opened: Open, own: Path) -> None:
    app = opened(own, tasks="jigsaw,mlm,<x>")
    assert len(app.checkbox) == 7
    assert box(app, "Jigsaw puzzle").value
    assert "Not for these data, or unknown: Masked language modelling" in texts(app)


def test_tasks_for_other_data_give_way_to_one_that_fits(opened: Open, own: Path) -> None:
    app = opened(own, tasks="mlm")
    assert "Masked language modelling. SimCLR is chosen instead." in texts(app)
    assert box(app, "SimCLR").value
    assert "Start training" in labels(app)


def test_other_data_do_not_get_what_was_composed_but_the_offer_of_it(
    opened: Open, own: Path
) -> None:
    app = opened(own, tasks="simclr", augment="gaussian_blur p-0.3")
    assert "--augment gaussian_blur" in code(app)
    (data,) = [one for one in app.selectbox if one.label == "Data"]
    data.set_value("sample:shapes").run()
    assert not app.exception
    assert "gaussian_blur" not in code(app)
    assert "Augmentations composed for Handwritten digits are not used here." in texts(app)
    app = press(app, "Use them here, too")
    assert "--augment gaussian_blur" in code(app)
    assert "Use them here, too" not in labels(app)


def test_a_clone_is_named_by_what_was_changed(
    opened: Open, own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "ensure", lambda _home: None)
    row = next(row for row in Store.open(own).runs() if row.config["task"] == "simclr")
    app = opened(own, clone=row.id)
    (units,) = [one for one in app.number_input if one.label == "Training steps"]
    units.set_value(7).run()
    press(app, "Start training")
    (new,) = Store.open(own).runs(states=("queued",))
    assert new.name == "SimCLR, 7 steps (seed 0)"


def test_the_whole_form_stands_in_the_address(opened: Open, own: Path) -> None:
    query = {
        "tasks": "simclr",
        "steps": "77",
        "seeds": "2",
        "seed": "5",
        "encoder": "small_conv",
        "augment": "gaussian_blur p-0.3",
        "set.temperature": "0.3",
        "train.batch_size": "32",
        "eval.factors": "false",
    }
    app = opened(own, **query)
    assert not app.error
    first, second = code(app).splitlines()
    for words in (
        "--steps 77",
        "--set temperature=0.3",
        "--set train.batch_size=32",
        "--set eval.factors=false",
        "--encoder small_conv",
        "--augment none --augment gaussian_blur --augment gaussian_blur.p=0.3",
    ):
        assert words in first
    assert "--seed 5" in first
    assert "--seed 6" in second
    assert {name: address(app)[name] for name in query} == query


def test_what_an_address_says_wrongly_is_left_out_or_told(opened: Open, own: Path) -> None:
    app = opened(
        own,
        tasks="simclr",
        seconds="nan",
        encoder="x",
        **{"set.no": "1", "train.clip": "x"},
    )
    assert "Left out, as it cannot be read: no, clip" in texts(app)
    assert "--seconds 60" in code(app)
    app = opened(own, tasks="simclr", augment="no_such_thing")
    assert any("no_such_thing" in error.value for error in app.error)


def test_the_estimate_is_of_runs_that_were_alike(opened: Open, own: Path) -> None:
    store = Store.open(own)
    row = next(row for row in store.runs() if row.config["task"] == "simclr")
    spoken = {"samples_per_second": 640.0, "batch_size": 64, "seconds": 0.5}
    store.merge_summary(row.id, {"training": spoken})
    alike = {"tasks": "simclr", "encoder": "small_conv"}
    app = opened(own, steps="100", **alike, **{"train.batch_size": "32"})
    assert "steps unknown" in texts(app), "the batch of the finished run was another"
    app = opened(own, steps="100", **alike)
    assert "as one finished run of this kind went here" in texts(app)
    assert "100 steps of 64 images" in texts(app)
    assert "done at about" in texts(app)
    assert "Measure on this machine" not in labels(app)
    Store.open(own).add_run(Store.open(own).runs()[0].config, digest="d")
    assert "One run comes before" in texts(opened(own, steps="100", **alike))


def test_a_speed_can_be_measured(opened: Open, own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = opened(own, tasks="jigsaw", seconds="10")
    monkeypatch.setattr(
        EngineClient, "measure", lambda *_: {"samples_per_second": 1000.0, "batch_size": 100}
    )
    press(app, "Measure on this machine")
    assert "bout 100 steps of 100 images" in texts(app)
    assert "as just measured on this machine" in texts(app)


def test_a_measurement_that_fails_is_told(
    opened: Open, own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise EngineError("the engine did not start.")

    app = opened(own, tasks="jigsaw")
    monkeypatch.setattr(EngineClient, "measure", fail)
    press(app, "Measure on this machine")
    assert "The engine did not start" in texts(app)


def test_a_clone_has_the_settings_of_its_run(opened: Open, own: Path) -> None:
    row = next(row for row in Store.open(own).runs() if row.config["task"] == "simclr")
    app = opened(own, clone=row.id)
    assert "These are the settings of SimCLR (seed 0)" in texts(app)
    assert "--steps 5" in code(app)
    assert "clone" not in address(app)
    assert address(app)["steps"] == "5"
    assert "augment" not in address(app), "it had the task's own"
    stored = Store.open(paths.demo_home(), read_only=True).runs()[0]
    demo = opened(own, clone=stored.id)
    assert "These are the settings of" in texts(demo)
    assert "not here" in texts(opened(own, clone="simclr-nothere"))


def test_the_test_can_be_kept_closed_before_the_first_run(opened: Open, own: Path) -> None:
    app = opened(own, tasks="simclr")
    (switch,) = [one for one in app.toggle if one.label == "Hide test scores"]
    switch.set_value(True).run()
    assert not app.exception
    info = dataset(own).info
    assert hidden_test.visibility(Store.open(own), info.fingerprint).hidden


def test_several_tasks_and_seeds_are_launched_together(
    opened: Open, own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "ensure", lambda _home: None)
    app = opened(own, tasks="simclr,rotation", seeds="2", steps="3")
    press(app, "Start the pilot (4 runs)")
    queued = Store.open(own).runs(states=("queued",))
    assert sorted((row.config["task"], row.config["seed"]) for row in queued) == [
        ("rotation", 0),
        ("rotation", 1),
        ("simclr", 0),
        ("simclr", 1),
    ]
    assert len({row.experiment for row in queued}) == 1
    assert app.title[0].value == "Runs"
    assert "0 of 4 runs of this pilot have ended" in str(app.get("progress")[0].proto.text)


def test_a_card_shows_what_the_model_sees(open_page: Open, drawn_home: Path) -> None:
    app = open_page(drawn_home, "pretrain", data="sample:digits", tasks="rotation")
    html = [str(element.proto.body) for element in app.get("html")]
    pictured = [one for one in html if "must answer" in one or "sees" in one]
    assert len(pictured) >= 6
    assert sum('alt="original (original)"' in one for one in pictured) >= 5


def test_data_without_labels_have_no_test_scores_to_hide(opened: Open, own: Path) -> None:
    assert "Hide test scores" in [one.label for one in opened(own, tasks="simclr").toggle]
    data = own / "data"
    shared = data.resolve()
    data.unlink()
    shutil.copytree(shared, data)
    path = dataset(own).folder / "info.json"
    info = json.loads(path.read_text("utf-8"))
    path.write_text(json.dumps(info | {"targets": []}), "utf-8")
    app = opened(own, tasks="simclr")
    assert "Hide test scores" not in [one.label for one in app.toggle]
    assert [one for one in app.button if one.label.startswith("Start")]

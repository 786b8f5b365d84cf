"""The current data set: address, tab, person, samples; and the runs that are offered for it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
from page_reading import labels, press, texts
from PIL import Image
from streamlit.testing.v1 import AppTest

from workbench import paths
from workbench.store.store import Store

Open = Callable[..., AppTest]
_LOCAL = "current-data/local"


def card(app: AppTest) -> str:
    """The current data as the sidebar shows it."""
    bodies = [str(element.proto.body) for element in app.sidebar.get("html")]
    return "\n".join(bodies)


def turn_to(app: AppTest, page: str) -> AppTest:
    """The page by its link in the menu: the address is empty then."""
    for name in list(app.query_params.keys()):
        del app.query_params[name]
    app.switch_page(str(paths.pages_dir() / f"{page}.py")).run()
    assert not app.exception
    return app


def chosen(app: AppTest) -> str:
    return str(next(box.value for box in app.selectbox if box.label == "Data"))


def test_what_is_chosen_on_data_is_current_on_other_pages_and_in_the_next_visit(
    open_page: Open, own: Path
) -> None:
    app = open_page(own, "data", data="sample:shapes")
    assert "Drawn shapes" in card(app)
    assert "the first image of" in card(app)
    for page in ("augment", "pretrain"):
        assert chosen(turn_to(app, page)) == "sample:shapes", page
    assert "Drawn shapes" in card(turn_to(app, "learn"))
    # The address goes first, and another visit begins with the last choice of this person.
    assert "Handwritten digits" in card(open_page(own, "pretrain", data="sample:digits"))
    assert "Handwritten digits" in card(open_page(own, "runs"))
    assert "Drawn shapes" in card(turn_to(app, "runs")), "another tab changes nothing in this one"


def test_a_sample_set_has_its_picture_before_it_is_prepared(
    open_page: Open, tmp_path: Path
) -> None:
    app = open_page(tmp_path, "runs")
    assert "the first image of Handwritten digits" in card(app)
    assert "1,797 images, 10 classes" in card(app)
    Store.open(tmp_path).set_setting(_LOCAL, {"config": {"source": "sample:intents"}})
    app = open_page(tmp_path, "runs")
    assert "In October I got the wrong" in card(app)
    assert "not prepared yet" not in card(app)


def test_a_filter_of_runs_is_no_choice_of_data(open_page: Open, own: Path) -> None:
    Store.open(own).set_setting(_LOCAL, {"config": {"source": "sample:scans"}})
    app = open_page(own, "runs", data="sample:digits")
    assert "Handwritten digits" not in card(app)


def test_a_link_to_data_that_are_gone_says_so_with_ways_on(open_page: Open, own: Path) -> None:
    Store.open(own).set_setting(_LOCAL, {"config": {"source": "sample:digits"}})
    app = open_page(own, "pretrain", data=str(own / "nowhere"))
    assert "there is no" in texts(app)
    assert {"Choose other data", "Go on with Handwritten digits"} <= set(labels(app))
    next(b for b in app.button if b.label.startswith("Go on with")).click().run()
    assert chosen(app) == "sample:digits"
    assert not app.error
    app = open_page(own, "data", data=str(own / "nowhere"))
    assert "there is no" in texts(app)
    app = press(app, "Go on with Handwritten digits")
    assert not app.error
    assert "Handwritten digits" in card(app)


def test_what_was_chosen_last_and_is_gone_is_named(open_page: Open, own: Path) -> None:
    for record in ({"config": {"source": str(own / "photos")}}, "damaged", {"config": {"no": 1}}):
        Store.open(own).set_setting(_LOCAL, record)
        app = open_page(own, "learn")
        assert ("photos, chosen last, is not here now" in texts(app)) == ("photos" in str(record))


def test_runs_of_the_current_data_come_first_and_a_lack_of_them_is_said(
    open_page: Open, own: Path
) -> None:
    store = Store.open(own)
    digits = {row.id for row in store.runs()}
    store.set_setting(_LOCAL, {"config": {"source": "sample:shapes"}})
    for page in ("compare", "inspect", "try"):
        app = open_page(own, page)
        assert "These runs are on other data." in texts(app), page
        assert "Pretrain on Drawn shapes" in labels(app)
    other = store.add_run(
        {"task": "simclr", "data": {"source": "sample:scans"}, "seed": 0}, digest="d"
    )
    store.move(other, ("queued",), "stopped")
    store.set_setting(_LOCAL, {"config": {"source": "sample:digits"}})
    app = open_page(own, "inspect")
    assert app.selectbox[0].value in digits
    assert "on other data" not in texts(app)


def test_a_page_about_other_data_than_the_current_ones_says_so(open_page: Open, own: Path) -> None:
    store = Store.open(own)
    first, second = store.runs()
    shapes = {**second.config, "data": {"source": "sample:shapes"}}
    there = store.add_run(shapes, digest="d")
    store.update(there, state="finished", started=1.0, ended=2.0)
    store.set_setting(_LOCAL, {"config": {"source": "sample:shapes"}})
    line = "learned from Handwritten digits. The current data, in the sidebar, are Drawn shapes."
    for page in ("inspect", "try"):
        said = texts(open_page(own, page, run=first.id))
        assert f"The run on this page {line}" in said, page
    for ids, which in (
        ([first.id, second.id], f"The runs on this page {line}"),
        ([first.id, there], f"Some of the runs on this page {line}"),
    ):
        assert which in texts(open_page(own, "compare", runs=",".join(ids)))
    store.set_setting(_LOCAL, {"config": {"source": "sample:digits"}})
    assert "on this page learned" not in texts(open_page(own, "inspect", run=first.id))


def test_where_files_go_is_one_sentence_and_no_contradiction(open_page: Open, own: Path) -> None:
    for host, words in (
        ("127.0.0.1", "copied to the app's folder and stay on this computer."),
        ("0.0.0.0", "go to the computer that runs this app, and no further."),
    ):
        upload = texts(open_page(own, "data", host=host, source="Upload"))
        for said in (upload, texts(open_page(own, "start", host=host))):
            assert said.count(words) == 1
            assert "Nothing is uploaded" not in said


def test_few_images_get_a_warning(open_page: Open, own: Path, tmp_path: Path) -> None:
    folder = tmp_path / "few"
    folder.mkdir()
    for at in range(3):
        pixels = np.random.default_rng(at).integers(0, 255, (16, 16, 3), np.uint8)
        Image.fromarray(pixels).save(folder / f"{at}.png")
    app = open_page(own, "pretrain", data=str(folder))
    assert "Only 3 images." in texts(app)
    kept = Store.open(own).setting(_LOCAL)
    assert json.loads(json.dumps(kept))["config"]["source"] == str(folder)

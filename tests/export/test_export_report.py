from __future__ import annotations

import io
import json
import re
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

sys.path.insert(0, str(Path(__file__).parents[1] / "app"))
from drawn_runs import draw

from workbench import comparison, paths
from workbench.data import prepare_arrays
from workbench.errors import RequestError
from workbench.export.report.writer import gather, write_report
from workbench.store.store import Store
from workbench.stored_runs import hidden_test, stored_run


class _Reader(HTMLParser):
    """Addresses that the page loads, its text, and whether its tags close."""

    def __init__(self) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.words: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        self.loads += [str(named[k]) for k in ("src", "href", "srcset", "data") if k in named]
        if tag not in ("meta", "link", "br", "img"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] not in ("script", "style"):
            self.words.append(data)


def _read(path: Path) -> tuple[_Reader, str]:
    text = path.read_text("utf-8")
    reader = _Reader()
    reader.feed(text)
    assert not reader.open
    return reader, " ".join(" ".join(reader.words).split())


def _maps(path: Path) -> list[dict[str, Any]]:
    """The documents of the linked maps on the page."""
    found = re.search(r'id="linked-map-data">(.*?)</script>', path.read_text("utf-8"), re.DOTALL)
    assert found is not None
    return list(json.loads(found.group(1))["maps"])


def test_the_report_says_what_was_found(make_run: Any, tmp_path: Path) -> None:
    runs = [make_run(), make_run("vicreg", gain=-0.2, name="my second")]
    to = tmp_path / "out" / "report.html"
    write_report([run.run for run in runs], to)
    reader, words = _read(to)
    for phrase in (
        "2 runs side by side",
        comparison.title({"name": "", "config": runs[0].row.config}),
        "Data: notebook",
        "my second",
        "20.0 points above the untrained encoder, [+10.0, +30.0]",
        "below the untrained encoder",
        "collapse check: dimensional collapse",
        "The strongest direction holds 97 %.",
        "Batch: 30",
        "5 steps",
        "torch 2.13.0",
        "task simclr vicreg",
        "does not rank methods in the long run",
    ):
        assert phrase in words, phrase
    assert not reader.loads
    assert str(tmp_path) not in words
    (document,) = _maps(to)
    assert document["colourings"][0]["classes"] == ["cat", "dog"]
    assert "Trustworthiness 0.91 of 1" in document["panels"][0]["caption"]
    assert "Turned onto the first map" in document["panels"][1]["caption"]
    assert document["panels"][0]["subtitle"] == "collapse check: dimensional collapse"
    assert [path.name for path in to.parent.iterdir()] == ["report.html"]


def test_it_ends_with_what_to_do_next(make_run: Any, tmp_path: Path) -> None:
    fine = {"label": "no sign of collapse", "reason": "Std is 0.9.", "metrics": {}}
    runs = [make_run(gain=0.8, verdict=fine), make_run("moco_v2", verdict=fine, gain=-0.3)]
    to = tmp_path / "report.html"
    write_report([run.run for run in runs], to)
    _, words = _read(to)
    for phrase in (
        "Decision for each task",
        "run next Gain on test samples +80.0 points [+70.0, +90.0], above the untrained encoder",
        "ruled out Gain on test samples -30.0 points",
        "Decided on test samples, because there are no validation scores",
        "Test scores of 2 runs on",
    ):
        assert phrase in words, phrase


def test_it_opens_with_the_answer_and_pictures_and_folds_the_rest(
    make_run: Any, tmp_path: Path
) -> None:
    runs = [make_run(gain=0.8), make_run("vicreg", gain=0.1), make_run("rotation", gain=0.3)]
    to = tmp_path / "report.html"
    write_report([run.run for run in runs], to)
    text = to.read_text("utf-8").split("</head>")[1]
    opening, details = text.split("<h2>Details</h2>")
    parts = ("<ul>", "Next:", "does not rank", "<table>", "data-linked-map", "Gain over")
    places = [opening.index(part) for part in parts]
    assert places == sorted(places)
    assert "<details" not in opening
    folded = re.findall("<summary>(.*?)</summary>", details)
    for title in ("Collapse check", "Loss", "What differs between the runs", "All scores (3)"):
        assert title in folded
    # A loss of one task has no scale in common with that of another.
    assert [f"loss of {task}" in details for task in ("SimCLR", "VICReg", "Rotation")] == [True] * 3


def test_without_labels_it_shows_neighbours(tmp_path: Path) -> None:
    images = np.random.default_rng(0).integers(0, 255, (40, 12, 12, 3)).astype(np.uint8)
    source, data = prepare_arrays(images, tmp_path)
    ids = [draw(tmp_path, data, task, source=source) for task in ("simclr", "rotation")]
    to = tmp_path / "report.html"
    write_report([stored_run.get(tmp_path, one) for one in ids], to)
    _, words = _read(to)
    first = words[words.index("What does each run find similar?") : words.index("Embedding maps")]
    assert first.count("pixels only") == first.count("untrained encoder") == 3
    assert "nearest neighbours share the label" not in words
    assert "on test samples" not in words


def test_a_report_of_closed_runs_holds_no_test_score(make_run: Any, tmp_path: Path) -> None:
    kept = {"protocol": "knn", "metric": "accuracy", "target": "label", "split": "validation"}
    kept |= {"value": 0.123, "low": 0.1, "high": 0.15, "n": 12}
    run = make_run(
        validation_scores=[{**kept, "features": "trained", "representation": "h"}],
        validation_gains=[{**kept, "over": "random init"}],
    )
    hidden_test.switch(Store.open(run.home), run.data.info.fingerprint, on=True)
    to = tmp_path / "report.html"
    write_report([run.run], to)
    _, words = _read(to)
    assert "Test scores of these data are hidden" in words
    assert "12.3 points above the untrained encoder" in words
    assert "+20.0" not in words
    assert "20.0% [10.0%, 30.0%]" not in words


def test_plotly_is_there_once_and_styles_load_nothing(make_run: Any, tmp_path: Path) -> None:
    run = make_run()
    write_report([run.run], tmp_path / "report.html")
    text = (tmp_path / "report.html").read_text("utf-8")
    assert 4e6 < len(text) < 8e6
    assert text.count("plotly.js v") == 1
    assert text.count('type="module"') == 1
    for style in re.findall(r"<style>.*?</style>", text, re.DOTALL):
        assert "url(" not in style
        assert "@import" not in style
    assert "prefers-color-scheme: dark" in text


def test_names_are_text_and_never_markup(make_run: Any, tmp_path: Path) -> None:
    bad = "<script>alert(1)</script><img src=x>"
    run = make_run(name=bad, notes=[bad])
    other = make_run("vicreg")
    write_report([run.run, other.run], tmp_path / "report.html")
    text = (tmp_path / "report.html").read_text("utf-8")
    assert "<script>alert" not in text
    assert "<img" not in text
    assert _maps(tmp_path / "report.html")[0]["panels"][0]["title"] == bad
    assert "&lt;script&gt;alert(1)" in text


def test_a_failed_run_without_files_is_told_of(make_run: Any, tmp_path: Path) -> None:
    run, broken = make_run(), make_run("vicreg", verdict=None, gains=[], scores=[])
    for path in paths.run_dir(broken.home, broken.row.id).glob("*"):
        path.unlink()
    write_report([run.run, broken.run], tmp_path / "report.html")
    _, words = _read(tmp_path / "report.html")
    assert "There is no such map of this run." in words
    assert "no labels to score with" in words
    title = comparison.title({"name": "", "config": broken.row.config})
    assert f"{title}: not checked" in words


def test_maps_of_different_data_have_no_labels_in_common(make_run: Any) -> None:
    run, text = make_run(), make_run("mlm", encoder="text_mini", texts=True)
    assert gather([run.run, text.run]).samples is None
    to = run.home / "report.html"
    write_report([run.run, text.run], to)
    assert [len(document["panels"]) for document in _maps(to)] == [1, 1]
    samples = gather([text.run]).samples
    assert samples is not None
    assert samples.texts is not None


def test_equal_titles_are_told_apart(make_run: Any, tmp_path: Path) -> None:
    first, second = make_run(), make_run()
    write_report([first.run, second.run], tmp_path / "report.html")
    _, words = _read(tmp_path / "report.html")
    title = comparison.title({"name": "", "config": first.row.config})
    for stored in (first, second):
        assert f"{title}, {stored.row.id}" in words


def test_wrong_requests(make_run: Any, tmp_path: Path) -> None:
    run = make_run()
    with pytest.raises(RequestError, match="no run"):
        write_report([], tmp_path / "report.html")
    with pytest.raises(RequestError, match="folder"):
        write_report([run.run], tmp_path)


@pytest.mark.browser
def test_it_opens_in_a_browser_and_draws_everything(
    make_run: Any, tmp_path: Path, browser: Any
) -> None:
    runs = [make_run(), make_run("vicreg")]
    to = tmp_path / "report.html"
    write_report([run.run for run in runs], to)
    page = browser.new_page(viewport={"width": 390, "height": 844})
    # Reading plotly.js takes a busy machine half a minute.
    page.set_default_timeout(120_000)
    errors: list[str] = []
    requested: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("request", lambda request: requested.append(request.url))
    page.goto(to.as_uri(), wait_until="domcontentloaded")
    page.wait_for_function("document.querySelectorAll('.main-svg').length > 0")
    figures = page.locator(".plotly-graph-div")
    drawn = page.locator(".plotly-graph-div:has(.main-svg)")
    assert figures.count() == drawn.count() >= 4
    assert page.locator("canvas.top").count() == 2
    page.get_by_text("Collapse check", exact=True).click()
    chart = page.locator("details[open] .plotly-graph-div")
    page.wait_for_function(
        "document.querySelector('details[open] .main-svg').getBoundingClientRect().width < 390"
    )
    assert chart.bounding_box()["width"] < 390
    page_wide, screen = page.evaluate(
        "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"
    )
    page.get_by_text("Collapse check", exact=True).click()
    page.set_viewport_size({"width": 1280, "height": 800})
    page.wait_for_function("document.documentElement.scrollHeight <= 4 * 800")
    page.close()
    assert not errors
    assert page_wide <= screen
    assert all(address.startswith(("file:", "data:", "blob:")) for address in requested)


@pytest.mark.browser
def test_the_card_of_a_point_shows_its_own_picture(
    make_run: Any, tmp_path: Path, browser: Any
) -> None:
    run = make_run()
    count = run.data.info.counts["train"]
    thumbnails = np.zeros((count, 40, 40, 3), np.uint8)
    thumbnails[...] = (np.arange(count) * 4)[:, None, None, None]
    np.save(paths.run_dir(run.home, run.row.id) / "thumbnails.npy", thumbnails)
    to = tmp_path / "report.html"
    write_report([run.run], to)
    page = browser.new_page(viewport={"width": 390, "height": 844})
    page.goto(to.as_uri(), wait_until="domcontentloaded")
    page.locator("canvas.top").first.focus()
    page.keyboard.press("ArrowRight")
    card = page.locator(".card")
    card.wait_for()
    sample = int(card.inner_text().split("sample ")[1])
    box = card.locator(".picture").bounding_box()
    middle = {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2}
    shot = page.screenshot(clip={**middle, "width": 1, "height": 1})
    page.close()
    seen = Image.open(io.BytesIO(shot)).convert("L").getpixel((0, 0))
    assert abs(seen - 4 * sample) < 4

"""The linked map in a real browser, from a file: the right picture at the right place."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from workbench.api.figures import LinkedMaps
from workbench.plots.class_colours import NAMED
from workbench.plots.linked import (
    Colouring,
    Frames,
    MapPanel,
    Satellites,
    payload,
    sheet_of,
    standalone,
)
from workbench.plots.style import COLOURS, RAMP

pytestmark = pytest.mark.browser

Pixels = npt.NDArray[np.uint8]
Open = Callable[..., Any]
N = 12
ROWS = np.arange(N) * 3 + 5
# A lattice: neighbours lie much further apart than a pointer reaches.
XY = np.stack([np.arange(N) % 4, np.arange(N) // 4], axis=1).astype(float)
KINDS = np.arange(N) % 2
# One colour a sample, far from each other and from the page's.
PAINTS = np.stack([np.arange(N) * 20 + 10, 255 - np.arange(N) * 20, np.arange(N) % 3 * 90], axis=1)
SHEET = sheet_of(np.broadcast_to(PAINTS[:, None, None], (N, 8, 8, 3)).astype(np.uint8))
KIND = Colouring("kind", KINDS, ["cats", "dogs"])
# The second map lacks samples, and has the others in another order and at other places.
LEFT_OUT = (0, 7)
OTHERS = np.array([i for i in np.random.default_rng(3).permutation(N) if i not in LEFT_OUT])
PANELS = [MapPanel("First", XY, ROWS), MapPanel("Second", -XY[OTHERS], ROWS[OTHERS])]


@pytest.fixture(scope="module")
def context(browser: Any) -> Iterator[Any]:
    made = browser.new_context(viewport={"width": 1280, "height": 900})
    yield made
    made.close()


@pytest.fixture
def show(context: Any, tmp_path: Path) -> Iterator[Open]:
    """Opens a document from a file; errors and requests to hosts fail the test."""
    pages, wrong = [], []

    def make(document: dict[str, Any] | str, **more: Any) -> Any:
        text = document if isinstance(document, str) else standalone.html(document, "Maps <&>")
        (tmp_path / "map.html").write_text(text, "utf-8")
        page = context.new_page()
        pages.append(page)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on(
            "request", lambda request: wrong.append(request.url) if _host(request.url) else None
        )
        page.goto((tmp_path / "map.html").as_uri())
        return page

    yield make
    for page in pages:
        page.close()
    assert not wrong


def _host(url: str) -> bool:
    return not url.startswith(("file:", "data:", "blob:", "about:"))


def _document(**more: Any) -> dict[str, Any]:
    panels = more.pop("panels", PANELS)
    colourings = more.pop("colourings", [KIND])
    return payload(panels, colourings, more.pop("thumbnails", SHEET), **({"rows": ROWS} | more))


def _place(page: Any, number: int, xy: npt.NDArray[Any], point: npt.NDArray[Any]) -> list[float]:
    """Where a point of a fitted map lies on the page: Python's own computation."""
    box = page.locator("canvas.top").nth(number).bounding_box()
    low, high = xy.min(axis=0), xy.max(axis=0)
    scale = min((box["width"] - 48) / (high[0] - low[0]), (box["height"] - 48) / (high[1] - low[1]))
    x, y = (point - (low + high) / 2) * scale
    return [box["x"] + box["width"] / 2 + x, box["y"] + box["height"] / 2 - y]


def _seen(page: Any, x: float, y: float) -> list[int]:
    """The colour of the page at a place."""
    clip = {"x": round(x), "y": round(y), "width": 1, "height": 1}
    return list(_pixels(page.screenshot(clip=clip))[0, 0])


def _pixels(shot: bytes) -> Pixels:
    return np.asarray(Image.open(io.BytesIO(shot)).convert("RGB"))


def _stage(page: Any, number: int) -> Pixels:
    return _pixels(page.locator(".stage").nth(number).screenshot())


def _ink(picture: Pixels) -> npt.NDArray[np.bool_]:
    """What differs from the white page, without the stage's border."""
    return (picture.astype(int).min(axis=2) < 200)[3:-3, 3:-3]


def _settled(page: Any) -> None:
    page.evaluate("() => new Promise((done) => setTimeout(() => requestAnimationFrame(done), 60))")


def _rest(page: Any, number: int, sample: int) -> None:
    xy = PANELS[number].xy
    at = XY[sample] if number == 0 else -XY[sample]
    page.mouse.move(5, 5)
    page.locator(".card").wait_for(state="hidden")
    page.mouse.move(*_place(page, number, xy, at))


def _check_card(page: Any, number: int, sample: int) -> None:
    """Picture, class and id of the card are the sample's."""
    _rest(page, number, sample)
    card = page.locator(".card")
    card.wait_for()
    assert f"sample {ROWS[sample]}" in card.inner_text().split("\n")
    assert card.locator("strong").inner_text() == ["cats", "dogs"][KINDS[sample]]
    box = card.locator(".picture").bounding_box()
    seen = _seen(page, box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    assert np.abs(np.array(seen) - PAINTS[sample]).max() <= 3


def test_the_card_shows_the_hovered_sample_in_every_map(show: Open) -> None:
    page = show(_document())
    page.locator(".stage canvas").first.wait_for()
    for number, sample in [(0, 0), (0, 5), (0, 11), *[(1, int(i)) for i in OTHERS[:4]]]:
        _check_card(page, number, sample)


def test_the_card_is_right_after_filtering_and_faded_samples_have_none(show: Open) -> None:
    page = show(_document())
    page.get_by_role("button", name="dogs").click()
    for number, sample in [(0, 1), (0, 9), (1, 11), (1, 3)]:
        _check_card(page, number, sample)
    _rest(page, 0, 4)
    page.wait_for_timeout(300)
    assert page.locator(".card").is_hidden()


def test_no_card_stays_when_a_box_is_drawn(show: Open) -> None:
    page = show(_document())
    page.get_by_role("radio", name="Box").click()
    _rest(page, 0, 6)
    card = page.locator(".card")
    card.wait_for()
    page.mouse.down()
    page.mouse.move(*_place(page, 0, XY, XY[0]), steps=4)
    assert card.is_hidden()
    page.mouse.up()
    assert card.is_hidden()


def test_the_ring_is_drawn_in_all_maps_before_the_card(show: Open) -> None:
    page = show(_document())
    _settled(page)
    before = [_ink(_stage(page, k)) for k in (0, 1)]
    # Two moves: the page learns where the pointer is only when it moves.
    x, y = _place(page, 0, XY, XY[6])
    page.evaluate(
        """([x, y]) => {
            const canvas = document.querySelector("[data-linked-map]").shadowRoot
                .querySelector("canvas.top");
            canvas.dispatchEvent(new PointerEvent("pointermove", {clientX: x, clientY: y}));
            window.cardThen = !canvas.getRootNode().querySelector(".card").hidden;
        }""",
        [x, y],
    )
    page.locator(".card").wait_for()
    assert page.evaluate("window.cardThen") is False
    for number, at in [(0, XY[6]), (1, -XY[6])]:
        after = _ink(_stage(page, number))
        lines, columns = np.nonzero(after & ~before[number])
        box = page.locator(".stage").nth(number).bounding_box()
        px, py = _place(page, number, PANELS[number].xy, at)
        away = np.hypot(columns + 3 + box["x"] - px, lines + 3 + box["y"] - py)
        # The card covers a part of the map above the point.
        close = away[lines + 3 + box["y"] > py]
        assert len(close) > 8
        assert close.max() < 16


def test_colours_are_switched_in_the_browser(show: Open) -> None:
    wave = np.linspace(-2, 3, N)
    wave[5] = np.nan
    each = np.stack([KINDS, 1 - KINDS])
    looks = [KIND, Colouring("wave", wave, help="A wave."), Colouring("guess", each, ["no", "yes"])]
    looks.append(Colouring("paint", KINDS, ["yellow", "red"]))
    page = show(_document(colourings=looks))
    _settled(page)

    def colour(number: int, sample: int) -> npt.NDArray[Any]:
        at = XY[sample] if number == 0 else -XY[sample]
        return np.array(_seen(page, *_place(page, number, PANELS[number].xy, at)))

    def like(found: npt.NDArray[Any], wanted: str) -> bool:
        """Points are a little transparent on a white page."""
        full = np.array([int(wanted[k : k + 2], 16) for k in (1, 3, 5)])
        return bool(np.abs(found - (0.8 * full + 0.2 * 255)).max() < 12)

    assert like(colour(0, 1), COLOURS[1])
    choice = page.get_by_label("Colour by")
    choice.select_option("wave")
    _settled(page)
    assert like(colour(0, 0), RAMP[0])
    assert like(colour(0, 11), RAMP[-1])
    assert like(colour(1, 11), RAMP[-1])
    assert like(colour(0, 5), "#8b8b8b")
    legend = page.locator(".legend").inner_text().split()
    assert legend[:2] == ["-2", "3"]
    assert page.get_by_text("A wave.").is_visible()
    choice.select_option("guess")
    _settled(page)
    assert like(colour(0, 2), COLOURS[0])
    assert like(colour(1, 2), COLOURS[1])
    choice.select_option("paint")
    _settled(page)
    assert like(colour(0, 2), NAMED["yellow"])
    assert like(colour(0, 1), NAMED["red"])


def test_frames_move_the_first_map_and_play_to_the_end(show: Open) -> None:
    steps = [0, 10, 20]
    xy = np.stack([XY * 0.2, XY * 0.6, XY])
    curves = {"loss": [(0, 3.0), (10, 2.0), (20, 1.5)]}
    frames = Frames(steps, xy, np.linspace(0, 1, N), curves, np.ones((3, 4)))
    page = show(_document(frames=frames))
    slider = page.get_by_label("Step of training")
    assert slider.get_attribute("aria-valuetext") == "step 20"
    page.get_by_label("Trails").uncheck()
    _settled(page)

    def is_at(frame: int, sample: int) -> bool:
        everything = xy.reshape(-1, 2)
        return min(_seen(page, *_place(page, 0, everything, xy[frame, sample]))) < 200

    assert is_at(2, 11)
    slider.focus()
    page.keyboard.press("ArrowLeft")
    _settled(page)
    assert page.get_by_text("step 10", exact=True).is_visible()
    assert is_at(1, 11)
    assert not is_at(2, 11)
    assert page.get_by_role("img", name="loss: 2 at step 10").count() == 1
    page.get_by_role("button", name="Play").click()
    page.get_by_text("step 20", exact=True).wait_for()
    page.get_by_role("button", name="Play").wait_for()
    _settled(page)
    assert is_at(2, 11)


def test_trails_are_of_the_samples_that_moved_most(show: Open) -> None:
    moved = np.zeros(N)
    moved[11] = 1
    frames = Frames([0, 1], np.stack([XY * 0, XY]), moved)
    page = show(_document(frames=frames, panels=[PANELS[0]]))
    _settled(page)
    half = _place(page, 0, XY, XY[11] * 0.9)
    assert min(_seen(page, *half)) < 200
    page.get_by_label("Trails").uncheck()
    _settled(page)
    assert min(_seen(page, *half)) == 255


def test_maps_move_together_when_asked_to(show: Open) -> None:
    page = show(_document())
    _settled(page)
    start = _stage(page, 1)
    page.locator("canvas.top").first.focus()
    page.keyboard.press("+")
    _settled(page)
    assert (_stage(page, 1) == start).all()
    together = page.get_by_role("button", name="Move together")
    together.click()
    assert together.get_attribute("aria-pressed") == "true"
    _settled(page)
    once = _stage(page, 1)
    assert (once != start).any()
    page.locator("canvas.top").first.focus()
    page.keyboard.press("+")
    _settled(page)
    assert (_stage(page, 1) != once).any()
    page.get_by_role("button", name="Reset view").click()
    _settled(page)
    assert (_stage(page, 1) == start).all()


@pytest.mark.parametrize("kind", ["categories", "ramp"])
def test_webgl_and_canvas_draw_the_same_picture(show: Open, kind: str) -> None:
    rng = np.random.default_rng(0)
    rows = np.arange(300)
    panel = MapPanel("m", rng.normal(size=(300, 2)), rows)
    values = np.arange(300) % 96
    colouring = Colouring("c", values, [str(i) for i in range(96)])
    if kind == "ramp":
        colouring = Colouring("c", values / 1.0)
    pictures = []
    for renderer in ("webgl", "canvas"):
        page = show(payload([panel], [colouring], rows=rows, renderer=renderer))
        _settled(page)
        assert page.locator(".stage").get_attribute("data-drawn") == renderer
        pictures.append(_stage(page, 0))
    gl, plain = pictures
    both, either = _ink(gl) & _ink(plain), _ink(gl) | _ink(plain)
    assert either.sum() > 3000
    assert both.sum() > 0.85 * either.sum()
    assert np.abs(gl.astype(int) - plain)[3:-3, 3:-3][both].mean() < 12


RENDERER = """() => {
    const gl = document.createElement("canvas").getContext("webgl2");
    const info = gl?.getExtension("WEBGL_debug_renderer_info");
    return info ? gl.getParameter(info.UNMASKED_RENDERER_WEBGL) : "none";
}"""


def test_webgl_is_used_only_where_a_graphics_card_computes_it(show: Open) -> None:
    page = show(_document())
    _settled(page)
    slow = ("swiftshader", "llvmpipe", "software", "none")
    by_processor = any(name in page.evaluate(RENDERER).lower() for name in slow)
    drawn = page.locator(".stage").first.get_attribute("data-drawn")
    assert drawn == ("canvas" if by_processor else "webgl")


def test_a_lost_context_leaves_the_picture(show: Open) -> None:
    page = show(_document(renderer="webgl"))
    _settled(page)
    stage = page.locator(".stage").first
    assert stage.get_attribute("data-drawn") == "webgl"
    before = _ink(_stage(page, 0))
    base = stage.locator("canvas:not(.top)")
    base.evaluate("c => c.getContext('webgl2').getExtension('WEBGL_lose_context').loseContext()")
    page.locator('.stage[data-drawn="canvas"]').first.wait_for()
    _settled(page)
    after = _ink(_stage(page, 0))
    assert (before & after).sum() > 0.85 * (before | after).sum()


FEW = {
    "one point": XY[:1],
    "two points": np.array([[0.0, 0.0], [0.0, 1e-3]]),
    "all in one place": np.ones((N, 2)),
    "one far away": np.concatenate([XY[:-1], [[1e6, 1e6]]]),
}


@pytest.mark.parametrize("name", FEW)
def test_degenerate_maps_are_drawn_and_met(show: Open, name: str) -> None:
    xy = FEW[name]
    page = show(_document(panels=[MapPanel("m", xy, ROWS[: len(xy)])]))
    _settled(page)
    assert _ink(_stage(page, 0)).sum() > 10
    page.locator("canvas.top").focus()
    page.keyboard.press("ArrowRight")
    page.locator(".card").wait_for()
    if name == "all in one place":
        assert page.get_by_text("all 12 samples lie in one point").is_visible()


def test_augmented_views_stand_around_their_sample(show: Open) -> None:
    pictures = sheet_of(np.full((2, 8, 8, 3), [[[[200, 30, 40]]], [[[20, 40, 200]]]], np.uint8))
    views = np.array([[1.5, 0.5], [0.5, 1.5]])
    page = show(
        _document(satellites=Satellites(0, int(ROWS[5]), views, ["crop", "blur"], pictures))
    )
    page.get_by_role("group", name=f"Augmented views of sample {ROWS[5]}").wait_for()
    _settled(page)
    assert _seen(page, *_place(page, 0, XY, views[0])) == [200, 30, 40]
    assert _seen(page, *_place(page, 0, XY, views[1])) == [20, 40, 200]
    page.mouse.move(*_place(page, 0, XY, views[1]))
    page.locator(".card strong", has_text="blur").wait_for()


def test_a_notebook_shows_it_in_a_frame_that_grows(show: Open) -> None:
    made = LinkedMaps(standalone.html(_document()))
    page = show(f"<!doctype html><body>{made._repr_html_()}</body>")
    frame = page.frame_locator("iframe")
    frame.get_by_role("application").nth(1).wait_for()
    inner = frame.locator("html").evaluate("e => e.offsetHeight")
    page.wait_for_function(
        "h => Math.abs(document.querySelector('iframe').offsetHeight - h) < 9 && h > 300",
        arg=inner,
    )


def test_names_and_texts_are_never_markup(show: Open) -> None:
    bad = "</script><img src=http://example.org/x>"
    document = _document(
        panels=[MapPanel(bad, XY, ROWS, bad, bad)],
        colourings=[Colouring(bad, KINDS, [bad, "dogs"], help=bad)],
        texts=[bad] * N,
    )
    page = show(document)
    _rest(page, 0, 0)
    page.locator(".card").wait_for()
    assert page.locator("img").count() == 0
    assert page.locator(".card p").inner_text() == bad


def test_pictures_and_names_of_chosen_samples_stand_beside_the_maps_at_once(show: Open) -> None:
    names = [f"cats/{i:02d}.jpg" for i in range(N)]
    page = show(_document(names=names))
    pictures = page.locator(".pictures")
    assert pictures.get_by_role("button").count() == 0
    page.get_by_role("radio", name="Box", exact=True).click()
    (left, top), (right, bottom) = (_place(page, 0, XY, XY[i]) for i in (8, 5))
    page.mouse.move(left - 20, top - 20)
    page.mouse.down()
    page.mouse.move(right + 20, bottom + 20, steps=4)
    page.mouse.up()
    # No Python answers here: the browser alone shows them.
    pictures.get_by_role("button").first.wait_for()
    shown = pictures.get_by_role("button").all()
    assert [one.get_attribute("aria-label") for one in shown] == [names[i] for i in (4, 5, 8, 9)]
    box = shown[1].bounding_box()
    seen = _seen(page, box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    assert np.abs(np.array(seen) - PAINTS[5]).max() <= 3
    maps = page.locator(".panels").bounding_box()
    assert box["x"] > maps["x"] + maps["width"]
    page.get_by_role("radio", name="Move", exact=True).click()
    _rest(page, 0, 6)
    page.locator(".card").wait_for()
    assert page.locator(".card").inner_text().split("\n")[-2:] == [names[6], f"sample {ROWS[6]}"]
    page.get_by_role("button", name="Clear").click()
    assert pictures.get_by_role("button").count() == 0


def test_a_legend_of_many_classes_can_be_searched(show: Open) -> None:
    count = 65
    xy = np.stack([np.arange(count) % 10, np.arange(count) // 10], axis=1).astype(float)
    rows = np.arange(count)
    classes = [f"bird {i}" if i % 2 else f"Fish {i}" for i in range(count)]

    def drawn(classes: list[str]) -> Any:
        colouring = Colouring("kind", np.minimum(rows, len(classes) - 1), classes)
        return show(payload([MapPanel("Map", xy, rows)], [colouring], rows=rows))

    assert drawn(classes[:64]).get_by_label("Search classes").is_hidden()
    page = drawn(classes)
    field = page.get_by_label("Search classes")
    legend = page.locator(".legend").get_by_role("button")
    assert legend.count() == count
    field.fill("fish 6")
    assert legend.all_inner_texts() == ["Fish 6", "Fish 60", "Fish 62", "Fish 64"]
    field.press("Enter")
    chosen = page.locator(".legend button[aria-pressed=true]")
    assert chosen.all_text_contents() == ["Fish 6", "Fish 60", "Fish 62", "Fish 64"]
    field.fill("")
    assert legend.count() == count

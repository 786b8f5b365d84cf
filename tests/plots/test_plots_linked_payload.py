"""What goes to the browser and what comes back, without a browser."""

from __future__ import annotations

import base64
import io
import json
from typing import Any

import numpy as np
import pytest
from PIL import Image

from workbench.errors import RequestError
from workbench.plots.linked import (
    Colouring,
    Frames,
    MapPanel,
    Satellites,
    Sheet,
    decode,
    payload,
    sheet_of,
)
from workbench.plots.style import RAMP

ROWS = np.array([30, 10, 20, 40])
XY = np.arange(8, dtype=np.float64).reshape(4, 2)


def _floats(text: str) -> list[float]:
    return np.frombuffer(base64.b64decode(text), "<f4").tolist()


def _ints(text: str) -> list[int]:
    return np.frombuffer(base64.b64decode(text), "<i4").tolist()


def _made(**more: Any) -> dict[str, Any]:
    panels = more.pop("panels", [MapPanel("one", XY, ROWS, "passed")])
    return payload(panels, **({"rows": ROWS} | more))


def test_points_refer_to_samples_by_place() -> None:
    other = MapPanel("two", -XY[:3], np.array([40, 99, 30]))
    colouring = Colouring("kind", np.array([0, 1, -1, 0]), ("a", "b"))
    document = _made(panels=[MapPanel("one", XY, ROWS), other], colourings=[colouring])
    one, two = document["panels"]
    assert _ints(one["points"]) == [0, 1, 2, 3]
    assert _ints(two["points"]) == [3, 0]
    assert _floats(two["x"]) == [0, -4]
    assert _floats(one["y"]) == [1, 3, 5, 7]
    assert _ints(document["ids"]) == ROWS.tolist()
    assert _ints(document["colourings"][0]["values"][0]) == [0, 1, -1, 0]
    json.dumps(document)


def test_ids_from_outside_become_places() -> None:
    document = _made(selected=[20, 77], highlight=np.array([30]))
    assert document["selected"] == [2]
    assert document["highlight"] == [0]
    assert _made()["selected"] is None


def test_hidden_titles_are_nowhere_in_the_document() -> None:
    document = _made(panels=[MapPanel("SimCLR", XY, ROWS, "broken")] * 2, hide_titles=True)
    assert [panel["title"] for panel in document["panels"]] == ["A", "B"]
    assert "SimCLR" not in json.dumps(document)
    assert "broken" not in json.dumps(document)


def test_a_map_that_is_one_point_says_so() -> None:
    flat = MapPanel("flat", np.ones((4, 2)), ROWS, "complete collapse")
    assert "all 4 samples lie in one point" in _made(panels=[flat])["panels"][0]["subtitle"]
    assert "point" not in _made()["panels"][0]["subtitle"]


def test_texts_are_cut_to_one_line() -> None:
    document = _made(texts=["a\n b", "x" * 900, "", "d"])
    assert document["texts"][0] == "a b"
    assert len(document["texts"][1]) == 300


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"panels": []}, "panels"),
        ({"panels": [MapPanel("m", XY, ROWS)] * 5}, "panels"),
        ({"colourings": [Colouring("kind", np.zeros(3, int), ("a",))]}, "colourings"),
        ({"texts": ["one"]}, "texts"),
        ({"names": ["one.png"]}, "names"),
        ({"thumbnails": Sheet("/media/x.png", "image/png", 1, (4, 4), 3)}, "thumbnails"),
        ({"panels": [MapPanel("m", XY[:2], ROWS)]}, "rows"),
        ({"panels": [MapPanel("m", np.where(XY > 6, np.nan, XY), ROWS)]}, "panels[0].xy"),
        ({"panels": [MapPanel("m", np.where(XY > 6, np.inf, XY), ROWS)]}, "panels[0].xy"),
        ({"colourings": [Colouring("kind", np.zeros((2, 4)))]}, "colourings"),
        ({"colourings": [Colouring("kind", np.zeros(4))] * 2}, "colourings"),
        ({"satellites": Satellites(1, 30, XY, list("abcd"))}, "satellites.panel"),
        ({"satellites": Satellites(0, 30, XY, list("abc"))}, "satellites.names"),
        ({"frames": Frames([0, 1], np.zeros((2, 3, 2)), np.zeros(4))}, "frames.xy"),
        ({"frames": Frames([], np.zeros((0, 4, 2)), np.zeros(4))}, "frames.xy"),
        ({"frames": Frames([1, 0], np.zeros((2, 4, 2)), np.zeros(4))}, "frames.steps"),
        ({"frames": Frames([0, 1], np.zeros((2, 4, 2)), np.zeros(3))}, "frames.moved"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(wrong: dict[str, Any], field: str) -> None:
    with pytest.raises(RequestError) as caught:
        _made(**wrong)
    assert field in str(caught.value.field)


@pytest.mark.parametrize("seed", range(20))
def test_every_point_keeps_its_sample(seed: int) -> None:
    """Whatever order rows come in, and whichever a panel lacks: position and id stay together."""
    rng = np.random.default_rng(seed)
    rows = rng.permutation(1000)[: rng.integers(1, 60)]
    at = {int(row): rng.normal(size=2).astype(np.float32) for row in rows}
    panels = []
    for name in "ab":
        shown = rng.permutation(np.concatenate([rows, [2000, 2001]]))[: rng.integers(1, 60)]
        xy = np.array([at.get(int(row), np.zeros(2)) for row in shown])
        panels.append(MapPanel(name, xy, shown))
    document = payload(panels, rows=rows)
    ids = _ints(document["ids"])
    for panel, drawn in zip(panels, document["panels"], strict=True):
        found = [ids[place] for place in _ints(drawn["points"])]
        assert found == [row for row in panel.rows.tolist() if row in at]
        for row, x, y in zip(found, _floats(drawn["x"]), _floats(drawn["y"]), strict=True):
            assert (x, y) == tuple(at[row].tolist())
    chosen = np.flatnonzero(rng.random(len(rows)) < 0.5).tolist()
    back = decode({"choice": _sent(chosen, count=len(rows))}, rows)
    assert back.rows.tolist() == rows[chosen].tolist()


def test_values_go_as_classes_or_as_numbers_with_their_range() -> None:
    kinds = Colouring("kind", np.array([[0, 1, -1, 0], [1, 1, 0, -1]]), ("a", "b"), help="What.")
    numbers = Colouring("moved", np.array([0.5, np.nan, 2.0, -1.0]))
    nothing = Colouring("unknown", np.full(4, np.nan))
    document = _made(
        panels=[MapPanel("one", XY, ROWS)] * 2, colourings=[kinds, numbers, nothing], colour="moved"
    )
    first, second, third = document["colourings"]
    assert [_ints(row) for row in first["values"]] == [[0, 1, -1, 0], [1, 1, 0, -1]]
    assert first["help"] == "What."
    assert (second["low"], second["high"], second["classes"]) == (-1.0, 2.0, None)
    np.testing.assert_equal(_floats(second["values"][0]), [0.5, np.nan, 2.0, -1.0])
    assert third["low"] is None
    assert document["colour"] == "moved"
    assert _made(colourings=[numbers, nothing], colour="gone")["colour"] == "moved"
    assert _made(colour="gone")["colour"] is None
    json.dumps(document, allow_nan=False)


def test_frames_and_satellites_refer_to_samples_of_the_map() -> None:
    panel = MapPanel("one", XY, np.array([40, 99, 30, 10]))
    frames = Frames(
        [0, 5],
        np.stack([XY, XY + 100]),
        np.array([0.1, 0.9, 0.3, 0.4]),
        {"loss": [(0, 2.0), (5, float("nan"))]},
        np.ones((2, 3)),
    )
    around = [Satellites(0, 10, XY[:2], ["a", "b"]), Satellites(0, 77, XY[:1], ["c"])]
    document = _made(panels=[panel], frames=frames, satellites=around, step=0)
    drawn = document["frames"]
    assert _floats(drawn["x"][1]) == [100, 104, 106]
    np.testing.assert_allclose(_floats(drawn["moved"]), [0.1, 0.3, 0.4])
    assert drawn["curves"] == {"loss": [[0.0, 2.0]]}
    assert document["step"] == 0
    assert _made(panels=[panel], frames=frames)["step"] == 5
    (kept,) = document["satellites"]
    assert kept["anchor"] == 1
    assert kept["names"] == ["a", "b"]


def _sent(places: list[int], focus: Any = -1, count: int = 4) -> dict[str, Any]:
    bits = np.zeros(count, np.uint8)
    bits[places] = 1
    packed = np.packbits(bits, bitorder="little").tobytes()
    return {"count": count, "bits": base64.b64encode(packed).decode(), "focus": focus}


def test_a_choice_comes_back_as_sample_ids() -> None:
    found = decode({"choice": _sent([1, 3], focus=2)}, ROWS)
    assert found.rows.tolist() == [10, 40]
    assert found.focus == 20
    assert decode({"choice": _sent([])}, ROWS).focus is None


@pytest.mark.parametrize(
    "state",
    [
        None,
        "text",
        {},
        _sent([0], count=5),
        {"count": 4, "bits": "///", "focus": 0},
        {"count": 4, "bits": "", "focus": 0},
        {"count": 4, "bits": 7},
    ],
)
def test_what_does_not_fit_is_no_selection(state: Any) -> None:
    found = decode({"choice": state}, ROWS)
    assert len(found.rows) == 0
    assert found.focus is None


@pytest.mark.parametrize("focus", [4, -1, True, "1", None, 1.0])
def test_a_focus_that_is_no_place_is_none(focus: Any) -> None:
    assert decode({"choice": _sent([0], focus=focus)}, ROWS).focus is None


LOOKS = [Colouring("kind", np.zeros(4, int), ("a",)), Colouring("moved", np.zeros(4))]
STEPS = Frames([0, 5], np.zeros((2, 4, 2)), np.zeros(4))


def test_colour_step_and_name_come_back() -> None:
    state = {"look": {"colour": "moved", "step": 0}, "named": {"name": "  my\n group "}}
    found = decode(state, ROWS, LOOKS, frames=STEPS)
    assert (found.colour, found.step, found.named) == ("moved", 0, "my group")
    start = decode({}, ROWS, LOOKS, colour="moved", frames=STEPS, step=0)
    assert (start.colour, start.step, start.named) == ("moved", 0, "")
    assert decode({}, ROWS).colour is None
    assert len(decode({"named": {"name": "x" * 500}}, ROWS).named) == 60


@pytest.mark.parametrize("bad", [None, 3, "text", [], {"colour": 7, "step": "5", "name": 9}])
def test_hostile_looks_and_names_are_as_if_not_sent(bad: Any) -> None:
    found = decode({"look": bad, "named": bad}, ROWS, LOOKS, frames=STEPS)
    assert (found.colour, found.step, found.named) == ("kind", 5, "")
    odd = {"colour": "unknown", "step": True}
    assert decode({"look": odd}, ROWS, LOOKS, frames=STEPS).step == 5
    assert decode({"look": odd}, ROWS, LOOKS).colour == "kind"


def test_the_ramp_gets_lighter_and_is_seen_on_white_and_black() -> None:
    def light(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return sum(w * p for w, p in zip((0.2126, 0.7152, 0.0722), linear, strict=True))

    found = [light(colour) for colour in RAMP]
    assert found == sorted(found)
    assert 1.05 / (found[-1] + 0.05) > 2
    assert (found[0] + 0.05) / (light("#0e1117") + 0.05) > 2


def test_many_texts_are_cut_shorter() -> None:
    rows = np.arange(100_000)
    panel = MapPanel("m", np.zeros((1, 2)), rows[:1])
    document = payload([panel], rows=rows, texts=["x" * 200] * len(rows))
    assert len(document["texts"][0]) == 80


def test_the_sheet_holds_every_thumbnail_in_order() -> None:
    thumbnails = np.random.default_rng(0).integers(0, 255, (7, 8, 6, 3)).astype(np.uint8)
    sheet = sheet_of(thumbnails)
    assert (sheet.columns, sheet.tile, sheet.count) == (3, (6, 8), 7)
    assert isinstance(sheet.image, bytes)
    picture = np.asarray(Image.open(io.BytesIO(sheet.image)))
    for i, thumbnail in enumerate(thumbnails):
        top, left = (i // 3) * 8, (i % 3) * 6
        np.testing.assert_array_equal(picture[top : top + 8, left : left + 6], thumbnail)
    document = _made(thumbnails=sheet_of(thumbnails[:4]))
    assert document["sheet"]["address"].startswith("data:image/png;base64,")
    assert document["sheet"]["down"] == 2


def test_large_thumbnails_are_made_smaller() -> None:
    sheet = sheet_of(np.zeros((2, 224, 160, 3), np.uint8))
    assert max(sheet.tile) <= 64
    assert sheet.mime == "image/jpeg"


def test_a_sheet_of_very_many_stays_small_enough_for_a_browser() -> None:
    sheet = sheet_of(np.zeros((20_000, 64, 64, 1), np.uint8).repeat(3, axis=3)[:, ::4, ::4])
    assert isinstance(sheet.image, bytes)
    assert max(Image.open(io.BytesIO(sheet.image)).size) <= 8192

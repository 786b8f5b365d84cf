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
from workbench.plots.linked import Colouring, MapPanel, Sheet, decode, payload, sheet_of

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
        ({"thumbnails": Sheet("/media/x.png", "image/png", 1, (4, 4), 3)}, "thumbnails"),
        ({"panels": [MapPanel("m", XY[:2], ROWS)]}, "rows"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(wrong: dict[str, Any], field: str) -> None:
    with pytest.raises(RequestError) as caught:
        _made(**wrong)
    assert field in str(caught.value.field)


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

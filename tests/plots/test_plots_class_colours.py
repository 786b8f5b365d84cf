"""Classes that are named by colours are drawn in their own."""

from __future__ import annotations

import colorsys
import io

import numpy as np
import pytest
from PIL import Image

from workbench import plots
from workbench.plots import class_colours, style
from workbench.plots.linked import Colouring, payload
from workbench.plots.thumbnail import map_png

HUES = ["red", "orange", "yellow", "green", "blue", "purple"]
XY = np.array([[0.0, 0.0], [1.0, 1.0]])


def _parts(colour: str) -> list[float]:
    return [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]


def _light(colour: str) -> float:
    """Relative luminance, as WCAG has it."""
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in _parts(colour)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_hues_are_those_of_their_names() -> None:
    wanted = {"red": 0, "orange": 30, "yellow": 52, "green": 130, "blue": 220, "purple": 275}
    own = class_colours.own_colours(HUES)
    assert own is not None
    for name, colour in zip(HUES, own, strict=True):
        turn = 360 * colorsys.rgb_to_hsv(*_parts(colour))[0]
        assert abs((turn - wanted[name] + 180) % 360 - 180) < 12, name


@pytest.mark.parametrize("name", class_colours.NAMED)
def test_own_colours_are_seen_on_light_and_dark_pages(name: str) -> None:
    light = _light(class_colours.NAMED[name])
    assert 1.05 / (light + 0.05) >= 1.9
    assert (light + 0.05) / (_light("#0e1117") + 0.05) >= 2.6


@pytest.mark.parametrize(
    "classes", [(), ["red"], ["red", "cat"], ["red", "Red "], ["gray", "grey"], ["0", "1"]]
)
def test_other_classes_keep_the_usual_colours(classes: list[str]) -> None:
    assert class_colours.own_colours(classes) is None
    assert class_colours.look(classes, 13) == (style.COLOURS[1], style.SYMBOLS[1])
    assert class_colours.look(classes, -1) == (style.UNLABELLED, "circle")


def test_every_kind_of_map_draws_a_red_class_red() -> None:
    red = class_colours.NAMED["red"]
    panel = plots.MapPanel("one", XY, np.arange(2))
    kinds = np.array([1, 0])
    document = payload(
        [panel], [Colouring("paint", kinds, (" Blue", "Red"))], rows=np.arange(2), texts=None
    )
    assert document["colourings"][0]["colours"] == [class_colours.NAMED["blue"], red]
    figure = plots.embedding_figure([panel], kinds, ["blue", "red"])
    assert {trace.name: trace.marker.color for trace in figure.data}["red"] == red
    drawn = Image.open(io.BytesIO(map_png(XY, kinds, ("blue", "red"), size=(100, 100), dot=4)))
    seen = np.asarray(drawn.convert("RGBA"))[93, 6, :3] / 255
    assert np.abs(seen - _parts(red)).max() < 0.03

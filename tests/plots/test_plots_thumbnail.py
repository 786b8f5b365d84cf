"""Still pictures of cards: maps and curves, without plotly."""

from __future__ import annotations

import io
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

from workbench.plots import style
from workbench.plots.thumbnail import map_png, sparkline_svg


def pixels(png: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGBA"))


def colour(index: int) -> np.ndarray:
    text = style.COLOURS[index]
    return np.array([int(text[at : at + 2], 16) for at in (1, 3, 5)])


def test_each_class_has_its_colour_where_it_lies() -> None:
    xy = np.array([[0.0, 0.0], [1.0, 1.0]])
    drawn = pixels(map_png(xy, np.array([0, 1]), size=(100, 100), dot=4))
    assert drawn.shape == (100, 100, 4)
    # The first lies below at the left, the second above at the right.
    assert np.abs(drawn[93, 6, :3].astype(int) - colour(0)).max() <= 6
    assert np.abs(drawn[6, 93, :3].astype(int) - colour(1)).max() <= 6
    assert drawn[50, 50, 3] == 0


def test_both_axes_have_one_scale() -> None:
    xy = np.array([[0.0, 0.0], [10.0, 0.0], [5.0, 1.0]])
    rows = np.nonzero(pixels(map_png(xy, size=(200, 100)))[..., 3].max(axis=1))[0]
    assert rows.max() - rows.min() < 25


@pytest.mark.parametrize(
    "xy",
    [
        np.zeros((0, 2)),
        np.zeros((50, 2)),
        np.array([[np.nan, 1.0], [np.inf, 0.0]]),
        np.array([[1e-30, 0.0], [0.0, 0.0]]),
        np.array([[3.0, 4.0]]),
    ],
)
def test_any_map_can_be_drawn(xy: np.ndarray) -> None:
    assert pixels(map_png(xy, size=(60, 40))).shape == (40, 60, 4)


def test_a_collapsed_map_is_one_dot_in_the_middle() -> None:
    drawn = pixels(map_png(np.full((50, 2), 7.0), size=(60, 40)))[..., 3]
    rows, columns = np.nonzero(drawn)
    assert abs(rows.mean() - 19.5) < 1
    assert abs(columns.mean() - 29.5) < 1
    assert len(rows) < 40


def test_a_curve_goes_from_left_to_right_and_says_what_it_is() -> None:
    svg = ElementTree.fromstring(sparkline_svg([(0, 4.0), (5, 2.0), (10, 1.0)], 'a "b" <c>'))
    assert svg.get("aria-label") == 'a "b" <c>'
    (line,) = svg.findall("{http://www.w3.org/2000/svg}polyline")
    places = [tuple(map(float, p.split(","))) for p in line.get("points", "").split()]
    assert [x for x, _ in places] == [0.0, 60.0, 120.0]
    assert places[0][1] < places[1][1] < places[2][1]


def test_guessing_is_drawn_where_it_lies_within() -> None:
    points = [(0, 4.0), (10, 1.0)]
    assert "<line" in sparkline_svg(points, "loss", level=2.0)
    assert "<line" not in sparkline_svg(points, "loss", level=9.0)


def test_too_few_points_are_no_curve() -> None:
    assert sparkline_svg([], "loss") == ""
    assert sparkline_svg([(0, 1.0), (1, float("nan"))], "loss") == ""
    assert "nan" not in sparkline_svg([(0, 1.0), (1, 1.0), (2, float("inf"))], "loss")

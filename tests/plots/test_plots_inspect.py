"""The figures of the Inspect page."""

from __future__ import annotations

import numpy as np

from workbench.plots.confusion import confusion_figure
from workbench.plots.invariance import invariance_figure


def test_every_square_with_samples_can_be_clicked_and_says_what_it_is() -> None:
    matrix = np.array([[5, 0, 1], [0, 4, 0], [2, 0, 8]])
    squares, points = confusion_figure(matrix, ("cat", "dog", "owl")).data
    assert [tuple(one) for one in points.customdata] == [(0, 0), (0, 2), (1, 1), (2, 0), (2, 2)]
    assert list(points.y) == [0, 0, 1, 2, 2]
    assert list(points.x) == [0, 2, 1, 0, 2]
    assert points.text[1] == "cat, taken for owl: 1 of 6 (17%)"
    assert points.text[2] == "dog, rightly: 4 of 4 (100%)"
    assert squares.z[2][0] == 0.2
    assert np.isnan(squares.z[0][1])
    assert list(squares.text[0]) == ["5", "", "1"]


def test_a_hundred_classes_stay_readable() -> None:
    names = [f"class number {i}" for i in range(100)]
    figure = confusion_figure(np.eye(100, dtype=np.int64), names)
    assert figure.layout.height < 800
    assert 20 <= len(figure.layout.xaxis.tickvals) <= 40
    assert figure.data[0].texttemplate is None
    assert max(len(name) for name in figure.layout.xaxis.ticktext) <= 16


def test_invariance_shows_both_encoders_with_intervals_and_leaves_out_what_cannot_be_told() -> None:
    movement = {"value": 0.5, "low": 0.4, "high": 0.7}
    nothing = {"value": None, "low": None, "high": None}
    rows = [
        ("Mirror", {"trained": movement, "untrained": movement | {"value": 0.6}}),
        ("Turn", {"trained": nothing, "untrained": movement}),
    ]
    figure = invariance_figure(rows)
    trained, untrained = figure.data
    assert (trained.name, untrained.name) == ("trained", "untrained encoder")
    assert list(trained.x) == [0.5]
    assert list(untrained.x) == [0.6, 0.5]
    assert np.allclose(trained.error_x.array, [0.2])
    assert np.allclose(trained.error_x.arrayminus, [0.1])
    assert list(figure.layout.yaxis.ticktext) == ["Mirror", "Turn"]
    assert [shape.x0 for shape in figure.layout.shapes] == [1.0]

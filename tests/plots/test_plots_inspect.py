"""The figures of the Inspect page."""

from __future__ import annotations

import numpy as np

from workbench import plots
from workbench.plots import style
from workbench.plots.confusion import confusion_figure
from workbench.plots.histogram import histogram_figure
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


def test_the_label_of_a_mark_stands_where_it_is_not_cut() -> None:
    sizes = np.arange(20, 400)
    for mark, side in ((64.0, "left"), (380.0, "right"), (10.0, "left"), (500.0, "right")):
        figure = histogram_figure({"width": sizes}, title="pixels", mark=mark, mark_title="side")
        (label,) = figure.layout.annotations
        assert label.xanchor == side, mark


def test_seeds_of_one_configuration_share_a_colour() -> None:
    shades = style.shades({"SimCLR, 0": "s", "SimCLR, 1": "s", "MAE, 0": "m"})
    assert shades == {"SimCLR, 0": 0, "SimCLR, 1": 0, "MAE, 0": 1}
    curve = [(0, 1.0), (1, 0.5)]
    losses = plots.curves_figure(dict.fromkeys(shades, curve), shades=shades)
    checks = plots.checks_figure(
        {title: {"check.z.std_sqrt_d": curve} for title in shades}, shades=shades
    )
    spectra = plots.spectrum_figure(
        {title: {"h": {"trained": [2.0, 1.0]}} for title in shades}, shades=shades
    )
    for figure in (losses, checks, spectra):
        first, second, other = figure.data[:3]
        assert first.line.color == second.line.color == style.COLOURS[0]
        assert other.line.color == style.COLOURS[1]
        assert (first.opacity, second.opacity, other.opacity) == (1.0, 0.55, 1.0)

"""The figures of the Learn page: what is drawn is what was given."""

from __future__ import annotations

import pytest

from workbench.plots import factors_figure, levels_figure, pooled_figure, tally_figure


def test_factors_are_written_in_percent_and_shaded_within_their_column() -> None:
    rows = {"SimCLR": {"label": 0.47, "colour": 0.94}, "pixels": {"label": 0.43, "size": 0.6}}
    (heat,) = factors_figure(rows).data
    assert list(heat.x) == ["label", "colour", "size"]
    assert [list(row) for row in heat.text] == [["47", "94", ""], ["43", "", "60"]]
    assert [list(row) for row in heat.z] == [[pytest.approx(0.4), 0, None], [0, None, 0]]
    assert factors_figure({}).data


def test_noise_is_not_shaded_as_a_finding() -> None:
    rows = {"a": {"ground": 0.20, "hue": 0.3}, "b": {"ground": 0.22, "hue": 0.9}}
    (heat,) = factors_figure(rows).data
    assert [row[0] for row in heat.z] == [0, pytest.approx(0.2)]
    assert [row[1] for row in heat.z] == [0, 1]


def test_levels_are_drawn_with_their_intervals() -> None:
    row = {"value": 0.7, "low": 0.65, "high": 0.72, "n": 100}
    (dots,) = levels_figure([("TF-IDF", row)]).data
    assert list(dots.x) == [0.7]
    assert list(dots.error_x.array) == pytest.approx([0.02])
    assert list(dots.error_x.arrayminus) == pytest.approx([0.05])


def test_the_band_begins_with_two_seeds() -> None:
    band, mean = pooled_figure([(1, 0.03, 0.03, 0.03), (2, 0.04, -0.1, 0.2)]).data
    assert list(mean.x) == [1, 2]
    assert list(mean.y) == pytest.approx([3, 4])
    assert list(band.x) == [2, 2]
    assert list(band.y) == pytest.approx([20, -10])
    assert len(pooled_figure([]).data) == 2


def test_an_answer_is_written_out_and_one_may_stand_out() -> None:
    long = "It does as well: negatives are negatives, whatever the temperature may be here."
    figure = tally_figure([(long, 3), ("It collapses.", 0)], marked=1)
    (bars,) = figure.data
    assert list(bars.x) == [3, 0]
    assert figure.layout.yaxis.ticktext[0].replace("<br>", " ") == long
    assert bars.marker.color[0] != bars.marker.color[1]
    assert len(set(tally_figure([("a", 1), ("b", 2)]).data[0].marker.color)) == 1

"""The one way to write a number."""

from __future__ import annotations

from typing import cast

import pytest
from comparison_making import score_row

from workbench.comparison import numbers
from workbench.comparison.records import DifferenceEstimate
from workbench.comparison.run_fields import gain_words
from workbench.plots import words
from workbench.records import Interval, Score

GAIN: Interval = {"value": 0.031, "low": -0.0042, "high": 0.0474}


def test_a_gain_is_written_in_points_before_its_interval() -> None:
    assert numbers.points(0.031) == "+3.1"
    assert numbers.distance(-0.031) == "3.1"
    assert numbers.interval(GAIN) == "[-0.4, +4.7]"
    assert numbers.gain(GAIN) == "+3.1 [-0.4, +4.7]"
    assert numbers.gain_in_points(GAIN) == "+3.1 points [-0.4, +4.7]"
    difference: DifferenceEstimate = {"difference": 0.031, "low": -0.0042, "high": 0.0474}
    assert numbers.difference(difference) == numbers.gain(GAIN)


def test_the_words_follow_the_interval() -> None:
    assert gain_words(GAIN).endswith(": no clear difference")
    above: Interval = {**GAIN, "low": 0.01}
    assert gain_words(above) == "3.1 points above the untrained encoder, [+1.0, +4.7]"
    below: Interval = {"value": -0.031, "low": -0.05, "high": -0.01}
    assert gain_words(below) == "3.1 points below the untrained encoder, [-5.0, -1.0]"


def test_scores_and_shares() -> None:
    score: Interval = {"value": 0.9124, "low": 0.8886, "high": 0.931}
    assert f"{numbers.score(score['value'])} {numbers.score_interval(score)}" == (
        "91.2% [88.9%, 93.1%]"
    )
    assert numbers.score(0.4321, "r2") == "0.432"
    assert numbers.share(0.9124) == "91%"
    assert numbers.share(0.9124, 1) == "91.2%"
    assert numbers.share_with_interval(score) == "91% [89%, 93%]"


@pytest.mark.parametrize(
    ("p", "text", "statement"),
    [
        (3e-80, "< 0.0001", "p < 0.0001"),
        (0.0501, "0.05", "p = 0.05"),
        (0.03125, "0.031", "p = 0.031"),
        (0.25, "0.25", "p = 0.25"),
        (1.0, "1", "p = 1"),
        (1e-4, "0.0001", "p = 0.0001"),
        (9.9e-5, "< 0.0001", "p < 0.0001"),
    ],
)
def test_a_p_value_has_two_digits_and_a_floor(p: float, text: str, statement: str) -> None:
    assert numbers.p_value(p) == text
    assert numbers.p_statement(p) == statement


def test_without_a_test_there_is_no_p_value() -> None:
    assert numbers.p_value(None) == ""


def test_hover_texts_have_the_same_formats() -> None:
    assert numbers.hover_interval(1, 2, numbers.POINTS) == (
        "%{x:+.1f} points [%{customdata[1]:+.1f}, %{customdata[2]:+.1f}]"
    )
    assert numbers.hover_interval(0, 1, numbers.score_format("accuracy")) == (
        "%{x:.1%} [%{customdata[0]:.1%}, %{customdata[1]:.1%}]"
    )


def test_k_is_named_where_it_is_not_the_default() -> None:
    few = cast(Interval, {**GAIN, "neighbours": 5})
    assert numbers.neighbours(few) == "k = 5"
    default = cast(Interval, {**GAIN, "neighbours": 20})
    assert numbers.neighbours(default) == numbers.neighbours(GAIN) == ""
    assert "[-0.4, +4.7], k = 5:" in gain_words(few)
    assert (
        words.protocol_words(cast(Score, score_row(neighbours=5)))
        == "nearest neighbours share the label (k = 5)"
    )
    assert words.protocol_words(cast(Score, score_row())) == "nearest neighbours share the label"

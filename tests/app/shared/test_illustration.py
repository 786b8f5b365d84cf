"""What the model sees and must answer, as HTML."""

from __future__ import annotations

import numpy as np

from workbench.app.shared import illustration
from workbench.plots import cards


def test_answers_of_several_words_stand_one_a_line() -> None:
    turns = [("upright", ""), ("a quarter turn to the left", "right")]
    lines = illustration.choices(turns)
    assert lines.count("<div>") == 2
    assert "<div>" not in illustration.choices([("circle", "right"), ("square", "")])


def test_three_pictures_share_a_row_however_narrow_it_is() -> None:
    page = cards.figure(np.zeros((8, 8, 3), np.uint8), "a", side=128, across=3)
    assert "max-width:calc((100% - 24px) / 3)" in page
    assert "max-width:100%" in page, "the picture shrinks with its figure"

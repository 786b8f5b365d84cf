from __future__ import annotations

import base64
import io
import re

import numpy as np
import pytest
from PIL import Image

from workbench.plots import agreement_figure, sheets
from workbench.plots.agreement import band_words

PIXELS = np.random.default_rng(0).integers(0, 255, (6, 12, 3)).astype(np.uint8)
FOUND = {
    "titles": ["untrained encoder", "SimCLR (seed 0)", "SimCLR (seed 0)"],
    "overlap": [[1.0, 0.25, 0.31], [0.25, 1.0, 0.5], [0.31, 0.5, 1.0]],
    "cka": [[1.0, 0.4, None], [0.4, 1.0, None], [None, None, None]],
    "chance": 0.01,
    "seeds": {"pairs": 1, "overlap": [0.5, 0.5], "cka": None},
}


def test_a_picture_is_the_pixels_themselves_and_says_what_it_is() -> None:
    text = sheets.picture(PIXELS, 'a "6"', side=44)
    data = re.search(r"base64,([^\"]+)", text)
    assert data is not None
    shown = np.asarray(Image.open(io.BytesIO(base64.b64decode(data.group(1)))))
    np.testing.assert_array_equal(shown, PIXELS)
    assert 'alt="a &quot;6&quot;"' in text
    assert "width:44px" in text
    assert "pixelated" in text
    assert "pixelated" not in sheets.picture(PIXELS.repeat(8, 0).repeat(8, 1), "big")


def test_texts_are_escaped_and_cut() -> None:
    assert "&lt;script&gt;" in sheets.card("<script>")
    assert "<script>" not in sheets.row([sheets.card("x")], "<script>")
    assert len(re.sub("<[^>]*>", "", sheets.card("word " * 200))) == 140
    assert "flex-wrap" in sheets.row(["x"], wrap=True)


@pytest.mark.parametrize("measure", ["overlap", "cka"])
def test_the_matrix_shows_pairs_and_no_diagonal(measure: str) -> None:
    figure = agreement_figure(FOUND, measure)  # type: ignore[arg-type]
    (heat,) = figure.data
    assert len(set(heat.x)) == 3, "equal titles would fall together"
    assert [heat.z[i][i] for i in range(3)] == [None] * 3
    assert heat.text[0][1] == {"overlap": "25", "cka": "0.40"}[measure]
    assert heat.text[1][2] == {"overlap": "50", "cka": ""}[measure]
    assert heat.zmin == {"overlap": 0.01, "cka": 0.0}[measure]


def test_what_seeds_give_is_said_or_that_it_is_not_known() -> None:
    assert band_words(FOUND) == "Two seeds of one configuration: 50 % (one pair)."
    assert "No two seeds" in band_words(FOUND, "cka")
    more = {**FOUND, "seeds": {"pairs": 3, "overlap": [0.4, 0.5], "cka": [0.61, 0.7]}}
    assert "40 to 50 % (3 pairs)" in band_words(more)
    assert "0.61 to 0.70 (3 pairs)" in band_words(more, "cka")

"""A task's picture on its card: panels that do not overlap."""

from __future__ import annotations

from typing import Any

import numpy as np

from workbench.app.pretrain import illustration_card


def panel(caption: str, role: str, *words: str) -> Any:
    image = None if words else np.zeros((8, 8), np.uint8)
    return {
        "caption": caption,
        "role": role,
        "image": image,
        "tokens": [(word, "") for word in words] or None,
    }


def test_an_answer_in_words_stands_below_three_pictures() -> None:
    pictures = [panel("a", "original"), panel("b", "sees"), panel("c", "sees")]
    row = [*pictures, panel("place", "answers", "above left", "below")]
    page = illustration_card.html({"question": "", "rows": [row]})  # type: ignore[typeddict-item]
    assert "flex-wrap:wrap" in page
    assert page.count("flex:1 0 100%") == 1


def test_an_answer_of_several_words_is_no_narrow_column() -> None:
    """Rotation's: beside two pictures each of its words would stand on a line of its own."""
    row = [panel("a", "original"), panel("b", "sees")]
    turns = panel("turn", "answers", "upright", "a quarter turn to the left", "upside down")
    page = illustration_card.html({"question": "", "rows": [[*row, turns]]})  # type: ignore[typeddict-item]
    assert page.count("flex:1 0 100%") == 1
    assert page.count(" · ") == 2
    word = panel("class", "answers", "circle")
    page = illustration_card.html({"question": "", "rows": [[*row, word]]})  # type: ignore[typeddict-item]
    assert "flex-wrap:wrap" not in page

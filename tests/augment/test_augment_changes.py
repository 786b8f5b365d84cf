"""What became of the words of a text."""

from __future__ import annotations

import pytest

from workbench.augment.changes import changes

TEXT = ["the", "cat", "sat", "on", "a", "mat"]


def marked(view: str) -> list[tuple[str, str]]:
    return [(word, mark) for word, mark in changes(TEXT, view.split()) if mark]


def test_an_unchanged_text_has_no_marks():
    assert changes(TEXT, TEXT) == [(word, "") for word in TEXT]


@pytest.mark.parametrize(
    ("view", "expected"),
    [
        ("the cat [MASK] on a mat", [("[MASK]", "masked")]),
        ("[MASK] [MASK] [MASK] on a mat", [("[MASK]", "masked")] * 3),
        ("the dog sat on a mat", [("dog", "replaced")]),
        ("the c ##ta sat on a mat", [("c", "replaced"), ("##ta", "added")]),
        ("the cat on a mat", [("sat", "left out")]),
        ("the cat sat sat on a mat", [("sat", "added")]),
        ("the sat on a mat", [("cat", "left out")]),
        ("cat the sat on a mat", [("cat", "moved")]),
        ("", [(word, "left out") for word in TEXT]),
    ],
)
def test_each_kind_of_change_is_named(view, expected):
    assert sorted(marked(view)) == sorted(expected)


def test_two_words_that_change_places_are_both_in_the_text_once():
    marked = changes(TEXT, ["the", "mat", "sat", "on", "a", "cat"])
    shown = [word for word, mark in marked if mark != "left out"]
    assert shown == ["the", "mat", "sat", "on", "a", "cat"]
    assert {word for word, mark in marked if mark == "moved"} == {"mat", "cat"}
    assert not [word for word, mark in marked if mark in ("left out", "replaced", "added")]


def test_the_words_of_the_view_stay_in_their_order():
    view = ["a", "[MASK]", "the", "dog", "mat", "on", "on"]
    assert [word for word, mark in changes(TEXT, view) if mark != "left out"] == view

"""The address of the Learn page, and the glossary's marks."""

from __future__ import annotations

import pytest

from workbench.lessons import glossary, links


def test_an_address_gives_the_place_back() -> None:
    query = links.query("collapse", group="Tuesday group", hidden={"options", "launch"})
    assert query == {"lesson": "collapse", "class": "Tuesday group", "hide": "launch,options"}
    place = links.read(query)
    assert place.lesson is not None
    assert (place.lesson.name, place.group, place.view) == ("collapse", "Tuesday group", "lesson")
    assert not place.shows("launch")
    assert not place.shows("options")
    assert place.shows("answer")


@pytest.mark.parametrize(
    ("query", "unknown", "group", "view"),
    [
        ({}, "", "", "lesson"),
        ({"lesson": "nothing"}, "nothing", "", "lesson"),
        ({"lesson": "../x" * 99}, ("../x" * 99)[:40], "", "lesson"),
        ({"class": "<script>"}, "", "", "lesson"),
        ({"class": "x" * 31, "view": "class"}, "", "", "lesson"),
        ({"class": "a/b", "view": "class"}, "", "", "lesson"),
        ({"class": " Tuesday  group ", "view": "class"}, "", "Tuesday group", "class"),
        ({"view": "words"}, "", "", "words"),
        ({"view": "anything"}, "", "", "lesson"),
    ],
)
def test_anything_may_stand_in_it(
    query: dict[str, str], unknown: str, group: str, view: str
) -> None:
    place = links.read({**query, "hide": "launch,nothing,<b>"})
    assert (place.unknown, place.group, place.view) == (unknown, group, view)
    assert place.hidden == {"launch"}


def test_words_are_linked_and_counted_once() -> None:
    text = "A [[batch]] of [[augmented view]]s, a [[label|Labelled]] [[batch]]."
    assert glossary.words_in(text) == ["batch", "augmented view", "label"]
    assert glossary.linked(text, "#w") == (
        "A [batch](#w) of [augmented views](#w), a [Labelled](#w) [batch](#w)."
    )
    assert glossary.plain(text) == "A batch of augmented views, a Labelled batch."


def test_every_word_has_one_sentence() -> None:
    for word, sentence in glossary.TERMS.items():
        assert sentence.endswith("."), word
        assert sentence.count(". ") == 0, word

"""The glossary on the screen: the words of one lesson, or all words."""

from __future__ import annotations

import streamlit as st

from workbench.lessons import glossary
from workbench.lessons.base import Lesson

_ANCHOR = "words"
# Words that occur in every answer.
_ALWAYS = ("nearest neighbours", "collapse check", "untrained encoder", "interval")
# Words of a student's page, which has no room for a section.
_STUDENT = ("loss", "seed", *_ALWAYS)


def linked(text: str) -> str:
    """Markdown in which the glossary's words are links to the section below."""
    return glossary.linked(text, f"#{_ANCHOR}")


def show(lesson: Lesson) -> None:
    """Draw the words of this lesson."""
    st.subheader("Words", anchor=_ANCHOR)
    _list(dict.fromkeys([*_marked(lesson), *_ALWAYS]))


def popover(lesson: Lesson) -> None:
    """Draw a button that opens the words of this lesson."""
    with st.popover("Words", icon=":material/menu_book:", type="tertiary"):
        _list(dict.fromkeys([*_marked(lesson), *_STUDENT]))


def show_all() -> None:
    """Draw every word."""
    _list(glossary.TERMS)


def _marked(lesson: Lesson) -> list[str]:
    return [word for text in lesson.idea for word in glossary.words_in(text)]


def _list(words: dict[str, str] | dict[str, None]) -> None:
    st.markdown("\n".join(f"- **{word}**: {glossary.TERMS[word]}" for word in words))

"""The glossary on the screen: the words of one lesson, or all words."""

from __future__ import annotations

import streamlit as st

from workbench.lessons import glossary
from workbench.lessons.base import Lesson

_ANCHOR = "words"
# Words that occur in every answer.
_ALWAYS = ("nearest neighbours", "collapse check", "untrained encoder", "interval")


def linked(text: str) -> str:
    """Markdown in which the glossary's words are links to the section below."""
    return glossary.linked(text, f"#{_ANCHOR}")


def show(lesson: Lesson) -> None:
    """Draw the words of this lesson."""
    marked = [word for text in lesson.idea for word in glossary.words_in(text)]
    st.subheader("Words", anchor=_ANCHOR)
    _list(dict.fromkeys([*marked, *_ALWAYS]))


def show_all() -> None:
    """Draw every word."""
    _list(glossary.TERMS)


def _list(words: dict[str, str] | dict[str, None]) -> None:
    st.markdown("\n".join(f"- **{word}**: {glossary.TERMS[word]}" for word in words))

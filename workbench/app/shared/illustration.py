"""What the model sees and must answer, on the screen: panels that the engine rendered."""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import streamlit as st

from workbench.plots import cards

_SIDE = 128
_MARKS = {
    "masked": "background:rgba(230,159,0,.35)",
    "replaced": "background:rgba(204,121,167,.35)",
    "kept": "border-bottom:2px solid rgba(0,158,115,.9)",
    "moved": "background:rgba(86,180,233,.35)",
    "answer": "background:rgba(0,158,115,.3)",
    "right": "background:rgba(0,158,115,.3)",
    "second": "background:rgba(86,180,233,.2)",
    "last": "border-bottom:2px dotted rgba(128,128,128,.9)",
    "added": "background:rgba(0,158,115,.3)",
    "left out": "text-decoration:line-through;opacity:.6",
}
_ROLES = {"original": "", "sees": "the model sees", "answers": "the model must answer"}


def show(drawn: Mapping[str, Any]) -> None:
    """Draw an illustration as ``EngineClient.illustrate`` gives it."""
    st.markdown(f"**{drawn['question']}**")
    for row in drawn["rows"]:
        if any(panel["image"] is not None for panel in row):
            _pictures(row)
        else:
            _texts(row)


def _pictures(row: Sequence[Mapping[str, Any]]) -> None:
    """Pictures side by side; an answer in words stands in their row."""
    cells = []
    for panel in row:
        told = _caption(panel)
        if panel["image"] is not None:
            cells.append(cards.figure(panel["image"], told, [told], side=_SIDE))
        else:
            words = marked(panel["tokens"] or ())
            cells.append(cards.cell(words, [told], side=_SIDE))
    st.html(cards.grid(cells))


def _texts(row: Sequence[Mapping[str, Any]]) -> None:
    with st.container(border=True):
        for panel in row:
            st.caption(_caption(panel))
            _words(panel)


def _words(panel: Mapping[str, Any]) -> None:
    st.html(marked(panel["tokens"] or ()))


def marked(tokens: Iterable[tuple[str, str]]) -> str:
    """HTML of words, each with its mark ("" for none)."""
    return " ".join(_token(word, mark) for word, mark in tokens) or "&nbsp;"


def _caption(panel: Mapping[str, Any]) -> str:
    role = _ROLES.get(panel["role"], "")
    return (
        f"{panel['caption']}"
        if not role or role in panel["caption"]
        else (f"{panel['caption']} ({role})")
    )


def _token(word: str, mark: str) -> str:
    # A token that continues a word is written as the tokenizer does.
    shown = html.escape(word)
    style = _MARKS.get(mark)
    title = f' title="{html.escape(mark)}"' if mark else ""
    return (
        f'<span style="{style};padding:0 .2em;border-radius:.2em"{title}>{shown}</span>'
        if (style)
        else f"<span{title}>{shown}</span>"
    )

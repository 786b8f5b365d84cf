"""What the model sees and must answer: panels that the engine rendered."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence

import streamlit as st

from workbench.app.plain import plain
from workbench.engine.replies import IllustrationRecord, PanelRecord
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
_ROLES = {
    "original": "",
    "sees": "the model sees",
    "answers": "the model must answer",
    "predicted": "its output is to be predicted",
    "found": "to be found among the others",
}


def show(illustration: IllustrationRecord) -> None:
    """Draw the question, and the panels row by row."""
    st.markdown(f"**{plain(illustration['question'])}**")
    for row in illustration["rows"]:
        if any(panel["image"] is not None for panel in row):
            _pictures(row)
        else:
            _texts(row)


def _pictures(row: Sequence[PanelRecord]) -> None:
    """Draw pictures side by side; an answer in words stands in their row."""
    # Two and two, or three: none is left alone on a narrow screen.
    cells, across = [], 2 if len(row) == 4 else 3
    for panel in row:
        caption = _caption(panel)
        if panel["image"] is not None:
            cells.append(
                cards.figure(panel["image"], caption, [caption], side=_SIDE, across=across)
            )
        else:
            tokens = panel["tokens"] or ()
            if any(mark == "right" for _, mark in tokens):
                # Repeated below its choices, the right one would look like one more.
                caption = f"({_ROLES[panel['role']]})"
            cells.append(cards.cell(choices(tokens), [caption], side=_SIDE, across=across))
    st.html(cards.grid(cells))


def _texts(row: Sequence[PanelRecord]) -> None:
    with st.container(border=True):
        for panel in row:
            st.caption(plain(_caption(panel)))
            st.html(marked(panel["tokens"] or ()))


def marked(tokens: Iterable[tuple[str, str]]) -> str:
    """HTML of (word, mark) pairs; the mark "" is none."""
    return " ".join(_token(word, mark) for word, mark in tokens) or "&nbsp;"


def choices(tokens: Sequence[tuple[str, str]]) -> str:
    """As ``marked``, one a line where any is of several words: these would run into each other."""
    if not any(" " in word for word, _ in tokens):
        return marked(tokens)
    return "".join(f"<div>{_token(word, mark)}</div>" for word, mark in tokens)


def _caption(panel: PanelRecord) -> str:
    caption, role = panel["caption"], _ROLES.get(panel["role"], "")
    return f"{caption} ({role})" if role and role not in caption else caption


def _token(word: str, mark: str) -> str:
    # A token that continues a word is written as the tokenizer writes it.
    text = html.escape(word)
    title = f' title="{html.escape(mark)}"' if mark else ""
    style = _MARKS.get(mark)
    if style is None:
        return f"<span{title}>{text}</span>"
    return f'<span style="{style};padding:0 .2em;border-radius:.2em"{title}>{text}</span>'

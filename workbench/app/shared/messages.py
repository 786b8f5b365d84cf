"""Errors and notes in the page's words: they name its fields, not the options of the shell."""

from __future__ import annotations

import re

import streamlit as st

from workbench.errors import WorkbenchError

FIELDS = {
    "data": "Data",
    "label": "Label",
    "group": "Group",
    "text": "Texts are in",
    "image": "Images are in",
    "folders": "Folder names are",
    "size": "Image side in pixels",
    "samples": "At most this many samples",
    "channels": "Channels",
    "length": "Longest text in tokens",
}
_OPTION = re.compile(rf"--({'|'.join(FIELDS)})\b( COLUMN)?")
_NONE = re.compile(r"--label none")
_MARKS = re.compile(r"([*$\[\]`~])")


def words(text: str) -> str:
    """``text`` with the page's fields in place of the shell's options, and its markup escaped."""
    text = _NONE.sub("'none' at 'Label'", text)
    return _MARKS.sub(r"\\\1", _OPTION.sub(lambda match: f"'{FIELDS[match[1]]}'", text))


def error_words(error: WorkbenchError) -> str:
    """What is wrong, where, and what to do about it, on two lines of Markdown."""
    name = FIELDS.get((error.field or "").removeprefix("--"), error.field)
    message = error.message[:1].upper() + error.message[1:]
    head = f"**{name}**: {words(error.message)}" if name else words(message)
    return f"{head}  \n{words(error.remedy)}" if error.remedy else head


def show_error(error: WorkbenchError) -> None:
    """Show what is wrong, where, and what to do about it."""
    st.error(error_words(error))

"""Errors and notes in the page's words: they name its fields, not the options of the shell."""

from __future__ import annotations

import re

import streamlit as st

from workbench.app.plain import plain
from workbench.errors import WorkbenchError

FIELDS = {
    "data": "Data",
    "label": "Label",
    "group": "Group",
    "text": "Texts are in",
    "image": "Images are in",
    "folders": "Folder names are",
    "split": "Splits are",
    "unsplit": "Samples without a split go",
    "fit": "Pictures are made square by",
    "dedupe": "Leave out copies",
    "size": "Image side in pixels",
    "samples": "At most this many samples",
    "channels": "Channels",
    "length": "Longest text in tokens",
}
# What the page calls the values of the fields.
VALUES: dict[str, dict[str, str]] = {
    "label": {"none": "none"},
    "folders": {
        "label": "the label",
        "group": "the group",
        "split": "the split",
        "none": "nothing",
    },
    "split": {"none": "made here"},
    "unsplit": {"train": "to training", "out": "nowhere: they are left out"},
    "fit": {"crop": "cutting the edges", "pad": "adding a border", "squash": "squeezing"},
}
_IN_WORDS = {
    f"--{field} {value}": f"'{words}' at '{FIELDS[field]}'"
    for field, values in VALUES.items()
    for value, words in values.items()
}
# Not a part of a longer option, such as --data-root.
_VALUE = re.compile(rf"({'|'.join(_IN_WORDS)})(?![\w-])")
# Two values of one field: the field's name once.
_TWO_VALUES = re.compile(r"('[^']+') at ('[^']+') or ('[^']+') at \2")
_OPTION = re.compile(rf"--({'|'.join(FIELDS)})(?![\w-])( COLUMN)?")


def words(text: str) -> str:
    """``text`` with the page's fields in place of the shell's options, as Markdown."""
    text = _VALUE.sub(lambda match: _IN_WORDS[match[1]], text)
    text = _TWO_VALUES.sub(r"\1 or \3 at \2", text)
    return plain(_OPTION.sub(lambda match: f"'{FIELDS[match[1]]}'", text))


def error_words(error: WorkbenchError) -> str:
    """What is wrong, where, and what to do about it, on two lines of Markdown."""
    name = FIELDS.get((error.field or "").removeprefix("--"), error.field)
    message = error.message[:1].upper() + error.message[1:]
    head = f"**{plain(name)}**: {words(error.message)}" if name else words(message)
    return f"{head}  \n{words(error.remedy)}" if error.remedy else head


def show_error(error: WorkbenchError) -> None:
    """Show what is wrong, where, and what to do about it."""
    st.error(error_words(error))

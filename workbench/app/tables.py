"""Tables of all pages: the glossary's sentence as help of a column, and narrow screens.

Every ``st.dataframe`` takes its ``column_config`` from ``column_help``.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

import pandas as pd
import streamlit as st
from streamlit.elements.lib.column_types import ColumnConfig

from workbench.lessons import glossary

# On a screen narrower than this, a row is a list of its cells in two columns. On others a long
# title wraps, so that its column leaves room to the cells of others.
_NARROW = 640
_LIST = """<style>@media (max-width: %(narrow)dpx) {
%(table)s thead {display: none}
%(table)s tr {display: grid; grid-template-columns: 1fr 1fr; gap: 0.1rem 0.75rem; padding: 0.4rem}
%(table)s tr:not(:last-child) {border-bottom: 1px solid rgba(128, 128, 128, 0.35)}
%(table)s :is(th, td) {display: block; border: none; padding: 0.1rem}
%(table)s tbody th {grid-column: 1 / -1; font-weight: 600}
%(table)s td::before {display: block; font-size: 0.75rem; opacity: 0.7}
%(titles)s}
%(table)s thead th {max-width: 8rem}</style>"""


def column_help(
    titles: Iterable[str], configs: Mapping[str, ColumnConfig] | None = None
) -> dict[str, ColumnConfig]:
    """``column_config`` with the glossary's sentence for each title that it has a word for.

    titles: of the page's own columns; names that people gave have no help. configs: of columns
    that are configured otherwise.
    """
    words = {title: glossary.column_sentence(title) for title in titles}
    found = {title: st.column_config.Column(help=text) for title, text in words.items() if text}
    return {**found, **(configs or {})}


def words_of(titles: Iterable[str]) -> str | None:
    """The glossary's sentences for these columns as a list, for a tooltip; None without any."""
    words = ((title, glossary.column_sentence(title)) for title in titles)
    return "\n".join(f"- {title}: {text}" for title, text in words if text) or None


def table(frame: pd.DataFrame, key: str) -> None:
    """Draw a table whose cells wrap. On a narrow screen each row is a list of its cells.

    frame: with the rows' titles as index. key: names this table on its page.
    """
    titles = "\n".join(
        f".st-key-{key} td:nth-of-type({place}):not(:empty)::before "
        f"{{content: {json.dumps(str(title))}}}"
        for place, title in enumerate(frame.columns, start=1)
    )
    style = _LIST % {"narrow": _NARROW, "table": f".st-key-{key} table", "titles": titles}
    with st.container(key=key, gap=None):
        st.html(style)
        st.table(frame)

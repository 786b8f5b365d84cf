"""The runs as a table. ``COLUMNS`` declares its columns; adding one to it is all that it takes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd
import streamlit as st
from streamlit.elements.lib.column_types import ColumnConfig

from workbench.app import tables
from workbench.app.shared import browser, run_words, session
from workbench.comparison.run_fields import data_name
from workbench.store import owners
from workbench.store.rows import RunRow
from workbench.stored_runs import hidden_test

Cell = str | float | None


@dataclass(frozen=True)
class RunFacts:
    """What a cell is made of. title: like no other of the table. progress: of a live run, in
    [0, 1], else None. closed: the run's test scores are hidden, so that only validation scores may
    be shown."""

    row: RunRow
    title: str
    progress: float | None
    closed: bool


@dataclass(frozen=True)
class Column:
    """A column of the table.

    title: its heading. value: the cell of a run; a column whose cells are all None is not drawn.
    help: the heading's tooltip, where the glossary's sentence will not do. config: how Streamlit
    draws it (``st.column_config``), where plain text or a plain number will not do.
    """

    title: str
    value: Callable[[RunFacts], Cell]
    help: str | None = None
    config: ColumnConfig | None = field(default=None, repr=False)


COLUMNS = (
    Column("run", lambda run: run.title),
    Column("data", lambda run: data_name(run.row.config["data"])),
    Column("state", lambda run: run.row.state),
    Column(
        "progress",
        lambda run: run.progress,
        config=st.column_config.ProgressColumn("progress", format="percent"),
    ),
    Column(
        "gain in points",
        lambda run: run_words.gain(run.row.summary, closed=run.closed),
        help="Of the nearest neighbours' accuracy over the untrained encoder, with its 95 % "
        "interval; of validation samples where test scores are hidden.",
    ),
    Column("collapse check", lambda run: run_words.verdict(run.row.summary.get("verdict"))),
    Column("training time", lambda run: run_words.budget(run.row.config)),
    Column("owner", lambda run: owners.in_words(run.row.owner)),
    Column("created", lambda run: f"{browser.local_time(run.row.created):%Y-%m-%d %H:%M}"),
    Column("damaged", lambda run: run.row.damage),
    Column("id", lambda run: run.row.id),
)


def table(rows: Sequence[RunRow], progress: Mapping[str, float]) -> list[str]:
    """Draw the table; returns the ids of the chosen runs.

    progress: of the live runs, in [0, 1], by id.
    """
    closed = hidden_test.hidden_runs(session.store(), rows)
    titles = run_words.unique_row_titles(rows)
    runs = [RunFacts(row, titles[row.id], progress.get(row.id), row.id in closed) for row in rows]
    cells = {column.title: [column.value(run) for run in runs] for column in COLUMNS}
    event = st.dataframe(
        pd.DataFrame({title: values for title, values in cells.items() if _any_value(values)}),
        hide_index=True,
        width="stretch",
        height=min(420, 38 + 35 * len(rows)),
        on_select="rerun",
        selection_mode="multi-row",
        key="runs-table",
        column_config=tables.column_help(
            [column.title for column in COLUMNS],
            {
                column.title: column.config
                or st.column_config.Column(column.title, help=column.help)
                for column in COLUMNS
                if column.config is not None or column.help is not None
            },
        ),
    )
    return [rows[i].id for i in event.selection.rows if i < len(rows)]


def _any_value(cells: Sequence[Cell]) -> bool:
    return any(cell is not None for cell in cells)

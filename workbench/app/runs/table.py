"""The list of runs: one row a run, choosing one shows it, choosing several compares them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from workbench.app.shared import run_words, session
from workbench.store import hidden_test
from workbench.store.store import RunRow


def table(rows: Sequence[RunRow], progress: dict[str, float]) -> list[str]:
    """Draw the table; returns the ids of the chosen runs.

    progress: of the live runs, in [0, 1], by id.
    """
    kept = hidden_test.closed(session.store(), rows)
    frame = pd.DataFrame([_row(row, closed=row.id in kept) for row in rows])
    if progress:
        frame.insert(3, "progress", [progress.get(row.id) for row in rows])
    event: Any = st.dataframe(
        frame,
        hide_index=True,
        width="stretch",
        height=min(420, 38 + 35 * len(rows)),
        on_select="rerun",
        selection_mode="multi-row",
        key="runs-table",
        column_config={
            "progress": st.column_config.ProgressColumn("progress", format="percent"),
            "gain in points": st.column_config.TextColumn(
                "gain in points",
                help="Of the nearest neighbours' accuracy over the untrained encoder, with its "
                "95 % interval; of validation samples where the test is kept closed.",
            ),
        },
    )
    return [rows[i].id for i in event.selection.rows if i < len(rows)]


def _row(row: RunRow, *, closed: bool) -> dict[str, Any]:
    return {
        "run": run_words.title(row),
        "data": run_words.data_name(row.config),
        "state": row.state,
        "gain in points": run_words.gain(row.summary, closed=closed),
        "collapse check": run_words.verdict(row.summary),
        "time": run_words.budget(row.config),
        "owner": row.owner,
        "created": run_words.ago(row.created),
        "id": row.id,
    }

"""What was read of a source as one small table: found, left out by reason, taken."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from workbench.app.shared import messages


def show(found: int, left_out: Mapping[str, int], unit: str) -> None:
    """Draw the table; one sentence if nothing was left out. unit: "rows" or "files"."""
    counts = {reason: count for reason, count in left_out.items() if count}
    if not counts:
        st.caption(f"All {found:,} {unit} were taken.")
        return
    lines = {f"{unit} found": found}
    lines |= {f"left out: {messages.words(reason)}": count for reason, count in counts.items()}
    lines["taken"] = found - sum(counts.values())
    column = pd.Series({name: f"{count:,}" for name, count in lines.items()}, name="count")
    st.table(column, width="content")

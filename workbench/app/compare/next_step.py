"""The decision of a comparison: what to run next, and the button that starts it."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from workbench.app.plain import plain
from workbench.app.shared import launching, run_words, session
from workbench.app.shared.messages import show_error
from workbench.comparison.records import ComparisonRecord
from workbench.errors import RequestError
from workbench.records import RunRecord
from workbench.stored_runs.next_runs import add_command


def show(records: Sequence[RunRecord], compared: ComparisonRecord) -> None:
    """Draw the decision. records: of the compared runs."""
    step = compared["decision"]
    if step is None:
        return
    try:
        configs = add_command(compared, records)
    except RequestError as error:
        show_error(error)
        return
    left, right = st.columns([4, 1], vertical_alignment="center")
    count = f"{len(configs)} runs" if len(configs) > 1 else "1 run"
    time = run_words.duration(step["seconds"] * len(configs)) if step["seconds"] else ""
    size = f" ({count}{f', about {time}' if time else ''})" if configs else ""
    left.markdown(f"**Next: {step['action']}{size}.** {plain(step['reason'])}")
    if not configs:
        return
    pressed = right.button(
        "Start them" if len(configs) > 1 else "Start it",
        type="primary",
        icon=":material/play_arrow:",
        width="stretch",
    )
    if pressed:
        query = launching.enqueue(configs)
        if query is not None:
            session.go("runs", query)
    with st.popover("As a command"):
        st.code(step["command"] or "", "bash", wrap_lines=True)

"""The decision of a comparison: what to run next, and the button that starts it."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from workbench.app.plain import plain
from workbench.app.shared import launching, run_words, session
from workbench.app.shared.messages import show_error
from workbench.comparison.records import ComparisonRecord
from workbench.config import RunConfig
from workbench.errors import RequestError
from workbench.records import RunRecord
from workbench.store import owners
from workbench.store.rows import ENDED
from workbench.stored_runs.next_runs import add_command, runs_by_steps


def show(records: Sequence[RunRecord], compared: ComparisonRecord) -> None:
    """Draw the decision, and the offer to run by steps. records: of the compared runs.

    While one of them is queued or runs, there is no decision: it would leave that run out.
    """
    _show_decision(records, compared)
    _show_steps(records, compared)


def _show_steps(records: Sequence[RunRecord], compared: ComparisonRecord) -> None:
    """Draw that runs of equal time made unequal steps, with the runs that compare them by steps."""
    unequal = compared["unequal_steps"]
    if unequal is None:
        return
    left, right = st.columns([4, 1], vertical_alignment="center")
    left.markdown(plain(unequal["sentence"]))
    try:
        configs = runs_by_steps(compared, records)
    except RequestError:
        # The decision above has said what is wrong.
        return
    seconds = unequal["seconds"]
    time = f", about {run_words.duration(seconds)} of training" if seconds else ""
    pressed = right.button(
        "Run by steps",
        icon=":material/steps:",
        width="stretch",
        help=f"{len(configs)} runs{time}",
    )
    if pressed:
        _launch(configs)
    with left.popover("By steps, as a command"):
        st.code(unequal["command"] or "", "bash", wrap_lines=True)


def _launch(configs: Sequence[RunConfig], experiment: str | None = None) -> None:
    query = launching.enqueue(configs, experiment=experiment)
    if query is not None:
        session.go("runs", query)


def _show_decision(records: Sequence[RunRecord], compared: ComparisonRecord) -> None:
    step = compared["decision"]
    if step is None:
        return
    live = sum(record["status"] not in ENDED for record in records)
    if live:
        st.markdown(
            f"**Next: wait for {'1 run' if live == 1 else f'{live} runs'} to end.** What to run "
            "next depends on all runs chosen above."
        )
        return
    try:
        configs = add_command(compared, records)
    except RequestError as error:
        show_error(error)
        return
    left, right = st.columns([4, 1], vertical_alignment="center")
    count = f"{len(configs)} runs" if len(configs) > 1 else "1 run"
    time = run_words.duration(step["seconds"] * len(configs)) if step["seconds"] else ""
    size = f" ({count}{f', about {time} of training' if time else ''})" if configs else ""
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
        # More seeds are compared with those that are here already.
        joins = step["action"] == "add seeds"
        _launch(configs, _common_experiment(records) if joins else None)
    with st.popover("As a command"):
        st.code(step["command"] or "", "bash", wrap_lines=True)


def _common_experiment(records: Sequence[RunRecord]) -> str | None:
    """The experiment that all these runs belong to, if the viewer may add to it."""
    rows = [session.store().find(record["id"]) for record in records]
    experiments = {None if row is None else row.experiment for row in rows}
    viewer = session.viewer()
    if len(experiments) > 1 or not all(row and owners.may_change(viewer, row) for row in rows):
        return None
    return experiments.pop()

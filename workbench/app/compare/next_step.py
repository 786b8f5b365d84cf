"""The decision of a comparison: what to run next, and the button that starts it.

Table and maps stand before the decision, so the top of the page has its first sentence as a link.
Where there is nothing to start, the top has all of it. ``decide`` makes the words of both places.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from workbench.app.plain import plain
from workbench.app.shared import launching, run_words, session
from workbench.app.shared.messages import show_error
from workbench.comparison.records import ComparisonRecord
from workbench.config import RunConfig
from workbench.errors import RequestError
from workbench.jobs import launch
from workbench.records import RunRecord
from workbench.store import owners
from workbench.store.rows import ENDED
from workbench.store.store import LIVE
from workbench.stored_runs.next_runs import add_command, runs_by_steps

_ANCHOR = "next"


@dataclass(frozen=True)
class DecisionWords:
    """first: the sentence that names the decision. reason: why; empty while a run is live. configs:
    the runs that the button starts; joins: whether they belong to the experiment of the compared
    runs. command: the same as a command. problem: why these runs cannot be started, else None."""

    first: str
    reason: str = ""
    configs: Sequence[RunConfig] = ()
    joins: bool = False
    command: str = ""
    problem: RequestError | None = None

    @property
    def below(self) -> bool:
        """Whether there is a button to show, or why there is none."""
        return bool(self.configs) or self.problem is not None


def decide(records: Sequence[RunRecord], compared: ComparisonRecord) -> DecisionWords | None:
    """The decision in words; None before a run has finished. records: of the compared runs.

    While one of them is queued or runs, there is no decision: it would leave that run out.
    """
    step = compared["decision"]
    if step is None:
        return None
    live = sum(record["status"] not in ENDED for record in records)
    if live:
        waiting = f"Next: wait for {'1 run' if live == 1 else f'{live} runs'} to end."
        return DecisionWords(waiting, "What to run next depends on all runs chosen above.")
    try:
        configs = add_command(compared, records)
    except RequestError as error:
        return DecisionWords(f"Next: {step['action']}.", problem=error)
    count = f"{len(configs)} runs" if len(configs) > 1 else "1 run"
    time = run_words.duration(step["seconds"] * len(configs)) if step["seconds"] else ""
    size = f" ({count}{f', about {time} of training' if time else ''})" if configs else ""
    return DecisionWords(
        f"Next: {step['action']}{size}.",
        step["reason"],
        configs,
        # More seeds are compared with those that are here already.
        joins=step["action"] == "add seeds",
        command=step["command"] or "",
    )


def show_first(decision: DecisionWords | None) -> None:
    """Draw the first sentence as a link to the decision; all of it if there is nothing to start."""
    if decision is None:
        return
    if decision.below:
        st.markdown(f"[**{plain(decision.first)}** :material/arrow_downward:](#{_ANCHOR})")
    else:
        st.markdown(f"**{plain(decision.first)}** {plain(decision.reason)}")


def show(
    decision: DecisionWords | None, records: Sequence[RunRecord], compared: ComparisonRecord
) -> None:
    """Draw the decision with its button, and the offer to run by steps. records: of the compared
    runs."""
    if decision is not None and decision.below:
        st.subheader("What to run next", anchor=_ANCHOR)
        _show_decision(decision, records)
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


def _show_decision(decision: DecisionWords, records: Sequence[RunRecord]) -> None:
    if decision.problem is not None:
        show_error(decision.problem)
        return
    left, right = st.columns([4, 1], vertical_alignment="center")
    left.markdown(f"**{plain(decision.first)}** {plain(decision.reason)}")
    waiting = _pending(decision.configs)
    if waiting:
        of = f"{waiting} of {len(decision.configs)} runs" if len(decision.configs) > 1 else "It"
        left.caption(f"Started already: {of} {'is' if waiting == 1 else 'are'} queued or running.")
        if right.button("See them", icon=":material/list:", type="primary", width="stretch"):
            session.go("runs")
        return
    pressed = right.button(
        "Start them" if len(decision.configs) > 1 else "Start it",
        type="primary",
        icon=":material/play_arrow:",
        width="stretch",
    )
    if pressed:
        _launch(decision.configs, _common_experiment(records) if decision.joins else None)
    with st.popover("As a command"):
        st.code(decision.command, "bash", wrap_lines=True)


def _pending(configs: Sequence[RunConfig]) -> int:
    """How many of these runs are queued or running already: a button pressed twice, or a page that
    was opened again, starts none of them a second time."""
    rows = session.store().runs(states=("queued", *LIVE), summaries=False)
    if not rows:
        return 0
    digests = {row.digest for row in rows}
    return sum(launch.request_digest(config) in digests for config in configs)


def _common_experiment(records: Sequence[RunRecord]) -> str | None:
    """The experiment that all these runs belong to, if the viewer may add to it."""
    rows = [session.store().find(record["id"]) for record in records]
    experiments = {None if row is None else row.experiment for row in rows}
    viewer = session.viewer()
    if len(experiments) > 1 or not all(row and owners.may_change(viewer, row) for row in rows):
        return None
    return experiments.pop()

"""What a class predicted, on the screen."""

from __future__ import annotations

import streamlit as st

from workbench.app.runs.detail import theme
from workbench.app.shared import session
from workbench.app.shared.figure import plot
from workbench.lessons import predictions
from workbench.lessons.base import Lesson
from workbench.plots import tally_figure


def share(lesson: Lesson, group: str, right: str) -> None:
    """How many of the class predicted what the runs bear out, in one sentence."""
    counted = predictions.counts(
        predictions.all_of(session.store(), lesson.name, group), lesson.choices
    )
    total = sum(count.votes for count in counted)
    agreed = sum(count.votes for count in counted if count.choice.key == right)
    if total:
        st.caption(f"In '{group}', {agreed} of {total} predicted this.")


def chart(lesson: Lesson, group: str, right: str | None) -> None:
    """A bar a choice, without names; ``right`` stands out if it is given."""
    given = predictions.all_of(session.store(), lesson.name, group)
    counted = predictions.counts(given, lesson.choices)
    places = [count.choice.key for count in counted]
    figure = tally_figure(
        [(count.choice.text, count.votes) for count in counted],
        marked=places.index(right) if right in places else None,
        theme=theme(),
    )
    said = "; ".join(f"{count.choice.text} {count.votes}" for count in counted)
    plot(
        figure,
        key=f"tally-{lesson.name}",
        alt=f"Predictions: {said}",
    )
    looked = sum(one.revealed for one in given)
    st.caption(f"{len(given)} predicted, {looked} of them have seen the answer.")

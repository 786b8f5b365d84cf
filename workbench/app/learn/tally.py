"""The predictions of a class, counted."""

from __future__ import annotations

import streamlit as st

from workbench.app.plain import plain
from workbench.app.shared import session
from workbench.app.shared.figure import plot, theme
from workbench.lessons import predictions
from workbench.lessons.base import Lesson
from workbench.plots import tally_figure


def share(lesson: Lesson, group: str, right: str) -> None:
    """Draw how many of the class predicted the choice that the runs confirm."""
    counted = predictions.count_choices(
        predictions.all_predictions(session.store(), lesson.name, group), lesson.choices
    )
    total = sum(count.votes for count in counted)
    agreed = sum(count.votes for count in counted if count.choice.key == right)
    if total:
        st.caption(f"In '{plain(group)}', {agreed} of {total} predicted the right answer.")


def chart(lesson: Lesson, group: str, right: str | None) -> None:
    """Draw one bar for each choice, without names, once somebody has predicted.

    right: the choice to mark, None for none.
    """
    predicted = predictions.all_predictions(session.store(), lesson.name, group)
    if not predicted:
        st.caption("Nobody has predicted yet.")
        return
    counted = predictions.count_choices(predicted, lesson.choices)
    keys = [count.choice.key for count in counted]
    figure = tally_figure(
        [(count.choice.text, count.votes) for count in counted],
        marked=keys.index(right) if right in keys else None,
        theme=theme(),
    )
    counts = "; ".join(f"{count.choice.text} {count.votes}" for count in counted)
    plot(figure, key=f"tally-{lesson.name}", alt=f"Predictions: {counts}")
    revealed = sum(prediction.revealed for prediction in predicted)
    seen = "1 has" if revealed == 1 else f"{revealed} have"
    st.caption(f"{len(predicted)} predicted; {seen} seen the answer.")

"""The answer to a lesson's question: the choice that its stored runs confirm, numbers and maps."""

from __future__ import annotations

import time

import streamlit as st

from workbench.app.learn import blocks, tally
from workbench.app.shared import run_words, session
from workbench.lessons import evidence
from workbench.lessons.base import Answer, Lesson, LessonRun
from workbench.lessons.links import LessonAddress
from workbench.lessons.predictions import Prediction
from workbench.stored_runs.stored_run import StoredRun

# Of the answer's heading.
ANCHOR = "answer"
_OTHER_VERSION = "The stored runs of this lesson are not of this version of the workbench."


def show(lesson: Lesson, address: LessonAddress, prediction: Prediction) -> dict[str, LessonRun]:
    """Draw the answer; returns the records of the stored runs by variant, without missing ones."""
    records, runs = stored_runs_of(lesson)
    st.subheader("What the runs show", anchor=ANCHOR)
    if len(records) < len(lesson.variants):
        st.warning(
            "The stored runs of this lesson are not of this version of the workbench, so that no "
            "answer is read off them. Run them anew below."
        )
        return records
    answer = lesson.answer(records)
    _sentences(lesson, answer, prediction)
    if address.group:
        tally.share(lesson, address.group, answer.right)
    blocks.show(lesson, records, runs, options=address.shows("options"))
    st.markdown("**What was and was not shown**")
    st.write(answer.limits)
    _stamp(runs)
    return records


def show_sentences(lesson: Lesson, address: LessonAddress, prediction: Prediction | None) -> None:
    """Draw what the runs show, without maps and tables: for a student's phone."""
    records, _ = stored_runs_of(lesson)
    if len(records) < len(lesson.variants):
        st.caption(_OTHER_VERSION)
        return
    answer = lesson.answer(records)
    _sentences(lesson, answer, prediction)
    tally.share(lesson, address.group, answer.right)


def right_choice(lesson: Lesson) -> str | None:
    """Draw the choice that the stored runs confirm; returns its key, None without the runs."""
    records, _ = stored_runs_of(lesson)
    if len(records) < len(lesson.variants):
        st.caption(_OTHER_VERSION)
        return None
    answer = lesson.answer(records)
    right = lesson.choice(answer.right)
    if right is not None:
        st.info(f"The stored runs say: {right.text} {answer.because}")
    return answer.right


def stored_runs_of(lesson: Lesson) -> tuple[dict[str, LessonRun], dict[str, StoredRun]]:
    """The lesson's stored runs by variant: their records, and the runs themselves."""
    runs = evidence.stored_variants(lesson, session.packaged_runs())
    records = {key: evidence.lesson_run(run, lesson.variant(key)) for key, run in runs.items()}
    return records, runs


def _sentences(lesson: Lesson, answer: Answer, prediction: Prediction | None) -> None:
    right = lesson.choice(answer.right)
    correct = prediction is not None and prediction.choice == answer.right
    opening = "As you predicted" if correct else "Not as you predicted"
    if prediction is None:
        opening = "The answer"
    text = right.text if right is not None else ""
    icon = ":material/check:" if correct else ":material/lightbulb:"
    st.info(f"**{opening}.** The stored runs say: {text}", icon=icon)
    st.write(answer.because)
    st.markdown("\n".join(f"- {line}" for line in answer.more))


def _stamp(runs: dict[str, StoredRun]) -> None:
    """Draw when and where the stored runs were made."""
    rows = [run.row for run in runs.values()]
    made = time.strftime("%d %B %Y", time.localtime(max(row.created for row in rows)))
    device = rows[0].summary.get("training", {}).get("device", "")
    budgets = " or ".join(dict.fromkeys(run_words.budget(row.config) for row in rows))
    st.caption(f"Stored runs of {made}, {budgets} of training each, on one {device}.")
